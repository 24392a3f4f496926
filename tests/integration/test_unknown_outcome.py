"""A call whose outcome is unknown, at ERPs that promise much, little or nothing: one document, or a person is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from sidecar.domain.events import OutboxId
from tests.support.profiles import LOOK, PROMISES, Promise, options_for, profile_with
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import an_order, sandbox
from tests.support.servers import Database
from tests.support.wire import Wire

LATE: Final = 1.6
"""Seconds after which the ERP books an order whose caller has left after one."""

FAULTS: Final[dict[str, dict[str, object]]] = {
    "lost request": {"kind": "lose_request"},
    "lost answer": {"kind": "lose_response_after_commit"},
    "late commit": {"kind": "delay", "seconds": LATE, "when": "before"},
}
NEVER_BOOKED: Final = ("lost request", "crash before the call")
"""Mishaps after which the ERP has nothing, unless it is sent again."""

CRASHES: Final = {"crash before the call": "before", "crash before the answer": "after"}


@dataclass(frozen=True)
class Once:
    """One document stands, and its receipt says so."""

    outcome: str
    attempts: int


ASKED: Final = None
"""A person is asked, and nothing is sent meanwhile."""

EXPECTED: Final[dict[tuple[Promise, str], Once | None]] = {
    ("key", "lost request"): Once("delivered", 2),
    ("key", "lost answer"): Once("already_there", 2),
    ("key", "late commit"): Once("delivered", 2),
    ("key", "crash before the call"): Once("delivered", 2),
    ("key", "crash before the answer"): Once("already_there", 2),
    ("exact", "lost request"): Once("delivered", 2),
    ("exact", "lost answer"): Once("already_there", 1),
    ("exact", "late commit"): Once("already_there", 1),
    ("exact", "crash before the call"): Once("delivered", 2),
    ("exact", "crash before the answer"): Once("already_there", 1),
    ("weak", "lost request"): ASKED,
    ("weak", "lost answer"): Once("already_there", 1),
    ("weak", "late commit"): Once("already_there", 1),
    ("weak", "crash before the call"): ASKED,
    ("weak", "crash before the answer"): Once("already_there", 1),
    ("none", "lost request"): ASKED,
    ("none", "lost answer"): ASKED,
    ("none", "late commit"): ASKED,
    ("none", "crash before the call"): ASKED,
    ("none", "crash before the answer"): ASKED,
}


@contextmanager
def rig_with(database: Database, folder: Path, promise: Promise, *, without: str = "") -> Iterator[Rig]:
    """A rig for an ERP that promises this much."""
    profile = profile_with(promise, folder, without=without)
    with (
        sandbox(folder, *options_for(promise)) as erp,
        rig_on(database, erp, wrap=Wire, profile=profile) as rig,
    ):
        yield rig
        rig.adapter.mended.set()  # type: ignore[attr-defined]


def cases() -> list[Any]:
    return [
        pytest.param(
            promise,
            mishap,
            expected,
            marks=[] if mishap == "lost answer" else [pytest.mark.slow],
            id=f"{promise}, {mishap}",
        )
        for (promise, mishap), expected in EXPECTED.items()
    ]


def is_for_a_person(rig: Rig, event: int) -> bool:
    query = "SELECT state FROM erp_delivery WHERE outbox_id = %s AND next_attempt_at IS NULL"
    return rig.shop.rows(query, event) == [("unknown",)]


def creations(rig: Rig) -> int:
    """How often the ERP was asked to create an order, lost requests included."""
    answers = rig.erp.control("GET", "requests").body["requests"].get("order.create", {})
    return sum(answers.values())


def suffer(rig: Rig, mishap: str) -> int:
    """Place an order and let its creation suffer this; a crash is followed by a new process. Returns the event."""
    if mishap in FAULTS:
        rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, **FAULTS[mishap]})
        return rig.shop.place(42)
    wire: Any = rig.adapter
    wire.cut = CRASHES[mishap]
    event = rig.shop.place(42)
    first = rig.relay()
    turn_until(first, wire.began.is_set)
    first.close()
    wire.cut = None
    return event


@pytest.mark.parametrize(("promise", "mishap", "expected"), cases())
def test_a_lost_creation_ends_as_one_document_or_with_a_person(
    database: Database, tmp_path: Path, promise: Promise, mishap: str, expected: Once | None
) -> None:
    with rig_with(database, tmp_path, promise) as rig:
        event = suffer(rig, mishap)
        relay = rig.relay()

        turn_until(relay, lambda: event in rig.receipts_by_event() or is_for_a_person(rig, event))

        if expected is not ASKED:
            assert rig.shop.rows("SELECT outcome, attempts FROM erp_receipt") == [(expected.outcome, expected.attempts)]
            assert len(rig.notes.named("event.resubmitted")) == expected.attempts - 1
        else:
            (hint,) = rig.shop.rows("SELECT hint FROM erp_delivery")[0]
            assert "M1-42" in hint
            assert LOOK in hint
            assert creations(rig) <= 1
            assert rig.receipts_by_event() == {}
        if mishap == "late commit":
            turn_until(relay, lambda: creations(rig) == (expected.attempts if expected else 1))
        assert len(rig.accepted(42)) == (0 if expected is ASKED and mishap in NEVER_BOOKED else 1)


def test_the_matrix_covers_every_promise_and_every_mishap() -> None:
    assert set(EXPECTED) == {(promise, mishap) for promise in PROMISES for mishap in (*FAULTS, *CRASHES)}


@pytest.mark.slow
@pytest.mark.parametrize("promise", PROMISES)
def test_a_second_loss_is_never_followed_by_a_third_sending(
    database: Database, tmp_path: Path, promise: Promise
) -> None:
    with rig_with(database, tmp_path, promise) as rig:
        rig.erp.plan({"operation": "order.create", "nth": 1, "count": 9, "kind": "lose_request"})
        event = rig.shop.place(42)

        turn_until(rig.relay(), lambda: is_for_a_person(rig, event))

        assert creations(rig) == (2 if promise in ("key", "exact") else 1)


@pytest.mark.parametrize("promise", ["key", "exact"])
def test_a_document_with_other_content_under_our_reference_is_no_delivery(
    database: Database, tmp_path: Path, promise: Promise
) -> None:
    with rig_with(database, tmp_path, promise) as rig:
        stranger = {**an_order("M1-42"), "sourceEvent": "typed in by hand"}
        assert rig.erp.ask("POST", "/api/orders", stranger).status == 201
        if promise == "exact":
            rig.erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_request"})
        event = rig.shop.place(42)

        turn_until(rig.relay(), lambda: rig.states() == {event: "parked"})

        (fault,) = rig.shop.rows("SELECT fault FROM erp_delivery")[0]
        assert "SO-100001" in fault
        assert "line_missing" in fault
        assert rig.shop.rows("SELECT COUNT(*) FROM erp_finding") == [(0,)]
        assert rig.receipts_by_event() == {}


def lose_a_revision(rig: Rig, operation: str, kind: str) -> int:
    """Let the change or the cancellation of an order that the ERP has be lost; returns its event."""
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    relay.close()
    rig.erp.plan({"operation": operation, "nth": 1, "count": 1, "kind": kind})
    return rig.shop.cancel(42) if operation == "order.cancel" else rig.shop.update(42, quantity="7.0000")


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["order.change", "order.cancel"])
@pytest.mark.parametrize("kind", ["lose_request", "lose_response_after_commit"])
def test_a_lost_change_is_looked_up_in_its_own_document_even_where_nothing_can_be_searched(
    database: Database, tmp_path: Path, operation: str, kind: str
) -> None:
    with rig_with(database, tmp_path, "none") as rig:
        event = lose_a_revision(rig, operation, kind)

        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

        assert [row["kind"] for row in rig.accepted(42)] == ["create", operation.removeprefix("order.")]
        assert rig.receipts_by_event()[event] == ("delivered" if kind == "lose_request" else "already_there")


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["order.change", "order.cancel"])
def test_a_lost_change_of_a_document_that_cannot_be_read_is_for_a_person(
    database: Database, tmp_path: Path, operation: str
) -> None:
    with rig_with(database, tmp_path, "none", without="read") as rig:
        event = lose_a_revision(rig, operation, "lose_request")

        turn_until(rig.relay(), lambda: is_for_a_person(rig, event))

        (hint,) = rig.shop.rows("SELECT hint FROM erp_delivery")[0]
        assert "M1-42 (SO-100001)" in hint
        assert [row["kind"] for row in rig.accepted(42)] == ["create"]


def test_a_document_that_the_erp_names_and_does_not_show_is_for_a_person(database: Database, tmp_path: Path) -> None:
    with rig_with(database, tmp_path, "key", without="read") as rig:
        event = suffer(rig, "lost answer")

        turn_until(rig.relay(), lambda: is_for_a_person(rig, event))

        assert creations(rig) == 2
        ((reason, fault, hint),) = rig.shop.rows("SELECT reason, fault, hint FROM erp_delivery")
        assert "says that it has it already" in reason
        assert "DUPLICATE_REFERENCE" in fault
        assert "M1-42" in hint


def test_a_weak_search_that_finds_somebody_else_s_order_proves_nothing(database: Database, tmp_path: Path) -> None:
    with rig_with(database, tmp_path, "weak") as rig:
        for name in ("M1-42", "m1-421", "M1-42-b"):
            stranger = an_order(f"X-{name}", customerReference=name, sourceEvent="another shop")
            assert rig.erp.ask("POST", "/api/orders", stranger).status == 201
        event = suffer(rig, "lost request")

        turn_until(rig.relay(), lambda: rig.states() == {event: "parked"})

        assert rig.receipts_by_event() == {}
        assert creations(rig) == 4


def test_of_several_orders_that_a_weak_search_finds_the_one_with_our_event_is_ours(
    database: Database, tmp_path: Path
) -> None:
    with rig_with(database, tmp_path, "weak") as rig:
        stranger = an_order("X-1", customerReference="M1-42", sourceEvent="another shop")
        assert rig.erp.ask("POST", "/api/orders", stranger).status == 201
        event = suffer(rig, "lost answer")

        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

        assert rig.shop.rows("SELECT erp_number FROM erp_document") == [(rig.accepted(42)[0]["number"],)]


def test_a_person_s_retry_under_a_key_repeats_the_content_that_the_erp_may_remember(
    database: Database, tmp_path: Path
) -> None:
    with rig_with(database, tmp_path, "key") as rig:
        rig.erp.plan({"operation": "order.create", "nth": 1, "count": 2, "kind": "lose_request"})
        event = OutboxId(rig.shop.place(42))
        relay = rig.relay()
        turn_until(relay, lambda: is_for_a_person(rig, event))
        edit = rig.shop.update(42, quantity="7.0000")
        turn_until(relay, lambda: rig.states().get(edit) == "held")

        assert rig.insights.retry_event(ERP, event, "ann", "looked, it is not there")
        turn_until(relay, lambda: edit in rig.receipts_by_event())

        assert [row["source_revision"] for row in rig.accepted(42)] == [event, edit]


@pytest.mark.slow
def test_after_a_crash_only_what_was_about_to_be_sent_is_in_doubt(database: Database, tmp_path: Path) -> None:
    policy = replace(POLICY, concurrency=3, call_deadline=timedelta(seconds=1))
    with sandbox(tmp_path) as erp, rig_on(database, erp, policy=policy, wrap=Wire) as rig:
        wire: Any = rig.adapter
        wire.cut = "before"
        events = {rig.shop.place(number) for number in range(1, 13)}
        first = rig.relay()
        turn_until(first, lambda: len(rig.receipts.load_cursor(ERP).intents) == 3)
        in_doubt = {intent.id for intent in rig.receipts.load_cursor(ERP).intents}
        first.close()

        wire.cut = None
        turn_until(rig.relay(), lambda: set(rig.receipts_by_event()) == events)
        wire.mended.set()

        assert {note["id"] for note in rig.notes.named("event.unknown_after_restart")} == in_doubt
        attempts = dict(rig.shop.rows("SELECT outbox_id, attempts FROM erp_receipt"))
        assert attempts == {event: 2 if event in in_doubt else 1 for event in events}
        assert all(len(rig.accepted(number)) == 1 for number in range(1, 13))
