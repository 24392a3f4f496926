"""`erp-sidecar sandbox` runs an ERP, and everything that it tells to type can be typed."""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("rest", "odoo", "soap")


@contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command in a folder, and what it told."""
    program = [sys.executable, "-m", "sidecar", "sandbox", *words, "--port", "0", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(program, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def typed(line: str) -> Any:  # noqa: ANN401 -- whatever an ERP answers
    """Do what a curl line says, as curl does it; not every machine has one."""
    curl = argparse.ArgumentParser()
    curl.add_argument("-H", action="append", default=[])
    curl.add_argument("-d")
    curl.add_argument("url")
    program, *words = shlex.split(line)
    assert program == "curl"
    asked = curl.parse_args(words)
    headers = dict(header.split(": ", 1) for header in asked.H)
    request = Request(asked.url, None if asked.d is None else asked.d.encode(), headers)  # noqa: S310 -- to ourselves
    with urlopen(request, timeout=20) as answer:  # noqa: S310
        said = answer.read().decode()
    return said if said.startswith("<") else json.loads(said)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_tells_to_type_works_and_it_goes_on_with_its_ledger_and_keys(tmp_path: Path, name: str) -> None:
    with running(tmp_path, name) as (process, told):
        assert typed(told["try"])
        assert typed(told["let_it_fail"]) == {"accepted": 1}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    with running(tmp_path, name) as (_, again):
        assert again["credentials"] == told["credentials"]
        assert again["ledger"] == told["ledger"] == str(tmp_path / f"sandbox-{name}" / "ledger.sqlite")
        assert typed(again["try"])
    assert (ROOT / told["manual"]).is_file()


def test_a_key_and_a_ledger_can_be_chosen_and_no_key_file_is_for_others(tmp_path: Path) -> None:
    with running(tmp_path, "rest", "--key", "my-own-key", "--ledger", "books/mine.sqlite") as (_, told):
        assert told["credentials"]["X-Api-Key"] == "my-own-key"
        assert typed(told["try"])["product"] == "Sandbox ERP"

    files = [file for file in (tmp_path / "books").iterdir() if "key" in file.name]
    assert files
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_wrong_name_is_told_the_right_ones_and_the_list_has_them(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "sidecar", "sandbox"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def said(*words: str) -> subprocess.CompletedProcess[str]:
        everything = [*program, *words]
        return subprocess.run(
            everything, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=20
        )

    assert said("sapphire").returncode == 2
    assert "rest, odoo, soap" in said("sapphire").stderr
    assert {row["name"] for row in json.loads(said("--list", "--json").stdout)} >= set(NAMES)
    assert said().returncode == 78
