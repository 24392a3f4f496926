"""The inventory module on the tables and rows of a real shop."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from tests.support.declared_schema import declared_table
from tests.support.event_schemas import check
from tests.support.exported_shop import load_exported_shop, reader_of
from tests.support.inventory_shop import InventoryShop, Stock, difference
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

pytestmark = [pytest.mark.needs_php, pytest.mark.needs_shared, pytest.mark.mariadb]


def stock_of(database: Database) -> Stock:
    with reader_of(database) as rows:
        found = rows("SELECT source_code, sku, quantity FROM inventory_source_item")
    return {(str(row["source_code"]), str(row["sku"])): Decimal(str(row["quantity"])) for row in found}


def test_every_source_item_of_a_real_shop_is_written_and_told(database: Database) -> None:
    load_exported_shop(database, {"inventory_source", "inventory_source_item"})
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(declared_table("erp_outbox"))
    before = stock_of(database)
    assert len(before) > 10

    with InventoryShop(database) as shop:
        shop.save(*((source, sku, float(quantity) + 2.5, 1) for (source, sku), quantity in before.items()))
        for source, sku in before:
            shop.deduct(source, [(sku, 1)], "shipment_created", "42")

    with reader_of(database) as rows:
        payloads = [json.loads(str(row["payload"])) for row in rows("SELECT payload FROM erp_outbox ORDER BY id")]
    told: Counter[tuple[str, str]] = Counter()
    for payload in payloads:
        check(payload, "InventoryAdjusted.v1.json")
        told[payload["source_code"], payload["sku"]] += Decimal(payload["quantity"])  # type: ignore[assignment]
    assert difference(stock_of(database), before) == told
    assert set(told.values()) == {Decimal("1.5")}


def test_every_reservation_of_a_real_shop_is_told_with_its_sales_event(database: Database) -> None:
    load_exported_shop(database, {"inventory_reservation"})
    with reader_of(database) as rows:
        reservations = rows("SELECT * FROM inventory_reservation ORDER BY reservation_id")
    assert reservations

    told = outbox_rows(
        {
            "stockId": int(str(row["stock_id"])),
            "sku": row["sku"],
            "quantity": row["quantity"],
            "metadata": row["metadata"],
        }
        for row in reservations
    )

    for row, outbox_row in zip(reservations, told, strict=True):
        payload = json.loads(outbox_row["payload"])
        check(payload, "InventoryReserved.v1.json")
        assert payload["quantity"] == row["quantity"]
        noted = {key: value or None for key, value in json.loads(str(row["metadata"])).items()}
        assert payload["sales_event"] == {"object_id": None, "object_increment_id": None} | noted
