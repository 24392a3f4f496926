"""An ERP that loses, refuses, throttles and lies: nothing is lost, nothing is doubled, a person is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.domain.events import OutboxId
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, an_order, sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow


def one(kind: str, operation: str = "order.create", **parameters: object) -> dict[str, object]:
    return {"operation": operation, "nth": 1, "kind": kind, "count": 1, **parameters}


@pytest.mark.parametrize("kind", ["lose_response_after_commit", "http_500_after_commit"])
def test_a_lost_answer_is_looked_up_and_the_order_is_there_once(rig: Rig, kind: str) -> None:
    rig.erp.plan(one(kind))
    event = rig.shop.place(42)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "already_there"}
    assert len(rig.accepted(42)) == 1
    assert [note["id"] for note in rig.notes.named("event.unknown")] == [event]


@pytest.mark.parametrize("kind", ["lose_request", "http_500_before_commit"])
def test_a_lost_request_is_sent_once_more_after_look_ups_that_found_nothing(rig: Rig, kind: str) -> None:
    rig.erp.plan(one(kind))
    event = rig.shop.place(42)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1
    assert len(rig.notes.named("event.resubmitted")) == 1
    assert rig.shop.rows("SELECT attempts FROM erp_receipt") == [(2,)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["http_503", "http_429"])
def test_an_erp_that_asks_for_patience_gets_it(rig: Rig, kind: str) -> None:
    rig.erp.plan(one(kind, retryAfter=1))
    event = rig.shop.place(42)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "delivered"}
    assert len(rig.notes.named("event.retry")) == 1


@pytest.mark.parametrize("kind", ["lose_response_after_commit", "lose_request"])
def test_a_change_whose_answer_is_lost_takes_effect_once(rig: Rig, kind: str) -> None:
    relay = rig.relay()
    placed = rig.shop.place(42)
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    rig.erp.plan(one(kind, "order.change"))

    changed = rig.shop.update(42, quantity="7.0000")
    turn_until(relay, lambda: changed in rig.receipts_by_event())

    assert [row["source_revision"] for row in rig.accepted(42)] == [placed, changed]


def test_a_refused_order_is_parked_with_the_erp_s_words_and_holds_only_its_own_lane(rig: Rig) -> None:
    rule = {"operation": "order.create", "match": {"reference": "M1-41"}, "kind": "reject", "count": 1}
    rig.erp.plan({**rule, "code": "CREDIT_BLOCKED", "message": "Customer 17 is over the credit limit"})
    refused = rig.shop.place(41)
    follower = rig.shop.update(41, quantity="3.0000")
    others = [rig.shop.place(number) for number in (42, 43)]

    turn_until(rig.relay(), lambda: set(others) <= set(rig.receipts_by_event()) and "parked" in rig.states().values())

    assert rig.states() == {refused: "parked", follower: "held"} or rig.states() == {refused: "parked"}
    (waiting,) = rig.insights.waiting_events(10)
    assert "Customer 17 is over the credit limit" in waiting.delivery.fault
    assert waiting.delivery.hint


def parked(rig: Rig) -> OutboxId:
    rig.erp.plan(one("reject", code="CREDIT_BLOCKED", message="no"))
    return OutboxId(rig.shop.place(41))


def test_a_retry_by_an_operator_sends_the_order_again_and_is_recorded(rig: Rig) -> None:
    event, relay = parked(rig), rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    follower = rig.shop.update(41, quantity="3.0000")
    turn_until(relay, lambda: rig.states() == {event: "parked", follower: "held"})

    assert rig.insights.retry_event(ERP, event, "ann", "credit was raised")
    turn_until(relay, lambda: set(rig.receipts_by_event()) == {event, follower})

    assert rig.states() == {}
    assert rig.shop.rows("SELECT actor, reason FROM erp_operator_action") == [("ann", "credit was raised")]


def test_a_skip_by_an_operator_lets_the_lane_go_on(rig: Rig) -> None:
    event, relay = parked(rig), rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})

    assert rig.insights.skip_event(ERP, event, "ann", "entered by hand")
    turn_until(relay, lambda: rig.receipts_by_event() == {event: "skipped"})

    later = rig.shop.update(41, quantity="3.0000")
    turn_until(relay, lambda: later in rig.receipts_by_event())
    assert rig.states() == {}


def given_up_on(rig: Rig, kind: str) -> OutboxId:
    """An order whose outcome stays open: the answer or the request was lost and the ERP could not tell."""
    rig.erp.plan(one(kind), {"operation": "order.find", "probability": 1, "kind": "http_500_before_commit"})
    event = OutboxId(rig.shop.place(41))
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "unknown"})
    rig.shop.execute("UPDATE erp_delivery SET next_attempt_at = NULL")
    relay.close()
    rig.erp.plan()
    return event


@pytest.mark.parametrize(("kind", "outcome"), [("lose_response_after_commit", "skipped"), ("lose_request", "skipped")])
def test_a_skip_adopts_what_the_erp_has_and_the_next_event_creates_nothing(rig: Rig, kind: str, outcome: str) -> None:
    event = given_up_on(rig, kind)
    there = len(rig.accepted(41))
    relay = rig.relay()

    assert rig.insights.skip_event(ERP, event, "ann", "it is there")
    turn_until(relay, lambda: rig.receipts_by_event() == {event: outcome})
    later = rig.shop.update(41, quantity="3.0000")
    turn_until(relay, lambda: later in rig.receipts_by_event())

    kinds = [row["kind"] for row in rig.accepted(41)]
    assert kinds == (["create", "change"] if there else [])


@pytest.mark.parametrize("kind", ["lose_response_after_commit", "lose_request"])
def test_a_retry_looks_first_and_sends_only_what_is_not_there(rig: Rig, kind: str) -> None:
    event = given_up_on(rig, kind)
    relay = rig.relay()

    assert rig.insights.retry_event(ERP, event, "ann", "looked, and could not tell")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(41)) == 1


def test_of_two_documents_the_one_that_a_person_left_standing_is_adopted(rig: Rig) -> None:
    event = given_up_on(rig, "lose_response_after_commit")
    number = rig.accepted(41)[0]["number"]
    twin = {**an_order("M1-41"), "sourceEvent": "typed in by hand"}
    assert rig.erp.ask("POST", "/api/orders", twin).status == 201
    relay = rig.relay()
    assert rig.insights.retry_event(ERP, event, "ann", "there are two")
    turn_until(relay, lambda: rig.states() == {event: "parked"})

    rig.erp.control("POST", "orders/SO-100002", {"status": "cancelled"})
    assert rig.insights.retry_event(ERP, event, "ann", "one is cancelled")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert rig.shop.rows("SELECT erp_number FROM erp_document") == [(number,)]
    assert rig.reconciler().compare_orders(lambda: True).findings == 0


def test_a_document_that_a_person_cancelled_in_the_erp_is_not_taken_for_the_delivery(rig: Rig) -> None:
    event = given_up_on(rig, "lose_response_after_commit")
    number = rig.accepted(41)[0]["number"]
    rig.erp.control("POST", f"orders/{number}", {"status": "cancelled"})
    relay = rig.relay()

    assert rig.insights.retry_event(ERP, event, "ann", "that one is cancelled")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "delivered"}
    assert rig.shop.rows("SELECT erp_number FROM erp_document") != [(number,)]


def test_a_skipped_change_that_the_erp_has_is_not_forgotten(rig: Rig) -> None:
    relay = rig.relay()
    placed = rig.shop.place(42)
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    unreadable = {"operation": "order.read", "probability": 1, "kind": "http_500_before_commit"}
    rig.erp.plan(one("lose_response_after_commit", "order.change"), unreadable)
    changed = OutboxId(rig.shop.update(42, quantity="7.0000"))
    turn_until(relay, lambda: rig.states().get(changed) == "unknown")
    relay.close()
    rig.shop.execute("UPDATE erp_delivery SET next_attempt_at = NULL")
    rig.erp.plan()
    relay = rig.relay()

    assert rig.insights.skip_event(ERP, changed, "ann", "not wanted")
    turn_until(relay, lambda: changed in rig.receipts_by_event())
    back = rig.shop.update(42, quantity="2.0000")
    turn_until(relay, lambda: back in rig.receipts_by_event())

    assert rig.accepted(42)[-1]["source_revision"] == back


def test_an_event_that_is_not_parked_cannot_be_retried_or_skipped(rig: Rig) -> None:
    event = OutboxId(rig.shop.place(42, method="card"))
    turn_until(rig.relay(), lambda: rig.states() == {event: "waiting"})

    assert not rig.insights.retry_event(ERP, event, "ann", "impatience")
    assert not rig.insights.skip_event(ERP, event, "ann", "impatience")
    assert rig.states() == {event: "waiting"}


def test_an_erp_that_is_gone_opens_the_breaker_and_everything_goes_when_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    with sandbox(tmp_path) as first:
        port = first.url.rsplit(":", 1)[1]
        with rig_on(database, first) as rig:
            relay = rig.relay()
            first.kill()
            events = [rig.shop.place(number) for number in range(1, 13)]
            turn_until(relay, lambda: bool(rig.notes.named("breaker.opened")))
            assert rig.receipts_by_event() == {}

            with sandbox(tmp_path, "--port", port):
                turn_until(relay, lambda: set(rig.receipts_by_event()) == set(events))

            assert "parked" not in rig.states().values()


def test_an_erp_s_words_stay_out_of_the_log(rig: Rig) -> None:
    fault = {"operation": "order.create", "probability": 1, "kind": "http_500_before_commit"}
    rig.erp.plan(fault)
    for number in range(1, 9):
        rig.shop.place(number)

    turn_until(rig.relay(), lambda: bool(rig.notes.named("breaker.opened")))

    (opened, *_) = rig.notes.named("breaker.opened")
    words = rig.shop.rows("SELECT fault FROM erp_delivery WHERE fault <> '' LIMIT 1")[0][0]
    assert opened["fault"]
    assert ": " in words
    assert ": " not in str(opened["fault"])


def test_a_read_back_finds_the_line_that_the_erp_dropped(database: Database, erp: Sandbox) -> None:
    with rig_on(database, erp, policy=replace(POLICY, read_back_first=5)) as rig:
        erp.plan(one("drop_line"))
        event = rig.shop.place(42)

        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

        assert rig.shop.rows("SELECT kind, subject, path, source FROM erp_finding") == [
            ("line_missing", "order:42", "lines[422]", "read-back")
        ]


def test_a_read_back_finds_the_custom_field_that_the_erp_dropped_and_quotes_nothing(
    database: Database, erp: Sandbox
) -> None:
    policy, fields = replace(POLICY, read_back_first=5), {"method": "payment.method"}
    with rig_on(database, erp, policy=policy, custom_fields=fields) as rig:
        erp.plan(one("drop_custom_fields"))
        events = {rig.shop.place(42), rig.shop.place(43)}

        turn_until(rig.relay(), lambda: set(rig.receipts_by_event()) == events)

        assert rig.shop.rows("SELECT kind, path, magento_value, erp_value FROM erp_finding") == [
            ("custom_field", "method", "a text of 7 characters", "absent")
        ]


def test_reconciliation_finds_the_line_that_the_erp_dropped_and_counts_it_once(rig: Rig) -> None:
    rig.erp.plan({"operation": "order.create", "match": {"reference": "M1-42"}, "kind": "drop_line", "count": 1})
    short, whole = rig.shop.place(42), rig.shop.place(43)
    turn_until(rig.relay(), lambda: set(rig.receipts_by_event()) == {short, whole})

    first = rig.reconciler().compare_orders(lambda: True)
    second = rig.reconciler().compare_orders(lambda: True)

    assert (first.compared, first.findings, first.complete) == (2, 1, True)
    assert second.findings == 1
    assert rig.shop.rows("SELECT kind, subject, seen_count FROM erp_finding") == [("line_missing", "order:42", 2)]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_reconciliation_run") == [(2,)]


def test_reconciliation_excuses_an_order_that_is_still_moving(rig: Rig) -> None:
    placed = rig.shop.place(42)
    turn_until(rig.relay(), lambda: placed in rig.receipts_by_event())
    rig.shop.update(42, quantity="9.0000")

    summary = rig.reconciler().compare_orders(lambda: True)

    assert (summary.compared, summary.excused, summary.findings) == (0, 1, 0)


def test_an_interrupted_reconciliation_says_that_it_is_incomplete_and_proposes_nothing(rig: Rig) -> None:
    placed = rig.shop.place(42)
    turn_until(rig.relay(), lambda: placed in rig.receipts_by_event())
    rig.erp.kill()

    summary = rig.reconciler().compare_orders(lambda: True)

    assert not summary.complete
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]
