"""Customers: one for each reference, in the newest version that was told."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from erp_adapters.conformance.harness import REFUSAL_CODE, Fault, Harness
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Suited, needs
from sidecar.domain.customer import Customer, customer_of
from sidecar.domain.delivery import DocumentKind, ErpId, Outcome, Presence, Reference, Result
from sidecar.domain.documents import CustomerDocument


def customer(name: str = "Example", **columns: object) -> Customer:
    """A business customer with two addresses; `columns` replace those of the account."""
    addresses: list[dict[str, Any]] = [
        {
            "entity_id": 71 + place,
            "parent_id": 7,
            "firstname": "Ada",
            "lastname": name,
            "company": "Example GmbH",
            "street": [street, "2. Etage"],
            "city": city,
            "postcode": "10115",
            "country_id": "DE",
            "telephone": "555-0100",
            "vat_id": "DE136695976",
        }
        for place, (street, city) in enumerate((("Hauptstraße 1", "Berlin"), ("Lagerweg 5", "München")))
    ]
    row = {
        "entity_id": 7,
        "store_id": 1,
        "group_id": 1,
        "is_active": 1,
        "email": "customer@example.com",
        "firstname": "Ada",
        "lastname": name,
        "taxvat": "DE136695976",
        "default_billing": 71,
        "default_shipping": 72,
    }
    payload = {
        "website_code": "base",
        "customer": row | columns,
        "group": {"customer_group_id": 1, "customer_group_code": "General"},
        "addresses": addresses,
        "newsletter": [],
        "custom_attributes": {},
    }
    return customer_of(payload)


def customer_reference(external_ref: str, revision: int = 1, target: ErpId | None = None) -> Reference:
    """The identity of one version of a customer."""
    event = f"event-{external_ref}-{revision}"
    return Reference(DocumentKind.CUSTOMER, external_ref, revision, "0" * 64, event, target)


class KeepsCustomers(Suited):
    """Telling who a customer is now."""

    @needs(DocumentKind.CUSTOMER)
    def test_a_customer_told_once_is_one_customer_with_names_taxes_and_addresses(self, harness: Harness) -> None:
        reference = harness.new_reference()

        result = self.tell(harness, customer("Żółć-Ångström"), reference)

        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_id
        assert result.erp_number
        assert harness.customers(reference) == 1
        held = harness.held_customer(reference)
        told = ("Ada Żółć-Ångström", "customer@example.com", "DE136695976", "Hauptstraße 1", "Lagerweg 5", "München")
        assert [text for text in told if text not in held] == [], held

    @needs(DocumentKind.CUSTOMER)
    def test_the_same_version_twice_is_one_customer(self, harness: Harness) -> None:
        reference = harness.new_reference()
        first = self.tell(harness, customer(), reference)

        again = self.tell(harness, customer(), reference, target=first.erp_id)

        assert again.outcome in (Outcome.CONFIRMED, Outcome.ALREADY_EXISTS), again.words()
        assert harness.customers(reference) == 1
        assert self.stands(harness, reference) is Presence.ONE

    @needs(DocumentKind.CUSTOMER)
    def test_a_newer_version_replaces_the_customer_and_an_older_one_never_does(self, harness: Harness) -> None:
        reference = harness.new_reference()
        first = self.tell(harness, customer("First"), reference, 3)

        newer = self.tell(harness, customer("Newest"), reference, 9, first.erp_id)
        older = self.tell(harness, customer("Older"), reference, 8, first.erp_id)

        assert newer.outcome is Outcome.CONFIRMED, newer.words()
        assert newer.erp_id == first.erp_id
        assert older.outcome is not Outcome.CONFIRMED
        assert "Ada Newest" in harness.held_customer(reference)
        assert harness.customers(reference) == 1
        assert [self.stands(harness, reference, revision) for revision in (3, 8, 9, 10)] == [
            Presence.ONE,
            Presence.ONE,
            Presence.ONE,
            Presence.ABSENT,
        ]

    @needs(DocumentKind.CUSTOMER)
    def test_a_customer_whose_answer_was_lost_is_unknown_and_found(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("customer", Fault.LOST_RESPONSE, reference)

        result = self.tell(harness, customer(), reference)

        assert result.outcome is Outcome.UNKNOWN
        assert self.stands(harness, reference) is Presence.ONE
        assert harness.customers(reference) == 1

    @needs(DocumentKind.CUSTOMER)
    def test_a_version_whose_request_was_lost_is_absent_although_an_older_one_is_there(self, harness: Harness) -> None:
        reference = harness.new_reference()
        first = self.tell(harness, customer("First"), reference)
        harness.inject("customer", Fault.LOST_REQUEST, reference)

        result = self.tell(harness, customer("Second"), reference, 2, first.erp_id)

        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
        assert [self.stands(harness, reference, revision) for revision in (1, 2)] == [Presence.ONE, Presence.ABSENT]
        assert self.tell(harness, customer("Second"), reference, 2, first.erp_id).outcome is Outcome.CONFIRMED
        assert "Ada Second" in harness.held_customer(reference)

    @needs(DocumentKind.CUSTOMER)
    def test_eight_at_once_are_one_customer(self, harness: Harness) -> None:
        reference = harness.new_reference()

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: self.tell(harness, customer(), reference), range(8)))

        assert Outcome.CONFIRMED in {result.outcome for result in results}
        assert harness.customers(reference) == 1
        assert self.stands(harness, reference) is Presence.ONE

    @needs(DocumentKind.CUSTOMER)
    def test_a_refused_customer_is_not_there_and_says_why(self, harness: Harness) -> None:
        reference = harness.new_reference()
        harness.inject("customer", Fault.REFUSED, reference)

        result = self.tell(harness, customer(), reference)

        assert result.outcome is Outcome.REJECTED_BUSINESS
        assert result.messages[0].code == REFUSAL_CODE
        assert harness.customers(reference) == 0
        assert self.stands(harness, reference) is Presence.ABSENT

    def tell(
        self, harness: Harness, who: Customer, reference: str, revision: int = 1, target: ErpId | None = None
    ) -> Result:
        of_reference = replace(who, entity_id=int.from_bytes(reference.encode()[:6]))  # another name, another customer
        ref = customer_reference(reference, revision, target)
        return harness.adapter.submit(CustomerDocument(of_reference), ref, DEADLINE)

    def stands(self, harness: Harness, reference: str, revision: int = 1) -> Presence:
        ref = customer_reference(reference, revision)
        return harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence
