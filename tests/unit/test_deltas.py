"""What an event of the stock stream adds, to which warehouse; what cannot be counted is refused by its field."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, EventType, Lane, OutboxId
from sidecar.domain.policy import StockPolicy
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import Delta, WindowKind
from sidecar.domain.warehouses import WarehouseRule, sources_of

HUB = (
    WarehouseRule("Q1", reasons=frozenset({"refund"})),
    WarehouseRule("HZ", skus=Skus(prefix="HAZ-")),
    WarehouseRule("H1"),
)
STOCK = StockPolicy(
    reasons=frozenset({"shipment", "refund"}),
    warehouses={"west": "W1", "north": "W1", "hub": HUB},
    demand={1: "W1", 2: "SHOP-2"},
)
MOVED = {"sku": "TEE-S", "source_code": "west", "quantity": "-2.5000", "reason": "shipment"}
RESERVED = {"sku": "TEE-S", "stock_id": 2, "quantity": "-3.0000", "sales_event": None}


def stock_event(kind: EventType = EventType.INVENTORY_ADJUSTED) -> Event:
    return Event(OutboxId(7), "", kind, 1, Lane("#7"), "TEE-S", None, 0)


def delta(payload: dict[str, Any], stock: StockPolicy = STOCK, **changes: Any) -> Delta | None:  # noqa: ANN401 -- JSON
    return delta_in(stock_event(), json.dumps(payload | changes), stock)


def warehouse(**changes: Any) -> str:  # noqa: ANN401 -- JSON
    found = delta(MOVED, **changes)
    assert found is not None
    return found.warehouse


def crosses(stock: StockPolicy = STOCK, **levels: Any) -> bool:  # noqa: ANN401 -- JSON
    found = delta(MOVED, stock, **levels)
    assert found is not None
    return found.crosses


def test_a_change_is_counted_with_its_sign_in_the_warehouse_of_its_source() -> None:
    assert delta(MOVED) == Delta(OutboxId(7), "TEE-S", "W1", Decimal("-2.5"), WindowKind.MOVEMENT)


def test_a_change_for_another_reason_does_not_flow() -> None:
    assert delta(MOVED, reason="import") is None


def test_several_sources_may_be_one_warehouse() -> None:
    assert warehouse(source_code="west") == warehouse(source_code="north") == "W1"


def test_of_a_source_with_several_warehouses_the_first_rule_that_holds_decides() -> None:
    assert warehouse(source_code="hub", reason="refund", sku="HAZ-1") == "Q1"
    assert warehouse(source_code="hub", sku="HAZ-1") == "HZ"
    assert warehouse(source_code="hub", sku="haz-1") == "H1"


def test_backwards_a_warehouse_has_every_source_that_may_be_meant() -> None:
    assert sources_of({**STOCK.warehouses, "lab": (WarehouseRule("Q1"),)}) == {
        "W1": ["west", "north"],
        "Q1": ["hub", "lab"],
        "HZ": ["hub"],
        "H1": ["hub"],
    }


def test_a_reservation_is_demand_in_the_warehouse_of_its_stock() -> None:
    found = delta_in(stock_event(EventType.INVENTORY_RESERVED), json.dumps(RESERVED), STOCK)

    assert found == Delta(OutboxId(7), "TEE-S", "SHOP-2", Decimal(-3), WindowKind.DEMAND)


@pytest.mark.parametrize(
    ("levels", "is_crossing"),
    [
        ({"old_quantity": "2.0000", "new_quantity": "0.0000", "old_status": 1, "new_status": 1}, True),
        ({"old_quantity": "2.0000", "new_quantity": "-1.0000", "old_status": 1, "new_status": 1}, True),
        ({"old_quantity": "0.0000", "new_quantity": "1.0000", "old_status": 1, "new_status": 1}, True),
        ({"old_quantity": None, "new_quantity": "1.0000", "old_status": None, "new_status": 1}, True),
        ({"old_quantity": "5.0000", "new_quantity": "4.0000", "old_status": 1, "new_status": 0}, True),
        ({"old_quantity": None, "new_quantity": "0.0000", "old_status": None, "new_status": 0}, False),
        ({"old_quantity": "5.0000", "new_quantity": "4.0000", "old_status": 1, "new_status": 1}, False),
        ({"old_quantity": "0.0000", "new_quantity": "-1.0000", "old_status": 1, "new_status": 1}, False),
        ({"old_quantity": 5, "new_quantity": 0}, False),
        ({}, False),
    ],
)
def test_a_source_that_runs_out_or_comes_back_crosses(levels: dict[str, Any], *, is_crossing: bool) -> None:
    assert crosses(**levels) is is_crossing


def test_the_blueprint_says_where_the_threshold_lies_or_that_there_is_none() -> None:
    levels = {"old_quantity": "12.0000", "new_quantity": "9.5000", "old_status": 1, "new_status": 1}

    assert crosses(replace(STOCK, crossing=Decimal(10)), **levels)
    assert not crosses(STOCK, **levels)
    assert not crosses(replace(STOCK, crossing=None), old_quantity="1.0000", new_quantity="0.0000")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"quantity": -2.5}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"sku": ""}, "sku"),
        ({"sku": "x" * 65}, "65"),
        ({"sku": "\ud800"}, "half of a surrogate pair"),
        ({"source_code": ["west"]}, "source_code"),
        ({"source_code": "moon"}, "moon"),
        ({"reason": {}}, "reason"),
    ],
)
def test_a_change_that_cannot_be_counted_says_which_field_is_wrong(change: dict[str, Any], word: str) -> None:
    with pytest.raises(MalformedEvent, match=word) as caught:
        delta(MOVED, **change)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"stock_id": "2"}, "stock_id"),
        ({"stock_id": True}, "stock_id"),
        ({"stock_id": 9}, "stock 9"),
        ({"sku": 4}, "sku"),
    ],
)
def test_a_reservation_that_cannot_be_counted_says_which_field_is_wrong(change: dict[str, Any], word: str) -> None:
    with pytest.raises(MalformedEvent, match=word) as caught:
        delta_in(stock_event(EventType.INVENTORY_RESERVED), json.dumps(RESERVED | change), STOCK)
    assert caught.value.hint


@pytest.mark.parametrize("field", list(MOVED))
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(MalformedEvent, match=f"{field} is missing"):
        delta({key: value for key, value in MOVED.items() if key != field})


def test_a_schema_version_of_later_is_not_guessed_at() -> None:
    with pytest.raises(MalformedEvent, match="schema version 2"):
        delta_in(stock_event()._replace(schema_version=2), json.dumps(MOVED), STOCK)
