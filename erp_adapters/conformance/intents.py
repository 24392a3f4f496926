"""Intents: how the shop means each line to be served, and from where."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from typing import Any

from erp_adapters.conformance.documents import order_reference, payload, put
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import DocumentKind, Outcome, Result
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.order import order_of


class TellsIntents(Orders):
    """What an ERP needs to know to reserve, to wait, to buy, or to set aside."""

    @needs(Trait.INTENTS)
    def test_a_line_says_how_it_is_served_and_which_warehouse_is_meant(self, harness: Harness) -> None:
        usual, supplied = payload(harness.skus), put(payload(harness.skus), "items.0.product_options", {"supplied": 1})
        waiting = put(put(usual, "items.0.qty_backordered", "1.0000"), "items.1.product_options", {"announced": 1})

        assert self._served(harness, usual) == (
            "",
            [("881", "stock", "", "main", True), ("882", "stock", "", "main", True)],
        )
        assert self._served(harness, supplied)[1][0] == ("881", "drop_ship", "", "", False)
        assert self._served(harness, waiting)[1] == [
            ("881", "backorder", "1.0000", "main", True),
            ("882", "pre_order", "", "", False),
        ]

    @needs(Trait.INTENTS)
    def test_an_order_that_is_collected_says_where(self, harness: Harness) -> None:
        collected = put(_collected(harness), "extra", {"order": {"pickup_location_code": "shop-1"}})

        assert self._served(harness, collected) == (
            "shop",
            [("881", "pickup", "", "shop", True), ("882", "pickup", "", "shop", True)],
        )

    @needs(Trait.INTENTS)
    def test_an_order_whose_warehouse_nobody_named_waits_and_can_be_cancelled(self, harness: Harness) -> None:
        elsewhere = put(_collected(harness), "extra", {"order": {"pickup_location_code": "shop-2"}})
        reference = harness.new_reference()

        result = self._told(harness, elsewhere, reference)

        assert result.outcome is Outcome.REJECTED_INVALID
        assert not result.evidence.bytes_sent
        assert "allocation.pickup.shop-2" in result.hint
        assert harness.documents(reference) == 0
        erp_id = self.found(harness, self.arrived(harness, payload(harness.skus))).erp_id
        cancellation = order_reference("cancelled", 2, DocumentKind.ORDER_CANCEL, erp_id)
        gone = harness.allocating.submit(OrderCancellation(order_of(elsewhere)), cancellation, DEADLINE)
        assert gone.outcome is Outcome.CONFIRMED, gone.words()

    @needs(Trait.INTENTS, DocumentKind.ORDER_CHANGE)
    def test_another_intent_is_a_change_of_the_order(self, harness: Harness) -> None:
        before = payload(harness.skus)
        after = put(before, "items.0.product_options", {"supplied": 1})

        assert harness.allocating.tells_apart(order_of(before), order_of(after))
        assert not harness.allocating.tells_apart(order_of(before), order_of(put(before, "order.status", "elsewhere")))

    def _served(self, harness: Harness, document: dict[str, Any]) -> tuple[str, list[tuple[str, str, str, str, bool]]]:
        reference = harness.new_reference()
        result = self._told(harness, document, reference)
        assert result.outcome is Outcome.CONFIRMED, result.words()
        collected_at, lines = harness.served(reference)
        return collected_at, list(lines)

    def _told(self, harness: Harness, document: dict[str, Any], reference: str) -> Result:
        return harness.allocating.submit(OrderDocument(order_of(document)), order_reference(reference), DEADLINE)


def _collected(harness: Harness) -> dict[str, Any]:
    return payload(harness.skus, shipping_method="instore_pickup")
