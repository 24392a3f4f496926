"""The module's hooks over the rows of a real shop tell exactly what the core builds of these rows."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.support.declared_schema import declared_table
from tests.support.event_schemas import SCHEMAS, check
from tests.support.exported_shop import (
    DOCUMENT_TABLES,
    exported_documents,
    exported_orders,
    load_exported_shop,
    orders_as_rest_shows_them,
)
from tests.support.obedient_shop import ObedientShop
from tests.support.payload_core import outbox_rows
from tests.support.sales_request import SalesRequest
from tests.support.servers import Database

pytestmark = [pytest.mark.needs_php, pytest.mark.needs_shared, pytest.mark.mariadb]

ENVELOPE = ("event_id", "occurred_at", "origin", "actor", "type")
REST_CHANGES = {"row_total", "base_row_total", "row_total_incl_tax", "base_row_total_incl_tax"}
"""REST subtracts the discount from them."""
PROGRESS = {
    column
    for table in ("order", "item")
    for column, kind in SCHEMAS["definitions.v1.json"]["$defs"][table]["properties"].items()
    if kind == {"$ref": "#/$defs/progress"}
}
"""What is left out of a payload while it is zero."""


@pytest.fixture
def shop(database: Database) -> Iterator[ObedientShop]:
    """A shop with the export's rows and the module."""
    load_exported_shop(database, DOCUMENT_TABLES)
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(declared_table("erp_outbox"))
    with ObedientShop(database) as shop:
        yield shop


def facts(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in ENVELOPE}


def built(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [facts(json.loads(row["payload"])) for row in outbox_rows(given)]


def written(database: Database) -> list[dict[str, Any]]:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM erp_outbox ORDER BY id")
        payloads = [json.loads(payload) for (payload,) in cursor.fetchall()]
    for payload in payloads:
        check(payload, f"{payload['type']}.v1.json")
    return [facts(payload) for payload in payloads]


def test_an_edited_address_tells_every_order_as_its_tables_hold_it(shop: ObedientShop, database: Database) -> None:
    orders = exported_orders(database)
    request = SalesRequest(shop)

    for order in orders:
        address = order["addresses"][0]
        held = {"parent_id": address["parent_id"]}
        request.change_part("address", address["entity_id"], held, {"telephone": address["telephone"]})

    for ours, expected in zip(written(database), built(orders), strict=True):
        for key, value in expected.items():
            assert ours[key] == value, key


@pytest.mark.parametrize("kind", ["invoice", "shipment", "creditmemo"])
def test_every_document_is_told_as_its_tables_hold_it(kind: str, shop: ObedientShop, database: Database) -> None:
    documents = exported_documents(database, kind)
    request = SalesRequest(shop)

    for given in documents:
        row = given["snapshot"]["document"]
        order = request.load_order(int(row["order_id"]), state="processing")
        more = {"extension_attributes": {"sourceCode": given.get("sourceCode")}} if kind == "shipment" else {}
        document = request.make(kind, {**row, **more}, orig=row, order=order)
        shop.do("refresh", name=document)
        request.hook(f"sales_order_{kind}_process_relation", document)

    assert written(database) == built(documents)


@pytest.mark.usefixtures("shop")
def test_every_number_that_rest_shows_of_an_order_is_the_payloads(database: Database) -> None:
    shown = orders_as_rest_shows_them()
    compared = 0

    for payload in built(exported_orders(database)):
        as_shown = shown[payload["order"]["increment_id"]]
        items = {item["item_id"]: item for item in payload["items"]}
        pairs: list[tuple[dict[str, Any], dict[str, Any], set[str]]] = [(payload["order"], as_shown, set())]
        pairs += [(items[item["item_id"]], item, REST_CHANGES) for item in as_shown["items"]]
        for ours, theirs, unlike in pairs:
            told = dict.fromkeys(PROGRESS, "0.0000") | ours
            for column in told.keys() & theirs.keys() - unlike:
                if isinstance(theirs[column], int | str) and is_number(told[column]):
                    assert Decimal(told[column]) == Decimal(theirs[column]), (as_shown["increment_id"], column)
                    compared += 1

    assert compared > 4000


def is_number(value: object) -> bool:
    """A decimal as the payload tells it."""
    return isinstance(value, str) and re.fullmatch(r"-?\d+\.\d{4}", value) is not None
