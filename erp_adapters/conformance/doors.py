"""Nobody there, or nobody who knows us: nothing is parked, nothing is told."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

import traceback
from datetime import timedelta

import pytest

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from sidecar.domain.delivery import Outcome, Reference
from sidecar.domain.documents import OrderDocument
from sidecar.domain.errors import Retryable
from sidecar.ports import ErpAdapter


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


def _words_of_a_failed_look_up(adapter: ErpAdapter, ref: Reference) -> str:
    try:
        adapter.find([ref], DEADLINE)
    except Retryable as error:
        return "".join(traceback.format_exception(error)) + repr(error.__dict__)
    return ""
