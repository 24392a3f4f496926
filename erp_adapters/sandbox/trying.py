"""Runs one of the sandboxes for a person: python -m erp_adapters.sandbox.trying NAME --port 9001.

It makes the keys, starts the sandbox as a process of its own, says where it listens, with which credentials, how to ask
it something and how to let it fail, and stays until it is ended. A second start on the same ledger goes on with the
same keys.
"""

import argparse
import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from erp_adapters.sandbox.door import PERMISSIONS

_ADDRESS: Final = re.compile(r"http://[0-9.]+:[0-9]+")
_USER: Final = "shop"
_FIRST_FAULT: Final = {"nth": 1, "kind": "lose_response_after_commit"}


@dataclass(frozen=True)
class Keys:
    """What opens a sandbox: for programs, and for people, who may let it fail."""

    shop: str
    control: str


@dataclass(frozen=True)
class Offer:
    """A sandbox that can be run: its module, the key files that it reads, and what to try on it."""

    name: str
    says: str
    module: str
    files: Callable[[Path, Keys], Mapping[str, str]]
    try_it: Callable[[str, Keys], str]
    let_it_fail: Callable[[str, Keys], str]
    credentials: Callable[[Keys], Mapping[str, str]]
    manual: str


def _curl(url: str, *headers: str, body: object = None) -> str:
    words = ["curl", *(word for header in headers for word in ("-H", header))]
    return shlex.join([*words, *([] if body is None else ["-d", json.dumps(body)]), url])


def _fault(operation: str) -> dict[str, object]:
    return {"plan": [{"operation": operation, **_FIRST_FAULT}]}


def _rest_fault(url: str, keys: Keys) -> str:
    return _curl(f"{url}/_control/faults", f"X-Control-Key: {keys.control}", body=_fault("order.create"))


