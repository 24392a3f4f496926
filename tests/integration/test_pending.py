"""An ERP that accepts now and works later: late answers, none at all, restarts on both sides, and a person's word."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sidecar.domain.delivery import ErpId, NamedDocument
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.daemon import configure, until
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database
from tests.support.wire import Wire

pytestmark = pytest.mark.slow

LATER = {"operation": "order.create", "kind": "accept_later", "probability": 1}
IMPATIENT = replace(POLICY, patience=timedelta(milliseconds=120))


@pytest.fixture
def impatient(database: Database, erp: Sandbox) -> Iterator[Rig]:
    with rig_on(database, erp, IMPATIENT) as made:
        yield made


def pending(rig: Rig) -> OutboxId:
    """Place an order that the ERP accepts for later, and turn a relay until that is written; the relay ends."""
    rig.erp.plan(LATER)
    event = OutboxId(rig.shop.place(42))
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "pending"})
    relay.close()
    return event


def overdue(rig: Rig) -> OutboxId:
    event = pending(rig)
    relay = rig.relay()
    turn_until(relay, lambda: rig.shop.rows("SELECT overdue FROM erp_delivery") == [(1,)])
    relay.close()
    return event


def finding(rig: Rig) -> list[tuple[Any, ...]]:
    return rig.shop.rows("SELECT kind, subject, state FROM erp_finding")


def only_job(rig: Rig) -> str:
    (job,) = rig.erp.jobs()
    return str(job["handle"])


def test_an_order_that_is_done_late_is_delivered_once_and_its_follower_goes_then(rig: Rig) -> None:
    event = pending(rig)
    follower = rig.shop.update(42, quantity="3.0000")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "pending", follower: "held"})

    rig.erp.decide(only_job(rig), "accept")
    turn_until(relay, lambda: follower in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "delivered", follower: "delivered"}
    assert [row["kind"] for row in rig.accepted(42)] == ["create", "change"]
    assert rig.shop.rows("SELECT attempts FROM erp_receipt ORDER BY outbox_id") == [(1,), (1,)]
    assert rig.states() == {}


def test_an_order_that_is_refused_late_is_parked_with_the_erp_s_words(rig: Rig) -> None:
    event = pending(rig)

    rig.erp.decide(only_job(rig), "reject", code="NO_CREDIT", message="No more than 10 EUR.")
    turn_until(rig.relay(), lambda: rig.states() == {event: "parked"})

    (waiting,) = rig.insights.waiting_events(10)
    assert "No more than 10 EUR." in waiting.delivery.fault
    assert rig.shop.rows("SELECT pending_since, overdue, handle FROM erp_delivery") == [(None, 0, None)]
    assert rig.accepted(42) == []


def test_what_is_never_done_is_a_finding_with_what_to_do_and_a_late_answer_still_settles_it(impatient: Rig) -> None:
    event = overdue(impatient)
    (waiting,) = impatient.insights.waiting_events(10)
    assert only_job(impatient) in waiting.delivery.hint
    assert finding(impatient) == [("pending_too_long", "order:42", "open")]
    assert impatient.shop.rows("SELECT state, reason LIKE '%%longer than%%' FROM erp_v_parked") == [("pending", 1)]

    impatient.erp.decide(only_job(impatient), "accept")
    turn_until(impatient.relay(), lambda: event in impatient.receipts_by_event())

    assert finding(impatient) == [("pending_too_long", "order:42", "repaired")]
    assert len(impatient.accepted(42)) == 1


def test_a_handle_that_the_erp_forgot_is_looked_up_and_the_order_is_sent_once_more(rig: Rig) -> None:
    event = pending(rig)
    rig.erp.plan()

    rig.erp.decide(only_job(rig), "forget")
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1
    assert len(rig.notes.named("event.resubmitted")) == 1


def test_a_handle_that_the_erp_forgot_after_the_work_was_done_is_looked_up_and_found(rig: Rig) -> None:
    event = pending(rig)
    rig.erp.decide(only_job(rig), "accept")
    rig.erp.decide(only_job(rig), "forget")

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "already_there"}
    assert len(rig.accepted(42)) == 1


def test_a_restarted_erp_is_asked_for_the_same_handle(database: Database, tmp_path: Path) -> None:
    with sandbox(tmp_path) as before, rig_on(database, before) as rig:
        event = pending(rig)
        handle = only_job(rig)
        before.kill()
        relay, asked = rig.relay(), len(rig.notes.named("event.pending"))
        turn_until(relay, lambda: len(rig.notes.named("event.pending")) > asked)
        assert rig.states() == {event: "pending"}

        with sandbox(tmp_path, "--port", str(urlsplit(before.url).port)) as after:
            after.decide(handle, "accept")
            turn_until(relay, lambda: event in rig.receipts_by_event(), seconds=30)

        assert len(rig.accepted(42)) == 1


def test_a_process_that_dies_before_it_has_written_the_handle_finds_the_document_by_its_reference(
    database: Database, erp: Sandbox
) -> None:
    with rig_on(database, erp, wrap=Wire) as rig:
        wire: Any = rig.adapter
        wire.cut = "after"
        erp.plan(LATER)
        event = rig.shop.place(42)
        first = rig.relay()
        turn_until(first, wire.began.is_set)
        first.close()
        erp.decide(only_job(rig), "accept")
        wire.cut = None

        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())
        wire.mended.set()

        assert rig.receipts_by_event() == {event: "already_there"}
        assert len(rig.accepted(42)) == 1


def test_an_order_that_is_done_late_is_read_back_and_its_lines_keep_the_erp_s_numbers(
    database: Database, erp: Sandbox
) -> None:
    with rig_on(database, erp, replace(POLICY, read_back_every=1)) as rig:
        event = pending(rig)

        erp.decide(only_job(rig), "accept")
        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

        ((lines,),) = rig.shop.rows("SELECT erp_lines FROM erp_document")
        sent = json.loads(rig.accepted(42)[0]["body"])["lines"]
        assert json.loads(lines) == {line["lineReference"]: f"{10 * (n + 1)}" for n, line in enumerate(sent)}


def test_a_cancellation_that_is_accepted_for_later_is_receipted_when_it_is_done(rig: Rig) -> None:
    relay = rig.relay()
    placed = rig.shop.place(42)
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    rig.erp.plan({**LATER, "operation": "order.cancel", "seconds": 0.2})

    cancelled = rig.shop.cancel(42)
    turn_until(relay, lambda: cancelled in rig.receipts_by_event())

    assert rig.erp.rows("SELECT status FROM orders") == [{"status": "cancelled"}]


def test_a_person_decides_only_about_what_is_overdue(rig: Rig) -> None:
    event = pending(rig)
    named = NamedDocument(ErpId("SO-1"), "SO-1")

    assert not rig.insights.retry_event(ERP, event, "ann", "too slow")
    assert not rig.insights.skip_event(ERP, event, "ann", "too slow")
    with pytest.raises(NotPossible, match="works on it"):
        OperatorStore(rig.session).confirm_event(ERP, event, named, "ann", "found it")
    assert rig.states() == {event: "pending"}


def test_a_retry_of_what_is_overdue_is_looked_up_sent_once_more_and_closes_the_finding(impatient: Rig) -> None:
    event = overdue(impatient)
    impatient.erp.decide(only_job(impatient), "forget")
    impatient.erp.plan()

    assert impatient.insights.retry_event(ERP, event, "ann", "they have lost it")
    turn_until(impatient.relay(), lambda: event in impatient.receipts_by_event())

    assert len(impatient.accepted(42)) == 1
    assert finding(impatient) == [("pending_too_long", "order:42", "repaired")]


def test_a_person_names_the_document_that_an_overdue_one_has_become(impatient: Rig) -> None:
    event = overdue(impatient)
    job = only_job(impatient)
    impatient.erp.decide(job, "accept")
    number = impatient.accepted(42)[0]["number"]

    OperatorStore(impatient.session).confirm_event(ERP, event, NamedDocument(ErpId(number), number), "ann", "found it")
    turn_until(impatient.relay(), lambda: event in impatient.receipts_by_event())

    assert impatient.shop.rows("SELECT actor, erp_number FROM erp_receipt") == [("operator", number)]
    assert finding(impatient) == [("pending_too_long", "order:42", "repaired")]


def test_what_a_person_decides_while_the_erp_is_asked_stands(impatient: Rig) -> None:
    event = overdue(impatient)
    impatient.erp.plan({"operation": "job.read", "kind": "delay", "seconds": 0.6, "nth": 1})
    relay = impatient.relay()
    turn_until(relay, lambda: bool(impatient.receipts.load_cursor(ERP).intents))

    assert impatient.insights.skip_event(ERP, event, "ann", "entered by hand")
    turn_until(relay, lambda: event in impatient.receipts_by_event())

    assert impatient.receipts_by_event() == {event: "skipped"}


def test_a_killed_sidecar_asks_for_the_handle_that_its_predecessor_was_given(
    database: Database, erp: Sandbox, tmp_path: Path
) -> None:
    with rig_on(database, erp) as rig:
        sidecar = configure(tmp_path, database, erp.url)
        erp.plan(LATER)
        with sidecar.daemon() as daemon:
            daemon.notified("READY=1")
            event = rig.shop.place(42)
            until(lambda: rig.states() == {event: "pending"})
            daemon.process.kill()
        erp.decide(only_job(rig), "accept")

        with sidecar.daemon() as daemon:
            daemon.notified("READY=1")
            until(lambda: event in rig.receipts_by_event())
            assert daemon.stop() == 0

        assert len(erp.rows("SELECT number FROM orders")) == 1
