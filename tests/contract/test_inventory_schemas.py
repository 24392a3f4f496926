"""What the second module writes is what outbox_schema/events promises."""

import json
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from jsonschema.exceptions import ValidationError

from sidecar.blueprint.stock import StockReason
from tests.support.event_schemas import EVENT_SCHEMAS, SCHEMAS, check
from tests.support.payload_core import outbox_rows

pytestmark = pytest.mark.needs_php

PLACED = {"event_type": "order_placed", "object_type": "order", "object_id": "", "object_increment_id": "000000042"}
SHIPMENT = {"type": "shipment", "id": "17"}


def adjusted(**changes: object) -> dict[str, Any]:
    """The payload of a change, as the core tells it."""
    given = {"sku": "A", "sourceCode": "west", "before": ["10.0000", 1], "after": ["7.5000", 1]}
    (row,) = outbox_rows([given | {"reason": "shipment", "cause": SHIPMENT} | changes])
    payload: dict[str, Any] = json.loads(row["payload"])
    return payload


def reserved(metadata: Mapping[str, object] | None = None) -> dict[str, Any]:
    """The payload of a reservation, as the core tells it."""
    text = None if metadata is None else json.dumps(metadata)
    (row,) = outbox_rows([{"stockId": 2, "sku": "A", "quantity": "-1.5", "metadata": text}])
    payload: dict[str, Any] = json.loads(row["payload"])
    return payload


def kept_by(payload: Mapping[str, Any]) -> list[str]:
    """The schemas whose promise the payload keeps."""
    kept = []
    for schema in EVENT_SCHEMAS:
        try:
            check(payload, schema)
        except ValidationError:
            continue
        kept.append(schema)
    return kept


@pytest.mark.parametrize(
    ("before", "after"), [(["10.0000", 1], ["7.5000", 0]), (None, ["3.0000", 1]), (["3.0000", 1], None)]
)
def test_a_change_keeps_the_promise_of_its_own_type_only(before: object, after: object) -> None:
    assert kept_by(adjusted(before=before, after=after)) == ["InventoryAdjusted.v1.json"]


@pytest.mark.parametrize("metadata", [PLACED, None, {"event_type": "custom"}])
def test_a_reservation_keeps_the_promise_of_its_own_type_only(metadata: Mapping[str, object] | None) -> None:
    assert kept_by(reserved(metadata)) == ["InventoryReserved.v1.json"]


@pytest.mark.parametrize(
    "broken",
    [
        {"quantity": -2.5},
        {"old_quantity": 10},
        {"new_quantity": "7.5"},
        {"old_status": "1"},
        {"reason": "gift"},
        {"cause": {"type": "gift", "id": "1"}},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_schema_refuses_a_change_that_it_does_not_promise(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        check(adjusted() | broken, "InventoryAdjusted.v1.json")


def test_half_of_what_the_source_held_is_refused() -> None:
    payload = adjusted()
    del payload["old_quantity"]

    with pytest.raises(ValidationError):
        check(payload, "InventoryAdjusted.v1.json")


@pytest.mark.parametrize(
    "broken",
    [
        {"stock_id": "2"},
        {"quantity": -1.5},
        {"sales_event": {"event_type": "order_placed"}},
        {"sales_event": PLACED | {"object_id": 42}},
        {"sales_event": "order_placed"},
        {"lane": None},
    ],
    ids=str,
)
def test_a_schema_refuses_a_reservation_that_it_does_not_promise(broken: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        check(reserved(PLACED) | broken, "InventoryReserved.v1.json")


def test_the_module_the_schema_and_the_blueprint_know_the_same_reasons() -> None:
    reasons = SCHEMAS["InventoryAdjusted.v1.json"]["properties"]["reason"]["enum"]

    assert reasons == list(get_args(StockReason))
    for reason in reasons:
        assert adjusted(reason=reason)["reason"] == reason
