"""What the ERP has accepted and works on: asked for ever more rarely, never sent again, told when it is too long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.domain.delivery import (
    Capabilities,
    Delivery,
    DeliveryState,
    DocumentKind,
    ErpId,
    Outcome,
    Reference,
    Result,
)
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.policy import RetryPolicy
from sidecar.engine.lanes import Lanes
from sidecar.engine.pending import is_answered, no_longer_pending, overdue_finding
from sidecar.engine.settlement import Blocked, Done, Settlement, settle_result

REF = Reference(DocumentKind.ORDER, "M1-42", 7, "hash", "event-7")
SENT = Delivery(OutboxId(7), Lane("order:42"), DeliveryState.READY, attempts=1, revision=7)
PENDING = replace(SENT, state=DeliveryState.PENDING, handle="JB-1", pending_for=timedelta(seconds=30))
RETRY = RetryPolicy(first=timedelta(seconds=5), factor=2.0, ceiling=timedelta(minutes=10))
CAPS = Capabilities(find_by_ref="exact")
PATIENCE = timedelta(hours=2)
STILL = Result(Outcome.ACCEPTED_PENDING)


def settle(before: Delivery, result: Result, retry: RetryPolicy = RETRY) -> Settlement:
    return settle_result(before, REF, result, retry, CAPS, 0, PATIENCE)


def blocked(before: Delivery, result: Result, retry: RetryPolicy = RETRY) -> Delivery:
    settlement = settle(before, result, retry)
    assert isinstance(settlement, Blocked)
    return settlement.delivery


def test_an_accepted_document_is_pending_under_its_handle() -> None:
    head = blocked(SENT, Result(Outcome.ACCEPTED_PENDING, handle="JB-1"))

    assert (head.state, head.handle, head.pending_for) == (DeliveryState.PENDING, "JB-1", timedelta())
    assert head.delay == RETRY.first
    assert head.attempts == 1


@pytest.mark.parametrize("handle", [None, "", "x" * 513, "JB\n1"])
def test_a_handle_that_cannot_be_kept_leaves_the_outcome_unknown(handle: str | None) -> None:
    head = blocked(SENT, Result(Outcome.ACCEPTED_PENDING, handle=handle))

    assert (head.state, head.handle, head.pending_for) == (DeliveryState.UNKNOWN, None, None)


def test_each_question_comes_after_as_long_again_up_to_the_ceiling() -> None:
    head, asked_after = blocked(SENT, Result(Outcome.ACCEPTED_PENDING, handle="JB-1")), []
    while not head.overdue:
        assert head.delay is not None
        waited = (head.pending_for or timedelta()) + head.delay
        asked_after.append(waited)
        head = blocked(replace(head, pending_for=waited), STILL)

    seconds = [waited.total_seconds() for waited in asked_after]
    assert seconds[:8] == [5, 10, 20, 40, 80, 160, 320, 640]
    assert seconds[8:10] == [1240, 1840]
    assert seconds[-1] == PATIENCE.total_seconds()


def test_the_erp_s_own_wish_is_honoured_where_it_is_longer() -> None:
    wish = replace(STILL, retry_after=timedelta(minutes=3))

    assert blocked(PENDING, wish).delay == timedelta(minutes=3)
    assert blocked(PENDING, replace(STILL, retry_after=timedelta(days=400))).delay == timedelta(days=1)
    assert blocked(PENDING, replace(STILL, retry_after=timedelta(seconds=1))).delay == timedelta(seconds=30)


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.RETRY_LATER])
def test_a_question_that_could_not_be_asked_says_nothing_about_the_document(outcome: Outcome) -> None:
    head = blocked(PENDING, Result(outcome))

    assert (head.state, head.handle, head.attempts) == (DeliveryState.PENDING, "JB-1", 1)


def test_a_handle_that_the_erp_does_not_know_any_more_leaves_the_outcome_unknown() -> None:
    head = no_longer_pending(blocked(PENDING, Result(Outcome.UNKNOWN)))

    assert (head.state, head.handle, head.pending_for) == (DeliveryState.UNKNOWN, None, None)
    assert head.delay == CAPS.find_visibility_lag
    assert "does not know its own handle" in head.reason


def test_a_late_answer_counts_as_one_at_once() -> None:
    done = settle(PENDING, Result(Outcome.CONFIRMED, ErpId("9"), "SO-9"))
    refused = blocked(PENDING, Result(Outcome.REJECTED_BUSINESS))

    assert isinstance(done, Done)
    assert refused.state is DeliveryState.PARKED
    assert refused.revision == 0  # the ERP has nothing of it


def test_what_is_pending_too_long_says_what_to_do_and_is_still_asked_for() -> None:
    head = blocked(replace(PENDING, pending_for=PATIENCE), STILL)

    assert head.overdue
    assert head.state is DeliveryState.PENDING
    assert head.delay == RETRY.ceiling
    assert "longer than 2:00:00" in head.reason
    assert "JB-1" in head.hint
    assert "erp-sidecar event confirm" in head.hint


def test_a_finding_is_one_for_each_event_and_closes_with_the_answer() -> None:
    late = replace(PENDING, pending_for=PATIENCE, overdue=True)
    first = overdue_finding("erp", late, "order:42", "M1-42")
    again = overdue_finding("erp", replace(late, handle="JB-2"), "order:42", "M1-42")
    other = overdue_finding("erp", replace(late, id=OutboxId(8)), "order:42", "M1-42")

    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert not is_answered(late, late)
    assert not is_answered(late, replace(late, state=DeliveryState.RETRYING))
    assert is_answered(late, replace(late, state=DeliveryState.PARKED))
    assert is_answered(late, None)
    assert not is_answered(PENDING, None)


def test_a_head_in_memory_grows_older_with_the_clock() -> None:
    lanes = Lanes()
    lanes.restore(replace(PENDING, delay=timedelta(seconds=10)), now=100.0)

    (head,) = lanes.due(now=170.0)

    assert head.pending_for == timedelta(seconds=100)
