"""What the module writes is what outbox_schema/events promises, for every kind of order."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.support.event_schemas import EVENT_SCHEMAS, SCHEMAS, check, put
from tests.support.exported_shop import (
    ORDER_TABLES,
    exported_manifest,
    exported_orders,
    load_exported_shop,
    orders_as_rest_shows_them,
)
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

ORDER_KINDS: dict[str, list[tuple[str, int | None, int | None, str]]] = {
    "simple": [("simple", None, None, "16.5000")],
    "virtual": [("virtual", None, None, "16.5000")],
    "configurable": [("configurable", None, 1, "16.5000"), ("simple", 1, None, "0.0000")],
    "fixed bundle": [("bundle", None, 1, "16.5000"), ("simple", 1, None, "0.0000"), ("simple", 1, None, "0.0000")],
    "dynamic bundle": [("bundle", None, 0, "16.5000"), ("simple", 1, None, "10.0000"), ("simple", 1, None, "6.5000")],
    "grouped": [("grouped", None, None, "10.0000"), ("grouped", None, None, "6.5000")],
}


def schema_of(row: Mapping[str, Any]) -> str:
    return f"{row['type']}.v{row['schema_version']}.json"


def an_order(kind: str = "simple", **changes: object) -> dict[str, Any]:
    """An order of one kind, in the shape that the payload core is given."""
    items = [
        {
            "item_id": str(number),
            "parent_item_id": parent,
            "product_type": product_type,
            "sku": f"SKU-{number}",
            "qty_ordered": "2.5000",
            "row_total": total,
            "product_options": json.dumps({"product_calculations": calculations, "price": 4.995}),
        }
        for number, (product_type, parent, calculations, total) in enumerate(ORDER_KINDS[kind], start=1)
    ]
    address = {"entity_id": "5", "street": "1 Main St\nApt 2", "firstname": 'Jürgen "JJ" 🚚', "country_id": "DE"}
    addresses = [address | {"address_type": "billing"}, address | {"address_type": "shipping"}]
    return {
        "type": "OrderPlaced",
        "order": {"entity_id": "42", "increment_id": "000000042", "subtotal": "16.5000", "grand_total": "24.6300"},
        "items": items,
        "addresses": addresses[:1] if kind == "virtual" else addresses,
        "payment": {"entity_id": "3", "method": "checkmo", "additional_information": '{"method_title":"Check"}'},
        "taxes": [],
        "taxItems": [],
        "statusHistory": [],
        "store": {"store_id": "1", "store_code": "de", "website_code": "eu", "group_code": "eu_group"},
        "actor": {"type": "guest", "id": None},
    } | changes


def money_of(payload: Mapping[str, Any]) -> Decimal:
    """The sum that the lines with a money role come to."""
    lines = [Decimal(item["row_total"]) for item in payload["items"] if item["role"] in {"money", "both"}]
    return sum(lines, Decimal(0))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_json_schema_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.needs_php
@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_an_order_of_every_kind_keeps_the_schemas_promise(kind: str) -> None:
    (row,) = outbox_rows([an_order(kind)])

    payload = json.loads(row["payload"])

    check(payload, schema_of(row))
    assert row["payload"].isascii()
    assert money_of(payload) == Decimal(payload["order"]["subtotal"])


@pytest.mark.needs_php
@pytest.mark.parametrize("event_type", ["OrderPlaced", "OrderUpdated", "OrderCancelled"])
def test_an_order_event_keeps_the_promise_of_its_own_type_only(event_type: str) -> None:
    (row,) = outbox_rows([an_order(type=event_type)])
    payload = json.loads(row["payload"])

    kept = [schema for schema in EVENT_SCHEMAS if _keeps(payload, schema)]

    assert kept == [schema_of(row)]


@pytest.mark.needs_php
def test_a_stock_change_keeps_the_schemas_promise() -> None:
    cause = {"type": "shipment", "id": "17"}
    (row,) = outbox_rows(
        [{"sku": "TEE-S", "sourceCode": "west", "quantity": "-2", "reason": "shipment", "cause": cause}]
    )

    payload = json.loads(row["payload"])

    check(payload, "InventoryAdjusted.v1.json")
    assert payload["quantity"] == "-2.0000"
    assert row["lane"] is None


@pytest.mark.needs_php
def test_an_order_that_cannot_be_told_keeps_the_promise_of_such_events_only() -> None:
    (row,) = outbox_rows([an_order(order={"entity_id": "42", "grand_total": "1e3"})])
    payload = json.loads(row["payload"])

    check(payload, "definitions.v1.json#/$defs/unbuildable_event")
    assert not _keeps(payload, "OrderPlaced.v1.json")


@pytest.mark.needs_php
@pytest.mark.parametrize(
    ("path", "broken"),
    [
        (("order", "grand_total"), 24.63),
        (("order", "grand_total"), "24.63"),
        (("order", "entity_id"), "42"),
        (("items", 0, "role"), "gift"),
        (("actor", "type"), "robot"),
        (("occurred_at",), "2024-05-01T08:30:00Z"),
        (("store",), {"store_id": 1}),
        (("surprise",), 1),
    ],
)
def test_a_schema_refuses_what_it_does_not_promise(path: tuple[str | int, ...], broken: object) -> None:
    (row,) = outbox_rows([an_order()])
    payload = json.loads(row["payload"])
    put(payload, path, broken)

    with pytest.raises(ValidationError):
        check(payload, "OrderPlaced.v1.json")


@pytest.mark.needs_php
@pytest.mark.needs_shared
@pytest.mark.mariadb
def test_every_order_of_a_real_shop_is_told_cent_for_cent(database: Database) -> None:
    load_exported_shop(database, ORDER_TABLES)
    given = exported_orders(database)
    shown = orders_as_rest_shows_them()

    rows = outbox_rows(given)

    payloads = [json.loads(row["payload"]) for row in rows]
    assert {payload["order"]["increment_id"] for payload in payloads} == set(exported_manifest())
    for row, payload in zip(rows, payloads, strict=True):
        check(payload, schema_of(row))
        assert money_of(payload) == Decimal(payload["order"]["subtotal"]), payload["order"]["increment_id"]
        as_shown = shown[payload["order"]["increment_id"]]
        assert len(payload["items"]) == len(as_shown["items"])
        for total in ("subtotal", "grand_total", "base_grand_total", "tax_amount", "discount_amount"):
            assert Decimal(payload["order"][total]) == Decimal(as_shown[total]), total


def _keeps(payload: Mapping[str, Any], schema: str) -> bool:
    try:
        check(payload, schema)
    except ValidationError:
        return False
    return True
