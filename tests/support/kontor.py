"""Kontor, the SOAP ERP of the sandbox, as tests use it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from erp_adapters.registry import read_profile
from tests.support.nursery import running
from tests.support.sandbox import CONTROL_KEY, ROOT, Sandbox

PASSWORD = "password-of-the-shop"
PROFILE = ROOT / "erp_adapters" / "soap" / "profiles" / "sandbox.yaml"
USERS = {
    "shop": {"password": PASSWORD, "permissions": ["orders.read", "orders.write", "stock.read", "stock.write"]},
    "auditor": {"password": "password-of-an-auditor", "permissions": ["orders.read"]},
}


@contextmanager
def kontor(folder: Path, *options: str, users: Mapping[str, object] = USERS) -> Iterator[Sandbox]:
    """Run it on the ledger in this folder; a second one goes on with the same ledger."""
    (folder / "users.json").write_text(json.dumps(users))
    (folder / "control.key").write_text(CONTROL_KEY + "\n")
    ledger = folder / "kontor.sqlite"
    program = ["erp_adapters.sandbox.soap", "--ledger", str(ledger)]
    keys = ["--users-file", str(folder / "users.json"), "--control-key-file", str(folder / "control.key")]
    with running(*program, *keys, *options) as process:
        yield Sandbox(json.loads(process.first_line())["url"], ledger, process)


def shipped_profile() -> dict[str, Any]:
    """The shipped profile's data, for tests that change it; its WSDL is named by its whole path."""
    data = read_profile(PROFILE)
    assert isinstance(data, dict)
    data["wsdl"] = str(PROFILE.parent / data["wsdl"])
    return data


def written_profile(folder: Path, name: str, data: dict[str, Any]) -> str:
    """Write a profile into the folder; its name there."""
    (folder / name).write_text(yaml.safe_dump(data))
    return name


def profile_with_a_clock(folder: Path) -> str:
    """Write the profile of the same ERP, followed by its clock with small pages."""
    data = shipped_profile()
    for name in ("list", "deliveries", "invoices", "credit_memos"):
        listing = data["operations"][name]
        del listing["first"], listing["next"]
        listing["arguments"]["Place"] = {"Since": {"path": "since"}, "Skip": {"path": "offset"}, "Most": "2"}
        listing["clock"] = {"first": "2020-01-01T00:00:00Z", "changed_at": "Changed", "key": "no", "overlap": "5s"}
    return written_profile(folder, "clock.yaml", data)
