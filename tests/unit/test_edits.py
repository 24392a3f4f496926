"""Edits of a payload: what may be changed, what is refused with a sentence, and what is told to have changed."""

import json
from typing import Any

import pytest

from sidecar.domain.edits import Change, edit, with_values
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import Event, Lane, OutboxId
from tests.support.events import creditmemo_payload
from tests.support.shop import order_payload

EVENT = Event(OutboxId(7), "e-7", "OrderPlaced", 1, Lane("order:42"), "42", 1, 0)
STOCK = Event(OutboxId(8), "e-8", "InventoryAdjusted", 1, Lane("#8"), "TEE", None, 0)
NOW = json.dumps(order_payload("OrderPlaced", 42, "e-7"))


def wanted(**changes: Any) -> str:  # noqa: ANN401 -- JSON
    return json.dumps({**json.loads(NOW), **changes})


def test_single_fields_are_set_and_told() -> None:
    after = with_values(NOW, [("order.customer_note", "Ring twice"), ("items[1].sku", "sku-9")])

    edited = edit(EVENT, NOW, after)

    assert edited.changes == (
        Change("items[1].sku", "sku-2", "sku-9"),
        Change("order.customer_note", None, "Ring twice"),
    )
    assert json.loads(edited.payload)["items"][1]["sku"] == "sku-9"


def test_a_value_keeps_the_kind_that_its_field_has() -> None:
    after = json.loads(with_values(NOW, [("order.store_id", "2"), ("order.customer_email", "null")]))

    assert after["order"]["store_id"] == 2
    assert after["order"]["customer_email"] is None


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("order.custmer_note", "x", "the payload has no field order.custmer_note"),
        ("items[9].sku", "x", "the payload has no field items[9].sku"),
        ("items", "x", "items holds more than one value"),
        ("order.store_id", "two", "order.store_id is a whole number"),
        ("order..x", "x", "'order..x' is not the path of a field"),
        ("", "x", "'' is not the path of a field"),
    ],
)
def test_a_field_that_is_not_there_or_takes_no_such_value_is_refused(path: str, value: str, complaint: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        with_values(NOW, [(path, value)])

    assert complaint in str(refusal.value)
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        ("{", "the payload is not JSON"),
        ("[]", "the payload is not a JSON object"),
        (wanted(order={**json.loads(NOW)["order"], "entity_id": 43}), "speaks of order 43"),
        (wanted(event_id="another"), "event_id tells which event this is"),
        (wanted(type="OrderCancelled"), "type tells which event this is"),
        (wanted(items=[{"role": "both"}]), "the edited payload"),
        (wanted(order={**json.loads(NOW)["order"], "grand_total": "much"}), "the edited payload"),
        (wanted(items=5), "the edited payload"),
    ],
)
def test_what_the_relay_could_not_send_is_refused_before_it_is_kept(payload: str, complaint: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        edit(EVENT, NOW, payload)

    assert complaint in str(refusal.value)
    assert refusal.value.hint


@pytest.mark.parametrize("broken", ["no JSON at all", '{"event_id": "e-7", "payload_error": "no currency"}'])
def test_a_payload_that_magento_could_not_build_is_replaced_as_a_whole(broken: str) -> None:
    edited = edit(EVENT, broken, NOW)

    assert json.loads(edited.payload) == json.loads(NOW)
    assert edited.changes


def test_a_stock_change_is_read_as_the_windows_read_it() -> None:
    now = json.dumps({"sku": "TEE", "source_code": "west", "quantity": "much", "reason": "shipment"})

    edited = edit(STOCK, now, with_values(now, [("quantity", "-2.0000")]))

    assert edited.changes == (Change("quantity", "much", "-2.0000"),)
    with pytest.raises(NotPossible):
        edit(STOCK, now, with_values(now, [("quantity", "more")]))


def test_a_credit_memo_is_edited_as_refunds_read_it_and_stays_the_same_credit_memo() -> None:
    memo = Event(OutboxId(9), "e-9", "CreditmemoCreated", 1, Lane("order:42"), "42", 1, 0)
    now = json.dumps(creditmemo_payload(17, 42))

    edited = edit(memo, now, with_values(now, [("creditmemo.increment_id", "R-1")]))

    assert [change.path for change in edited.changes] == ["creditmemo.increment_id"]
    for path, value, complaint in [
        ("creditmemo.grand_total", "99.0000", "not the sum of its parts"),
        ("creditmemo.entity_id", "18", "it is about refund:17"),
        ("order.entity_id", "43", "speaks of order 43"),
    ]:
        with pytest.raises(NotPossible, match=complaint):
            edit(memo, now, with_values(now, [(path, value)]))
