"""Orders that Magento could not tell: built from its tables, once, or left to a person with both reasons."""

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.domain.edits import edit, with_values
from sidecar.domain.events import OutboxId
from sidecar.domain.hydration import TOLD
from sidecar.mysql.operator_store import OperatorStore
from tests.support.daemon import configure
from tests.support.event_schemas import check
from tests.support.obedient_shop import ObedientShop
from tests.support.rig import ERP, Rig, turn_until

pytestmark = pytest.mark.slow

ORDER = 42
ENVELOPE = ("event_id", "type", "schema_version", "occurred_at", "origin", "actor")


def save(rig: Rig, *, state_before: str | None = None, **set_: object) -> tuple[int, dict[str, Any]]:
    """Let the module's own code write the event of the order as a request has it; the event's id and payload."""
    with ObedientShop(rig.shop.database) as shop:
        shop.do("begin")
        shop.save_relations(ORDER, state_before=state_before, **set_)
        shop.do("commit")
    ((event, text),) = rig.shop.rows("SELECT id, payload FROM erp_outbox ORDER BY id DESC LIMIT 1")
    return event, json.loads(text)


def untold(rig: Rig, kind: str = "OrderPlaced", erased: str | None = None) -> int:
    """An event of the module's that says why it tells nothing."""
    payload: dict[str, object] = {"payload_error": "A float was found where a decimal string is due.", "known": {}}
    if erased is not None:
        payload["erased"] = erased
    return rig.shop.emit_raw(kind, f"order:{ORDER}", json.dumps(payload))


def edits(rig: Rig) -> list[tuple[int, str, dict[str, Any]]]:
    rows = rig.shop.rows("SELECT outbox_id, edited_by, payload_after FROM erp_event_edit ORDER BY id")
    return [(event, who, json.loads(payload)) for event, who, payload in rows]


@pytest.mark.needs_php
def test_a_value_that_no_payload_can_hold_costs_nothing_as_the_table_has_the_right_one(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    event, told = save(rig, grand_total=[35.0])
    assert told["subject"] == {"type": "order", "id": str(ORDER)}
    assert told["payload_error"]

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "delivered"}
    assert len(rig.accepted(ORDER)) == 1
    ((built_for, author, payload),) = edits(rig)
    assert (built_for, author) == (event, "relay")
    check(payload, "OrderPlaced.v1.json")
    assert {name: payload[name] for name in ENVELOPE} == {name: told[name] for name in ENVELOPE}
    assert payload["order"]["grand_total"] == "35.0000"
    assert payload["addresses"]["billing"]["street"] == ["1 Road", "Back door"]


def engrave(rig: Rig, rings: int) -> None:
    """Add lines of 180 kB each, as a payload spells them."""
    options = json.dumps({"info_buyRequest": {"engraving": "é" * 30_000}}, ensure_ascii=False)
    for number in range(rings):
        rig.shop.execute(
            "INSERT INTO sales_order_item (item_id, order_id, product_type, sku, name, qty_ordered, price, row_total,"
            " base_row_total, product_options) VALUES (%s, %s, 'simple', 'RING', 'Ring', 1, 0, 0, 0, %s)",
            10_000 + number,
            ORDER,
            options,
        )


def test_an_order_that_is_too_large_for_the_module_is_built_as_the_tables_hold_it(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    engrave(rig, 50)
    event = untold(rig)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event(), 30)

    assert len(rig.accepted(ORDER)) == 1
    ((_, _, payload),) = edits(rig)
    assert len(payload["items"]) == 52
    assert rig.shop.rows("SELECT LENGTH(payload_after) > 9000000 FROM erp_event_edit") == [(1,)]


def test_an_order_that_no_column_can_hold_is_left_to_a_person_and_stops_nobody(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    engrave(rig, 95)
    event, other = untold(rig), rig.shop.place(43)

    turn_until(rig.relay(), lambda: rig.states() == {event: "parked"} and other in rig.receipts_by_event(), 30)

    (waiting,) = rig.insights.waiting_events(10)
    assert "bytes" in waiting.delivery.fault
    assert waiting.delivery.hint
    assert edits(rig) == []


@pytest.mark.needs_php
def test_options_that_are_no_json_cannot_be_told_by_the_sidecar_either_until_they_are_mended(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    rig.shop.execute("UPDATE sales_order_item SET product_options = 'a:0:{}' WHERE order_id = %s", ORDER)
    event, told = save(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})

    (waiting,) = rig.insights.waiting_events(10)
    assert told["payload_error"] in waiting.delivery.fault
    assert "nor can the sidecar, from Magento's tables: a column of JSON cannot be read" in waiting.delivery.fault
    assert waiting.delivery.hint.startswith("mend the order in Magento")
    assert edits(rig) == []

    rig.shop.execute("UPDATE sales_order_item SET product_options = '{}' WHERE order_id = %s", ORDER)
    assert rig.insights.retry_event(ERP, OutboxId(event), "ann", "mended the options")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(ORDER)) == 1


def test_the_trail_tells_that_a_payload_was_built(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    event = untold(rig)
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    record = OperatorStore(rig.session).event(OutboxId(event), [ERP])

    assert [(one.state, one.reason) for one in record.standings] == [("delivered", TOLD)]
    assert [(one.edited_by, json.loads(one.payload)["type"]) for one in record.edits] == [("relay", "OrderPlaced")]
    assert [note["id"] for note in rig.notes.named("event.hydrated")] == [event]


def test_the_command_shows_both_payloads_and_the_doctor_that_orders_can_be_read(rig: Rig, tmp_path: Path) -> None:
    rig.shop.place_past_the_module(ORDER)
    event = untold(rig)
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())
    folder = tmp_path / "etc"
    folder.mkdir()
    sidecar = configure(folder, rig.shop.database, rig.erp.url)

    shown = sidecar.run("event", "show", str(event), "--payload")
    facts = json.loads(sidecar.run("event", "show", str(event), "--json").stdout)
    examined = json.loads(sidecar.run("doctor", "--json").stdout)

    assert "As Magento wrote it:" in shown.stdout
    assert "As the sidecar built it for erp, from Magento's tables:" in shown.stdout
    assert [(one["state"], one["reason"]) for one in facts["standings"]] == [("delivered", TOLD)]
    assert [one["edited_by"] for one in facts["edits"]] == ["relay"]
    assert [one["state"] for one in examined if one["check"] == "whole orders"] == ["ok"]


def test_a_change_and_a_cancellation_are_built_too(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    placed = untold(rig)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    rig.shop.execute("UPDATE sales_order_item SET qty_ordered = 3 WHERE order_id = %s", ORDER)
    changed, unchanged = untold(rig, "OrderUpdated"), untold(rig, "OrderUpdated")
    turn_until(relay, lambda: unchanged in rig.receipts_by_event())
    rig.shop.execute("UPDATE sales_order SET state = 'canceled' WHERE entity_id = %s", ORDER)
    cancelled = untold(rig, "OrderCancelled")
    turn_until(relay, lambda: cancelled in rig.receipts_by_event())

    delivered = dict.fromkeys((placed, changed, cancelled), "delivered")
    assert rig.receipts_by_event() == {**delivered, unchanged: "unchanged"}
    assert [row["source_revision"] for row in rig.accepted(ORDER)] == [placed, changed, cancelled]
    assert rig.accepted(ORDER)[-1]["kind"] == "cancel"


def test_a_follower_that_could_not_be_told_holds_its_order_back_no_more(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    placed, changed = untold(rig), untold(rig, "OrderUpdated")

    turn_until(rig.relay(), lambda: {placed, changed} == set(rig.receipts_by_event()))

    assert rig.receipts_by_event() == {placed: "delivered", changed: "unchanged"}


def test_an_order_that_waits_is_built_as_it_stands_when_it_goes(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    rig.shop.execute("UPDATE sales_order_payment SET method = 'card' WHERE parent_id = %s", ORDER)
    event = untold(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "waiting"})
    assert edits(rig) == []

    rig.shop.execute("UPDATE sales_order_item SET qty_ordered = 7 WHERE order_id = %s", ORDER)
    rig.shop.pay(ORDER)
    turn_until(relay, lambda: event in rig.receipts_by_event())

    ((_, _, payload),) = edits(rig)
    assert {item["qty_ordered"] for item in payload["items"]} == {"7.0000"}


def test_what_was_sent_is_what_is_asked_for_after_a_lost_answer_however_the_order_changed_since(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    rig.erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_response_after_commit", "count": 1})
    event = untold(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "unknown"} or event in rig.receipts_by_event())
    relay.close()

    rig.shop.execute("UPDATE sales_order_item SET qty_ordered = 7, sku = 'other' WHERE order_id = %s", ORDER)
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(ORDER)) == 1
    assert len(edits(rig)) == 1
    assert TOLD in rig.shop.rows("SELECT detail FROM erp_receipt")[0][0]


def test_what_the_erp_refused_is_built_anew_once_the_order_is_mended(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, "kind": "reject", "code": "SKU", "message": "no"})
    event = untold(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})

    rig.shop.execute("UPDATE sales_order_item SET qty_ordered = 7 WHERE order_id = %s", ORDER)
    assert rig.insights.retry_event(ERP, OutboxId(event), "ann", "mended the order")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert [payload["items"][0]["qty_ordered"] for _, _, payload in edits(rig)] == ["2.0000", "7.0000"]
    assert len(rig.accepted(ORDER)) == 1


def test_what_a_person_has_put_in_its_place_counts_before_what_could_be_built(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, "kind": "reject", "code": "SKU", "message": "no"})
    event = untold(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})

    OperatorStore(rig.session).edit_event(
        ERP,
        OutboxId(event),
        lambda about, now: edit(about, now, with_values(now, [("items[0].qty_ordered", "9.0000")])),
        "ann",
        "counted again",
        dry_run=False,
    )
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert [(who, payload["items"][0]["qty_ordered"]) for _, who, payload in edits(rig)] == [
        ("relay", "2.0000"),
        ("ann", "9.0000"),
    ]
    assert len(rig.accepted(ORDER)) == 1


@pytest.mark.parametrize(
    ("erased", "words", "hint"),
    [
        (None, "and the order is not in Magento any more", "skip the event"),
        ("personal data was erased on request", "the payload is gone", "skip it"),
    ],
)
def test_what_is_gone_or_was_erased_is_left_to_a_person(rig: Rig, erased: str | None, words: str, hint: str) -> None:
    if erased is not None:
        rig.shop.place_past_the_module(ORDER)
    event = untold(rig, erased=erased)

    turn_until(rig.relay(), lambda: rig.states() == {event: "parked"})

    (waiting,) = rig.insights.waiting_events(10)
    assert words in waiting.delivery.fault
    assert hint in waiting.delivery.hint
    assert edits(rig) == []


def test_a_document_that_could_not_be_told_parks_nothing_at_an_erp_that_takes_none(rig: Rig) -> None:
    rig.shop.place_past_the_module(ORDER)
    event = untold(rig, "InvoiceCreated")

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "unrouted"}
