"""The Odoo sandbox keeps what it has answered, and tells its keys to nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.odoo import ROOT, SKUS, People, odoo_sandbox


def test_what_was_answered_outlives_kill_9_and_the_next_start_goes_on(tmp_path: Path) -> None:
    with odoo_sandbox(tmp_path) as first:
        first.people.prepare()
        made = first.people.load("res.partner", id="sidecar_test.someone", name="Ada Example")

    with odoo_sandbox(tmp_path) as second:
        again = second.people.load("res.partner", id="sidecar_test.someone", name="Another")
        later = second.people.load("res.partner", id="sidecar_test.other", name="Grace Example")
        (found,) = second.people.do("res.partner", "read", ids=[made], fields=["name"])

        assert (again, later, found["name"]) == (made, made + 1, "Ada Example")
        assert second.people.do("product.product", "search_count", domain=[["default_code", "in", list(SKUS)]]) == 2


def test_the_shop_may_not_do_what_people_do(tmp_path: Path) -> None:
    with odoo_sandbox(tmp_path) as odoo:
        shop = People(odoo.people.url, odoo.people.database, odoo.key)

        with pytest.raises(AssertionError, match="nothing is here"):
            shop.ask("/_people/invoice", {"order": 1})


def test_a_key_file_without_a_key_ends_the_start(tmp_path: Path) -> None:
    for name in ("shop", "people"):
        (tmp_path / name).write_text("\n")
    program = [sys.executable, "-m", "erp_adapters.sandbox.odoo", "--ledger", str(tmp_path / "odoo.sqlite")]
    keys = ["--key-file", str(tmp_path / "shop"), "--people-key-file", str(tmp_path / "people")]

    ended = subprocess.run([*program, *keys], capture_output=True, text=True, check=False, cwd=ROOT, timeout=20)

    assert (ended.returncode, ended.stderr) == (2, "A key file is empty.\n")
