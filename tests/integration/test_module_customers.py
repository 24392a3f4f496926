"""Accounts are told whole, once for each transaction that changes them, and never for what is nobody's business."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.event_schemas import check
from tests.support.lock_waits import wait_until_blocked
from tests.support.obedient_shop import ObedientShop, StepFailedError
from tests.support.people_shop import (
    PeopleShop,
    change,
    delete_address,
    dispatch,
    register,
    relate_address,
    subscribe,
    transaction,
    write_address,
)
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php


@pytest.fixture
def tables(database: Database) -> PeopleShop:
    return PeopleShop(database)


@pytest.fixture
def shop(tables: PeopleShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def other_shop(tables: PeopleShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def customer(shop: ObedientShop, tables: PeopleShop) -> int:
    """An account whose events so far are forgotten."""
    customer_id = register(shop)
    tables.run("DELETE FROM erp_outbox")
    return customer_id


def cities(payload: dict[str, Any]) -> list[str]:
    return [address["city"] for address in payload["addresses"]]


def test_a_new_account_is_told_as_its_row_says_and_without_its_secrets(shop: ObedientShop, tables: PeopleShop) -> None:
    customer_id = register(shop)

    assert tables.events() == [("CustomerSaved", f"customer:{customer_id}")]
    (payload,) = tables.payloads()
    check(payload, "CustomerSaved.v1.json")
    assert "secret" not in json.dumps(payload)
    columns = ["entity_id", "website_id", "store_id", "group_id", "email", "firstname", "lastname", "is_active"]
    (row,) = tables.rows(f"SELECT {', '.join(columns)} FROM customer_entity")  # noqa: S608 -- the columns above
    assert [payload["customer"][column] for column in columns] == list(row)
    assert payload["customer"]["dob"] == "1980-02-29"
    assert (payload["website_code"], payload["store"]["store_code"]) == ("eu", "de")
    assert payload["group"] == {"customer_group_id": 1, "tax_class_id": 3, "customer_group_code": "General"}
    assert tables.rows("SELECT aggregate_type, aggregate_id, store_id FROM erp_outbox") == [
        ("customer", str(customer_id), 1)
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rp_token", "another"),
        ("rp_token_created_at", "2024-05-01 10:00:00"),
        ("password_hash", "another"),
        ("confirmation", None),
        ("failures_num", 3),
        ("first_failure", "2024-05-01 10:00:00"),
        ("lock_expires", "2024-05-01 10:00:00"),
        ("session_cutoff", "2024-05-01 10:00:00"),
        ("firstname", "Jürgen 🚚"),
    ],
)
def test_a_save_of_nothing_that_an_erp_may_know_raises_nothing(
    shop: ObedientShop, tables: PeopleShop, customer: int, column: str, value: object
) -> None:
    before = tables.rows("SELECT firstname FROM customer_entity")
    with transaction(shop):
        change(shop, customer, column, before[0][0] if column == "firstname" else value)

    assert tables.events() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("email", "new@example.com"),
        ("group_id", 2),
        ("taxvat", "DE123"),
        ("gender", 1),
        ("is_active", 0),
        ("dob", None),
    ],
)
def test_each_column_that_an_erp_may_know_raises_an_event(
    shop: ObedientShop, tables: PeopleShop, customer: int, column: str, value: object
) -> None:
    with transaction(shop):
        change(shop, customer, column, value)

    (payload,) = tables.payloads()
    assert payload["customer"].get(column) == value


def test_several_saves_in_one_transaction_are_one_event_of_the_last_state(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    shop.do("begin")
    for taxvat in ("DE1", "DE2"):
        with transaction(shop):
            change(shop, customer, "taxvat", taxvat)
    with transaction(shop):
        write_address(shop, customer)
    change(shop, customer, "taxvat", "DE3")
    assert tables.events() == []
    shop.do("commit")

    (payload,) = tables.payloads()
    assert (payload["customer"]["taxvat"], cities(payload)) == ("DE3", ["Köln"])


def test_a_change_that_is_taken_back_before_the_commit_raises_nothing(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    with transaction(shop):
        change(shop, customer, "taxvat", "DE1")
        change(shop, customer, "taxvat", None)

    assert tables.events() == []


def test_an_address_is_told_with_its_account_and_all_its_addresses(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    address_ids = []
    for city in ("Köln", "東京"):
        with transaction(shop):
            address_ids.append(write_address(shop, customer, city))
    delete_address(shop, customer, address_ids[0])

    payloads = tables.payloads()
    for payload in payloads:
        check(payload, "CustomerSaved.v1.json")
    assert [cities(payload) for payload in payloads] == [["Köln"], ["Köln", "東京"], ["東京"]]
    assert payloads[-1]["addresses"][0]["street"] == ["1 Main St", "Apt 2"]
    assert payloads[-1]["addresses"][0]["entity_id"] == address_ids[1]


def test_an_address_that_becomes_the_default_one_is_news_and_one_that_stays_it_is_not(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    with transaction(shop):
        address_id = write_address(shop, customer)
    unchanged = {"entity_id": address_id, "parent_id": customer, "customer_id": customer, "is_default_billing": True}

    for _ in range(3):
        with transaction(shop):
            relate_address(shop, unchanged)

    assert [payload["customer"].get("default_billing") for payload in tables.payloads()] == [None, address_id]


def test_an_account_saved_with_unchanged_addresses_is_told_once(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    with transaction(shop):
        address_id = write_address(shop, customer, default=True)
    tables.run("DELETE FROM erp_outbox")
    unchanged = {"entity_id": address_id, "parent_id": customer, "customer_id": customer, "is_default_billing": True}

    with transaction(shop):
        change(shop, customer, "taxvat", "DE1")
    with transaction(shop):
        relate_address(shop, unchanged)

    (payload,) = tables.payloads()
    assert payload["customer"]["taxvat"] == "DE1"


def test_a_newsletter_subscription_is_told_with_its_account(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    subscribe(shop, customer, status=3)

    (payload,) = tables.payloads()
    check(payload, "CustomerSaved.v1.json")
    assert [(one["store_id"], one["subscriber_status"]) for one in payload["newsletter"]] == [(1, 3)]
    assert "secret" not in json.dumps(payload)


def test_a_family_that_is_switched_off_raises_nothing(tables: PeopleShop) -> None:
    with ObedientShop(tables.database, config={"erp_sidecar_outbox/families/customers": "0"}) as silent:
        customer_id = register(silent)
        with transaction(silent):
            change(silent, customer_id, "taxvat", "DE1")
            write_address(silent, customer_id)

    assert tables.events() == []


def test_a_deleted_newsletter_subscription_is_told_with_its_account(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    subscribe(shop, customer, status=1)
    with transaction(shop):
        dispatch(shop, "newsletter_subscriber_delete_before", customer_id=customer)
        shop.sql("DELETE FROM newsletter_subscriber")

    assert [len(payload["newsletter"]) for payload in tables.payloads()] == [1, 0]


def test_a_guests_subscription_is_nobodys_account(shop: ObedientShop, tables: PeopleShop) -> None:
    subscribe(shop, 0, status=1)

    assert tables.events() == []


def test_a_deleted_account_is_told_by_its_ids_alone(shop: ObedientShop, tables: PeopleShop, customer: int) -> None:
    with transaction(shop):
        dispatch(shop, "customer_delete_before", entity_id=customer)
        shop.sql("DELETE FROM customer_entity WHERE entity_id = ?", [customer])

    assert tables.events() == [("CustomerDeleted", f"customer:{customer}")]
    (payload,) = tables.payloads()
    check(payload, "CustomerDeleted.v1.json")
    assert payload["customer"] == {"entity_id": customer, "website_id": 1, "store_id": 1}


def test_a_rollback_takes_the_event_along_and_the_same_change_is_then_told(
    shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    shop.do("begin")
    change(shop, customer, "taxvat", "DE1")
    shop.do("rollback")
    assert tables.events() == []
    with transaction(shop):
        dispatch(shop, "customer_save_before", entity_id=0)
    assert tables.events() == [], "what was rolled back is forgotten"

    with transaction(shop):
        change(shop, customer, "taxvat", "DE1")

    assert tables.events() == [("CustomerSaved", f"customer:{customer}")]


@pytest.mark.parametrize("code", [1213, 1205, 2006])
def test_an_event_that_cannot_be_written_fails_the_commit_and_is_told_by_the_next_attempt(
    shop: ObedientShop, tables: PeopleShop, customer: int, code: int
) -> None:
    shop.do("begin")
    change(shop, customer, "taxvat", "DE1")
    shop.do("fail_next_insert", code=code)
    with pytest.raises(StepFailedError) as error:
        shop.do("commit")
    shop.do("rollback")

    assert error.value.code == code
    assert tables.rows("SELECT taxvat FROM customer_entity") == [(None,)]
    assert tables.events() == []

    with transaction(shop):
        change(shop, customer, "taxvat", "DE1")
    assert tables.events() == [("CustomerSaved", f"customer:{customer}")]


def test_two_addresses_of_one_account_at_once_both_succeed_and_the_later_event_tells_both(
    shop: ObedientShop, other_shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    waiting_id = other_shop.do("connection_id")
    other_shop.do("begin")
    other_shop.sql("SELECT * FROM customer_address_entity")
    shop.do("begin")
    write_address(shop, customer, "first")
    second = other_shop.begin_step(
        "dispatch", event="customer_address_save_before", model={"parent_id": customer, "entity_id": None}
    )
    wait_until_blocked(tables.database, waiting_id)
    shop.do("commit")
    second()
    write_address(other_shop, customer, "second")
    other_shop.do("commit")

    assert [cities(payload) for payload in tables.payloads()] == [["first"], ["first", "second"]]


def test_first_addresses_of_two_new_accounts_at_once_do_not_stand_in_each_others_way(
    shop: ObedientShop, other_shop: ObedientShop, tables: PeopleShop, customer: int
) -> None:
    other_customer = register(other_shop, "john@example.com")
    tables.run("DELETE FROM erp_outbox")
    shop.do("begin")
    other_shop.do("begin")
    write_address(shop, customer, "Köln")
    write_address(other_shop, other_customer, "Bonn")
    write_address(shop, customer, "Ulm")

    shop.do("commit")
    other_shop.do("commit")

    assert [cities(payload) for payload in tables.payloads()] == [["Köln", "Ulm"], ["Bonn"]]
