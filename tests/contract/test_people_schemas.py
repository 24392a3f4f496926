"""What the module writes of customers and products is what outbox_schema/events promises, and nothing else is."""

import json
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError

from tests.support.event_schemas import EVENT_SCHEMAS, check, put
from tests.support.payload_core import outbox_rows

pytestmark = pytest.mark.needs_php

STORE = {"store_id": "1", "store_code": "de", "website_code": "eu", "group_code": "eu_group"}
CUSTOMER = {"entity_id": "7", "website_id": "1", "store_id": "1", "group_id": "1", "is_active": "1", "email": "j@x.com"}


def an_account(**changes: object) -> dict[str, Any]:
    """An account in the shape that the payload core is given."""
    return {
        "customer": CUSTOMER | {"firstname": 'Jürgen "JJ" 🚚', "dob": "1980-02-29", "rp_token": "secret"},
        "addresses": [{"entity_id": "3", "parent_id": "7", "street": "1 Main St\nApt 2", "country_id": "DE"}],
        "subscriptions": [{"subscriber_id": "9", "store_id": "1", "subscriber_status": "1"}],
        "group": {"customer_group_id": "1", "customer_group_code": "General", "tax_class_id": "3"},
        "attributes": {"loyalty_number": "L-1"},
        "store": STORE,
        "websiteCode": "eu",
    } | changes


def keeps(payload: dict[str, Any], schema: str) -> bool:
    try:
        check(payload, schema)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "given",
    [an_account(), an_account(store=None, websiteCode=None, group=None, addresses=[], subscriptions=[], attributes={})],
    ids=["full", "bare"],
)
def test_an_account_keeps_the_promise_of_its_own_type_only(given: dict[str, Any]) -> None:
    (row,) = outbox_rows([given])
    payload = json.loads(row["payload"])

    assert [schema for schema in EVENT_SCHEMAS if keeps(payload, schema)] == ["CustomerSaved.v1.json"]
    assert (row["lane"], row["aggregate_type"]) == ("customer:7", "customer")
    assert row["payload"].isascii()
    assert "secret" not in row["payload"]


def test_a_deleted_account_keeps_the_promise_of_its_own_type_only() -> None:
    (row,) = outbox_rows([{"deletedCustomer": CUSTOMER}])
    payload = json.loads(row["payload"])

    assert [schema for schema in EVENT_SCHEMAS if keeps(payload, schema)] == ["CustomerDeleted.v1.json"]
    assert "j@x.com" not in row["payload"]


def test_an_account_that_cannot_be_told_says_why() -> None:
    (row,) = outbox_rows([an_account(customer=CUSTOMER | {"group_id": "first"})])
    payload = json.loads(row["payload"])

    check(payload, "definitions.v1.json#/$defs/unbuildable_event")
    assert payload["payload_error"].startswith("customer.group_id: ")


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        (("customer", "entity_id"), "7"),
        (("customer", "is_active"), 2),
        (("customer", "password_hash"), "secret"),
        (("customer", "dob"), "29.02.1980"),
        (("addresses", 0, "street"), "1 Main St"),
        (("addresses", 0, "door_code"), "1234"),
        (("newsletter", 0, "subscriber_confirm_code"), "secret"),
        (("group", "customer_group_code"), None),
        (("custom_attributes", "loyalty_number"), 1),
        (("store",), {"store_id": 1}),
        (("surprise",), 1),
    ],
)
def test_a_schema_refuses_what_it_does_not_promise(path: tuple[str | int, ...], broken: object) -> None:
    (row,) = outbox_rows([an_account()])
    payload = json.loads(row["payload"])
    put(payload, path, broken)

    with pytest.raises(ValidationError):
        check(payload, "CustomerSaved.v1.json")


TIER = {"website_id": "0", "all_groups": "1", "customer_group_id": "0", "qty": "10.0000", "value": "11.000000"}


def a_product(**changes: object) -> dict[str, Any]:
    """A product at one moment, in the shape that the payload core is given."""
    return {
        "product": {"entity_id": "7", "attribute_set_id": "4", "sku": 'TÉE "S"', "type_id": "simple"},
        "values": {"name": {"0": "Tee", "1": "Hemd"}, "price": {"0": "12.500000"}},
        "websiteIds": [1],
        "tierPrices": [TIER | {"percentage_value": None}],
    } | changes


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, a_product(), {"name": {"0": "Tee", "1": "Hemd"}, "price": {"0": "12.500000"}}),
        (None, a_product(values={}, websiteIds=None, tierPrices=None), {}),
        (
            a_product(),
            a_product(values={"name": {"0": "Tee"}, "price": {"0": None}}),
            {"name": {"1": None}, "price": {"0": None}},
        ),
        (a_product(websiteIds=[], tierPrices=[]), a_product(), {}),
    ],
    ids=["new", "new and nothing exported", "values gone", "websites and tiers"],
)
def test_a_product_keeps_the_promise_of_its_own_type_only(
    before: dict[str, Any] | None, after: dict[str, Any], changed: dict[str, Any]
) -> None:
    (row,) = outbox_rows([{"before": before, "after": after}])
    payload = json.loads(row["payload"])

    assert [schema for schema in EVENT_SCHEMAS if keeps(payload, schema)] == ["ProductUpdated.v1.json"]
    assert payload["changed"] == changed
    assert payload["is_complete"] is (before is None)
    assert (row["lane"], row["store_id"]) == ("product:7", None)


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        (("product", "sku"), ""),
        (("product", "entity_id"), "7"),
        (("is_complete",), None),
        (("changed", "price"), "12.5"),
        (("changed", "price"), {}),
        (("changed", "price", "de"), "12.500000"),
        (("changed", "price", "0"), 12.5),
        (("website_ids",), ["1"]),
        (("tier_prices", 0, "value"), "11.0000"),
        (("tier_prices", 0, "percentage_value"), "5"),
        (("tier_prices", 0, "price_id"), 1),
        (("surprise",), 1),
    ],
)
def test_the_schema_of_a_product_refuses_what_it_does_not_promise(path: tuple[str | int, ...], broken: object) -> None:
    (row,) = outbox_rows([{"before": None, "after": a_product()}])
    payload = json.loads(row["payload"])
    check(payload, "ProductUpdated.v1.json")
    put(payload, path, broken)

    with pytest.raises(ValidationError):
        check(payload, "ProductUpdated.v1.json")
