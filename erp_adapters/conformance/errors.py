"""Every class of answer of the port: what was done, whether it may be sent again, and whose turn it is."""
# ruff: noqa: S101, D102 -- assertions, the numbers in them, and names that are sentences

from datetime import timedelta

import pytest

from erp_adapters.conformance.documents import order_reference, payload
from erp_adapters.conformance.harness import Fault, Harness
from erp_adapters.conformance.steps import Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import Outcome, Presence


class ClassifiesErrors(Orders):
    """Waiting for another time, for people, for a key."""

    @pytest.mark.parametrize("fault", [Fault.LOCKED])
    def test_a_record_that_somebody_else_holds_is_asked_for_again(self, harness: Harness, fault: Fault) -> None:
        reference = harness.new_reference()
        harness.inject("create", fault, reference)

        locked = self.create(harness, reference)

        assert locked.outcome is Outcome.RETRY_LATER, locked.words()
        assert harness.documents(reference) == 0
        assert self.create(harness, reference).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("fault", [Fault.EXPIRED])
    def test_a_credential_that_has_expired_parks_nothing(self, harness: Harness, fault: Fault) -> None:
        reference = harness.new_reference()
        harness.inject("create", fault, reference)

        result = self.create(harness, reference)

        assert result.outcome is Outcome.NOT_SENT
        assert "credential" in result.hint
        assert harness.documents(reference) == 0

    @needs(Trait.QUOTA)
    def test_a_quota_that_is_used_up_says_how_long_to_wait_and_nothing_is_done(self, harness: Harness) -> None:
        references = [harness.new_reference() for _ in range(4)]
        harness.limit_calls(2, 45)

        results = [self.create(harness, reference) for reference in references]

        harness.limit_calls(0, 0)
        assert [result.outcome for result in results] == [Outcome.CONFIRMED] * 2 + [Outcome.RETRY_LATER] * 2
        for result in results[2:]:
            assert result.retry_after is not None
            assert timedelta(seconds=30) < result.retry_after <= timedelta(seconds=45)
        assert [harness.documents(reference) for reference in references] == [1, 1, 0, 0]
        assert self.create(harness, references[3]).outcome is Outcome.CONFIRMED

    @needs(Trait.CLOSED_PERIOD)
    def test_an_order_in_a_closed_period_is_refused_with_what_to_do(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = self.submit(harness, payload(harness.skus, created_at=harness.closed_at), reference)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert result.words()
        assert result.hint
        assert harness.documents(reference) == 0

    @needs(Trait.CREDIT_LIMIT)
    def test_an_order_beyond_the_credit_limit_is_refused_with_what_to_do(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = self.submit(harness, payload(harness.skus, customer_email=harness.over_limit_email), reference)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert result.words()
        assert result.hint
        assert harness.documents(reference) == 0

    def test_an_item_that_the_erp_does_not_know_is_refused_and_none_of_the_order_is_made(
        self, harness: Harness
    ) -> None:
        reference = harness.new_reference()

        result = self.submit(harness, payload((harness.skus[0], harness.unknown_sku)), reference)

        assert result.outcome in (Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID)
        assert harness.unknown_sku in result.words()
        assert result.hint
        assert harness.documents(reference) == 0
        assert self.presence(harness, order_reference(reference)) is Presence.ABSENT
