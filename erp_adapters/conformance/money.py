"""Money to the last digit that Magento has: small steps, large sums, prices that do not divide."""
# ruff: noqa: S101, D102 -- assertions, the numbers in them, and names that are sentences

from decimal import Decimal

import pytest

from erp_adapters.conformance.documents import Sold, sale
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import ErpId


class KeepsMoney(Orders):
    """What is read back is what was sent, with no tolerance."""

    def test_every_cent_from_one_to_a_hundred_is_a_cent_there(self, harness: Harness) -> None:
        (sku, _) = harness.skus
        prices = [f"{cents / 100:.4f}" for cents in range(1, 101)]

        self.arrived(harness, sale(*(Sold(sku, "1", price, price) for price in prices)))

    def test_a_large_sum_keeps_its_cents(self, harness: Harness) -> None:
        first, second = harness.skus

        reference = self.arrived(
            harness,
            sale(
                Sold(first, "1", "9999999.9900", "9999999.9900"),
                Sold(second, "100000", "99.9900", "9999000.0000"),
            ),
        )

        assert self._total(harness, reference) == Decimal("19998999.99")

    @pytest.mark.parametrize(
        ("quantity", "price", "total"),
        [
            ("3", "6.6667", "20.0000"),
            ("7", "0.1429", "1.0000"),
            ("0.5", "10.0050", "5.0000"),
            ("12", "0.0833", "1.0000"),
        ],
    )
    def test_a_price_of_four_places_makes_the_total_of_its_row(
        self, harness: Harness, quantity: str, price: str, total: str
    ) -> None:
        self.arrived(harness, sale(Sold(harness.skus[0], quantity, price, total), shipping="5.0000"))

    def test_a_discount_that_does_not_divide_is_the_same_discount_there(self, harness: Harness) -> None:
        (sku, other) = harness.skus
        thirds = [Sold(sku, "1", "10.0000", "10.0000", discount) for discount in ("3.3300", "3.3300", "3.3400")]

        reference = self.arrived(harness, sale(*thirds, Sold(other, "1", "100.0000", "100.0000", "0.0100")))

        snapshot = harness.adapter.read_back(self._erp_id(harness, reference), DEADLINE)
        assert snapshot.totals.get("discount", Decimal("-10.01")) == Decimal("-10.01")

    def test_an_order_of_120_lines_arrives_whole_and_in_its_order(self, harness: Harness) -> None:
        rows = [
            Sold(harness.skus[n % 2], str(n % 7 + 1), "3.0000", f"{3 * (n % 7 + 1)}.0000", percent="19")
            for n in range(120)
        ]

        reference = self.arrived(harness, sale(*rows, shipping="5.0000", percent="19"))

        snapshot = harness.adapter.read_back(self._erp_id(harness, reference), DEADLINE)
        ours = [line.line_ref for line in snapshot.lines if line.line_ref.isdigit()]
        assert ours == [str(881 + place) for place in range(120)]

    def test_taxes_of_two_rates_are_the_same_there(self, harness: Harness) -> None:
        first, second = harness.skus

        self.arrived(
            harness,
            sale(
                Sold(first, "2", "50.0000", "100.0000", percent="19"),
                Sold(second, "1", "30.0000", "30.0000"),
                shipping="5.0000",
                percent="19",
            ),
        )

    @needs(Trait.THREE_PLACES)
    def test_a_currency_of_three_places_keeps_them(self, harness: Harness) -> None:
        first, second = harness.skus
        rows = (Sold(first, "1", "1.0050", "1.0050"), Sold(second, "3", "0.3350", "1.0050"))

        reference = self.arrived(harness, sale(*rows, places=3, order_currency_code="KWD"))

        assert self._total(harness, reference) == Decimal("2.010")

    def _total(self, harness: Harness, reference: str) -> Decimal:
        return harness.adapter.read_back(self._erp_id(harness, reference), DEADLINE).totals["grand_total"]

    def _erp_id(self, harness: Harness, reference: str) -> ErpId:
        return self.found(harness, reference).erp_id
