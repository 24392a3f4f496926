"""Customers in an Odoo: one contact each, the same that their orders name, as new as the newest revision."""

import random
from dataclasses import replace

import pytest

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.odoo import OdooAdapter
from sidecar.domain.customer import Customer
from sidecar.domain.delivery import ErpId, Outcome, Presence, Reference, Result
from sidecar.domain.documents import CustomerDocument, OrderDocument
from tests.support.faulty_way import Rule
from tests.support.odoo import SKUS, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors
from tests.support.odoo_papers import address, customer, customer_reference

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.support.odoo_fixtures"]

FIELDS = ["name", "email", "vat", "street", "street2", "city", "zip", "phone", "is_company", "lang", "active"]


@pytest.fixture
def key() -> int:
    """A customer that no run has used."""
    return random.SystemRandom().randrange(10**8, 10**9)


def save(adapter: OdooAdapter, who: Customer, revision: int) -> Result:
    return adapter.submit(CustomerDocument(who), customer_reference(who.entity_id, revision), DEADLINE)


def presence(adapter: OdooAdapter, ref: Reference) -> Presence:
    return adapter.find([ref], DEADLINE)[ref.idempotency_key].presence


def contact(odoo: OdooDoors, result: Result) -> dict[str, object]:
    number = int(result.erp_number or "")
    (record,) = odoo.people.do(
        "res.partner", "search_read", domain=[["id", "=", number]], fields=FIELDS, context={"active_test": False}
    )
    found: dict[str, object] = record
    return found


