"""The suite: each test is a promise of the port, held against an ERP that fails on demand."""
# ruff: noqa: S101, PLR2004, D102 -- assertions, the numbers in them, and names that are sentences

import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest

from erp_adapters.conformance.documents import movement, movement_reference, order, order_reference
from erp_adapters.conformance.following import FollowsChanges
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, Fault, Harness
from erp_adapters.conformance.pending import WaitsForWork
from erp_adapters.conformance.steps import DEADLINE, Orders
from sidecar.domain.delivery import DocumentKind, ErpId, Outcome, Presence, Reference
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.errors import Retryable
from sidecar.ports import ErpAdapter


def _words_of_a_failed_look_up(adapter: ErpAdapter, ref: Reference) -> str:
    try:
        adapter.find([ref], DEADLINE)
    except Retryable as error:
        return "".join(traceback.format_exception(error)) + repr(error.__dict__)
    return ""


class CreatesOrders(Orders):
    """Creating an order, and what is known when that goes wrong."""

    def test_an_order_submitted_once_is_one_document(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = self.create(harness, reference)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_number
        assert result.evidence.bytes_sent
        assert harness.documents(reference) == 1
        assert self.presence(harness, order_reference(reference)) is Presence.ONE

    def test_what_is_read_back_is_what_was_sent_to_the_cent(self, harness: Harness) -> None:
        reference, sent = harness.new_reference(), order(harness.skus, quantity=3)
        ref = order_reference(reference, revision=17)
        result = harness.adapter.submit(OrderDocument(sent), ref, DEADLINE)
        assert result.erp_id is not None

        snapshot = harness.adapter.read_back(result.erp_id, DEADLINE)

        assert self.differences(harness, sent, result.erp_id) == []
        assert set(snapshot.totals) == set(sent.totals)
        assert (snapshot.erp_number, snapshot.external_ref) == (result.erp_number, reference)
        assert (snapshot.revision, snapshot.event_id) == (17, ref.event_id)

    def test_a_line_that_the_erp_dropped_shows_in_the_read_back(self, harness: Harness) -> None:
        reference, sent = harness.new_reference(), order(harness.skus)
        harness.inject("create", Fault.SHORTENED, reference)
        result = self.create(harness, reference)
        assert result.outcome is Outcome.CONFIRMED
        assert result.erp_id is not None

        differences = self.differences(harness, sent, result.erp_id)

        assert "line_missing lines[882]" in differences

    def test_a_lost_response_is_unknown_and_the_look_up_finds_the_document(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("create", Fault.LOST_RESPONSE, reference)

        result = self.create(harness, reference)

        assert result.outcome is Outcome.UNKNOWN
        assert result.evidence.bytes_sent
        assert self.presence(harness, order_reference(reference)) is Presence.ONE
        assert harness.documents(reference) == 1

    def test_a_lost_request_is_no_success_and_the_look_up_finds_nothing(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("create", Fault.LOST_REQUEST, reference)

        result = self.create(harness, reference)

        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
        assert self.presence(harness, order_reference(reference)) is Presence.ABSENT
        assert harness.documents(reference) == 0

    @pytest.mark.parametrize(("fault", "documents"), [(Fault.ERROR_BEFORE, 0), (Fault.ERROR_AFTER, 1)])
    def test_a_server_error_is_unknown_whether_it_was_done_or_not(
        self, harness: Harness, fault: Fault, documents: int
    ) -> None:
        reference = harness.new_reference()
        harness.inject("create", fault, reference)

        result = self.create(harness, reference)

        assert result.outcome is Outcome.UNKNOWN
        assert harness.documents(reference) == documents
        expected = Presence.ONE if documents else Presence.ABSENT
        assert self.presence(harness, order_reference(reference)) is expected

    def test_silence_ends_at_the_deadline_and_is_unknown(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("create", Fault.SILENCE, reference)
        began = monotonic()

        result = harness.adapter.submit(OrderDocument(order(harness.skus)), order_reference(reference), 0.3)

        assert result.outcome is Outcome.UNKNOWN
        assert 0.25 < monotonic() - began < 3

    def test_a_refusal_keeps_the_words_of_the_erp(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("create", Fault.REFUSED, reference)

        result = self.create(harness, reference)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert result.messages[0].code == REFUSAL_CODE
        assert result.messages[0].text == REFUSAL_WORDS
        assert harness.documents(reference) == 0

    @pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.UNAVAILABLE])
    def test_an_erp_that_asks_to_wait_is_asked_later(self, harness: Harness, fault: Fault) -> None:
        reference = harness.new_reference()
        harness.inject("create", fault, reference)

        result = self.create(harness, reference)

        assert result.outcome is Outcome.RETRY_LATER
        assert result.retry_after is not None
        assert timedelta(0) < result.retry_after <= timedelta(minutes=1)
        assert harness.documents(reference) == 0

    def test_the_same_reference_twice_is_refused_or_shows_as_many(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)

        again = self.create(harness, reference)

        if harness.adapter.capabilities().native_dedupe == "none":
            assert again.outcome is Outcome.CONFIRMED
            assert harness.documents(reference) == 2
            assert self.presence(harness, order_reference(reference)) is Presence.MANY
        else:
            assert (again.outcome, again.erp_id) == (Outcome.ALREADY_EXISTS, erp_id)
            assert harness.documents(reference) == 1

    def test_many_threads_make_one_document_each(self, harness: Harness) -> None:
        references = [harness.new_reference() for _ in range(24)]

        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(lambda reference: self.create(harness, reference), references))

        assert {result.outcome for result in results} == {Outcome.CONFIRMED}
        assert len({result.erp_number for result in results}) == len(references)
        assert all(harness.documents(reference) == 1 for reference in references)


class FindsOrders(Orders):
    """Looking up."""

    def test_one_look_up_takes_many_references(self, harness: Harness) -> None:
        known = [order_reference(self.created(harness)[0]) for _ in range(2)]
        refs = known + [order_reference(harness.new_reference()) for _ in range(130)]

        found = harness.adapter.find(refs, DEADLINE)

        assert set(found) == {ref.idempotency_key for ref in refs}
        one = {key for key, answer in found.items() if answer.presence is Presence.ONE}
        assert one == {ref.idempotency_key for ref in known}
        assert {a.presence for k, a in found.items() if k not in one} == {Presence.ABSENT}


class ChangesOrders(Orders):
    """Changes and cancellations: the same one twice is one effect."""

    def test_a_change_replaces_the_whole_order(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)
        changed = order(harness.skus, quantity=5)
        ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
        assert self.presence(harness, ref) is Presence.ABSENT

        result = harness.adapter.submit(OrderDocument(changed), ref, DEADLINE)

        assert (result.outcome, result.erp_id) == (Outcome.CONFIRMED, erp_id)
        assert self.differences(harness, changed, erp_id) == []
        assert self.presence(harness, ref) is Presence.ONE

    def test_a_change_whose_answer_was_lost_is_found_and_its_repetition_changes_nothing(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)
        document = OrderDocument(order(harness.skus, quantity=6))
        ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
        harness.inject("change", Fault.LOST_RESPONSE, reference)

        lost = harness.adapter.submit(document, ref, DEADLINE)

        assert lost.outcome is Outcome.UNKNOWN
        assert self.presence(harness, ref) is Presence.ONE
        again = harness.adapter.submit(document, ref, DEADLINE)
        assert again.outcome in (Outcome.ALREADY_EXISTS, Outcome.CONFIRMED)
        assert harness.adapter.read_back(erp_id, DEADLINE).revision == 2

    def test_an_older_change_does_not_undo_a_newer_one(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)
        newer = order(harness.skus, quantity=7)
        ref = order_reference(reference, 9, DocumentKind.ORDER_CHANGE, erp_id)
        harness.adapter.submit(OrderDocument(newer), ref, DEADLINE)

        older = order_reference(reference, 8, DocumentKind.ORDER_CHANGE, erp_id)
        result = harness.adapter.submit(OrderDocument(order(harness.skus)), older, DEADLINE)

        assert result.outcome is Outcome.ALREADY_EXISTS
        assert self.presence(harness, older) is Presence.ONE
        assert self.differences(harness, newer, erp_id) == []

    def test_an_order_is_cancelled_once_however_often_it_is_asked_for(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)
        ref = order_reference(reference, 2, DocumentKind.ORDER_CANCEL, erp_id)
        document = OrderCancellation(order(harness.skus))
        assert self.presence(harness, ref) is Presence.ABSENT
        harness.inject("cancel", Fault.LOST_RESPONSE, reference)

        lost = harness.adapter.submit(document, ref, DEADLINE)

        assert lost.outcome is Outcome.UNKNOWN
        assert self.presence(harness, ref) is Presence.ONE
        again = harness.adapter.submit(document, ref, DEADLINE)
        assert again.outcome in (Outcome.CONFIRMED, Outcome.ALREADY_EXISTS)
        later = order_reference(reference, 3, DocumentKind.ORDER_CANCEL, erp_id)
        assert self.presence(harness, later) is Presence.ONE
        assert harness.documents(reference) == 1

    def test_a_change_of_an_order_that_the_erp_does_not_have_is_refused(self, harness: Harness) -> None:
        ref = order_reference(harness.new_reference(), 2, DocumentKind.ORDER_CHANGE, ErpId("no-such-order"))

        result = harness.adapter.submit(OrderDocument(order(harness.skus)), ref, DEADLINE)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert self.presence(harness, ref) is Presence.ABSENT
        with pytest.raises(Retryable):
            harness.adapter.read_back(ErpId("no-such-order"), DEADLINE)


class MovesStock:
    """Stock movements: one batch, a word on every line."""

    def test_a_batch_is_one_movement_with_a_word_on_every_line(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        batch = movement((first, "-2.0000"), (second, "1.5000"))

        result = harness.adapter.submit(batch, movement_reference(reference), DEADLINE)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_number
        assert [(line.sku, line.accepted) for line in result.lines] == [(first, True), (second, True)]
        assert harness.movements(reference) == 1

    def test_a_line_that_the_erp_refuses_is_named_and_the_others_are_booked(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        batch = movement((first, "-2.0000"), (harness.unknown_sku, "-1.0000"), (second, "1.0000"))
        ref = movement_reference(reference)

        result = harness.adapter.submit(batch, ref, DEADLINE)

        assert result.outcome is Outcome.CONFIRMED
        assert [line.accepted for line in result.lines] == [True, False, True]
        assert result.lines[1].message
        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        booked = {line.sku: line.quantity for snapshot in found.snapshots for line in snapshot.lines}
        assert booked == {first: Decimal(-2), second: Decimal(1)}

    def test_a_batch_whose_answer_was_lost_is_unknown_and_found(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = movement_reference(reference)
        harness.inject("stock_post", Fault.LOST_RESPONSE, reference)

        result = harness.adapter.submit(movement((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert result.outcome is Outcome.UNKNOWN
        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ONE
        assert harness.movements(reference) == 1

    def test_a_batch_whose_request_was_lost_is_absent(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = movement_reference(reference)
        harness.inject("stock_post", Fault.LOST_REQUEST, reference)

        result = harness.adapter.submit(movement((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ABSENT
        assert harness.movements(reference) == 0


class KeepsSecrets(Orders):
    """Nobody there, or nobody who knows us: nothing is parked, nothing is told."""

    def test_a_probe_names_the_product_and_finds_no_problem(self, harness: Harness) -> None:
        health = harness.adapter.probe()

        assert health.reachable
        assert health.product
        assert health.problems == ()
        assert health.clock_skew is not None
        assert abs(health.clock_skew) < timedelta(seconds=5)

    def test_an_erp_that_cannot_be_reached_was_sent_nothing(self, harness: Harness) -> None:
        ref = order_reference(harness.new_reference())

        result = harness.unreachable.submit(OrderDocument(order(harness.skus)), ref, DEADLINE)

        assert result.outcome is Outcome.NOT_SENT
        assert not result.evidence.bytes_sent
        assert not harness.unreachable.probe().reachable
        with pytest.raises(Retryable):
            harness.unreachable.find([ref], DEADLINE)

    def test_a_wrong_credential_does_nothing_and_parks_nothing(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = harness.stranger.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

        assert result.outcome is Outcome.NOT_SENT
        assert "credential" in result.hint
        assert harness.stranger.probe().problems
        assert harness.documents(reference) == 0

    def test_no_secret_shows_in_what_an_adapter_says(self, harness: Harness) -> None:
        said = []
        for adapter in (harness.adapter, harness.stranger, harness.unreachable):
            ref = order_reference(harness.new_reference())
            said += [repr(adapter), repr(adapter.probe())]
            said.append(repr(adapter.submit(OrderDocument(order(harness.skus)), ref, DEADLINE)))
            said.append(_words_of_a_failed_look_up(adapter, ref))

        text = "\n".join(said)

        assert harness.secrets
        assert not [secret for secret in harness.secrets if secret in text]


class AdapterConformance(
    CreatesOrders, FindsOrders, FollowsChanges, ChangesOrders, WaitsForWork, MovesStock, KeepsSecrets
):
    """All of it; a subclass gives the fixture `harness`."""
