"""Processes that die, freeze or are replaced: what was begun is found out, and nobody writes for somebody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.domain.errors import LeaseLost
from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture
def rig(database: Database, erp: Sandbox) -> Iterator[Rig]:
    with rig_on(database, erp, wrap=Wire) as made:
        yield made
        made.adapter.mended.set()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("cut", "attempts"), [("after", 1), ("before", 2)])
def test_a_process_that_dies_during_a_call_leaves_an_intent_and_its_successor_finds_out(
    rig: Rig, cut: str, attempts: int
) -> None:
    wire: Any = rig.adapter
    wire.cut = cut
    event = rig.shop.place(42)
    first = rig.relay()
    turn_until(first, wire.began.is_set)
    assert [intent.id for intent in rig.receipts.load_cursor(rig.policy.name).intents] == [event]
    first.close()

    wire.cut = None
    second = rig.relay()
    turn_until(second, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1
    assert [note["id"] for note in rig.notes.named("event.unknown_after_restart")] == [event]
    assert rig.shop.rows("SELECT attempts FROM erp_receipt") == [(attempts,)]
    assert rig.states() == {}


def test_a_process_that_dies_with_absorbed_edits_in_flight_loses_and_doubles_none_of_them(rig: Rig) -> None:
    wire: Any = rig.adapter
    placed = rig.shop.place(42)
    edit = rig.shop.update(42, quantity="4.0000")
    wire.cut = "after"
    first = rig.relay()
    turn_until(first, wire.began.is_set)
    first.close()
    late = rig.shop.update(42, quantity="5.0000")

    wire.cut = None
    turn_until(rig.relay(), lambda: late in rig.receipts_by_event())

    assert [row["source_revision"] for row in rig.accepted(42)] == [edit, late]
    assert set(rig.receipts_by_event()) == {placed, edit, late}


def test_the_first_look_up_after_a_restart_compares_with_what_was_sent(rig: Rig) -> None:
    wire: Any = rig.adapter
    placed = rig.shop.place(42)
    edit = rig.shop.update(42, quantity="4.0000")
    wire.cut = "after"
    first = rig.relay()
    turn_until(first, wire.began.is_set)
    first.close()

    wire.cut = None
    second = rig.relay()
    second.rest(0.2)  # the look-up is due before the first turn has read the edit
    turn_until(second, lambda: edit in rig.receipts_by_event())

    assert rig.receipts_by_event() == {placed: "already_there", edit: "absorbed"}


def test_a_restart_goes_on_where_the_process_stopped_and_sends_nothing_twice(rig: Rig) -> None:
    events = [rig.shop.place(number) for number in range(1, 6)]
    waiting = rig.shop.place(6, method="card")
    first = rig.relay()
    turn_until(first, lambda: set(events) <= set(rig.receipts_by_event()) and bool(rig.states()))
    first.close()
    follower = rig.shop.update(6, method="card", quantity="9.0000")

    second = rig.relay()
    rig.shop.pay(6)
    turn_until(second, lambda: {waiting, follower} <= set(rig.receipts_by_event()))

    assert all(len(rig.accepted(number)) == 1 for number in range(1, 7))


def test_whoever_was_replaced_writes_nothing_any_more(rig: Rig) -> None:
    old = rig.relay()
    old.turn()
    rig.relay()
    event = rig.shop.place(42)

    with pytest.raises(LeaseLost):
        turn_until(old, lambda: False)

    assert rig.receipts_by_event() == {}
    assert rig.receipts.load_cursor(rig.policy.name).intents == ()
    assert rig.accepted(42) == []
    assert event not in rig.states()


def test_a_frozen_process_begins_nothing_after_its_trust_window(rig: Rig) -> None:
    relay = rig.relay()
    relay.turn()
    lead = relay._leadership  # noqa: SLF001 -- the freeze is played by closing the window that the clock would close
    lead.give_up()
    rig.shop.place(42)

    relay.turn()

    assert rig.accepted(42) == []
    assert rig.receipts.load_cursor(rig.policy.name).intents == ()


@pytest.mark.slow
def test_an_event_in_flight_for_long_is_spilled_so_that_the_cursor_passes_it(rig: Rig) -> None:
    wire: Any = rig.adapter
    wire.cut = "before"
    slow = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, wire.began.is_set)

    turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= slow, seconds=20)

    assert rig.states() == {slow: "ready"}
