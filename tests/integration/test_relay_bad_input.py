"""Bad input: parked alone, with a sentence that says what is wrong and what to do; the rest goes on."""

import json

import pytest

from tests.support.rig import Rig, turn_until
from tests.support.shop import order_payload

WHOLE = order_payload("OrderPlaced", 41, "event-41")


@pytest.mark.parametrize(
    ("kind", "version", "payload", "words"),
    [
        ("OrderPlaced", 1, '{"order": ', "not JSON"),
        ("OrderPlaced", 1, json.dumps(WHOLE | {"items": []}), "items"),
        ("OrderPlaced", 1, json.dumps({"payload_error": "a float in qty"}), "a float in qty"),
        ("OrderExploded", 1, json.dumps(WHOLE), "unknown event type 'OrderExploded'"),
        ("OrderPlaced", 99, json.dumps(WHOLE), "schema version 99"),
        ("OrderPlaced", 1, json.dumps(order_payload("OrderPlaced", 77, "e")), "order 77"),
    ],
)
def test_an_event_that_cannot_be_understood_is_parked_and_the_other_lanes_go_on(
    rig: Rig, kind: str, version: int, payload: str, words: str
) -> None:
    bad = rig.shop.emit_raw(kind, "order:41", payload, version)
    good = rig.shop.place(42)

    turn_until(rig.relay(), lambda: good in rig.receipts_by_event() and rig.states() == {bad: "parked"})

    (waiting,) = rig.insights.waiting_events(10)
    assert words in waiting.delivery.fault
    assert waiting.delivery.hint


def test_a_follower_that_cannot_be_read_does_not_hold_its_order_back(rig: Rig) -> None:
    placed = rig.shop.place(42)
    broken = rig.shop.emit_raw("OrderUpdated", "order:42", "{")

    turn_until(rig.relay(), lambda: rig.receipts_by_event() == {placed: "delivered"} and bool(rig.states()))

    assert rig.states() == {broken: "parked"}


def test_an_order_whose_code_is_not_mapped_is_parked_with_the_entry_to_add(rig: Rig) -> None:
    event = rig.shop.place(42, method="seashells")
    rig.shop.pay(42)

    turn_until(rig.relay(), lambda: rig.states() == {event: "parked"})

    (waiting,) = rig.insights.waiting_events(10)
    assert "seashells" in waiting.delivery.fault
    assert "code_maps.payment_methods.seashells" in waiting.delivery.hint
    assert rig.accepted(42) == []
