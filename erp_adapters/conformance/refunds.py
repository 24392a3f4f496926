"""Refunds: each is made once, for the order that it names, line by line."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from erp_adapters.conformance.documents import payload
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, Fault, Harness
from erp_adapters.conformance.refund_documents import credit_memo, refund_reference
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import DocumentKind, EntityType, ErpId, Outcome, Presence, Result
from sidecar.domain.documents import RefundDocument
from sidecar.domain.reconciliation import OrderFacts, compare
from sidecar.domain.refund import Refund

ONE_OF_THE_FIRST = {881: 1}
THE_REST = {881: 1, 882: 1}


class RefundsOrders(Orders):
    """Giving money back, and what is known when that goes wrong."""

    @needs(DocumentKind.REFUND)
    def test_a_refund_submitted_once_is_one_document_under_its_own_reference(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)

        result = self.refund(harness, credit_memo(harness.skus, ONE_OF_THE_FIRST), reference, order)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_number
        assert result.erp_id != order
        assert harness.refunds(reference) == 1
        assert self.presence(harness, refund_reference(reference, order)) is Presence.ONE

    @needs(DocumentKind.REFUND)
    def test_a_part_and_then_the_rest_are_two_refunds_each_as_it_was_sent(self, harness: Harness) -> None:
        order = self.refundable(harness)
        parts = [
            credit_memo(harness.skus, ONE_OF_THE_FIRST, entity_id=17),
            credit_memo(harness.skus, THE_REST, shipping=True, entity_id=18),
        ]
        references = [harness.new_reference() for _ in parts]

        results = [self.refund(harness, part, name, order) for part, name in zip(parts, references, strict=True)]

        assert [result.outcome for result in results] == [Outcome.CONFIRMED] * 2, [one.words() for one in results]
        assert [self.wrong(harness, part, name, order) for part, name in zip(parts, references, strict=True)] == [
            [],
            [],
        ]
        assert results[0].erp_number != results[1].erp_number

    @needs(DocumentKind.REFUND, Trait.ADJUSTMENTS)
    def test_shipping_and_an_adjustment_alone_are_given_back_without_a_line(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        refund = credit_memo(harness.skus, {}, shipping=True, more="2.5000", less="0.7500")

        result = self.refund(harness, refund, reference, order)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert self.wrong(harness, refund, reference, order) == []

    @needs(DocumentKind.REFUND, Trait.RESTOCKED)
    def test_what_came_back_to_stock_is_told_and_what_did_not_is_not(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        refund = credit_memo(harness.skus, {881: 2, 882: 1}, restocked=frozenset({881}))

        assert self.refund(harness, refund, reference, order).outcome is Outcome.CONFIRMED

        assert harness.restocked(reference) == {harness.skus[0]: Decimal(2)}

    @needs(DocumentKind.REFUND)
    def test_a_refund_whose_answer_was_lost_is_unknown_and_found(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        refund = credit_memo(harness.skus, ONE_OF_THE_FIRST)
        harness.inject("refund", Fault.LOST_RESPONSE, reference)

        result = self.refund(harness, refund, reference, order)

        assert result.outcome is Outcome.UNKNOWN
        assert harness.refunds(reference) == 1
        assert self.wrong(harness, refund, reference, order) == []

    @needs(DocumentKind.REFUND)
    def test_a_refund_whose_request_was_lost_is_absent_and_goes_when_it_is_sent_again(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        refund = credit_memo(harness.skus, ONE_OF_THE_FIRST)
        harness.inject("refund", Fault.LOST_REQUEST, reference)

        result = self.refund(harness, refund, reference, order)

        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
        assert self.presence(harness, refund_reference(reference, order)) is Presence.ABSENT
        assert self.refund(harness, refund, reference, order).outcome is Outcome.CONFIRMED
        assert harness.refunds(reference) == 1

    @needs(DocumentKind.REFUND)
    def test_eight_at_once_under_one_reference_are_one_refund_or_show_as_many(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness, quantity=8)
        refund = credit_memo(harness.skus, ONE_OF_THE_FIRST)

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: self.refund(harness, refund, reference, order), range(8)))

        done = [result for result in results if result.outcome is Outcome.CONFIRMED]
        presence = self.presence(harness, refund_reference(reference, order))
        if harness.adapter.capabilities().native_dedupe == "none":
            assert harness.refunds(reference) == len(done) > 1
            assert presence is Presence.MANY
        else:
            assert harness.refunds(reference) == 1
            assert presence is Presence.ONE

    @needs(DocumentKind.REFUND)
    def test_a_refused_refund_keeps_the_words_of_the_erp(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        harness.inject("refund", Fault.REFUSED, reference)

        result = self.refund(harness, credit_memo(harness.skus, ONE_OF_THE_FIRST), reference, order)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert (result.messages[0].code, result.messages[0].text) == (REFUSAL_CODE, REFUSAL_WORDS)
        assert harness.refunds(reference) == 0

    @needs(DocumentKind.REFUND)
    def test_a_refund_of_an_order_that_is_not_there_is_refused(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = self.refund(harness, credit_memo(harness.skus, ONE_OF_THE_FIRST), reference, ErpId(harness.no_order))

        assert result.outcome in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID), result.words()
        assert harness.refunds(reference) == 0

    @needs(DocumentKind.REFUND, Fault.SHORTENED)
    def test_a_line_of_a_refund_that_the_erp_dropped_shows_when_it_is_looked_up(self, harness: Harness) -> None:
        reference, order = harness.new_reference(), self.refundable(harness)
        refund = credit_memo(harness.skus, THE_REST)
        harness.inject("refund", Fault.SHORTENED, reference)

        assert self.refund(harness, refund, reference, order).outcome is Outcome.CONFIRMED

        assert "line_missing lines[882]" in self.wrong(harness, refund, reference, order)

    @needs(DocumentKind.REFUND)
    def test_one_look_up_takes_many_references_of_refunds(self, harness: Harness) -> None:
        order = self.refundable(harness)
        known, unknown = harness.new_reference(), [harness.new_reference() for _ in range(120)]
        self.refund(harness, credit_memo(harness.skus, ONE_OF_THE_FIRST), known, order)
        refs = [refund_reference(name, order) for name in (known, *unknown)]

        found = harness.adapter.find(refs, DEADLINE)

        there = [ref.external_ref for ref in refs if found[ref.idempotency_key].presence is Presence.ONE]
        assert there == [known]
        assert len(found) == len(refs)

    def refundable(self, harness: Harness, quantity: int = 2) -> ErpId:
        """An order of which the ERP takes money back: invoiced, where it asks for that."""
        return harness.refundable(self._ordered(harness, quantity))

    def refund(self, harness: Harness, refund: Refund, reference: str, order: ErpId) -> Result:
        return harness.adapter.submit(RefundDocument(refund), refund_reference(reference, order), DEADLINE)

    def wrong(self, harness: Harness, sent: Refund, reference: str, order: ErpId) -> list[str]:
        """What differs between a refund and the one document under its reference."""
        ref = refund_reference(reference, order)
        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        assert found.presence is Presence.ONE
        facts = OrderFacts(
            sent.entity_id, sent.increment_id, sent.currency, sent.lines, sent.totals, kind=EntityType.REFUND
        )
        return [f"{one.kind} {one.path}" for one in compare("erp", "suite", facts, found.snapshots, Decimal(0))]

    def _ordered(self, harness: Harness, quantity: int) -> ErpId:
        result = self.submit(harness, payload(harness.skus, quantity), harness.new_reference())
        assert result.erp_id is not None
        return result.erp_id
