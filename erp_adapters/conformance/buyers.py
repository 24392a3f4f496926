"""Who buys, how it is taxed, how it is paid, where it goes: the orders that shops really have."""
# ruff: noqa: D102 -- assertions, and names that are sentences

from typing import Any

from erp_adapters.conformance.documents import Sold, living, paid, payload, sale, virtual
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import Orders
from erp_adapters.conformance.traits import Trait, needs

FOREIGN_VAT = "FR23334175221"


class TellsWhoBuys(Orders):
    """Each arrives to the cent, and the ERP's own books show what makes it special."""

    def test_a_guest_is_known_by_name_and_mail(self, harness: Harness) -> None:
        document = payload(harness.skus, customer_id=None, customer_is_guest=1, customer_email="guest@example.com")

        reference = self.arrived(harness, living(document, "billing", firstname="Grace", lastname="Guestsson"))

        self.holds(harness, reference, "Grace Guestsson", "guest@example.com")

    def test_a_registered_customer_buys_twice(self, harness: Harness) -> None:
        for _ in range(2):
            reference = self.arrived(harness, payload(harness.skus, customer_id=7))

            self.holds(harness, reference, "Ada Example", "customer@example.com")

    def test_a_company_with_a_foreign_vat_number_pays_no_tax(self, harness: Harness) -> None:
        company = {"company": "Exemple SARL", "vat_id": FOREIGN_VAT, "country_id": "FR", "postcode": "75001"}
        document = sale(*self._rows(harness, "0"), shipping="5.0000", customer_id=None, customer_taxvat=FOREIGN_VAT)
        for use in ("billing", "shipping"):
            document = living(document, use, **company)

        reference = self.arrived(harness, document)

        self.holds(harness, reference, "Exemple SARL", FOREIGN_VAT)

    def test_a_tax_exempt_order_has_no_tax(self, harness: Harness) -> None:
        self.arrived(harness, sale(*self._rows(harness, "0"), shipping="5.0000", customer_group_id=4))

    @needs(Trait.CODED_PAYMENT)
    def test_a_captured_payment_is_told_with_its_transaction(self, harness: Harness) -> None:
        document = sale(*self._rows(harness), shipping="5.0000", percent="19", state="processing", status="processing")

        reference = self.arrived(harness, paid(document, "creditcard", "txn-4711"))

        self.holds(harness, reference, "txn-4711")

    def test_an_order_on_account_is_taken(self, harness: Harness) -> None:
        self.arrived(harness, paid(sale(*self._rows(harness), shipping="5.0000", percent="19"), "purchaseorder"))

    def test_an_order_that_costs_nothing_is_taken(self, harness: Harness) -> None:
        first, second = harness.skus
        free = sale(Sold(first, "1", "10.0000", "10.0000", "10.0000"), Sold(second, "1", "0.0000", "0.0000"))

        self.arrived(harness, paid(free, "free"))

    def test_an_order_of_nothing_to_ship_needs_no_place_to_ship_to(self, harness: Harness) -> None:
        self.arrived(harness, virtual(sale(*self._rows(harness))))

    def test_where_it_goes_and_who_pays_may_differ(self, harness: Harness) -> None:
        document = living(payload(harness.skus, customer_id=None), "billing", street=["Rechnungsweg 1"], city="Bonn")

        reference = self.arrived(harness, living(document, "shipping", street=["Lieferweg 2"], city="Köln"))

        self.holds(harness, reference, "Rechnungsweg 1", "Bonn", "Lieferweg 2", "Köln")

    def test_a_note_is_for_people_to_read(self, harness: Harness) -> None:
        reference = self.arrived(harness, payload(harness.skus, customer_note="Bitte nicht knicken"))

        self.holds(harness, reference, "Bitte nicht knicken")

    def _rows(self, harness: Harness, percent: str = "19") -> tuple[Any, ...]:
        first, second = harness.skus
        return (
            Sold(first, "2", "50.0000", "100.0000", percent=percent),
            Sold(second, "1", "20.0000", "20.0000", percent=percent),
        )
