"""Each reservation that is added is told in the transaction that adds it."""

import json
from collections.abc import Iterator

import pytest

from tests.support.event_schemas import check
from tests.support.inventory_shop import InventoryShop, InventoryTables
from tests.support.obedient_shop import StepFailedError
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

PLACED = json.dumps(
    {"event_type": "order_placed", "object_type": "order", "object_id": "", "object_increment_id": "000000042"}
)
SHIPPED = json.dumps(
    {"event_type": "shipment_created", "object_type": "order", "object_id": "42", "object_increment_id": "000000042"}
)


@pytest.fixture
def tables(database: Database) -> InventoryTables:
    return InventoryTables(database)


@pytest.fixture
def shop(tables: InventoryTables) -> Iterator[InventoryShop]:
    with InventoryShop(tables.database) as shop:
        yield shop


def reserved(tables: InventoryTables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT stock_id, sku, quantity FROM {prefix}inventory_reservation ORDER BY reservation_id")


def test_every_reservation_of_a_sale_is_told_with_its_sales_event(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.call("reserve", [[1, "A", -2, PLACED], [1, "B", -0.3, PLACED]])
    shop.call("reserve", [[1, "A", 2, SHIPPED]])

    payloads = tables.payloads("InventoryReserved")
    assert [(payload["stock_id"], payload["sku"], payload["quantity"]) for payload in payloads] == [
        (stock_id, sku, f"{quantity:.4f}") for stock_id, sku, quantity in reserved(tables)
    ]
    assert [payload["sales_event"]["object_id"] for payload in payloads] == [None, None, "42"]
    for payload in payloads:
        check(payload, "InventoryReserved.v1.json")


def test_the_row_is_about_the_sku_and_in_no_lane(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.call("reserve", [[1, "A", -2, PLACED]])

    found = tables.rows("SELECT type, aggregate_type, aggregate_id, lane FROM {prefix}erp_outbox")
    assert found == [("InventoryReserved", "sku", "A", None)]


def test_a_reservation_with_an_extensions_metadata_is_told_without_a_sales_event(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    shop.call("reserve", [[1, "A", -2, None], [1, "A", -2, "{}"]])

    assert [payload["sales_event"] for payload in tables.payloads("InventoryReserved")] == [None, None]


def test_a_reservation_without_its_event_is_undone(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.do("fail_next_insert", code=1213)

    with pytest.raises(StepFailedError) as error:
        shop.call("reserve", [[1, "A", -2, PLACED]])

    assert error.value.code == 1213
    assert reserved(tables) == []


def test_a_rollback_of_the_callers_leaves_neither(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.do("begin")
    shop.call("reserve", [[1, "A", 2, SHIPPED]])
    shop.do("rollback")

    assert reserved(tables) == []
    assert tables.payloads("InventoryReserved") == []


def test_the_clean_up_of_reservations_is_no_event(shop: InventoryShop, tables: InventoryTables) -> None:
    shop.call("reserve", [[1, "A", -2, PLACED], [1, "A", 2, SHIPPED]])

    shop.sql("DELETE FROM inventory_reservation")

    assert len(tables.payloads("InventoryReserved")) == 2
