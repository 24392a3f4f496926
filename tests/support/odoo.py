"""An Odoo as tests use it, real or played: what must be there before, and what people do there."""

import http.client
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
URL = "SIDECAR_ODOO_URL"
DATABASE = "SIDECAR_ODOO_DATABASE"
KEY_FILE = "SIDECAR_ODOO_KEY_FILE"
PEOPLE_KEY_FILE = "SIDECAR_ODOO_PEOPLE_KEY_FILE"
"""Where the Odoo is, its database, a file with the key that the adapter uses, and one with an administrator's."""

NO_ODOO = f"no Odoo is named ({URL}, {KEY_FILE}; see ops/check --with-odoo)"
COMPANY = 1
TAXES = {"19": "sidecar_test.tax_19", "0": "none"}
PRICELISTS = {"EUR": "sidecar_test.pricelist_eur"}
SHIPPING, DISCOUNT = "SIDECAR-SHIPPING", "SIDECAR-DISCOUNT"
SKUS = ("TG11", "TG12")


def why_no_odoo() -> str | None:
    """Why the tests that need one cannot run here, or None."""
    return None if os.environ.get(URL) and os.environ.get(KEY_FILE) else NO_ODOO


@dataclass(frozen=True)
class People:
    """Those who work in Odoo, with all rights."""

    url: str
    database: str
    key: str

    def do(self, model: str, method: str, **arguments: Any) -> Any:  # noqa: ANN401 -- what Odoo returns
        """Call a method of a model."""
        return self.ask(f"/json/2/{model}/{method}", arguments)

    def ask(self, path: str, arguments: object) -> Any:  # noqa: ANN401 -- what Odoo returns
        """Post to an address; fail where it refuses."""
        where = urlsplit(self.url)
        headers = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.database}
        with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)) as connection:
            connection.request(
                "POST",
                path,
                json.dumps(arguments),
                {**headers, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            body = json.loads(answer.read())
        assert answer.status == 200, body.get("message")
        return body

    def load(self, model: str, **columns: str) -> int:
        """Make a record under an external identifier, unless it is there."""
        context = {"mode": "update", "noupdate": True}
        names = [name.replace("__", "/") for name in columns]
        answer = self.do(model, "load", fields=names, data=[list(columns.values())], context=context)
        assert answer["ids"], answer["messages"]
        key: int = answer["ids"][0]
        return key

    def prepare(self) -> None:
        """Products, a currency with its pricelist, and a tax; what is there stays."""
        (euro,) = self.do("res.currency", "search", domain=[["name", "=", "EUR"]], context={"active_test": False})
        self.do("res.currency", "write", ids=[euro], vals={"active": True})
        self.load("product.pricelist", id=PRICELISTS["EUR"], name="Shop EUR", currency_id__id="base.EUR")
        self.load("account.tax", id=TAXES["19"], name="19 % shop", amount="19", type_tax_use="sale")
        for sku in SKUS:
            self.product(sku, is_storable="1")
        for service in (SHIPPING, DISCOUNT):
            self.product(service, type="service")

    def product(self, sku: str, **columns: str) -> None:
        """Make a product of this internal reference, if there is none."""
        if not self.do("product.product", "search_count", domain=[["default_code", "=", sku]]):
            name = f"sidecar_test.product_{sku.lower().replace('-', '_')}"
            self.load("product.product", id=name, name=sku, default_code=sku, invoice_policy="order", **columns)

    def orders(self, reference: str) -> int:
        """How many orders bear a reference of ours, cancelled ones included."""
        count: int = self.do("sale.order", "search_count", domain=[["client_order_ref", "=", reference]])
        return count

    def order(self, key: int, *fields: str) -> dict[str, Any]:
        """An order as it stands there."""
        (record,) = self.do("sale.order", "read", ids=[key], fields=list(fields))
        found: dict[str, Any] = record
        return found

    def confirm(self, order: int) -> None:
        """Make a sales order of a quotation, if it is one."""
        if self.order(order, "state")["state"] in ("draft", "sent"):
            self.do("sale.order", "action_confirm", ids=[order])

    def deliver(self, order: int, quantities: dict[str, float] | None = None) -> int:
        """Ship what is open, or so much of each SKU; the rest stays for another delivery. Its key."""
        self.confirm(order)
        open_ones = [["sale_id", "=", order], ["state", "not in", ["done", "cancel"]]]
        (transfer,) = self.do("stock.picking", "search", domain=open_ones)
        moves = self.do(
            "stock.move",
            "search_read",
            domain=[["picking_id", "=", transfer]],
            fields=["product_id", "product_uom_qty"],
        )
        for move in moves:
            sku = move["product_id"][1].partition("]")[0].strip("[")
            quantity = move["product_uom_qty"] if quantities is None else quantities.get(sku, 0)
            self.do("stock.move", "write", ids=[move["id"]], vals={"quantity": quantity, "picked": True})
        answer = self.do("stock.picking", "button_validate", ids=[transfer])
        if isinstance(answer, dict):
            assert answer["res_model"] == "stock.backorder.confirmation", answer
            context = {**answer["context"], "button_validate_picking_ids": [transfer]}
            wizard = self.do("stock.backorder.confirmation", "create", vals_list=[{}], context=context)
            self.do("stock.backorder.confirmation", "process", ids=wizard, context=context)
        return int(transfer)

    def invoice(self, order: int) -> int:
        """Invoice what is open, and post it; its key."""
        self.confirm(order)
        before = set(self.order(order, "invoice_ids")["invoice_ids"])
        context = {"active_model": "sale.order", "active_ids": [order]}
        values = {"advance_payment_method": "delivered", "sale_order_ids": [[6, 0, [order]]]}
        wizard = self.do("sale.advance.payment.inv", "create", vals_list=[values], context=context)
        self.do("sale.advance.payment.inv", "create_invoices", ids=wizard, context=context)
        (made,) = set(self.order(order, "invoice_ids")["invoice_ids"]) - before
        self.do("account.move", "action_post", ids=[made])
        return int(made)

    def credit(self, invoice: int) -> int:
        """Give back all of an invoice, and post it; its key."""
        (record,) = self.do("account.move", "read", ids=[invoice], fields=["journal_id"])
        values = {"move_ids": [[6, 0, [invoice]]], "reason": "returned", "journal_id": record["journal_id"][0]}
        wizard = self.do("account.move.reversal", "create", vals_list=[values])
        made = self.do("account.move.reversal", "refund_moves", ids=wizard)["res_id"]
        self.do("account.move", "action_post", ids=[made])
        return int(made)

    def take_back(self, move: int) -> None:
        """Cancel a posted invoice or credit memo."""
        self.do("account.move", "button_draft", ids=[move])
        self.do("account.move", "button_cancel", ids=[move])


class SandboxPeople(People):
    """Those who work in the sandbox: its screens are one step each."""

    def deliver(self, order: int, quantities: dict[str, float] | None = None) -> int:
        """Ship what is open, or so much of each SKU."""
        self.confirm(order)
        return self._told("deliver", order=order, quantities=quantities)

    def invoice(self, order: int) -> int:
        """Invoice what is open, and post it."""
        self.confirm(order)
        return self._told("invoice", order=order)

    def credit(self, invoice: int) -> int:
        """Give back all of an invoice, and post it."""
        return self._told("credit", invoice=invoice)

    def take_back(self, move: int) -> None:
        """Cancel a posted invoice or credit memo."""
        self._told("take_back", move=move)

    def _told(self, verb: str, **told: object) -> int:
        return int(self.ask(f"/_people/{verb}", told))


@dataclass(frozen=True)
class Installation:
    """An Odoo, the key that the adapter uses, and those who work there."""

    key: str
    people: People


def the_real_one() -> Installation:
    """The Odoo that is named."""
    file = Path(os.environ.get(PEOPLE_KEY_FILE) or os.environ[KEY_FILE])
    database = os.environ.get(DATABASE, "odoo")
    admin = People(os.environ[URL].rstrip("/"), database, file.read_text().strip())
    return Installation(Path(os.environ[KEY_FILE]).read_text().strip(), admin)


@contextmanager
def odoo_sandbox(folder: Path) -> Iterator[Installation]:
    """Run the sandbox on the ledger in this folder; a second one goes on with the same ledger."""
    for name in ("shop", "people"):
        (folder / f"{name}.key").write_text(f"key-of-{name}\n")
    program = [sys.executable, "-m", "erp_adapters.sandbox.odoo", "--ledger", str(folder / "odoo.sqlite")]
    keys = ["--key-file", str(folder / "shop.key"), "--people-key-file", str(folder / "people.key")]
    with subprocess.Popen([*program, *keys], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            yield Installation("key-of-shop", SandboxPeople(url, "odoo", "key-of-people"))
        finally:
            process.kill()


def a_new_reference() -> str:
    """A reference that no run has used: a real Odoo keeps everything."""
    return f"t{uuid.uuid4().hex[:10]}-1"