def test_a_customer_is_a_contact_with_the_addresses_of_the_book(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    book = address(), address("Bonn", billing=False, shipping=False)

    result = save(adapter, customer(key, "Ada Ünal", *book), 3)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    found = contact(odoo, result)
    assert (found["name"], found["email"], found["city"], found["lang"]) == (
        "Ada Ünal",
        "ada@example.com",
        "Köln",
        "en_US",
    )
    assert (found["street"], found["street2"]) == ("Straße 1", "Etage 2, Nowhere")
    below = odoo.people.do(
        "res.partner", "search_read", domain=[["parent_id", "=", found["id"]]], fields=["type", "city"]
    )
    assert sorted((one["type"], one["city"]) for one in below) == [
        ("delivery", "Bonn"),
        ("delivery", "Köln"),
        ("invoice", "Köln"),
    ]


def test_the_newest_revision_stays_whatever_comes_after_it(odoo: OdooDoors, adapter: OdooAdapter, key: int) -> None:
    made = [save(adapter, customer(key, f"Ada {n}", address()), n) for n in (3, 3, 7, 5)]

    outcomes = [result.outcome for result in made]
    assert outcomes == [Outcome.CONFIRMED, Outcome.ALREADY_EXISTS, Outcome.CONFIRMED, Outcome.ALREADY_EXISTS]
    assert len({result.erp_id for result in made}) == 1
    assert contact(odoo, made[0])["name"] == "Ada 7"
    assert presence(adapter, customer_reference(key, 7)) is Presence.ONE
    assert presence(adapter, customer_reference(key, 8)) is Presence.ABSENT
    assert adapter.read_back(made[0].erp_id or ErpId(""), DEADLINE).revision == 7


@pytest.mark.parametrize("is_first", [True, False], ids=["of a new contact", "of one that is there"])
@pytest.mark.parametrize("is_done", [True, False], ids=["answer", "request"])
def test_a_save_that_is_lost_is_looked_up_and_repeated_without_harm(
    odoo: OdooDoors,
    adapter: OdooAdapter,
    key: int,
    is_done: bool,  # noqa: FBT001 -- a case
    is_first: bool,  # noqa: FBT001 -- a case
) -> None:
    if not is_first:
        save(adapter, customer(key, "Ada Old", address()), 3)
    new = customer(key, "Ada New", address())
    lost = Rule(lambda path, body: path.endswith("/res.partner/load") and ("mode" in body["context"]) is is_first)
    odoo.way.plan(replace(lost, after=()) if is_done else replace(lost, before=()))

    assert save(adapter, new, 4).outcome is Outcome.UNKNOWN

    assert presence(adapter, customer_reference(key, 4)) is (Presence.ONE if is_done else Presence.ABSENT)
    again = save(adapter, new, 4)
    assert again.outcome is (Outcome.ALREADY_EXISTS if is_done else Outcome.CONFIRMED)
    assert contact(odoo, again)["name"] == "Ada New"


def test_an_order_and_its_customer_are_one_contact_whichever_comes_first(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    first = adapter.submit(OrderDocument(order(SKUS, customer_id=key)), order_reference(a_new_reference()), DEADLINE)
    saved = save(adapter, customer(key, "Ada Later", address()), 4)
    second = adapter.submit(OrderDocument(order(SKUS, customer_id=key)), order_reference(a_new_reference()), DEADLINE)

    orders = [odoo.people.order(int(made.erp_id or ""), "partner_id") for made in (first, second)]
    assert {one["partner_id"][0] for one in orders} == {int(saved.erp_number or "")}
    assert contact(odoo, saved)["name"] == "Ada Later"


def test_what_magento_does_not_know_stays_as_people_have_entered_it(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    made = save(adapter, customer(key), 3)
    values = {"vat": "DE136695976", "phone": "555", "street": "Somewhere 1"}
    odoo.people.do("res.partner", "write", ids=[int(made.erp_number or "")], vals=values)

    save(adapter, customer(key, "Ada Two"), 4)

    found = contact(odoo, made)
    assert (found["name"], found["vat"], found["phone"], found["street"]) == (
        "Ada Two",
        "DE136695976",
        "555",
        "Somewhere 1",
    )


def test_an_address_that_moves_is_written_whole(odoo: OdooDoors, adapter: OdooAdapter, key: int) -> None:
    made = save(adapter, customer(key, "Ada", address()), 3)
    bonn = address("Bonn")

    save(adapter, customer(key, "Ada", bonn), 4)

    found = contact(odoo, made)
    assert (found["city"], found["street2"]) == ("Bonn", "Etage 2, Nowhere")


def test_a_company_is_a_company_under_its_vat_number(odoo: OdooDoors, adapter: OdooAdapter, key: int) -> None:
    result = save(adapter, customer(key, "Ada", address(company="Beispiel GmbH"), vat="DE136695976"), 3)

    found = contact(odoo, result)
    assert (found["name"], found["is_company"], found["vat"]) == ("Beispiel GmbH", True, "DE136695976")


def test_a_vat_number_that_odoo_does_not_believe_is_refused_in_its_words_and_writes_nothing(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    made = save(adapter, customer(key, "Ada", address()), 3)

    result = save(adapter, customer(key, "Bob", address(), vat="DE999"), 4)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert "does not seem to be valid" in result.words()
    assert contact(odoo, made)["name"] == "Ada"


def test_a_language_that_odoo_has_not_installed_is_refused_in_its_words(odoo: OdooDoors, key: int) -> None:
    welsh = odoo.adapter(code_maps={"languages": {"1": "cy_GB"}})

    result = save(welsh, customer(key), 3)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert "cy_GB" in result.words()


def test_an_archived_contact_is_found_and_written_and_stays_archived(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    made = save(adapter, customer(key, "Ada", address()), 3)
    odoo.people.do("res.partner", "write", ids=[int(made.erp_number or "")], vals={"active": False})

    again = save(adapter, customer(key, "Ada Two", address()), 4)

    assert (again.outcome, again.erp_id, again.status) == (Outcome.CONFIRMED, made.erp_id, "archived")
    found = contact(odoo, made)
    assert (found["name"], found["active"]) == ("Ada Two", False)


def test_a_field_that_holds_something_of_somebody_elses_is_not_written_over(
    odoo: OdooDoors, adapter: OdooAdapter, key: int
) -> None:
    placed = adapter.submit(OrderDocument(order(SKUS, customer_id=key)), order_reference(a_new_reference()), DEADLINE)
    (who, _) = odoo.people.order(int(placed.erp_id or ""), "partner_id")["partner_id"]
    odoo.people.do("res.partner", "write", ids=[who], vals={"ref": "K-1001"})

    result = save(adapter, customer(key, "Ada", address()), 3)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "FIELD_TAKEN")
    assert "customer_field" in result.hint
    (record,) = odoo.people.do("res.partner", "read", ids=[who], fields=["ref"])
    assert record["ref"] == "K-1001"


def test_a_hundred_customers_are_looked_up_in_two_calls(odoo: OdooDoors, adapter: OdooAdapter, key: int) -> None:
    save(adapter, customer(key), 3)
    refs = [customer_reference(key + n, 3) for n in range(100)]

    calls = odoo.counted(lambda: adapter.find(refs, DEADLINE))

    assert calls == ["res.partner/search_read", "res.partner/get_metadata"]
