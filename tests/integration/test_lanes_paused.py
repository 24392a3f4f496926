"""A person stops a lane: nothing of it is sent, whatever comes, until it is resumed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sidecar.domain.events import Lane, OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.profiles import options_for, profile_with
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database
from tests.support.wire import Wire

LANE = Lane("order:42")
RELEASED = {"operation": "order.create", "nth": 1, "count": 1}


def operations(rig: Rig) -> OperatorStore:
    return OperatorStore(rig.session)


def pause(rig: Rig) -> None:
    assert operations(rig).pause_lane(ERP, LANE, "ann", "the customer calls back")


def resume(rig: Rig) -> None:
    assert operations(rig).resume_lane(ERP, LANE, "ann", "she called")


def test_a_lane_paused_before_its_first_event_holds_it_and_what_follows(rig: Rig) -> None:
    pause(rig)
    relay = rig.relay()
    placed = rig.shop.place(42)
    follower = rig.shop.update(42, quantity="3.0000")
    other = rig.shop.place(43)

    turn_until(relay, lambda: other in rig.receipts_by_event() and len(rig.states()) == 2)

    assert rig.states() == {placed: "paused", follower: "held"}
    assert rig.shop.rows("SELECT reason FROM erp_delivery WHERE state = 'paused'") == [
        ("paused by ann: the customer calls back",)
    ]
    assert rig.accepted(42) == []


def test_a_resumed_lane_goes_on_in_its_current_version(rig: Rig) -> None:
    pause(rig)
    relay = rig.relay()
    placed = rig.shop.place(42)
    turn_until(relay, lambda: rig.states() == {placed: "paused"})
    edit = rig.shop.update(42, quantity="3.0000")

    resume(rig)
    turn_until(relay, lambda: edit in rig.receipts_by_event())

    assert rig.receipts_by_event() == {placed: "delivered", edit: "absorbed"}
    assert rig.states() == {}


def test_a_pause_outlives_the_process_and_so_does_a_resumption(rig: Rig) -> None:
    pause(rig)
    placed = rig.shop.place(42)
    first = rig.relay()
    turn_until(first, lambda: rig.states() == {placed: "paused"})
    first.close()
    last = rig.shop.place(43)
    second = rig.relay()
    turn_until(second, lambda: last in rig.receipts_by_event())
    assert rig.states() == {placed: "paused"}
    second.close()

    resume(rig)
    turn_until(rig.relay(), lambda: placed in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("state", ["waiting", "retry"])
def test_a_head_that_would_go_by_itself_is_held_by_a_pause(rig: Rig, state: str) -> None:
    if state == "retry":
        rig.erp.plan({**RELEASED, "kind": "http_503", "retryAfter": 3})
    event = rig.shop.place(42, method="card" if state == "waiting" else "checkmo")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: state})

    pause(rig)
    turn_until(relay, lambda: rig.states() == {event: "paused"})
    rig.shop.pay(42)
    other = rig.shop.place(43)
    turn_until(relay, lambda: other in rig.receipts_by_event())
    assert rig.states() == {event: "paused"}
    resume(rig)
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


@pytest.mark.slow
def test_a_call_under_way_ends_and_its_unknown_outcome_is_found_out_in_a_paused_lane(
    database: Database, erp: Sandbox
) -> None:
    with rig_on(database, erp, wrap=Wire) as rig:
        wire: Any = rig.adapter
        wire.cut = "after"
        placed = rig.shop.place(42)
        first = rig.relay()
        turn_until(first, wire.began.is_set)
        first.close()
        wire.mended.set()
        wire.cut = None
        pause(rig)
        follower = rig.shop.update(42, quantity="3.0000")

        turn_until(rig.relay(), lambda: placed in rig.receipts_by_event() and "paused" in rig.states().values())

        assert rig.receipts_by_event() == {placed: "already_there"}
        assert rig.states() == {follower: "paused"}
        assert len(rig.accepted(42)) == 1


@pytest.mark.slow
def test_what_is_not_there_is_not_sent_again_while_its_lane_is_paused(rig: Rig) -> None:
    pause(rig)
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "paused"})
    rig.erp.plan({**RELEASED, "kind": "lose_request"})
    resume(rig)
    turn_until(relay, lambda: rig.states() == {placed: "unknown"})

    pause(rig)
    turn_until(relay, lambda: rig.states() == {placed: "paused"})

    assert rig.accepted(42) == []
    resume(rig)
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    assert len(rig.accepted(42)) == 1
    assert rig.shop.rows("SELECT attempts FROM erp_receipt") == [(2,)]


def test_a_paused_head_can_be_skipped_and_its_lane_stays_paused(rig: Rig) -> None:
    pause(rig)
    relay = rig.relay()
    placed = rig.shop.place(42)
    follower = rig.shop.update(42, quantity="3.0000")
    turn_until(relay, lambda: rig.states() == {placed: "paused", follower: "held"})

    assert rig.insights.skip_event(ERP, OutboxId(placed), "ann", "entered by hand")
    turn_until(relay, lambda: rig.states() == {follower: "paused"})

    assert rig.receipts_by_event() == {placed: "skipped"}
    assert rig.accepted(42) == []


def test_nothing_in_a_paused_lane_is_taken_as_done_either(rig: Rig) -> None:
    pause(rig)
    relay = rig.relay()
    placed = rig.shop.place(42, method="card")
    turn_until(relay, lambda: rig.states() == {placed: "paused"})
    rig.shop.cancel(42)
    other = rig.shop.place(43)
    turn_until(relay, lambda: other in rig.receipts_by_event())

    assert placed not in rig.receipts_by_event()
    resume(rig)
    turn_until(relay, lambda: rig.receipts_by_event().get(placed) == "cancelled_before_release")


def test_a_pause_that_ended_while_its_head_was_being_held_holds_nothing(rig: Rig) -> None:
    pause(rig)
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "paused"})

    rig.shop.execute("DELETE FROM erp_lane_pause")  # no decision touched the head's own row
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


@pytest.mark.slow
def test_what_was_handed_over_and_has_not_begun_does_not_begin_in_a_paused_lane(
    database: Database, tmp_path: Path
) -> None:
    profile, policy = profile_with("key", tmp_path), replace(POLICY, concurrency=1)
    slow = sandbox(tmp_path, "--latency-ms", "600", *options_for("key"))
    with slow as erp, rig_on(database, erp, policy=policy, profile=profile) as rig:
        relay = rig.relay()
        others = {rig.shop.place(number) for number in range(1, 6)}
        placed = rig.shop.place(42)
        turn_until(relay, lambda: placed in {intent.id for intent in rig.receipts.load_cursor(ERP).intents})

        pause(rig)
        turn_until(relay, lambda: set(rig.receipts_by_event()) == others and rig.states() == {placed: "paused"})

        assert rig.accepted(42) == []


def test_pausing_and_resuming_are_on_record_and_happen_once(rig: Rig) -> None:
    pause(rig)

    assert not operations(rig).pause_lane(ERP, LANE, "bob", "me too")
    (standing,) = operations(rig).lanes(10)
    assert (standing.lane, standing.head, standing.paused_by) == (LANE, None, "ann")

    resume(rig)
    assert not operations(rig).resume_lane(ERP, LANE, "bob", "me too")
    assert operations(rig).lanes(10) == []
    assert rig.shop.rows("SELECT action, actor, reason, lane FROM erp_operator_action ORDER BY id") == [
        ("pause", "ann", "the customer calls back", "order:42"),
        ("resume", "ann", "she called", "order:42"),
    ]
