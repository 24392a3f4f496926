"""Loads the rows of a real shop, where they stand beside the checkout."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from pymysql.cursors import DictCursor

from ops.embedded.programs import PROJECT
from tests.support.servers import Database

EXPORT = PROJECT.parent / "shared" / "magento"
TABLE_OF = re.compile(r"(?:CREATE TABLE|INSERT INTO) `(\w+)`")
ORDER_TABLES = frozenset(
    {
        "store",
        "store_website",
        "store_group",
        "sales_order",
        "sales_order_item",
        "sales_order_address",
        "sales_order_payment",
        "sales_order_tax",
        "sales_order_tax_item",
        "sales_order_status_history",
    }
)
DOCUMENT_TABLES = ORDER_TABLES | {
    f"sales_{kind}{part}" for kind in ("invoice", "shipment", "creditmemo") for part in ("", "_item", "_comment")
}
DOCUMENT_TABLES |= {"sales_shipment_track", "sales_payment_transaction", "inventory_shipment_source"}
TAX_ITEMS = """
    SELECT i.* FROM sales_order_tax_item i JOIN sales_order_tax t USING (tax_id) WHERE t.order_id = %s
    ORDER BY i.tax_item_id
"""
STORE = """
    SELECT s.store_id, s.code store_code, w.code website_code, g.code group_code
    FROM store s JOIN store_website w USING (website_id) JOIN store_group g ON g.group_id = s.group_id
    WHERE s.store_id = %s
"""


def load_exported_shop(database: Database, tables: Collection[str]) -> None:
    """Create these tables and fill them with the rows of the export."""
    definitions = (EXPORT / "tables.sql").read_text(encoding="utf-8").split(";\n")
    rows = (EXPORT / "rows.sql").read_text(encoding="utf-8").splitlines()
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        for statement in (*definitions, *rows):
            table = TABLE_OF.match(statement.lstrip())
            if table and table[1] in tables:
                cursor.execute(statement)


@contextmanager
def reader_of(database: Database) -> Iterator[Callable[..., list[dict[str, str | None]]]]:
    """A function that runs a query and gives its rows, values as texts."""
    with database.connect() as connection, connection.cursor(DictCursor) as cursor:

        def rows(query: str, *bind: object) -> list[dict[str, str | None]]:
            cursor.execute(query, bind)
            return [
                {column: value if value is None else _text(value) for column, value in row.items()}
                for row in cursor.fetchall()
            ]

        yield rows


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def exported_documents(database: Database, kind: str) -> list[dict[str, Any]]:
    """Every loaded invoice, shipment or creditmemo, in the shape that the payload core is given."""
    with reader_of(database) as rows:
        documents = []
        for document in rows(f"SELECT * FROM sales_{kind} ORDER BY entity_id"):  # noqa: S608 -- our own names
            key, order_id = document["entity_id"], document["order_id"]
            snapshot = {
                "document": document,
                "items": rows(f"SELECT * FROM sales_{kind}_item WHERE parent_id = %s", key),  # noqa: S608 -- our own names
                "comments": rows(f"SELECT * FROM sales_{kind}_comment WHERE parent_id = %s", key),  # noqa: S608 -- our own names
                "order": rows("SELECT * FROM sales_order WHERE entity_id = %s", order_id)[0],
                "orderItems": rows("SELECT * FROM sales_order_item WHERE order_id = %s", order_id),
                "payment": rows("SELECT * FROM sales_order_payment WHERE parent_id = %s", order_id)[0],
                "store": rows(STORE, document["store_id"])[0],
            }
            given: dict[str, Any] = {"kind": kind, "type": f"{kind.capitalize()}Created", "snapshot": snapshot}
            if kind == "shipment":
                source = rows("SELECT source_code FROM inventory_shipment_source WHERE shipment_id = %s", key)
                given["tracks"] = rows("SELECT * FROM sales_shipment_track WHERE parent_id = %s", key)
                given |= {"sourceCode": source[0]["source_code"], "pickupLocationCode": None}
            if kind == "creditmemo":
                given["backToStock"] = None
            documents.append(given)
        return documents


def documents_as_rest_shows_them(kind: str) -> dict[int, dict[str, Any]]:
    """Document id -> the document as the shop's REST API answered it, numbers as exact texts."""
    text = (EXPORT / f"{kind}s.json").read_text(encoding="utf-8")
    return {document["entity_id"]: document for document in json.loads(text, parse_float=str)}


def exported_orders(database: Database) -> list[dict[str, Any]]:
    """Every loaded order with its rows, values as texts, in the shape that the payload core is given."""
    with reader_of(database) as rows:
        return [
            {
                "type": "OrderPlaced",
                "order": order,
                "items": rows("SELECT * FROM sales_order_item WHERE order_id = %s", order["entity_id"]),
                "addresses": rows("SELECT * FROM sales_order_address WHERE parent_id = %s", order["entity_id"]),
                "payment": rows("SELECT * FROM sales_order_payment WHERE parent_id = %s", order["entity_id"])[0],
                "taxes": rows("SELECT * FROM sales_order_tax WHERE order_id = %s", order["entity_id"]),
                "taxItems": rows(TAX_ITEMS, order["entity_id"]),
                "statusHistory": rows(
                    "SELECT * FROM sales_order_status_history WHERE parent_id = %s", order["entity_id"]
                ),
                "store": rows(STORE, order["store_id"])[0],
                "actor": {"type": "unknown", "id": None},
            }
            for order in rows("SELECT * FROM sales_order ORDER BY entity_id")
        ]


def exported_manifest() -> dict[str, str]:
    """Order number -> what the order exercises."""
    manifest: dict[str, str] = json.loads((EXPORT / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def orders_as_rest_shows_them() -> dict[str, dict[str, Any]]:
    """Order number -> the order as the shop's REST API answered it, numbers as exact texts."""
    text = (EXPORT / "orders.json").read_text(encoding="utf-8")
    return {order["increment_id"]: order for order in json.loads(text, parse_float=str)}
