"""The suite: each test is a promise of the port, held against an ERP that fails on demand."""
# ruff: noqa: S101, PLR2004, D102 -- assertions, the numbers in them, and names that are sentences

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from erp_adapters.conformance.buyers import TellsWhoBuys
from erp_adapters.conformance.customers import KeepsCustomers
from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.conformance.doors import KeepsSecrets
from erp_adapters.conformance.errors import ClassifiesErrors
from erp_adapters.conformance.following import FollowsChanges
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, WAITS, Fault, Harness
from erp_adapters.conformance.intents import TellsIntents
from erp_adapters.conformance.money import KeepsMoney
from erp_adapters.conformance.movements import MovesStock
from erp_adapters.conformance.parts import FollowsParts
from erp_adapters.conformance.pending import WaitsForWork
from erp_adapters.conformance.refunds import RefundsOrders
from erp_adapters.conformance.rivals import TellsRivals
from erp_adapters.conformance.silence import ShowsSilentFailures
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.stock_documents import SetsLevels, TellsDemand
from erp_adapters.conformance.stock_levels import ReadsStock
from erp_adapters.conformance.texts import KeepsTexts
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import DocumentKind, ErpId, Outcome, Presence
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.errors import Retryable


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
        assert result.retry_after == WAITS[fault]
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

    @needs(DocumentKind.ORDER_CHANGE)
    def test_a_change_replaces_the_whole_order(self, harness: Harness) -> None:
        reference, erp_id = self.created(harness)
        changed = order(harness.skus, quantity=5)
        ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
        assert self.presence(harness, ref) is Presence.ABSENT

        result = harness.adapter.submit(OrderDocument(changed), ref, DEADLINE)

        assert (result.outcome, result.erp_id) == (Outcome.CONFIRMED, erp_id)
        assert self.differences(harness, changed, erp_id) == []
        assert self.presence(harness, ref) is Presence.ONE

    @needs(DocumentKind.ORDER_CHANGE)
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

    @needs(DocumentKind.ORDER_CHANGE)
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

    @needs(DocumentKind.ORDER_CANCEL)
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

    @needs(DocumentKind.ORDER_CHANGE)
    def test_a_change_of_an_order_that_the_erp_does_not_have_is_refused(self, harness: Harness) -> None:
        ref = order_reference(harness.new_reference(), 2, DocumentKind.ORDER_CHANGE, ErpId("no-such-order"))

        result = harness.adapter.submit(OrderDocument(order(harness.skus)), ref, DEADLINE)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert self.presence(harness, ref) is Presence.ABSENT
        with pytest.raises(Retryable):
            harness.adapter.read_back(ErpId("no-such-order"), DEADLINE)


class AdapterConformance(
    CreatesOrders,
    FindsOrders,
    TellsRivals,
    ClassifiesErrors,
    KeepsTexts,
    KeepsMoney,
    TellsWhoBuys,
    TellsIntents,
    ShowsSilentFailures,
    ChangesOrders,
    FollowsChanges,
    FollowsParts,
    WaitsForWork,
    MovesStock,
    TellsDemand,
    SetsLevels,
    RefundsOrders,
    KeepsCustomers,
    ReadsStock,
    KeepsSecrets,
):
    """All of it; a subclass gives the fixture `harness`, and says in `lacks` what its ERP cannot play."""

    def test_what_the_adapter_offers_is_played(self, harness: Harness) -> None:
        can = harness.adapter.capabilities()

        assert {kind for kind in (*can.accepts, *can.changes) if kind in self.lacks} == set()
        assert can.reads_stock is (Trait.STOCK_LEVELS not in self.lacks)
