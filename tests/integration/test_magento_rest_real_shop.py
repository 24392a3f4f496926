"""The server that stands for Magento's REST comes to the same cents as the real shop whose documents were exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.support.declared_schema import declared_table
from tests.support.exported_shop import DOCUMENT_TABLES, load_exported_shop
from tests.support.magento_rest import MagentoRest, magento_rest
from tests.support.servers import Database

pytestmark = [pytest.mark.needs_php, pytest.mark.needs_shared, pytest.mark.slow]

TABLES: Final = DOCUMENT_TABLES | {
    "customer_entity",
    "inventory_reservation",
    "inventory_source",
    "inventory_source_item",
    "sales_creditmemo_grid",
    "sales_invoice_grid",
    "sales_order_grid",
    "sales_order_status",
    "sales_order_status_state",
    "sales_shipment_grid",
}
AMOUNTS: Final = (
    "subtotal, tax_amount, shipping_amount, discount_amount, grand_total,"
    " base_subtotal, base_tax_amount, base_shipping_amount, base_discount_amount, base_grand_total"
)
ITEM_UNDONE: Final = {
    "invoice": ("invoiced", ("qty", "row", "base_row", "tax", "base_tax", "discount", "base_discount")),
    "creditmemo": ("refunded", ("qty", "amount", "base_amount", "tax", "base_tax", "discount", "base_discount")),
}
ORDER_UNDONE: Final = {
    "invoice": ("processing", ("total_paid", "base_total_paid", "total_refunded", "base_total_refunded")),
    "creditmemo": (
        "complete",
        ("total_refunded", "base_total_refunded", "shipping_refunded", "base_shipping_refunded"),
    ),
}
"""What the shop's orders had not yet before the documents of one kind."""


class Export:
    """The exported shop's tables."""

    def __init__(self, database: Database) -> None:
        load_exported_shop(database, TABLES)
        self._database = database
        # Its stock is long gone; a shop without sources comes to the same amounts.
        self.run(declared_table("erp_outbox"), "DELETE FROM inventory_source_item", "DELETE FROM inventory_source")

    def run(self, *statements: str) -> None:
        with self._database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def undo(self, kind: str) -> None:
        """Take every document of this kind out again."""
        done, columns = ITEM_UNDONE[kind]
        state, totals = ORDER_UNDONE[kind]
        emptied = [f"DELETE FROM sales_{kind}{part}" for part in ("", "_item", "_comment", "_grid")]  # noqa: S608 -- ours
        items = ", ".join(f"{column}_{done} = 0" for column in columns)
        orders = ", ".join(f"{total} = NULL" for total in totals)
        self.run(
            *emptied,
            f"UPDATE sales_order_item SET qty_canceled = 0, qty_refunded = 0, {items}",  # noqa: S608 -- ours
            f"UPDATE sales_order SET state = '{state}', {orders}",  # noqa: S608 -- ours
        )


@pytest.fixture
def export(database: Database) -> Export:
    return Export(database)


@pytest.fixture
def magento(export: Export, database: Database, tmp_path: Path) -> Iterator[MagentoRest]:  # noqa: ARG001 -- its tables come first
    with magento_rest(database, tmp_path / "magento") as running:
        yield running


def made_again(export: Export, magento: MagentoRest, kind: str, service: str, more: str = "NULL") -> int:
    """Undo all documents of one kind, ask for each again, and compare; gives how many there are."""
    said = export.rows(f"SELECT entity_id, order_id, {more} FROM sales_{kind} ORDER BY entity_id")  # noqa: S608 -- ours
    before = {key: export.rows(f"SELECT {AMOUNTS} FROM sales_{kind} WHERE entity_id = %s", key) for key, *_ in said}  # noqa: S608
    told = f"SELECT order_item_id, qty FROM sales_{kind}_item WHERE parent_id = %s AND row_total IS NOT NULL"  # noqa: S608
    items = {key: export.rows(told, key) for key, *_ in said}
    export.undo(kind)
    for key, order_id, *amounts in said:
        # A memo of shipping alone names an item with nothing of it; without items it would be one of everything.
        first = export.rows("SELECT MIN(item_id), 0 FROM sales_order_item WHERE order_id = %s", order_id)
        asked = [{"order_item_id": item, "qty": float(quantity)} for item, quantity in items[key] or first]
        body: dict[str, object] = {"items": asked}
        if kind == "creditmemo":
            names = ("shipping_amount", "adjustment_positive", "adjustment_negative")
            body["arguments"] = {name: float(value or 0) for name, value in zip(names, amounts, strict=True)}
        answer = httpx.post(
            f"{magento.base_url}/rest/V1/order/{order_id}/{service}",
            json=body,
            headers={"Authorization": f"Bearer {magento.token}"},
        )
        assert answer.status_code == 200, (key, answer.text)
        made = export.rows(f"SELECT {AMOUNTS} FROM sales_{kind} WHERE entity_id = %s", int(answer.json()))  # noqa: S608
        assert made == before[key], f"{kind} {key}"
    return len(said)


def test_every_invoice_of_a_real_shop_comes_to_the_same_amounts(export: Export, magento: MagentoRest) -> None:
    assert made_again(export, magento, "invoice", "invoice") == 30


def test_every_credit_memo_of_a_real_shop_comes_to_the_same_amounts(export: Export, magento: MagentoRest) -> None:
    amounts = "base_shipping_amount, base_adjustment_positive, base_adjustment_negative"

    assert made_again(export, magento, "creditmemo", "refund", amounts) == 13
