"""An event goes out with another payload: in its place in the lane, with before and after on record."""

import json
from collections.abc import Callable

import pytest

from sidecar.domain.edits import Edited, edit, with_values
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.rig import ERP, Rig, turn_until

pytestmark = pytest.mark.slow

LANE = Lane("order:42")


def setting(**values: str) -> Callable[[Event, str], Edited]:
    assignments = [(path.replace("__", "."), value) for path, value in values.items()]
    return lambda event, now: edit(event, now, with_values(now, assignments))


NOTED = setting(order__customer_note="Ring twice")


def edit_event(
    rig: Rig, event: int, change: Callable[[Event, str], Edited] = NOTED, *, dry_run: bool = False
) -> Edited:
    return OperatorStore(rig.session).edit_event(ERP, OutboxId(event), change, "ann", "note missing", dry_run=dry_run)


def refuse(rig: Rig, count: int = 1) -> None:
    rule = {"operation": "order.create", "nth": 1, "count": count, "kind": "reject"}
    rig.erp.plan({**rule, "code": "CREDIT_BLOCKED", "message": "no"})


def remarks(rig: Rig, entity_id: int) -> list[object]:
    return [json.loads(row["body"]).get("remarks") for row in rig.accepted(entity_id)]


def test_a_refused_order_goes_out_as_edited_and_its_followers_after_it(rig: Rig) -> None:
    refuse(rig)
    placed, relay = rig.shop.place(42), rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "parked"})
    follower = rig.shop.update(42, quantity="3.0000")
    turn_until(relay, lambda: rig.states().get(follower) == "held")

    edit_event(rig, placed)
    turn_until(relay, lambda: follower in rig.receipts_by_event())

    assert [row["source_revision"] for row in rig.accepted(42)] == [placed, follower]
    assert remarks(rig, 42) == ["Ring twice", None]
    assert rig.receipts_by_event() == {placed: "delivered", follower: "delivered"}


def test_the_outbox_stays_as_it_was_and_before_and_after_are_on_record(rig: Rig) -> None:
    refuse(rig)
    placed, relay = rig.shop.place(42), rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "parked"})
    ((written,),) = rig.shop.rows("SELECT payload FROM erp_outbox")

    edit_event(rig, placed)

    assert rig.shop.rows("SELECT payload FROM erp_outbox") == [(written,)]
    ((before, after, who, lane),) = rig.shop.rows(
        "SELECT payload_before, payload_after, edited_by, lane FROM erp_event_edit"
    )
    assert (before, who, lane) == (written, "ann", "order:42")
    assert json.loads(after)["order"]["customer_note"] == "Ring twice"
    assert rig.shop.rows("SELECT action, actor, reason, state_before, detail FROM erp_operator_action") == [
        ("edit", "ann", "note missing", "parked", "changed order.customer_note")
    ]


