"""What an ERP does wrong without a word: the read-back shows it, or the adapter has noticed by itself."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from collections.abc import Mapping
from typing import Any, Final

import pytest

from erp_adapters.conformance.documents import Sold, order_reference, payload, sale
from erp_adapters.conformance.harness import SILENT, Fault, Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import DocumentKind, Outcome
from sidecar.domain.documents import OrderDocument
from sidecar.domain.order import order_of

SHOWN: Final[Mapping[Fault, str]] = {
    Fault.SHORTENED: "line_missing lines[882]",
    Fault.PRICE_CHANGED: "line_total lines[881]",
    Fault.ROUNDED: "header_total grand_total",
    Fault.MERGED: "line_missing lines[882]",
}


class ShowsSilentFailures(Orders):
    """Comparing is worth its calls: each of these was answered as if all were well."""

    @pytest.mark.parametrize("fault", SILENT)
    def test_what_the_erp_did_otherwise_shows_in_the_read_back(self, harness: Harness, fault: Fault) -> None:
        reference, document = harness.new_reference(), self._document(harness, fault)
        harness.inject("create", fault, reference)

        result = self.submit(harness, document, reference)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_id is not None
        assert SHOWN[fault] in self.differences(harness, order_of(document), result.erp_id)

    @needs(DocumentKind.ORDER_CHANGE)
    @pytest.mark.parametrize("fault", [Fault.APPENDED])
    def test_lines_that_a_change_added_to_those_of_before_show(self, harness: Harness, fault: Fault) -> None:
        reference, erp_id = self.created(harness)
        document = payload(harness.skus, quantity=5)
        ref = order_reference(reference, 2, DocumentKind.ORDER_CHANGE, erp_id)
        harness.inject("change", fault, reference)

        result = harness.adapter.submit(OrderDocument(order_of(document)), ref, DEADLINE)

        noticed = result.outcome is not Outcome.CONFIRMED
        assert noticed or self.differences(harness, order_of(document), erp_id)

    @needs(Trait.CUSTOM_FIELDS_READ_BACK)
    @pytest.mark.parametrize("fault", [Fault.FIELDS_DROPPED])
    def test_custom_fields_that_the_erp_dropped_show_in_the_read_back(self, harness: Harness, fault: Fault) -> None:
        reference, document = harness.new_reference(), payload(harness.skus, customer_note="ans Tor")
        harness.inject("create", fault, reference)

        result = self.submit(harness, document, reference)

        assert result.erp_id is not None
        assert self.differences(harness, order_of(document), result.erp_id, result.custom_fields) == [
            "custom_field note"
        ]

    @needs(Trait.CUSTOM_FIELDS_READ_BACK)
    def test_custom_fields_that_arrived_are_no_difference(self, harness: Harness) -> None:
        reference, document = harness.new_reference(), payload(harness.skus, customer_note="ans Tor")

        result = self.submit(harness, document, reference)

        assert result.custom_fields == {"note": "ans Tor"}
        assert result.erp_id is not None
        assert self.differences(harness, order_of(document), result.erp_id, result.custom_fields) == []

    def _document(self, harness: Harness, fault: Fault) -> dict[str, Any]:
        if fault is not Fault.MERGED:
            return payload(harness.skus)
        return sale(*[Sold(harness.skus[0], "1", "10.0000", "10.0000", percent="19")] * 2)
