"""The third module's service: sets source items that are still as the caller has read them, and leaves the others."""

from collections.abc import Iterator, Mapping

import pytest

from tests.support.inventory_shop import InventoryShop, InventoryTables
from tests.support.lock_waits import wait_until_blocked
from tests.support.obedient_shop import StepFailedError
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php


@pytest.fixture
def tables(database: Database) -> InventoryTables:
    """One SKU in two sources, and another in one."""
    tables = InventoryTables(database)
    tables.put("west", "A", 10)
    tables.put("east", "A", 5)
    tables.put("west", "B", "2.5", 0)
    return tables


@pytest.fixture
def shop(tables: InventoryTables) -> Iterator[InventoryShop]:
    with InventoryShop(tables.database) as shop:
        yield shop


@pytest.fixture
def shipping(tables: InventoryTables) -> Iterator[InventoryShop]:
    with InventoryShop(tables.database) as shop:
        yield shop


def change(source: str, sku: str, expected: str | None, quantity: str, status: int = 1) -> Mapping[str, object]:
    return {
        "source_code": source,
        "sku": sku,
        "expected_quantity": expected,
        "quantity": quantity,
        "status": status,
    }


def levels(tables: InventoryTables) -> dict[tuple[str, str], tuple[str, int]]:
    rows = tables.rows("SELECT source_code, sku, CAST(quantity AS CHAR), status FROM {prefix}inventory_source_item")
    return {(source, sku): (quantity, status) for source, sku, quantity, status in rows}


@pytest.mark.parametrize("is_later", [False, True], ids=["2.4.4", "later"])
def test_what_is_as_expected_is_set_and_the_rest_is_told_and_left_alone(
    shop: InventoryShop, tables: InventoryTables, *, is_later: bool
) -> None:
    told = shop.apply(
        change("west", "A", "10", "7.1234"),
        change("east", "A", "4", "9"),
        change("west", "B", "2.50", "2.5", status=1),
        change("east", "B", None, "3"),
        change("west", "A2", "1", "3"),
        is_later=is_later,
    )

    assert [(each["sku"], each["outcome"], each.get("found_quantity")) for each in told] == [
        ("A", "written", None),
        ("A", "moved", "5.0000"),
        ("B", "written", None),
        ("B", "written", None),
        ("A2", "moved", None),
    ]
    assert levels(tables) == {
        ("west", "A"): ("7.1234", 1),
        ("east", "A"): ("5.0000", 1),
        ("west", "B"): ("2.5000", 1),
        ("east", "B"): ("3.0000", 1),
    }
    assert sorted(tables.changes()) == [
        ("east", "B", "3.0000", None, "3.0000"),
        ("west", "A", "-2.8766", "10.0000", "7.1234"),
        ("west", "B", "0.0000", "2.5000", "2.5000"),
    ]


def test_what_already_is_as_wanted_is_not_written_again(shop: InventoryShop, tables: InventoryTables) -> None:
    (told,) = shop.apply(change("west", "A", "10", "10.000"))

    assert told["outcome"] == "written"
    assert tables.payloads() == []


def test_a_shipment_between_the_reading_and_the_writing_is_never_erased(
    shop: InventoryShop, shipping: InventoryShop, tables: InventoryTables
) -> None:
    """The write waits for the shipment's locks, sees what it took, and leaves that row to the caller."""
    connection = shop.do("connection_id")
    shipping.do("begin")
    shipping.deduct("west", [("A", 3)], "shipment_created", "42")

    answer = shop.begin_step("apply", **{"with": [[change("west", "A", "10", "20"), change("east", "A", "5", "6")]]})
    wait_until_blocked(tables.database, connection)
    shipping.do("commit")
    told = answer()

    assert [(each["outcome"], each.get("found_quantity")) for each in told] == [("moved", "7.0000"), ("written", None)]
    assert levels(tables)["west", "A"] == ("7.0000", 1)
    assert levels(tables)["east", "A"] == ("6.0000", 1)


def test_a_lock_that_is_not_to_be_had_writes_nothing_and_is_no_refusal(
    shop: InventoryShop, shipping: InventoryShop, tables: InventoryTables
) -> None:
    shop.do("sql", sql="SET SESSION innodb_lock_wait_timeout = 1")
    shipping.do("begin")
    shipping.deduct("east", [("A", 3)], "shipment_created", "42")

    with pytest.raises(StepFailedError, match=r"Webapi.Exception.*Nothing was written"):
        shop.apply(change("west", "A", "10", "20"), change("east", "A", "5", "6"))
    shipping.do("rollback")

    assert levels(tables)["west", "A"] == ("10.0000", 1)
    assert tables.payloads() == []
    assert shop.do("level") == 0


def test_what_magento_refuses_undoes_the_whole_batch(shop: InventoryShop, tables: InventoryTables) -> None:
    with pytest.raises(StepFailedError, match="Could not save Source Item"):
        shop.apply(change("west", "A", "10", "20"), change("nowhere", "A", None, "6"))

    assert levels(tables)["west", "A"] == ("10.0000", 1)
    assert tables.payloads() == []


def test_another_spelling_of_a_sku_that_is_there_adds_no_second_meaning_to_it(
    shop: InventoryShop, tables: InventoryTables
) -> None:
    with pytest.raises(StepFailedError, match='Magento spells this source item "west", "A"'):
        shop.apply(change("west", "a", None, "1"))

    assert levels(tables)["west", "A"] == ("10.0000", 1)
