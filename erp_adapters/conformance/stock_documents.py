"""What else is told of stock: demand, in a book of its own, and levels, compared and set."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from decimal import Decimal

from erp_adapters.conformance.documents import count, demand_reference, movement
from erp_adapters.conformance.harness import Fault, Harness
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.stock_levels import levels
from erp_adapters.conformance.traits import Suited, Trait, needs
from sidecar.domain.delivery import DocumentKind, Outcome, Presence, Reference
from sidecar.domain.documents import StockMovement, StockQuery
from sidecar.domain.money import ZERO
from sidecar.domain.stock import WindowKind


def demand(*lines: tuple[str, str]) -> StockMovement:
    """Demand in warehouse 'main'."""
    return StockMovement("main", movement(*lines).lines, WindowKind.DEMAND)


def level(harness: Harness, sku: str) -> Decimal:
    """What the adapter reads of a SKU in warehouse 'main'."""
    rows = levels(harness.adapter, StockQuery((sku,), ("main",)))
    return sum((row.on_hand for row in rows), ZERO)


def count_reference(external_ref: str, attempt: int = 1) -> Reference:
    """The identity of a count."""
    return Reference(DocumentKind.STOCK_COUNT, external_ref, attempt, "0" * 64, f"window-{external_ref}")


class TellsDemand(Suited):
    """What sales take from, and give back to, what can be sold."""

    @needs(DocumentKind.STOCK_DEMAND)
    def test_demand_is_one_document_and_moves_no_stock(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        ref = demand_reference(reference)

        result = harness.adapter.submit(demand((first, "-2.0000"), (second, "1.0000")), ref, DEADLINE)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert [(line.sku, line.accepted) for line in result.lines] == [(first, True), (second, True)]
        assert harness.demands(reference) == 1
        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        booked = {line.sku: line.quantity for snapshot in found.snapshots for line in snapshot.lines}
        assert booked == {first: Decimal(-2), second: Decimal(1)}

    @needs(DocumentKind.STOCK_DEMAND)
    def test_demand_whose_answer_was_lost_is_unknown_and_found(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = demand_reference(reference)
        harness.inject("stock_demand", Fault.LOST_RESPONSE, reference)

        result = harness.adapter.submit(demand((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert result.outcome is Outcome.UNKNOWN
        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ONE

    @needs(DocumentKind.STOCK_DEMAND)
    def test_demand_whose_request_was_lost_is_absent(self, harness: Harness) -> None:
        reference = harness.new_reference()
        ref = demand_reference(reference)
        harness.inject("stock_demand", Fault.LOST_REQUEST, reference)

        harness.adapter.submit(demand((harness.skus[0], "-1.0000")), ref, DEADLINE)

        assert harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence is Presence.ABSENT
        assert harness.demands(reference) == 0


class SetsLevels(Suited):
    """Levels in the place of changes: each is set only where the expected one stands."""

    @needs(DocumentKind.STOCK_COUNT, Trait.STOCK_LEVELS)
    def test_a_level_is_set_where_the_expected_one_stands_and_one_that_moved_is_told(self, harness: Harness) -> None:
        reference, (first, second) = harness.new_reference(), harness.skus
        here, there = level(harness, first), level(harness, second)
        batch = count((first, here, here + Decimal("2.5")), (second, there + 1, there + 2))

        result = harness.adapter.submit(batch, count_reference(reference), DEADLINE)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert [(line.accepted, line.moved) for line in result.lines] == [(True, False), (False, True)]
        assert result.lines[1].message
        assert (level(harness, first), level(harness, second)) == (here + Decimal("2.5"), there)

    @needs(DocumentKind.STOCK_COUNT, Trait.STOCK_LEVELS)
    def test_the_level_tells_whether_a_count_whose_answer_was_lost_was_done(self, harness: Harness) -> None:
        sku = harness.skus[0]
        for fault, change in ((Fault.LOST_RESPONSE, 3), (Fault.LOST_REQUEST, 0)):
            reference, before = harness.new_reference(), level(harness, sku)
            harness.inject("stock_count", fault, reference)

            result = harness.adapter.submit(count((sku, before, before + 3)), count_reference(reference), DEADLINE)

            assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
            assert level(harness, sku) == before + change

    @needs(DocumentKind.STOCK_COUNT, Trait.STOCK_LEVELS)
    def test_a_count_may_come_again_under_its_reference(self, harness: Harness) -> None:
        sku, reference = harness.skus[0], harness.new_reference()
        before = level(harness, sku)

        for attempt in (1, 2):
            batch = count((sku, before + attempt - 1, before + attempt))
            result = harness.adapter.submit(batch, count_reference(reference, attempt), DEADLINE)

            assert result.outcome is Outcome.CONFIRMED, result.words()
        assert level(harness, sku) == before + 2

    @needs(DocumentKind.STOCK_COUNT, Trait.PARTLY_REFUSED)
    def test_a_level_that_the_erp_refuses_is_named_and_is_not_one_that_moved(self, harness: Harness) -> None:
        sku, reference = harness.skus[0], harness.new_reference()
        before = level(harness, sku)
        batch = count((sku, before, before + 1), (harness.unknown_sku, ZERO, Decimal(1)))

        result = harness.adapter.submit(batch, count_reference(reference), DEADLINE)

        assert [(line.accepted, line.moved) for line in result.lines] == [(True, False), (False, False)]
        assert result.lines[1].message
