"""An Odoo as tests use it, real or played: what must be there before, and what people do there."""

import http.client
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
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
PRICELISTS = {code: f"sidecar_test.pricelist_{code.lower()}" for code in ("EUR", "KWD", "JPY")}
SHIPPING, DISCOUNT = "SIDECAR-SHIPPING", "SIDECAR-DISCOUNT"
SKUS = ("TG11", "TG12")
SANDBOX_LOGIN = "sidecar"
MAIN = "main"
"""A warehouse of the tests' own."""


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
        """Products, currencies with their pricelists, a tax, a warehouse; what is there stays."""
        for code, name in PRICELISTS.items():
            (key,) = self.do("res.currency", "search", domain=[["name", "=", code]], context={"active_test": False})
            self.do("res.currency", "write", ids=[key], vals={"active": True})
            self.load("product.pricelist", id=name, name=f"Shop {code}", currency_id__id=f"base.{code}")
        self.load("account.tax", id=TAXES["19"], name="19 % shop", amount="19", type_tax_use="sale")
        for sku in SKUS:
            self.product(sku, is_storable="1")
        for service in (SHIPPING, DISCOUNT):
            self.product(service, type="service")
        self.warehouse(MAIN)
        self.install("base_vat")

    def warehouse(self, code: str) -> None:
        """Make a warehouse of this short name, if there is none."""
        if not self.do("stock.warehouse", "search_count", domain=[["code", "=", code]]):
            self.load("stock.warehouse", id=f"sidecar_test.warehouse_{code}", name=f"Sidecar {code}", code=code)

    def install(self, module: str) -> None:
        """Have a module of Odoo's."""
        (found,) = self.do("ir.module.module", "search_read", domain=[["name", "=", module]], fields=["state"])
        if found["state"] != "installed":
            self.do("ir.module.module", "button_immediate_install", ids=[found["id"]])

    def put(self, sku: str, quantity: float, lot: str = "", warehouse: str = MAIN) -> None:
        """Lay goods into a warehouse, as a lot of their own where one is named."""
        (product,) = self.do("product.product", "search", domain=[["default_code", "=", sku]])
        (record,) = self.do(
            "stock.warehouse", "search_read", domain=[["code", "=", warehouse]], fields=["lot_stock_id"]
        )
        self._put(product, record["id"], record["lot_stock_id"][0], quantity, lot)

    def _put(self, product: int, warehouse: int, place: int, quantity: float, lot: str) -> None:  # noqa: ARG002 -- where
        values: dict[str, Any] = {"product_id": product, "location_id": place, "inventory_quantity": quantity}
        if lot:
            made = self.do("stock.lot", "create", vals_list=[{"name": lot, "product_id": product}])
            values["lot_id"] = made[0]
        quant = self.do("stock.quant", "create", vals_list=[values], context={"inventory_mode": True})
        self.do("stock.quant", "action_apply_inventory", ids=quant)

    def company(self, name: str, login: str, *, is_open: bool = True) -> int:
        """Another company, which the shop's user may see where it is open."""
        key = self.load(
            "res.company", id=f"sidecar_test.company_{name}", name=f"Sidecar {name}", currency_id__id="base.EUR"
        )
        if is_open:
            self._let_in(key, login)
        return key

    def _let_in(self, company: int, login: str) -> None:
        users = self.do("res.users", "search", domain=[["login", "=", login]])
        mine = self.do("res.users", "context_get")["uid"]
        self.do("res.users", "write", ids=[*users, mine], vals={"company_ids": [[4, company]]})

    @contextmanager
    def without_sales(self, login: str) -> Iterator[None]:
        """Take the rights of Sales from the shop's user for a while."""
        wanted = [["module", "=", "sales_team"], ["name", "=", "group_sale_salesman_all_leads"]]
        (group,) = self.do("ir.model.data", "search_read", domain=wanted, fields=["res_id"])
        users = self.do("res.users", "search", domain=[["login", "=", login]])
        self.do("res.users", "write", ids=users, vals={"group_ids": [[3, group["res_id"]]]})
        try:
            yield
        finally:
            self.do("res.users", "write", ids=users, vals={"group_ids": [[4, group["res_id"]]]})

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

    def install(self, module: str) -> None:
        """The sandbox is as one with all that the tests need."""

    def _let_in(self, company: int, login: str) -> None:  # noqa: ARG002 -- it knows one user
        self._told("let_in", company=company)

    @contextmanager
    def without_sales(self, login: str) -> Iterator[None]:  # noqa: ARG002 -- as above
        """Take the right to make orders for a while."""
        taken = self._told("take_right", model="sale.order", operation="create")
        try:
            yield
        finally:
            self._told("give_right", right=taken)

    def _put(self, product: int, warehouse: int, place: int, quantity: float, lot: str) -> None:  # noqa: ARG002 -- as there
        self._told("put", product=product, warehouse=warehouse, quantity=quantity)

    def _told(self, verb: str, **told: object) -> int:
        return int(self.ask(f"/_people/{verb}", told))


@dataclass(frozen=True)
class Installation:
    """An Odoo, the key that the adapter uses, and those who work there."""

    key: str
    people: People
    login: str = SANDBOX_LOGIN


def the_real_one() -> Installation:
    """The Odoo that is named."""
    file = Path(os.environ.get(PEOPLE_KEY_FILE) or os.environ[KEY_FILE])
    database = os.environ.get(DATABASE, "odoo")
    admin = People(os.environ[URL].rstrip("/"), database, file.read_text().strip())
    key = Path(os.environ[KEY_FILE]).read_text().strip()
    shop = replace(admin, key=key)
    user = shop.do("res.users", "context_get")["uid"]
    (record,) = admin.do("res.users", "read", ids=[user], fields=["login"])
    return Installation(key, admin, record["login"])


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
