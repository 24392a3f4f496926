"""What an answer makes of a head: the unknown-outcome protocol above all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.delivery import (
    Capabilities,
    Delivery,
    DeliveryState,
    DocumentKind,
    ErpId,
    ErpMessage,
    Found,
    NamedDocument,
    Outcome,
    Presence,
    ReceiptOutcome,
    Reference,
    Result,
    Snapshot,
)
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.policy import RetryPolicy
from sidecar.engine.settlement import Blocked, Done, GivenUp, Settlement, settle_look_up, settle_result

REF = Reference(DocumentKind.ORDER, "M1-42", 7, "hash", "event-7")
HEAD = Delivery(OutboxId(7), Lane("order:42"), DeliveryState.READY, attempts=1, revision=7)
EXACT = Capabilities(find_by_ref="exact", absent_confirmations=3, longest_processing=timedelta(seconds=60))
WEAK = replace(EXACT, find_by_ref="weak")
NONE = replace(EXACT, find_by_ref="none")
KEYED = replace(NONE, native_dedupe="unique_ref")
DEADLINE = timedelta(seconds=30)
ABSENT = Found(Presence.ABSENT)
UNSEARCHABLE = Found(Presence.UNSEARCHABLE)


def snapshot(event_id: str | None = None) -> Snapshot:
    return Snapshot(ErpId("9"), "SO-9", "M1-42", 7, "open", "EUR", (), {}, event_id)


def settle(outcome: Outcome, **facts: object) -> Settlement:
    return settle_result(HEAD, REF, Result(outcome, **facts), RetryPolicy(), EXACT, 0.5)  # type: ignore[arg-type]


def look_up(before: Delivery, found: Found, caps: Capabilities, *differences: str) -> Settlement:
    return settle_look_up(before, REF, found, list(differences), caps, DEADLINE)


def is_resubmission(settlement: Settlement) -> bool:
    return (
        isinstance(settlement, Blocked)
        and settlement.delivery.state is DeliveryState.READY
        and settlement.delivery.resubmitted
    )


def test_an_unknown_outcome_is_looked_up_and_not_sent_again() -> None:
    settlement = settle(Outcome.UNKNOWN)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.UNKNOWN
    assert settlement.delivery.delay == EXACT.find_visibility_lag


@pytest.mark.parametrize("outcome", [Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID])
def test_a_refusal_parks_with_the_erp_s_own_words_and_what_to_do(outcome: Outcome) -> None:
    settlement = settle(outcome, messages=(ErpMessage("error", "V1/302", "Sold-to party 17 not maintained"),))

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED
    assert settlement.delivery.fault == "V1/302: Sold-to party 17 not maintained"
    assert settlement.delivery.hint
    assert settlement.delivery.delay is None


def test_a_retry_waits_at_least_as_long_as_the_erp_asked() -> None:
    settlement = settle(Outcome.RETRY_LATER, retry_after=timedelta(minutes=5))

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.RETRY
    assert settlement.delivery.delay == timedelta(minutes=5)


def test_an_erp_that_cannot_be_reached_never_parks_an_order() -> None:
    tired = replace(HEAD, attempts=10_000)

    settlement = settle_result(tired, REF, Result(Outcome.NOT_SENT), RetryPolicy(attempts=3), EXACT, 0)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.RETRY


def test_a_document_with_our_content_is_a_confirmation() -> None:
    settlement = look_up(HEAD, Found(Presence.ONE, (snapshot(),)), EXACT)

    assert isinstance(settlement, Done)
    assert settlement.outcome is ReceiptOutcome.ALREADY_THERE
    assert settlement.erp_number == "SO-9"


def test_a_foreign_document_under_our_reference_parks() -> None:
    settlement = look_up(HEAD, Found(Presence.ONE, (snapshot("another event"),)), EXACT, "line_missing lines[1]")

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED
    assert "line_missing" in settlement.delivery.fault


def test_our_own_document_that_the_erp_shortened_is_a_receipt_that_says_so() -> None:
    settlement = look_up(HEAD, Found(Presence.ONE, (snapshot("event-7"),)), EXACT, "line_missing lines[1]")

    assert isinstance(settlement, Done)
    assert settlement.detail == "line_missing lines[1]"


def test_two_documents_under_one_reference_await_a_person() -> None:
    settlement = look_up(HEAD, Found(Presence.MANY, (snapshot(), snapshot())), EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED


def look_ups_until_settled(found: Found, caps: Capabilities) -> tuple[Settlement, timedelta]:
    """Play look-ups that all say the same until one decides; returns the decision and the time that it took."""
    delivery, waited = replace(HEAD, state=DeliveryState.UNKNOWN), caps.find_visibility_lag
    for _ in range(100):
        settlement = look_up(delivery, found, caps)
        if not isinstance(settlement, Blocked) or settlement.delivery.state is not DeliveryState.UNKNOWN:
            return settlement, waited
        if settlement.delivery.delay is None:
            return settlement, waited
        delivery, waited = settlement.delivery, waited + settlement.delivery.delay
    message = "never settled"
    raise AssertionError(message)


def test_an_absent_document_is_sent_once_more_after_a_call_s_deadline_and_the_erp_s_longest_processing_time() -> None:
    settlement, waited = look_ups_until_settled(ABSENT, EXACT)

    assert is_resubmission(settlement)
    assert waited >= DEADLINE + EXACT.longest_processing


def test_a_second_loss_is_never_followed_by_a_third_sending() -> None:
    settlement, _ = look_ups_until_settled(ABSENT, EXACT)
    assert is_resubmission(settlement)
    assert isinstance(settlement, Blocked)

    again = replace(settlement.delivery, state=DeliveryState.UNKNOWN)
    for _ in range(EXACT.absent_confirmations):
        last = look_up(again, ABSENT, EXACT)
        assert isinstance(last, Blocked)
        again = last.delivery

    assert again.state is DeliveryState.UNKNOWN
    assert again.delay is None
    assert "M1-42" in again.hint


@pytest.mark.parametrize(("caps", "found"), [(WEAK, ABSENT), (NONE, UNSEARCHABLE), (WEAK, UNSEARCHABLE)])
def test_without_an_exact_search_or_a_key_only_a_person_decides(caps: Capabilities, found: Found) -> None:
    settlement, _ = look_ups_until_settled(found, caps)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.UNKNOWN
    assert settlement.delivery.delay is None


def test_a_native_key_allows_one_more_sending_without_a_search() -> None:
    settlement, _ = look_ups_until_settled(UNSEARCHABLE, KEYED)

    assert is_resubmission(settlement)
    assert isinstance(settlement, Blocked)
    assert isinstance(look_up(settlement.delivery, UNSEARCHABLE, KEYED), Blocked)


@pytest.mark.parametrize("found", [ABSENT, UNSEARCHABLE])
def test_a_retry_by_a_person_sends_what_a_look_up_does_not_find(found: Found) -> None:
    settlement = look_up(replace(HEAD, state=DeliveryState.RETRYING, resubmitted=True), found, EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.READY
    assert settlement.delivery.delay == timedelta()


def test_a_retry_by_a_person_sends_nothing_while_two_documents_stand_under_one_reference() -> None:
    two = Found(Presence.MANY, (snapshot(), snapshot()))

    settlement = look_up(replace(HEAD, state=DeliveryState.RETRYING), two, EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED


def test_a_skip_by_a_person_adopts_what_the_erp_has_and_gives_up_what_it_has_not() -> None:
    skipping = replace(HEAD, state=DeliveryState.SKIPPING)

    adopted = look_up(skipping, Found(Presence.ONE, (snapshot(),)), EXACT)
    assert isinstance(adopted, Done)
    assert (adopted.erp_number, adopted.by_a_person) == ("SO-9", True)
    assert isinstance(look_up(skipping, ABSENT, EXACT), GivenUp)


def test_a_skip_waits_while_nobody_knows_whether_the_erp_has_it() -> None:
    settlement = look_up(replace(HEAD, state=DeliveryState.SKIPPING), UNSEARCHABLE, NONE)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED


@given(
    answers=st.lists(st.sampled_from([ABSENT, UNSEARCHABLE]), max_size=40), caps=st.sampled_from([EXACT, WEAK, KEYED])
)
def test_whatever_look_ups_say_an_effect_is_sent_at_most_twice(answers: list[Found], caps: Capabilities) -> None:
    delivery, sendings = replace(HEAD, state=DeliveryState.UNKNOWN), 1
    for answer in answers:
        settlement = look_up(delivery, answer, caps)
        assert isinstance(settlement, Blocked)
        if is_resubmission(settlement):
            sendings += 1
            settlement = settle_result(settlement.delivery, REF, Result(Outcome.UNKNOWN), RetryPolicy(), caps, 0)
        assert isinstance(settlement, Blocked)
        delivery = settlement.delivery
    assert sendings <= 2


@pytest.mark.parametrize("number", ["x" * 129, "SO\n1", "SO-\ud800"])
def test_a_number_that_cannot_be_kept_is_a_doubt_and_never_cut(number: str) -> None:
    answered = settle(Outcome.CONFIRMED, erp_id=ErpId(number), erp_number=number)
    found = look_up(HEAD, Found(Presence.ONE, (replace(snapshot("event-7"), erp_number=number),)), EXACT)

    assert isinstance(answered, Blocked)
    assert answered.delivery.state is DeliveryState.UNKNOWN
    assert isinstance(found, Blocked)
    assert found.delivery.state is DeliveryState.PARKED


def test_an_order_that_the_erp_has_cancelled_is_no_delivery() -> None:
    cancelled = Found(Presence.ONE, (replace(snapshot("event-7"), cancelled=True),))

    settlement = look_up(replace(HEAD, state=DeliveryState.UNKNOWN), cancelled, EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED
    assert isinstance(look_up(replace(HEAD, state=DeliveryState.SKIPPING), cancelled, EXACT), GivenUp)


def test_a_stock_window_in_doubt_is_for_a_person_with_the_commands_of_windows() -> None:
    movement = Reference(DocumentKind.STOCK_MOVEMENT, "M1.W1.7", 7, "", "M1.W1.7")

    settlement = settle_look_up(replace(HEAD, state=DeliveryState.UNKNOWN), movement, UNSEARCHABLE, [], NONE, DEADLINE)

    assert isinstance(settlement, Blocked)
    assert "look in the ERP for M1.W1.7" in settlement.delivery.hint
    assert "window skip" in settlement.delivery.hint
    assert "window retry" in settlement.delivery.hint


REFUND = Reference(DocumentKind.REFUND, "M1-R-17", 9, "hash", "event-9", ErpId("SO-9"))


def refund_look_up(before: Delivery, found: Found, caps: Capabilities) -> Settlement:
    return settle_look_up(before, REFUND, found, [], caps, DEADLINE)


def test_a_refund_is_never_taken_for_the_order_that_it_belongs_to() -> None:
    named = NamedDocument(ErpId("CR-1"), "CR-1")
    confirming = replace(HEAD, state=DeliveryState.CONFIRMING, handle=named.handle)

    answered = settle_result(HEAD, REFUND, Result(Outcome.CONFIRMED, erp_number="CR-1"), RetryPolicy(), EXACT, 0.5)
    confirmed = refund_look_up(confirming, UNSEARCHABLE, NONE)
    unnamed = refund_look_up(replace(confirming, handle=None), UNSEARCHABLE, NONE)

    assert isinstance(answered, Done)
    assert isinstance(confirmed, Done)
    assert isinstance(unnamed, Done)
    assert (answered.erp_id, confirmed.erp_id, unnamed.erp_id) == ("", "CR-1", "")


def test_a_refund_that_nobody_can_look_up_is_not_skipped_on_a_guess() -> None:
    settlement = refund_look_up(replace(HEAD, state=DeliveryState.SKIPPING), UNSEARCHABLE, NONE)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.state is DeliveryState.PARKED
    assert "look for M1-R-17" in settlement.delivery.hint


def test_a_refund_under_another_number_than_the_one_that_was_named_parks() -> None:
    named = NamedDocument(ErpId("CR-2"), "CR-2")
    confirming = replace(HEAD, state=DeliveryState.CONFIRMING, handle=named.handle)

    settlement = refund_look_up(confirming, Found(Presence.ONE, (snapshot("event-9"),)), EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.reason == "the ERP has it under another number"


def test_a_refund_is_sent_once_more_where_it_was_searched_for_exactly_or_has_a_key() -> None:
    seen = replace(HEAD, state=DeliveryState.UNKNOWN, absents=2)

    assert is_resubmission(refund_look_up(seen, ABSENT, EXACT))
    assert is_resubmission(refund_look_up(seen, UNSEARCHABLE, KEYED))
    for_a_person = refund_look_up(seen, ABSENT, WEAK)
    assert isinstance(for_a_person, Blocked)
    assert for_a_person.delivery.delay is None
    assert "M1-R-17 (of SO-9)" in for_a_person.delivery.hint


def test_a_refund_that_the_erp_has_cancelled_is_no_delivery() -> None:
    cancelled = Found(Presence.ONE, (replace(snapshot("event-9"), cancelled=True),))

    settlement = refund_look_up(replace(HEAD, state=DeliveryState.UNKNOWN), cancelled, EXACT)

    assert isinstance(settlement, Blocked)
    assert settlement.delivery.reason == "the ERP's document is cancelled"
