"""Stock movements: one batch is one effect, with a word on every line."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from decimal import Decimal

from erp_adapters.conformance.documents import movement, movement_reference
from erp_adapters.conformance.harness import Fault, Harness
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Suited, Trait, needs
from sidecar.domain.delivery import DocumentKind, Outcome, Presence


class MovesStock(Suited):
    """Stock movements: one batch, a word on every line."""

    @needs(DocumentKind.STOCK_MOVEMENT)
    def test_a_batch_is_one_movement_with_a_word_on_every_line(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        batch = movement((first, "-2.0000"), (second, "1.5000"))

        result = harness.adapter.submit(batch, movement_reference(reference), DEADLINE)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_number
        assert [(line.sku, line.accepted) for line in result.lines] == [(first, True), (second, True)]
        assert harness.movements(reference) == 1

    @needs(DocumentKind.STOCK_MOVEMENT, Trait.PARTLY_REFUSED)
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

    @needs(DocumentKind.STOCK_MOVEMENT)
    def test_a_batch_whose_answer_was_lost_is_unknown_and_found(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = movement_reference(reference)
        harness.inject("stock_post", Fault.LOST_RESPONSE, reference)

        result = harness.adapter.submit(movement((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert result.outcome is Outcome.UNKNOWN
        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ONE
        assert harness.movements(reference) == 1

    @needs(DocumentKind.STOCK_MOVEMENT)
    def test_a_movement_that_is_sent_again_is_booked_once_or_shows_as_many(self, harness: Harness) -> None:
        reference = harness.new_reference()
        batch, ref = movement((harness.skus[0], "-1.0000")), movement_reference(reference)
        first = harness.adapter.submit(batch, ref, DEADLINE)

        again = harness.adapter.submit(batch, ref, DEADLINE)

        once = harness.adapter.capabilities().native_dedupe != "none"
        assert again.outcome is (Outcome.ALREADY_EXISTS if once else Outcome.CONFIRMED)
        assert not once or again.erp_id == first.erp_id
        assert harness.movements(reference) == (1 if once else 2)
        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        assert found.presence is (Presence.ONE if once else Presence.MANY)

    @needs(DocumentKind.STOCK_MOVEMENT, Trait.FOUR_PLACES)
    def test_quantities_of_four_places_are_booked_as_they_are(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        ref = movement_reference(reference)

        harness.adapter.submit(movement((first, "-0.1250"), (second, "1234567.0001")), ref, DEADLINE)

        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        booked = {line.sku: line.quantity for snapshot in found.snapshots for line in snapshot.lines}
        assert booked == {first: Decimal("-0.125"), second: Decimal("1234567.0001")}

    @needs(DocumentKind.STOCK_MOVEMENT)
    def test_a_batch_whose_request_was_lost_is_absent(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = movement_reference(reference)
        harness.inject("stock_post", Fault.LOST_REQUEST, reference)

        result = harness.adapter.submit(movement((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ABSENT
        assert harness.movements(reference) == 0
