"""Products are told by what of the exported attributes changed, whoever wrote it, in the transaction that wrote it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.catalog_shop import MUG, NAME, PRICE, TEE, CatalogShop, call, changes, create, save_value
from tests.support.event_schemas import told
from tests.support.lock_waits import wait_until_blocked
from tests.support.obedient_shop import ObedientShop, StepFailedError
from tests.support.people_shop import dispatch, transaction
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

NOT_EXPORTED = 99


@pytest.fixture
def tables(database: Database) -> CatalogShop:
    return CatalogShop(database)


@pytest.fixture
def shop(tables: CatalogShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


@pytest.fixture
def other_shop(tables: CatalogShop) -> Iterator[ObedientShop]:
    with ObedientShop(tables.database) as shop:
        yield shop


def special(sku: str, price: float | None = None) -> dict[str, Any]:
    return {"SpecialPrice": {"sku": sku, "store_id": 0, "price": price}}


def tier(product_id: int, quantity: str, value: str) -> dict[str, Any]:
    return {
        "entity_id": product_id, "all_groups": 1, "customer_group_id": 1, "qty": quantity, "value": value,
        "website_id": 0, "percentage_value": None,
    }  # fmt: skip


# --- One product saved ----------------------------------------------------------------------------


def test_a_saved_product_tells_only_what_changed_store_by_store(shop: ObedientShop, tables: CatalogShop) -> None:
    with transaction(shop):
        save_value(shop, TEE, "varchar", NAME, 1, "Leibchen")
        save_value(shop, TEE, "decimal", PRICE, 0, "13.0")

    (payload,) = told(tables)
    assert payload["product"] == {"entity_id": TEE, "attribute_set_id": 4, "sku": "TEE-S", "type_id": "simple"}
    assert payload["changed"] == {"name": {"1": "Leibchen"}, "price": {"0": "13.000000"}}
    assert (payload["is_complete"], payload["website_ids"], payload["tier_prices"]) == (False, None, None)
    assert tables.rows("SELECT type, lane, aggregate_type, aggregate_id, store_id FROM erp_outbox") == [
        ("ProductUpdated", "product:7", "product", "7", None)
    ]


def test_a_value_that_a_store_no_longer_has_of_its_own_is_null(shop: ObedientShop, tables: CatalogShop) -> None:
    with transaction(shop):
        save_value(shop, TEE, "varchar", NAME, 1, None)

    assert changes(told(tables)) == {"TEE-S": {"name": {"1": None}}}


@pytest.mark.parametrize(
    ("table", "attribute_id", "value"),
    [("varchar", NOT_EXPORTED, "another"), ("varchar", NAME, "Tee"), ("decimal", PRICE, "12.5000")],
    ids=["not exported", "the same text", "the same number"],
)
def test_a_save_of_nothing_that_is_exported_raises_nothing(
    shop: ObedientShop, tables: CatalogShop, table: str, attribute_id: int, value: str
) -> None:
    with transaction(shop):
        save_value(shop, TEE, table, attribute_id, 0, value)

    assert tables.events() == []


def test_several_saves_in_one_transaction_are_one_event(shop: ObedientShop, tables: CatalogShop) -> None:
    shop.do("begin")
    for price in ("13", "14"):
        with transaction(shop):
            save_value(shop, TEE, "decimal", PRICE, 0, price)
    call(shop, "ResourceModel\\Product\\Action::updateAttributes", [TEE, MUG], {"name": "New"}, 0)
    assert tables.events() == []
    shop.do("commit")

    assert changes(told(tables)) == {
        "TEE-S": {"name": {"0": "New"}, "price": {"0": "14.000000"}},
        "MUG": {"name": {"0": "New"}},
    }


def test_a_new_product_is_told_completely(shop: ObedientShop, tables: CatalogShop) -> None:
    product_id = create(shop, "CAP", "5.25")

    (payload,) = told(tables)
    assert payload["is_complete"]
    assert payload["changed"] == {"sku": {"0": "CAP"}, "price": {"0": "5.250000"}}
    assert (payload["website_ids"], payload["tier_prices"]) == ([], [])
    assert tables.events() == [("ProductUpdated", f"product:{product_id}")]


def test_another_sku_is_a_change(shop: ObedientShop, tables: CatalogShop) -> None:
    with transaction(shop):
        dispatch(shop, "catalog_product_save_before", entity_id=TEE)
        shop.sql("UPDATE catalog_product_entity SET sku = 'TEE-SMALL' WHERE entity_id = ?", [TEE])

    assert changes(told(tables)) == {"TEE-SMALL": {"sku": {"0": "TEE-SMALL"}}}


def test_a_deleted_product_is_told_with_its_sku(shop: ObedientShop, tables: CatalogShop) -> None:
    with transaction(shop):
        dispatch(shop, "catalog_product_delete_before", entity_id=TEE)
        shop.sql("DELETE FROM catalog_product_entity WHERE entity_id = ?", [TEE])

    assert tables.events() == [("ProductDeleted", "product:7")]
    assert told(tables)[0]["product"]["sku"] == "TEE-S"


def test_a_rollback_leaves_no_event(shop: ObedientShop, tables: CatalogShop) -> None:
    shop.do("begin")
    save_value(shop, TEE, "decimal", PRICE, 0, "13")
    shop.do("rollback")
    with transaction(shop):
        save_value(shop, MUG, "decimal", PRICE, 0, "9")

    assert tables.events() == []


def test_a_family_that_is_switched_off_raises_nothing(tables: CatalogShop) -> None:
    with ObedientShop(tables.database, config={"erp_sidecar_outbox/families/catalog": "0"}) as silent:
        create(silent, "CAP", "5.25")
        call(silent, "ResourceModel\\Product\\Action::updateAttributes", [TEE], {"name": "New"}, 0)
        silent.do(
            "dispatch", event="catalog_product_import_bunch_save_after", document={}, more={"bunch": [{"sku": "TEE-S"}]}
        )

    assert tables.events() == []
    assert tables.rows("SELECT value FROM catalog_product_entity_varchar WHERE entity_id = 7 AND value = 'New'")


# --- Many products written by SQL -----------------------------------------------------------------


def test_a_mass_update_tells_each_product_that_it_changed(shop: ObedientShop, tables: CatalogShop) -> None:
    call(shop, "ResourceModel\\Product\\Action::updateAttributes", [MUG, TEE], {"name": "Tee", "status": 2}, 0)

    assert changes(told(tables)) == {
        "TEE-S": {"status": {"0": "2"}},
        "MUG": {"name": {"0": "Tee"}, "status": {"0": "2"}},
    }
    assert tables.events() == [("ProductUpdated", "product:7"), ("ProductUpdated", "product:8")]


def test_one_attribute_saved_alone_is_told(shop: ObedientShop, tables: CatalogShop) -> None:
    shop.do(
        "call",
        **{"class": "Magento\\Catalog\\Model\\ResourceModel\\Product", "method": "saveAttribute"},
        arguments=[{"model": {"entity_id": TEE, "cost": "4.2"}}, "cost"],
    )

    assert changes(told(tables)) == {"TEE-S": {"cost": {"0": "4.200000"}}}


def test_base_prices_set_through_rest_are_told(shop: ObedientShop, tables: CatalogShop) -> None:
    prices = [{"entity_id": TEE, "store_id": 0, "value": "20"}, {"entity_id": MUG, "store_id": 0, "value": "9.000000"}]
    call(shop, "Product\\Price\\PricePersistence::update", prices)
    call(shop, "Product\\Price\\PricePersistence::delete", ["TEE-S"])

    assert [payload["changed"] for payload in told(tables)] == [{"price": {"0": "20.000000"}}, {"price": {"0": None}}]


def test_special_prices_set_and_deleted_through_rest_are_told(shop: ObedientShop, tables: CatalogShop) -> None:
    call(shop, "ResourceModel\\Product\\Price\\SpecialPrice::update", [special("TEE-S", 9.99), special("MUG", 5.0)])
    call(shop, "ResourceModel\\Product\\Price\\SpecialPrice::delete", [special("TEE-S")])

    assert [(payload["product"]["sku"], payload["changed"]) for payload in told(tables)] == [
        ("TEE-S", {"special_price": {"0": "9.990000"}}),
        ("MUG", {"special_price": {"0": "5.000000"}}),
        ("TEE-S", {"special_price": {"0": None}}),
    ]


def test_tier_prices_set_replaced_and_deleted_through_rest_are_told_whole(
    shop: ObedientShop, tables: CatalogShop
) -> None:
    call(shop, "Product\\Price\\TierPricePersistence::update", [tier(TEE, "10", "11"), tier(TEE, "100", "10")])
    call(shop, "Product\\Price\\TierPricePersistence::replace", [tier(MUG, "5", "8.5")], [TEE, MUG])
    ((value_id,),) = tables.rows("SELECT value_id FROM catalog_product_entity_tier_price")
    call(shop, "Product\\Price\\TierPricePersistence::delete", [value_id])

    tiers = [
        (payload["product"]["sku"], [(row["qty"], row["value"]) for row in payload["tier_prices"]])
        for payload in told(tables)
    ]
    assert tiers == [
        ("TEE-S", [("10.0000", "11.000000"), ("100.0000", "10.000000")]),
        ("TEE-S", []),
        ("MUG", [("5.0000", "8.500000")]),
        ("MUG", []),
    ]


def test_products_that_come_into_websites_and_leave_them_are_told(shop: ObedientShop, tables: CatalogShop) -> None:
    call(shop, "ResourceModel\\Product\\Website::addProducts", [1], [TEE, MUG])
    call(shop, "ResourceModel\\Product\\Website::removeProducts", [1], [TEE, MUG])

    assert [(payload["product"]["sku"], payload["website_ids"]) for payload in told(tables)] == [
        ("MUG", [1]),
        ("TEE-S", []),
        ("MUG", []),
    ]


def test_what_fails_inside_leaves_neither_values_nor_events(shop: ObedientShop, tables: CatalogShop) -> None:
    shop.do("fail_next_insert", code=1213)

    with pytest.raises(StepFailedError) as error:
        call(shop, "ResourceModel\\Product\\Action::updateAttributes", [TEE], {"name": "New"}, 0)

    assert error.value.code == 1213
    assert tables.events() == []
    assert tables.rows("SELECT value FROM catalog_product_entity_varchar WHERE value = 'New'") == []
    with transaction(shop):
        save_value(shop, TEE, "decimal", PRICE, 0, "13")
    assert changes(told(tables)) == {"TEE-S": {"price": {"0": "13.000000"}}}


def test_two_changes_of_one_product_at_once_are_told_in_the_order_of_their_commits(
    shop: ObedientShop, other_shop: ObedientShop, tables: CatalogShop
) -> None:
    waiting_id = other_shop.do("connection_id")
    shop.do("begin")
    save_value(shop, TEE, "decimal", PRICE, 0, "13")
    second = other_shop.begin_step(
        "call",
        **{"class": "Magento\\Catalog\\Model\\ResourceModel\\Product\\Action", "method": "updateAttributes"},
        arguments=[[MUG, TEE], {"price": "12.5"}, 0],
    )
    wait_until_blocked(tables.database, waiting_id)
    shop.do("commit")
    second()

    assert [(payload["product"]["sku"], payload["changed"]["price"]["0"]) for payload in told(tables)] == [
        ("TEE-S", "13.000000"),
        ("TEE-S", "12.500000"),
        ("MUG", "12.500000"),
    ]


# --- Imports --------------------------------------------------------------------------------------


def test_the_products_of_an_imports_bunch_are_told_completely_once_each(
    shop: ObedientShop, tables: CatalogShop
) -> None:
    bunch = [{"sku": "TEE-S"}, {"sku": "TEE-S", "store_view_code": "de"}, {"sku": None}, {"sku": "NEVER-SAVED"}]
    shop.do("dispatch", event="catalog_product_import_bunch_save_after", document={}, more={"bunch": bunch})

    (payload,) = told(tables)
    assert payload["is_complete"]
    assert payload["website_ids"] == [1]
    assert payload["changed"] == {
        "sku": {"0": "TEE-S"},
        "name": {"0": "Tee", "1": "Hemd"},
        "price": {"0": "12.500000"},
    }


@pytest.mark.parametrize(
    ("bunch", "skus"),
    [([{"sku": "TEE-S"}, {"sku": "MUG"}], ["TEE-S", "MUG"]), ([{"sku": "TEE-S"}], [None, None])],
    ids=["every row counts", "a row was left out"],
)
def test_products_that_an_import_deletes_are_told_in_its_transaction(
    shop: ObedientShop, tables: CatalogShop, bunch: list[dict[str, str]], skus: list[str | None]
) -> None:
    shop.do("begin")
    shop.sql("DELETE FROM catalog_product_entity")
    more = {"bunch": bunch, "ids_to_delete": [str(TEE), str(MUG)]}
    shop.do("dispatch", event="catalog_product_import_bunch_delete_commit_before", document={}, more=more)
    assert tables.events() == []
    shop.do("commit")

    assert tables.events() == [("ProductDeleted", "product:7"), ("ProductDeleted", "product:8")]
    assert [payload["product"].get("sku") for payload in told(tables)] == skus
