"""Work that an ERP accepts now and does later: it is asked for by its handle, and never taken for done."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from erp_adapters.conformance.documents import order_reference
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import Outcome, Presence


class WaitsForWork(Orders):
    """A handle leads to a confirmation, to a refusal in the ERP's words, or is unknown."""

    @needs(Trait.LATER)
    def test_an_accepted_order_is_pending_until_it_is_done_and_then_has_its_number(self, harness: Harness) -> None:
        reference, handle = self._accepted(harness)
        assert harness.adapter.poll(handle, DEADLINE).outcome is Outcome.ACCEPTED_PENDING
        assert self.presence(harness, order_reference(reference)) is Presence.ABSENT

        harness.do_work(handle)

        result = harness.adapter.poll(handle, DEADLINE)
        assert result.outcome is Outcome.CONFIRMED
        assert result.erp_id is not None
        assert harness.adapter.read_back(result.erp_id, DEADLINE).erp_number == result.erp_number
        assert self.presence(harness, order_reference(reference)) is Presence.ONE
        assert harness.documents(reference) == 1

    @needs(Trait.LATER)
    def test_a_late_refusal_keeps_the_words_of_the_erp(self, harness: Harness) -> None:
        reference, handle = self._accepted(harness)

        harness.refuse_work(handle)

        result = harness.adapter.poll(handle, DEADLINE)
        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert (result.messages[0].code, result.messages[0].text) == (REFUSAL_CODE, REFUSAL_WORDS)
        assert harness.documents(reference) == 0

    @needs(Trait.LATER)
    def test_a_handle_that_the_erp_has_forgotten_is_unknown(self, harness: Harness) -> None:
        _, handle = self._accepted(harness)

        harness.forget_work(handle)

        assert harness.adapter.poll(handle, DEADLINE).outcome is Outcome.UNKNOWN

    @needs(Trait.LATER)
    def test_an_erp_that_cannot_be_asked_says_nothing_about_the_work(self, harness: Harness) -> None:
        _, handle = self._accepted(harness)

        for adapter in (harness.unreachable, harness.stranger):
            assert adapter.poll(handle, DEADLINE).outcome in (Outcome.NOT_SENT, Outcome.RETRY_LATER)

    def _accepted(self, harness: Harness) -> tuple[str, str]:
        reference = harness.new_reference()
        harness.accept_later(reference)
        result = self.create(harness, reference)
        assert result.outcome is Outcome.ACCEPTED_PENDING, result.words()
        assert result.handle
        return reference, result.handle
