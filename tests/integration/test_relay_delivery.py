"""Orders on their way to the ERP: released, in order, each content once."""

import pytest

from tests.support.rig import Rig, turn_until


def test_an_order_becomes_one_document_with_a_receipt_and_a_trail(rig: Rig) -> None:
    event = rig.shop.place(42)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    (revision,) = rig.accepted(42)
    assert rig.receipts_by_event() == {event: "delivered"}
    assert rig.shop.rows("SELECT entity_id, erp_number, revision FROM erp_document") == [
        (42, revision["number"], event)
    ]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_delivery") == [(0,)]


def test_changes_of_one_order_arrive_in_the_order_of_their_commits(rig: Rig) -> None:
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    updates = [rig.shop.update(42, quantity=f"{number}.0000") for number in range(3, 8)]
    cancelled = rig.shop.cancel(42)
    turn_until(relay, lambda: cancelled in rig.receipts_by_event())

    revisions = [row["source_revision"] for row in rig.accepted(42)]
    assert revisions == [placed, *updates, cancelled]
    assert rig.accepted(42)[-1]["kind"] == "cancel"


def test_a_save_that_changed_nothing_sends_nothing(rig: Rig) -> None:
    rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: len(rig.receipts_by_event()) == 1)

    idle = rig.shop.update(42)
    turn_until(relay, lambda: idle in rig.receipts_by_event())

    assert rig.receipts_by_event()[idle] == "unchanged"
    assert len(rig.accepted(42)) == 1


def test_a_save_of_which_this_erp_is_told_nothing_sends_nothing(rig: Rig) -> None:
    """An invoice makes an order "processing", which this ERP's profile does not map; "on hold" it does."""
    rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: len(rig.receipts_by_event()) == 1)

    invoiced, held = rig.shop.update(42, state="processing"), rig.shop.update(42, state="holded")
    turn_until(relay, lambda: held in rig.receipts_by_event())
    still_held = rig.shop.update(42, state="holded", note="Ring twice")
    turn_until(relay, lambda: still_held in rig.receipts_by_event())

    outcomes = rig.receipts_by_event()
    assert [outcomes[event] for event in (invoiced, held, still_held)] == ["unchanged", "delivered", "delivered"]
    assert [row["status"] for row in rig.accepted(42)] == ["open", "blocked", "blocked"]


@pytest.mark.parametrize(
    "lost", ["DELETE FROM erp_outbox WHERE id = %s", "UPDATE erp_outbox SET payload = '{{' WHERE id = %s"]
)
def test_a_save_goes_out_where_nobody_knows_what_the_erp_was_told(rig: Rig, lost: str) -> None:
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    rig.shop.execute(lost, placed)

    invoiced = rig.shop.update(42, state="processing")
    turn_until(relay, lambda: invoiced in rig.receipts_by_event())

    assert rig.receipts_by_event()[invoiced] == "delivered"


def test_an_unpaid_order_waits_and_goes_once_it_is_paid(rig: Rig) -> None:
    event = rig.shop.place(42, method="card")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "waiting"})
    assert rig.accepted(42) == []
    assert rig.shop.rows("SELECT reason FROM erp_delivery") == [("not paid in full",)]

    rig.shop.pay(42)
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1
    assert rig.states() == {}


def test_a_released_order_goes_in_its_current_version_and_absorbs_earlier_edits(rig: Rig) -> None:
    placed = rig.shop.place(42, method="card")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "waiting"})
    edits = [rig.shop.update(42, method="card", quantity=quantity) for quantity in ("3.0000", "4.0000")]

    rig.shop.pay(42)
    turn_until(relay, lambda: len(rig.receipts_by_event()) == 3)

    (revision,) = rig.accepted(42)
    assert revision["source_revision"] == edits[-1]
    assert rig.receipts_by_event() == {placed: "delivered", edits[0]: "absorbed", edits[1]: "absorbed"}
    assert rig.states() == {}


def test_an_order_cancelled_before_its_release_sends_nothing_and_gets_receipts_that_say_so(rig: Rig) -> None:
    placed = rig.shop.place(42, method="card")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "waiting"})

    cancelled = rig.shop.cancel(42)
    turn_until(relay, lambda: cancelled in rig.receipts_by_event())

    assert set(rig.receipts_by_event().values()) == {"cancelled_before_release"}
    assert rig.accepted(42) == []
    assert rig.states() == {}


def test_orders_that_wait_are_judged_again_without_a_call_or_a_write(rig: Rig) -> None:
    waiting = {rig.shop.place(number, method="card") for number in range(1, 21)}
    relay = rig.relay()
    turn_until(relay, lambda: set(rig.states()) == waiting)
    changed = "SELECT MAX(changed_at) FROM erp_delivery WHERE lane <> 'order:7'"
    before = rig.shop.rows(changed)

    last = rig.shop.place(99)
    turn_until(relay, lambda: last in rig.receipts_by_event())
    rig.shop.pay(7)
    turn_until(relay, lambda: len(rig.accepted(7)) == 1)

    assert rig.shop.rows(changed) == before
    assert len(rig.notes.named("event.waiting")) == len(waiting)


def test_an_order_on_hold_is_not_released_by_any_rule(rig: Rig) -> None:
    held, plain = rig.shop.place(41, state="holded"), rig.shop.place(42)

    turn_until(rig.relay(), lambda: plain in rig.receipts_by_event())

    assert rig.states() == {held: "waiting"}
    assert rig.accepted(41) == []


def test_every_event_is_accounted_for_once_the_cursor_has_passed_it(rig: Rig) -> None:
    released = [rig.shop.place(number) for number in range(1, 11)]
    waiting = rig.shop.place(11, method="card")
    last = rig.shop.place(12)
    relay = rig.relay()

    turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to == last)

    assert set(rig.receipts_by_event()) == {*released, last}
    assert rig.states() == {waiting: "waiting"}
    assert rig.receipts.load_cursor(rig.policy.name).intents == ()
