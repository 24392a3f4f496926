"""The demonstration's shop: its rows add up as Magento's do, and every kind of order happens whatever the seed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.demonstration.stage import SHOPS, Shops, Stage, find_php
from ops.embedded.demo_database import DemoDatabase
from tests.support.patience import wait_until
from tests.support.servers import Database

pytestmark = pytest.mark.slow

CLOSES_WITHIN = timedelta(seconds=60)
Rows = Callable[[str], list[tuple[Any, ...]]]

ORDERS_THAT_DO_NOT_ADD_UP = """
    SELECT increment_id FROM sales_order
    WHERE grand_total <> subtotal + shipping_amount + discount_amount + tax_amount + discount_tax_compensation_amount
                         + shipping_discount_tax_compensation_amount
       OR base_grand_total <> base_subtotal + base_shipping_amount + base_discount_amount + base_tax_amount
                         + base_discount_tax_compensation_amount + base_shipping_discount_tax_compensation_amnt
       OR total_due <> grand_total - COALESCE(total_paid, 0)
"""
# Magento's own rule for which rows carry money: not a dynamic bundle's parent, not what lies in a priced parent.
ORDERS_WITHOUT_THEIR_LINES = """
    SELECT o.increment_id
    FROM sales_order o JOIN sales_order_item i ON i.order_id = o.entity_id
    LEFT JOIN sales_order_item p ON p.item_id = i.parent_item_id
    WHERE NOT (i.product_type = 'bundle' AND i.product_options LIKE '%"product_calculations":0%')
      AND (p.item_id IS NULL OR p.product_options LIKE '%"product_calculations":0%')
    GROUP BY o.entity_id, o.increment_id, o.subtotal, o.tax_amount, o.shipping_tax_amount, o.discount_amount,
             o.shipping_discount_amount
    HAVING SUM(i.row_total) <> o.subtotal OR SUM(i.tax_amount) <> o.tax_amount - o.shipping_tax_amount
        OR SUM(i.discount_amount) <> -o.discount_amount - o.shipping_discount_amount
"""
FULLY_INVOICED_FOR_ANOTHER_SUM = """
    SELECT o.increment_id FROM sales_order o JOIN sales_invoice i ON i.order_id = o.entity_id
    WHERE o.state IN ('complete', 'closed')
    GROUP BY o.entity_id, o.increment_id, o.grand_total, o.tax_amount
    HAVING SUM(i.grand_total) <> o.grand_total OR SUM(i.tax_amount) <> o.tax_amount
"""
TAXES_THAT_DO_NOT_ADD_UP = """
    SELECT o.increment_id FROM sales_order o JOIN sales_order_tax t ON t.order_id = o.entity_id
    GROUP BY o.entity_id, o.increment_id, o.tax_amount HAVING SUM(t.amount) <> o.tax_amount
"""
STOCK_THAT_IS_NOT_TOLD = """
    SELECT s.source_code, s.sku, s.quantity - 10000 - COALESCE(SUM(t.quantity), 0) AS untold
    FROM inventory_source_item s
    LEFT JOIN (
        SELECT JSON_UNQUOTE(JSON_EXTRACT(payload, '$.sku')) AS sku,
               JSON_UNQUOTE(JSON_EXTRACT(payload, '$.source_code')) AS source_code,
               CAST(JSON_UNQUOTE(JSON_EXTRACT(payload, '$.quantity')) AS DECIMAL(20, 4)) AS quantity
        FROM erp_outbox WHERE type = 'InventoryAdjusted'
    ) t ON CONVERT(t.sku USING utf8mb3) = s.sku AND CONVERT(t.source_code USING utf8mb3) = s.source_code
    GROUP BY s.source_code, s.sku, s.quantity HAVING untold <> 0
"""
ORDERS_WHOSE_LAST_EVENT_IS_NOT_THEIR_STATE = """
    SELECT o.increment_id
    FROM sales_order o
    JOIN erp_outbox e ON e.id = (SELECT MAX(id) FROM erp_outbox WHERE lane = CONCAT('order:', o.entity_id))
    WHERE JSON_UNQUOTE(JSON_EXTRACT(e.payload, '$.order.state')) <> o.state
"""


@pytest.fixture
def rows(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Rows]:
    """Queries on a database in which the shop has sold 48 orders."""
    stage = Stage(tmp_path, DemoDatabase(database.server, database.name, "the test's"))
    stage.build()
    seed = str(getattr(request, "param", 1))
    words = ("--orders", "48", "--seed", seed, "--pace-ms", "0", "--patience", "0")
    shops = Shops(stage, find_php(), words, range(1, SHOPS + 1))
    wait_until(shops.are_closed, lambda: "the shop did not close", CLOSES_WITHIN)

    def query(statement: str) -> list[tuple[Any, ...]]:
        with closing(database.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    yield query
    shops.stop()


@pytest.mark.needs_php
def test_orders_invoices_taxes_and_stock_add_up_to_the_cent(rows: Rows) -> None:
    assert rows(ORDERS_THAT_DO_NOT_ADD_UP) == []
    assert rows(ORDERS_WITHOUT_THEIR_LINES) == []
    assert rows(FULLY_INVOICED_FOR_ANOTHER_SUM) == []
    assert rows(TAXES_THAT_DO_NOT_ADD_UP) == []
    assert rows(STOCK_THAT_IS_NOT_TOLD) == []


@pytest.mark.needs_php
@pytest.mark.mariadb
@pytest.mark.parametrize("rows", [2, 3], indirect=True)
def test_every_kind_of_order_happens_whatever_the_seed(rows: Rows) -> None:
    def all_of(query: str) -> set[Any]:
        return {value for (value,) in rows(query)}

    kinds = all_of("SELECT product_type FROM sales_order_item")
    states = all_of("SELECT state FROM sales_order")
    methods = all_of("SELECT method FROM sales_order_payment")
    reasons = all_of("SELECT JSON_VALUE(payload, '$.reason') FROM erp_outbox WHERE lane IS NULL")
    assert kinds == {"simple", "configurable", "bundle", "virtual", "grouped"}
    assert states >= {"new", "processing", "complete", "closed", "canceled", "holded"}
    assert states >= {"pending_payment", "payment_review"}
    assert methods == {"checkmo", "banktransfer", "cashondelivery", "purchaseorder", "demo_card"}
    assert reasons == {"shipment", "refund", "manual", "correction", "transfer", "import"}
    assert all_of("SELECT CONCAT(base_currency_code, order_currency_code) FROM sales_order") == {
        "USDUSD",
        "EUREUR",
        "EURUSD",
    }
    assert rows("SELECT 1 FROM sales_order_item WHERE is_qty_decimal = 1")
    assert rows("SELECT 1 FROM sales_order WHERE discount_tax_compensation_amount > 0")
    assert rows("SELECT order_id FROM sales_order_tax GROUP BY order_id HAVING COUNT(*) = 2")
    assert rows("SELECT 1 FROM sales_order WHERE customer_lastname = '日本'")


@pytest.mark.needs_php
def test_the_outbox_says_what_became_of_each_order_and_burnt_ids_leave_gaps(rows: Rows) -> None:
    ((events, newest),) = rows("SELECT COUNT(*), MAX(id) FROM erp_outbox")

    assert rows(ORDERS_WHOSE_LAST_EVENT_IS_NOT_THEIR_STATE) == []
    assert rows("SELECT 1 FROM erp_outbox WHERE payload LIKE '%\"error\"%'") == []
    assert rows("SELECT event_id FROM erp_outbox WHERE event_id NOT IN (SELECT event_id FROM demo_commit)") == []
    assert newest > events