OFFERS: Final = (
    Offer(
        name="rest",
        says="a customised legacy ERP that speaks JSON over HTTP",
        module="erp_adapters.sandbox",
        files=lambda folder, keys: {
            "--api-key-file": _write(folder / "keys.json", json.dumps({keys.shop: PERMISSIONS})),
            "--control-key-file": _write(folder / "control.key", keys.control),
        },
        try_it=lambda url, keys: _curl(f"{url}/api/ping", f"X-Api-Key: {keys.shop}"),
        let_it_fail=_rest_fault,
        credentials=lambda keys: {"X-Api-Key": keys.shop, "X-Control-Key": keys.control},
        manual="erp_adapters/sandbox/README.md",
    ),
    Offer(
        name="odoo",
        says="Odoo 19, as far as it was measured: JSON-2, orders, what people do with them",
        module="erp_adapters.sandbox.odoo",
        files=lambda folder, keys: {
            "--key-file": _write(folder / "shop.key", keys.shop),
            "--people-key-file": _write(folder / "people.key", keys.control),
        },
        try_it=lambda url, keys: _curl(
            f"{url}/json/2/res.company/search_read",
            f"Authorization: bearer {keys.shop}",
            "X-Odoo-Database: odoo",
            body={"domain": [], "fields": ["name"]},
        ),
        let_it_fail=lambda url, keys: _curl(
            f"{url}/_control/faults", f"Authorization: bearer {keys.control}", body=_fault("sale.order/load")
        ),
        credentials=lambda keys: {"key": keys.shop, "database": "odoo", "key of people": keys.control},
        manual="erp_adapters/sandbox/odoo/README.md",
    ),
    Offer(
        name="soap",
        says="a customised legacy ERP that speaks SOAP by a WSDL of its own",
        module="erp_adapters.sandbox.soap",
        files=lambda folder, keys: {
            "--users-file": _write(
                folder / "users.json",
                json.dumps({_USER: {"password": keys.shop, "permissions": PERMISSIONS}}),
            ),
            "--control-key-file": _write(folder / "control.key", keys.control),
        },
        try_it=lambda url, _: _curl(f"{url}/soap?wsdl"),
        let_it_fail=_rest_fault,
        credentials=lambda keys: {"user": _USER, "password": keys.shop, "X-Control-Key": keys.control},
        manual="erp_adapters/sandbox/soap/README.md",
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Run until somebody ends it; returns what the sandbox ended with, 2 where it could not begin."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.list:
        _list(as_json=chosen.json)
        return 0
    offer = next((offer for offer in OFFERS if offer.name == chosen.name), None)
    if offer is None:
        parser.error(f"name one of {', '.join(offer.name for offer in OFFERS)}; --list tells what they are")
    ledger = (chosen.ledger or Path(f"sandbox-{offer.name}") / "ledger.sqlite").resolve()
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        keys = _keys(ledger.parent, chosen.key)
        files = offer.files(ledger.parent, keys)
    except OSError as wrong:
        parser.error(f"The keys cannot be written beside {ledger}: {wrong}.")
    program = [sys.executable, "-m", offer.module, "--port", str(chosen.port)]
    program += ["--ledger", str(ledger), *(word for pair in files.items() for word in pair)]
    with _running(program) as server:
        found = _ADDRESS.search(server.stdout.readline() if server.stdout is not None else "")
        if found is not None:
            _tell(offer, found[0], ledger, keys, as_json=chosen.json)
        return server.wait()


def _tell(offer: Offer, url: str, ledger: Path, keys: Keys, *, as_json: bool) -> None:
    facts = {
        "name": offer.name,
        "url": url,
        "credentials": dict(offer.credentials(keys)),
        "ledger": str(ledger),
        "try": offer.try_it(url, keys),
        "let_it_fail": offer.let_it_fail(url, keys),
        "manual": offer.manual,
    }
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")
    else:
        known = ", ".join(f"{name} {value}" for name, value in offer.credentials(keys).items())
        rows = {
            "listens on": url,
            "credentials": f"{known} (for trying only)",
            "ledger": f"{ledger} (SQLite; delete it to begin anew)",
            "try it": facts["try"],
            "let it fail": facts["let_it_fail"],
            "manual": offer.manual,
        }
        sys.stdout.write(f"{offer.name}: {offer.says}. Ctrl-C ends it.\n")
        sys.stdout.writelines(f"  {name:12} {value}\n" for name, value in rows.items())
    sys.stdout.flush()


def _list(*, as_json: bool) -> None:
    if as_json:
        told = [{"name": offer.name, "says": offer.says, "manual": offer.manual} for offer in OFFERS]
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.writelines(f"{offer.name:6} {offer.says} ({offer.manual})\n" for offer in OFFERS)


@contextmanager
def _running(program: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run the sandbox; what ends this process ends it too."""
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 -- a sandbox of ours
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.terminate())
        try:
            yield server
        finally:
            server.terminate()


def _keys(folder: Path, shop: str | None) -> Keys:
    """The keys of the last time, or new ones; `shop` is what somebody chose."""
    file = folder / "keys-for-trying.json"
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    keys = Keys(shop or kept.get("shop") or secrets.token_urlsafe(16), kept.get("control") or secrets.token_urlsafe(16))
    _write(file, json.dumps({"shop": keys.shop, "control": keys.control}))
    return keys


def _write(file: Path, content: str) -> str:
    """Write a key file that nobody else can read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(content + "\n")
    return str(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="erp-sidecar sandbox", description="Runs an ERP to try things on.")
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one: " + ", ".join(one.name for one in OFFERS))
    parser.add_argument("--list", action="store_true", help="tell which there are")
    parser.add_argument(
        "--port", type=int, default=9001, help="the port on 127.0.0.1 (default 9001; 0 takes a free one)"
    )
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="its books (default sandbox-NAME/ledger.sqlite)")
    parser.add_argument("--key", metavar="K", help="the key of the shop (default: the last one, or a new one)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
