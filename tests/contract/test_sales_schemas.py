"""Invoices, shipments, credit memos, tracks, transactions and comments keep the promise of their schemas."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError

from tests.support.event_schemas import EVENT_SCHEMAS, check, put
from tests.support.exported_shop import (
    DOCUMENT_TABLES,
    documents_as_rest_shows_them,
    exported_documents,
    load_exported_shop,
    reader_of,
)
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

ORDER = {"entity_id": "42", "increment_id": "000000042", "store_id": "1", "base_currency_code": "USD"}
STORE = {"store_id": "1", "store_code": "de", "website_code": "eu", "group_code": "eu_group"}
DOCUMENT = {"entity_id": "7", "order_id": "42", "increment_id": "000000007", "grand_total": "24.6300"}
PAYMENT = {"entity_id": "3", "method": "checkmo", "additional_information": '{"method_title":"Check","token":"x"}'}
TRACK = {"entity_id": "5", "parent_id": "7", "order_id": "42", "track_number": "1Z9", "carrier_code": "ups"}

PRODUCTS: dict[str, list[tuple[str, int | None, dict[str, Any], str]]] = {
    "simple": [("simple", None, {}, "both")],
    "virtual": [("virtual", None, {}, "both")],
    "downloadable": [("downloadable", None, {"links": ["1", "2"]}, "both")],
    "configurable": [("configurable", None, {"product_calculations": 1}, "money"), ("simple", 1, {}, "stock")],
    "fixed bundle": [
        ("bundle", None, {"product_calculations": 1, "shipment_type": 0}, "money"),
        ("simple", 1, {}, "stock"),
        ("simple", 1, {}, "stock"),
    ],
    "dynamic bundle": [
        ("bundle", None, {"product_calculations": 0, "shipment_type": 1}, "none"),
        ("simple", 1, {}, "both"),
        ("simple", 1, {}, "both"),
    ],
    "grouped": [("grouped", None, {}, "both"), ("grouped", None, {}, "both")],
}
DOCUMENTS = ("invoice", "shipment", "creditmemo")


def a_document(kind: str, product: str = "simple", type_: str | None = None, **changes: object) -> dict[str, Any]:
    """A document over all items of an order of one kind of product."""
    order_items = [
        {
            "item_id": str(number),
            "parent_item_id": parent,
            "product_type": product_type,
            "sku": f"SKU-{number}",
            "product_options": json.dumps(options),
        }
        for number, (product_type, parent, options, _) in enumerate(PRODUCTS[product], start=1)
    ]
    items = [
        {"entity_id": str(90 + number), "parent_id": "7", "order_item_id": str(number), "qty": "2"}
        for number in range(1, len(order_items) + 1)
    ]
    snapshot = {
        "document": DOCUMENT,
        "items": items,
        "comments": [{"entity_id": "1", "parent_id": "7", "comment": "Grüße 🚚", "is_visible_on_front": "0"}],
        "order": ORDER,
        "orderItems": order_items,
        "payment": PAYMENT,
        "store": STORE,
    } | changes
    given: dict[str, Any] = {"kind": kind, "type": type_ or f"{kind.capitalize()}Created", "snapshot": snapshot}
    if kind == "shipment":
        given |= {"tracks": [TRACK], "sourceCode": "west", "pickupLocationCode": None}
    if kind == "creditmemo":
        given |= {"backToStock": {"1": True}}
    return given


def a_part(type_: str) -> dict[str, Any]:
    """A track, transaction or comment, with the event type that it is told as."""
    around = {"type": type_, "order": ORDER, "store": STORE}
    match type_:
        case "TrackAdded" | "TrackUpdated" | "TrackRemoved":
            shipment = {"entity_id": "7", "increment_id": "000000007"}
            return around | {"kind": "track", "track": TRACK, "shipment": shipment}
        case "PaymentCaptured" | "PaymentTransactionSaved":
            details = {
                "transaction_id": "9",
                "order_id": "42",
                "payment_id": "3",
                "txn_type": "capture",
                "txn_id": "T-1",
            }
            secret = details | {"additional_information": '{"raw_details_info":{"token":"x"}}'}
            return around | {"kind": "transaction", "transaction": secret, "payment": PAYMENT}
        case _:
            comment = {"entity_id": "4", "parent_id": "42", "comment": "Grüße", "status": "pending"}
            return around | {"kind": "comment", "comment": comment}


PARTS = ("TrackAdded", "TrackUpdated", "TrackRemoved", "PaymentCaptured", "PaymentTransactionSaved", "OrderCommented")
DOCUMENT_TYPES = [f"{kind.capitalize()}{what}" for kind in DOCUMENTS for what in ("Created", "Updated")]


def told(given: dict[str, Any]) -> dict[str, Any]:
    (row,) = outbox_rows([given])
    assert row["lane"] == "order:42"
    assert row["payload"].isascii()
    payload: dict[str, Any] = json.loads(row["payload"])
    return payload


@pytest.mark.needs_php
@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_document_of_every_kind_of_product_keeps_the_schemas_promise_and_tells_each_role(
    kind: str, product: str
) -> None:
    payload = told(a_document(kind, product))

    check(payload, f"{payload['type']}.v1.json")
    roles = [role for *_, role in PRODUCTS[product]]
    assert [item["role"] for item in payload["items"]] == roles
    assert [item["role"] for item in payload["order_items"]] == roles


@pytest.mark.needs_php
@pytest.mark.parametrize("type_", [*DOCUMENT_TYPES, *PARTS])
def test_an_event_keeps_the_promise_of_its_own_type_only(type_: str) -> None:
    kind = type_.removesuffix("Created").removesuffix("Updated").lower()
    payload = told(a_document(kind, type_=type_) if kind in DOCUMENTS else a_part(type_))

    assert [schema for schema in EVENT_SCHEMAS if _keeps(payload, schema)] == [f"{type_}.v1.json"]
    assert '"x"' not in json.dumps(payload)


@pytest.mark.needs_php
@pytest.mark.parametrize(
    ("kind", "path", "broken"),
    [
        ("invoice", ("invoice", "grand_total"), 24.63),
        ("invoice", ("items", 0, "role"), "gift"),
        ("invoice", ("order", "increment_id"), None),
        ("shipment", ("source_code",), 7),
        ("shipment", ("tracks", 0, "entity_id"), "5"),
        ("shipment", ("shipment", "shipping_label"), "a file"),
        ("creditmemo", ("items", 0, "back_to_stock"), 1),
        ("creditmemo", ("creditmemo", "adjustment"), "0.82"),
        ("creditmemo", ("surprise",), 1),
    ],
)
def test_a_schema_refuses_what_it_does_not_promise(kind: str, path: tuple[str | int, ...], broken: object) -> None:
    payload = told(a_document(kind))
    put(payload, path, broken)

    with pytest.raises(ValidationError):
        check(payload, f"{payload['type']}.v1.json")


@pytest.mark.needs_php
def test_columns_of_another_edition_travel_as_extra() -> None:
    document = DOCUMENT | {"gift_cards_amount": "5.0000", "customer_balance_amount": None, "email_sent": "1"}
    items = [{"entity_id": "91", "order_item_id": "1", "gw_price": "1.2500"}]

    payload = told(a_document("invoice", document=document, items=items))

    check(payload, "InvoiceCreated.v1.json")
    assert payload["extra"] == {
        "invoice": {"gift_cards_amount": "5.0000"},
        "items": {"91": {"gw_price": "1.2500"}},
    }


@pytest.mark.needs_php
def test_an_item_whose_order_item_is_gone_has_no_role() -> None:
    items = [{"entity_id": "91", "order_item_id": None, "qty": "1"}]

    payload = told(a_document("creditmemo", items=items))

    check(payload, "CreditmemoCreated.v1.json")
    assert (payload["items"][0]["role"], payload["order_items"]) == (None, [])


@pytest.mark.needs_php
@pytest.mark.needs_shared
@pytest.mark.mariadb
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_document_of_a_real_shop_is_told_cent_for_cent(kind: str, database: Database) -> None:
    load_exported_shop(database, DOCUMENT_TABLES)
    shown = documents_as_rest_shows_them(kind)

    payloads = [json.loads(row["payload"]) for row in outbox_rows(exported_documents(database, kind))]

    assert {payload[kind]["entity_id"] for payload in payloads} == set(shown)
    for payload in payloads:
        check(payload, f"{kind.capitalize()}Created.v1.json")
        as_shown = shown[payload[kind]["entity_id"]]
        _assert_equal_amounts(payload[kind], as_shown)
        lines = {line["entity_id"]: line for line in payload["items"]}
        assert set(lines) == {line["entity_id"] for line in as_shown["items"]}
        for line in as_shown["items"]:
            _assert_equal_amounts(lines[line["entity_id"]], line, unlike=("row_total", "base_row_total"))
        assert all(line["role"] for line in payload["items"])
        if kind == "shipment":
            assert payload["source_code"] == as_shown["extension_attributes"]["source_code"]
            assert [t["track_number"] for t in payload["tracks"]] == [t["track_number"] for t in as_shown["tracks"]]
        else:
            _assert_lines_add_up(payload, payload[kind])


@pytest.mark.needs_php
@pytest.mark.needs_shared
@pytest.mark.mariadb
def test_every_track_and_transaction_of_a_real_shop_is_told(database: Database) -> None:
    load_exported_shop(database, DOCUMENT_TABLES)
    with reader_of(database) as rows:
        tracks = rows("SELECT * FROM sales_shipment_track")
        transactions = rows("SELECT * FROM sales_payment_transaction")
    given = [{**a_part("TrackAdded"), "track": track} for track in tracks]
    given += [{**a_part("PaymentCaptured"), "transaction": transaction} for transaction in transactions]

    for row in outbox_rows(given):
        check(json.loads(row["payload"]), f"{row['type']}.v1.json")

    assert (len(tracks), len(transactions)) == (9, 2)


def _assert_equal_amounts(told_: Mapping[str, Any], shown: Mapping[str, Any], unlike: tuple[str, ...] = ()) -> None:
    """Each number that REST shows is the payload's; REST itself changes the columns of `unlike`."""
    for column, value in shown.items():
        is_number = isinstance(value, int) or (isinstance(value, str) and told_.get(column) is not None)
        if column in told_ and column not in unlike and is_number and _is_decimal(value):
            assert Decimal(str(told_[column])) == Decimal(str(value)), column


def _assert_lines_add_up(payload: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """The lines that carry money come to the header's subtotal, and the header's parts to its grand total."""
    money = [line for line in payload["items"] if line["role"] in {"money", "both"}]
    for column in ("", "base_"):
        lines = sum((Decimal(line[f"{column}row_total"] or 0) for line in money), Decimal(0))
        assert lines == Decimal(document[f"{column}subtotal"] or 0)
        parts = ["subtotal", "discount_amount", "tax_amount", "shipping_amount", "discount_tax_compensation_amount"]
        shipping_compensation = f"{column}shipping_discount_tax_compensation_" + ("amnt" if column else "amount")
        names = [*(f"{column}{part}" for part in parts), shipping_compensation, f"{column}adjustment"]
        total = sum((Decimal(document.get(name) or 0) for name in names), Decimal(0))
        assert abs(total - Decimal(document[f"{column}grand_total"])) < Decimal("0.01"), document["increment_id"]


def _is_decimal(value: object) -> bool:
    return isinstance(value, int) or str(value).replace(".", "", 1).lstrip("-").isdigit()


def _keeps(payload: Mapping[str, Any], schema: str) -> bool:
    try:
        check(payload, schema)
    except ValidationError:
        return False
    return True
