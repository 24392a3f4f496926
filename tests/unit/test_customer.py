"""Customers: who they are and where they live, and what of a save is news to an ERP."""

from typing import Any

import pytest

from sidecar.domain.customer import customer_of
from sidecar.domain.errors import MalformedEvent
from tests.support.event_schemas import check
from tests.support.events import customer_payload


def test_a_customer_has_names_taxes_and_addresses_line_by_line() -> None:
    customer = customer_of(customer_payload(7, customer={"prefix": "Dr.", "middlename": " "}))

    assert (customer.entity_id, customer.name, customer.vat_number) == (7, "Dr. Zoë Müller", "DE123456789")
    assert (customer.website, customer.group, customer.store_id) == ("eu", "1", 1)
    (address,) = customer.addresses
    assert (address.address_ref, address.name, address.street) == ("71", "Zoë Müller", ("1 Road", "Back door"))
    assert (address.is_billing, address.is_shipping, address.country) == (True, True, "DE")


def test_an_account_without_addresses_or_names_is_a_customer() -> None:
    bare = customer_of(
        customer_payload(7, addresses=[], website_code=None, customer={"firstname": None, "lastname": None})
    )

    assert (bare.name, bare.addresses, bare.website) == ("", (), "")


def test_a_save_that_changes_nothing_changes_no_hash() -> None:
    first = customer_of(customer_payload(7))

    later = {"updated_at": "2026-11-25 08:00:00"}
    again = customer_of(customer_payload(7, event_id="another", occurred_at="later", actor=None, customer=later))
    moved = customer_of(customer_payload(7, addresses=[]))

    assert first.content_sha256 == again.content_sha256 != moved.content_sha256


def test_who_a_customer_is_does_not_stand_in_what_is_printed_of_one() -> None:
    printed = repr(customer_of(customer_payload(7)))

    assert not [word for word in ("zoe@", "Zoë", "1 Road") if word in printed]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer": {"entity_id": "7"}}, "customer.entity_id"),
        ({"customer": {"email": None}}, "customer.email"),
        ({"customer": {"group_id": "1"}}, "customer.group_id"),
        ({"customer": {"taxvat": 5}}, "customer.taxvat"),
        ({"addresses": None}, "addresses"),
        ({"addresses": [{"entity_id": 1, "street": "1 Road"}]}, "addresses[0].street"),
        ({"website_code": 4}, "payload.website_code"),
    ],
)
def test_the_first_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        customer_of(customer_payload(7, **changes))

    assert f"payload field {field} is" in str(caught.value)


def test_the_customer_of_these_tests_keeps_the_contract() -> None:
    check(customer_payload(7), "CustomerSaved.v1.json")