def test_an_event_that_nobody_could_read_is_mended_by_an_edit(rig: Rig) -> None:
    broken = rig.shop.emit_raw("OrderPlaced", "order:42", "no JSON")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {broken: "parked"})
    good = rig.shop.place(42)
    ((payload,),) = rig.shop.rows("SELECT payload FROM erp_outbox WHERE id = %s", good)

    edit_event(rig, broken, lambda event, now: edit(event, now, payload))
    turn_until(relay, lambda: good in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1
    assert rig.states() == {}


def test_the_head_of_a_paused_lane_is_edited_and_goes_when_the_lane_is_resumed(rig: Rig) -> None:
    store, relay = OperatorStore(rig.session), rig.relay()
    store.pause_lane(ERP, LANE, "ann", "wrong note")
    placed = rig.shop.place(42)
    turn_until(relay, lambda: rig.states() == {placed: "paused"})

    edit_event(rig, placed)
    last = rig.shop.place(43)
    turn_until(relay, lambda: last in rig.receipts_by_event())
    assert rig.states() == {placed: "paused"}
    store.resume_lane(ERP, LANE, "ann", "mended")
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    assert remarks(rig, 42) == ["Ring twice"]


@pytest.mark.slow
def test_the_latest_of_several_edits_goes_out(rig: Rig) -> None:
    refuse(rig, count=2)
    placed, relay = rig.shop.place(42), rig.relay()
    for note in ("first", "second"):
        turn_until(relay, lambda: rig.states() == {placed: "parked"})
        edit_event(rig, placed, setting(order__customer_note=note))
        turn_until(relay, lambda: rig.states() != {placed: "retrying"})
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    assert remarks(rig, 42) == ["second"]


def test_a_dry_run_tells_the_differences_and_changes_nothing(rig: Rig) -> None:
    refuse(rig)
    placed, relay = rig.shop.place(42), rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "parked"})

    edited = edit_event(rig, placed, dry_run=True)

    assert [(one.path, one.after) for one in edited.changes] == [("order.customer_note", "Ring twice")]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_event_edit") == [(0,)]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_operator_action") == [(0,)]
    assert rig.states() == {placed: "parked"}


def test_an_edited_order_that_is_lost_on_its_way_is_found_with_its_edited_content(rig: Rig) -> None:
    refuse(rig)
    placed, relay = rig.shop.place(42), rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "parked"})
    rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, "kind": "lose_response_after_commit"})

    edit_event(rig, placed, _with_other_quantity)
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    assert rig.receipts_by_event() == {placed: "already_there"}
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]


def _with_other_quantity(event: Event, now: str) -> Edited:
    return edit(event, now, with_values(now, [("items[0].qty_ordered", "5.0000")]))


def test_what_may_go_at_any_moment_cannot_be_edited(rig: Rig) -> None:
    waiting = rig.shop.place(42, method="card")
    follower = rig.shop.update(42, method="card", quantity="3.0000")
    done = rig.shop.place(43)
    turn_until(rig.relay(), lambda: done in rig.receipts_by_event() and len(rig.states()) == 2)

    for event, sentence in (
        (waiting, "is waiting: the relay may send it"),
        (follower, "is held behind its lane's head"),
        (done, "is done at erp: delivered"),
        (9999, "does not stand at erp"),
    ):
        with pytest.raises(NotPossible, match=sentence) as refusal:
            edit_event(rig, event)
        assert refusal.value.hint


@pytest.mark.slow
def test_what_the_erp_may_hold_as_it_was_sent_cannot_be_edited(rig: Rig) -> None:
    rig.erp.plan(
        {"operation": "order.create", "nth": 1, "count": 1, "kind": "lose_request"},
        {"operation": "order.find", "probability": 1, "kind": "http_500_before_commit"},
    )
    event = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "unknown"})

    with pytest.raises(NotPossible, match="is unknown: the relay may"):
        edit_event(rig, event)
    rig.shop.execute("UPDATE erp_delivery SET next_attempt_at = NULL")
    with pytest.raises(NotPossible, match=r"the outcome of event .* is unknown"):
        edit_event(rig, event)
    rig.shop.execute("UPDATE erp_delivery SET state = 'parked'")
    with pytest.raises(NotPossible, match=r"the ERP may hold event .* as it was sent"):
        edit_event(rig, event)


def test_a_stock_change_that_nobody_could_read_is_counted_as_edited(rig: Rig) -> None:
    broken = rig.shop.adjust("TEE", "much")
    aggregator = rig.aggregator()
    turn_until(aggregator, lambda: rig.states() == {broken: "parked"})

    edit_event(rig, broken, setting(quantity="-2.0000"))
    turn_until(aggregator, lambda: rig.shop.rows("SELECT state FROM erp_stock_window") == [("booked",)])

    assert rig.states() == {}
    assert rig.erp.rows("SELECT sku, quantity FROM stock_movement_lines") == [{"sku": "TEE", "quantity": "-2"}]
