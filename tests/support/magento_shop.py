"""A schema with Magento's sales tables, the module's outbox and two small orders, for tests of the module."""

import json
import re
from collections.abc import Sequence
from typing import Any

from ops.embedded.programs import PROJECT
from tests.support.declared_schema import declared_table
from tests.support.servers import Database

MAGENTO_TABLES = PROJECT / "ops" / "demonstration" / "magento_tables.sql"
CREATE_TABLE = re.compile(r"^CREATE TABLE .*?(?=;$)", re.MULTILINE | re.DOTALL)
NEEDED_TABLES = (
    "store_website",
    "store_group",
    "store",
    "sales_order",
    "sales_order_item",
    "sales_order_address",
    "sales_order_payment",
    "sales_order_status_history",
    "sales_order_tax",
    "sales_order_tax_item",
    "sales_invoice",
    "sales_invoice_item",
    "sales_invoice_comment",
    "sales_shipment",
    "sales_shipment_item",
    "sales_shipment_track",
    "sales_shipment_comment",
    "sales_creditmemo",
    "sales_creditmemo_item",
    "sales_creditmemo_comment",
    "sales_payment_transaction",
)

PLACE_ORDER = """
    INSERT INTO {prefix}sales_order (entity_id, increment_id, store_id, state, status, is_virtual, subtotal,
                                     grand_total, customer_firstname, order_currency_code, protect_code)
    VALUES (%s, %s, 1, 'new', 'pending', 0, 16.5, 24.63, 'Jürgen "JJ"', 'EUR', 'secret')
"""
PLACE_ITEM = """
    INSERT INTO {prefix}sales_order_item (order_id, store_id, product_type, sku, name, qty_ordered, price, row_total,
                                          product_options)
    VALUES (%s, 1, 'simple', 'BOOK-7', 'Buch', 2.5, 6.6, 16.5, '{{"info_buyRequest":{{"qty":2.5}}}}')
"""
PLACE_ADDRESS = """
    INSERT INTO {prefix}sales_order_address (parent_id, address_type, street, city, country_id)
    VALUES (%s, 'billing', '東京1丁目\nApt 2', 'Köln', 'DE')
"""
PLACE_PAYMENT = """
    INSERT INTO {prefix}sales_order_payment (parent_id, method, amount_ordered, cc_number_enc, additional_information)
    VALUES (%s, 'checkmo', 24.63, 'secret', '{{"method_title":"Check"}}')
"""
STORE = (
    "INSERT INTO {prefix}store_website (website_id, code, name) VALUES (1, 'eu', 'EU')",
    "INSERT INTO {prefix}store_group (group_id, website_id, name, code) VALUES (1, 1, 'EU', 'eu_group')",
    "INSERT INTO {prefix}store (store_id, code, website_id, group_id, name) VALUES (1, 'de', 1, 1, 'Deutsch')",
)


class MagentoShop:
    """The tables of a shop as a DBA sees them."""

    def __init__(self, database: Database, *, prefix: str = "") -> None:
        self.database = database
        self.prefix = prefix
        tables = MAGENTO_TABLES.read_text(encoding="utf-8").replace("{prefix}", prefix)
        needed = tuple(f"CREATE TABLE {prefix}{table} (" for table in NEEDED_TABLES)
        self.run(
            *(statement for statement in CREATE_TABLE.findall(tables) if statement.startswith(needed)),
            declared_table("erp_outbox", prefix=prefix),
            *(statement.format(prefix=prefix) for statement in STORE),
        )

    def run(self, *statements: str, bind: Sequence[object] = ()) -> None:
        """Run statements on a connection of their own, each committed at once."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, bind or None)

    def rows(self, query: str, bind: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query sees from outside of all open transactions."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query.format(prefix=self.prefix), bind)
            return list(cursor.fetchall())

    def place_order(self, order_id: int) -> None:
        """A committed order, as if the module had not been there."""
        for statement in self.order_statements():
            values = [order_id, f"{order_id:09d}"] if "increment_id" in statement else [order_id]
            self.run(statement, bind=values)

    def order_statements(self) -> list[str]:
        """What a transaction that places an order writes, in Magento's order."""
        return [part.format(prefix=self.prefix) for part in (PLACE_ORDER, PLACE_ITEM, PLACE_ADDRESS, PLACE_PAYMENT)]

    def events(self) -> list[tuple[str, str]]:
        """Type and lane of each committed event, by id."""
        return [(kind, lane) for kind, lane in self.rows("SELECT type, lane FROM {prefix}erp_outbox ORDER BY id")]

    def payloads(self) -> list[dict[str, Any]]:
        """The decoded payload of each committed event, by id."""
        return [json.loads(text) for (text,) in self.rows("SELECT payload FROM {prefix}erp_outbox ORDER BY id")]
