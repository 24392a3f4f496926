"""Starts the sandbox ERP as a process of its own and talks to it with the standard library only."""

import http.client
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.nursery import Child, running

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "key-of-the-shop"
READ_ONLY_KEY = "key-of-an-auditor"
CONTROL_KEY = "key-of-the-tests"
KEYS = {
    API_KEY: ["orders.read", "orders.write", "stock.read", "stock.write"],
    READ_ONLY_KEY: ["orders.read"],
}
ANSWER_WITHIN_S = 20


@dataclass(frozen=True)
class Reply:
    """What came back for one request."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error code of a refusal."""
        return str(self.body["error"]["code"])


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox ERP."""

    url: str
    ledger: Path
    process: Child

    def connect(self, timeout: float = ANSWER_WITHIN_S) -> http.client.HTTPConnection:
        """Open a connection; the caller closes it."""
        where = urlsplit(self.url)
        return http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: object = None, *, key: str = API_KEY, timeout: float = ANSWER_WITHIN_S
    ) -> Reply:
        """Send one request on a connection of its own. Raises what http.client raises."""
        with closing(self.connect(timeout)) as connection:
            return ask_on(connection, method, path, body, {"X-Api-Key": key})

    def control(self, method: str, path: str, body: object = None, *, key: str = CONTROL_KEY) -> Reply:
        """Use the control plane."""
        with closing(self.connect()) as connection:
            return ask_on(connection, method, f"/_control/{path}", body, {"X-Control-Key": key})

    def plan(self, *rules: Mapping[str, object]) -> None:
        """Put a fault plan into force."""
        reply = self.control("POST", "faults", {"plan": rules})
        assert reply.status == 200, reply.body

    def attend(self, number: str, **told: object) -> None:
        """Do what people in the ERP do to an order: its status, its lines."""
        self._told(f"orders/{number}", told)

    def deliver(self, order: str, **told: object) -> str:
        """Write a delivery of what is left, or as told; its number."""
        return str(self._told(f"orders/{order}/deliveries", told)["number"])

    def invoice(self, order: str, **told: object) -> str:
        """Write an invoice of what is left, or as told; its number."""
        return str(self._told(f"orders/{order}/invoices", told)["number"])

    def credit(self, order: str, **told: object) -> str:
        """Write a credit memo of what was invoiced, or as told; its number."""
        return str(self._told(f"orders/{order}/credit-memos", told)["number"])

    def amend(self, document: str, **told: object) -> int:
        """Change a document, take it back (reversed=True), or have it listed again (again=True); its version."""
        return int(self._told(f"documents/{document}", told)["version"])

    def jobs(self) -> list[dict[str, Any]]:
        """What was accepted to be done later, oldest first."""
        jobs: list[dict[str, Any]] = self.control("GET", "jobs").body["jobs"]
        return jobs

    def decide(self, handle: str, decision: str, **told: object) -> None:
        """Say what becomes of one of those: accept, reject, forget."""
        self._told(f"jobs/{handle}", {"decision": decision, **told})

    def _told(self, path: str, told: Mapping[str, object]) -> dict[str, Any]:
        reply = self.control("POST", path, told)
        assert reply.status < 300, reply.body
        body: dict[str, Any] = reply.body
        return body

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Read the ledger as an auditor does."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask the process to end, and give its exit code."""
        self.process.terminate()
        return self.process.wait(ANSWER_WITHIN_S)


def ask_on(
    connection: http.client.HTTPConnection, method: str, path: str, body: object, headers: Mapping[str, str]
) -> Reply:
    """Send one request on an open connection and read the whole answer."""
    content = None if body is None else json.dumps(body).encode()
    connection.request(method, path, content, dict(headers))
    response = connection.getresponse()
    return Reply(response.status, json.loads(response.read()), dict(response.headers))


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[Sandbox]:
    """Run a sandbox ERP on the ledger in this folder; a second one goes on with the same ledger."""
    (folder / "keys.json").write_text(json.dumps(KEYS))
    (folder / "control.key").write_text(CONTROL_KEY + "\n")
    ledger = folder / "ledger.sqlite"
    program = ["erp_adapters.sandbox", "--port", "0", "--ledger", str(ledger)]
    keys = ["--api-key-file", str(folder / "keys.json"), "--control-key-file", str(folder / "control.key")]
    with running(*program, *keys, *options) as process:
        yield Sandbox(json.loads(process.first_line())["url"], ledger, process)


def an_order(reference: str = "M1-1", **changes: object) -> dict[str, Any]:
    """Write an order of two lines whose totals add up."""
    line = {"quantity": "1.0000", "unit": "PCE", "unitPrice": "10.0000", "discount": "0.0000", "tax": "1.9000"}
    order = {
        "reference": reference,
        "sourceEvent": f"event-of-{reference}",
        "orderDate": "2026-11-23T10:15:00Z",
        "currency": "EUR",
        "customer": {"number": "C-7", "name": "Example Customer", "email": "customer@example.com"},
        "billTo": {"name": "Example Customer", "street": ["1 Example Street"], "city": "Berlin", "country": "DE"},
        "payment": {"method": "INVOICE"},
        "shipping": {"method": "DHL", "amount": "5.0000", "tax": "0.9500"},
        "lines": [
            {"lineReference": "1", "sku": "BAG", "total": "10.0000", **line},
            {"lineReference": "2", "sku": "CUP", "total": "10.0000", **line},
        ],
        "totals": {
            "subtotal": "20.0000",
            "discount": "0.0000",
            "shipping": "5.0000",
            "tax": "4.7500",
            "grandTotal": "29.7500",
        },
        "customFields": {"giftMessage": "With thanks"},
    }
    return {**order, **changes}


def a_movement(reference: str = "W-1", **changes: object) -> dict[str, Any]:
    """Write a stock movement of two lines."""
    lines = [
        {"sku": "BAG", "quantity": "-2.0000", "unit": "PCE", "reason": "shipment"},
        {"sku": "CUP", "quantity": "3.5000", "unit": "PCE", "reason": "refund"},
    ]
    return {"reference": reference, "warehouse": "1710", "lines": lines, **changes}
