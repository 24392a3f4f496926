"""Imports, shipments, refunds and transfers of the same SKUs at once: every delta is told once, and nothing deadlocks
that would not without the module."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.inventory_shop import InventoryShop, InventoryTables, difference
from tests.support.lock_waits import wait_until_blocked
from tests.support.servers import Database

pytestmark = pytest.mark.needs_php

SKUS = [f"SKU-{number:03}" for number in range(30)]
ROUNDS = 60
KINDS = ("import", "shipment", "refund", "import", "shipment", "restock")


@pytest.fixture
def tables(database: Database) -> InventoryTables:
    """All SKUs in both sources."""
    tables = InventoryTables(database)
    for sku in SKUS:
        tables.put("west", sku, 100)
        tables.put("east", sku, 100)
    return tables


@contextmanager
def shops(tables: InventoryTables, count: int) -> Iterator[list[InventoryShop]]:
    with ExitStack() as stack:
        yield [stack.enter_context(InventoryShop(tables.database)) for _ in range(count)]


def run_traffic(tables: InventoryTables, kinds: tuple[str, ...], *, is_later: bool) -> Counter[str]:
    """Run a process for each kind, all at once; gives how often what happened in all of them."""
    happened: Counter[str] = Counter()
    with shops(tables, len(kinds)) as running:
        answers = [
            shop.begin_step("traffic", options=[kind, ROUNDS, number, SKUS, f"-{number}", is_later])
            for number, (shop, kind) in enumerate(zip(running, kinds, strict=True))
        ]
        for answer in answers:
            happened.update(answer())
    return happened


@pytest.mark.parametrize("is_later", [False, True], ids=["2.4.4", "later"])
def test_import_and_shipment_and_refund_at_once_add_up_to_what_the_sources_hold(
    tables: InventoryTables, *, is_later: bool
) -> None:
    before = tables.stock()

    happened = run_traffic(tables, KINDS, is_later=is_later)

    assert difference(tables.stock(), before) == {key: sum_ for key, sum_ in tables.deltas().items() if sum_}
    assert happened.keys() <= {"done", "refused"}, "a deadlock or another error of the server"
    assert happened.total() == ROUNDS * len(KINDS)


def test_transfers_among_shipments_add_up_too(tables: InventoryTables) -> None:
    before = tables.stock()

    happened = run_traffic(tables, ("transfer", "shipment", "transfer", "restock"), is_later=False)

    assert happened.keys() <= {"done", "refused"}, "a deadlock or another error of the server"
    assert difference(tables.stock(), before) == {key: sum_ for key, sum_ in tables.deltas().items() if sum_}


def test_the_sessions_have_magentos_isolation(tables: InventoryTables) -> None:
    """The servers' default: Magento sets none, and gaps are locked only at this one."""
    with shops(tables, 1) as (shop,):
        name = "tx_isolation" if tables.database.is_mariadb else "transaction_isolation"

        assert shop.do("look", sql=f"SELECT @@{name} AS isolation") == [{"isolation": "REPEATABLE-READ"}]


def test_a_chain_of_events_of_one_source_item_has_no_break(tables: InventoryTables) -> None:
    run_traffic(tables, ("import", "shipment", "refund"), is_later=True)

    last: dict[str, str] = {}
    for source, sku, _, old, new in tables.changes():
        assert source == "west"
        assert old == last.get(sku, "100.0000" if sku in SKUS else None), sku
        last[sku] = str(new)


def test_a_bulk_transfer_sees_the_shipment_that_it_waited_for(tables: InventoryTables) -> None:
    with shops(tables, 2) as (shipping, moving):
        connection = moving.do("connection_id")
        shipping.do("begin")
        shipping.deduct("west", [("SKU-001", 30)], "shipment_created", "42")
        transfer = moving.begin_step("transfer", **{"with": [["SKU-001"], "west", "east", False]})
        wait_until_blocked(tables.database, connection)
        shipping.do("commit")
        transfer()

    assert tables.stock()["west", "SKU-001"] == 0
    assert tables.stock()["east", "SKU-001"] == 170
    assert sum(tables.deltas().values()) == -30


def test_a_source_item_that_is_not_there_is_not_locked(tables: InventoryTables) -> None:
    """Two imports hold the place of a new SKU open for each other; locked gaps would stop both."""
    with shops(tables, 2) as (first, second):
        for shop in (first, second):
            shop.do("begin")
            shop.do("sql", sql="SET SESSION innodb_lock_wait_timeout = 2")
        first.save(("west", "SKU-001", 1, 1), ("west", "SKU-010-new", 1, 1), is_later=True)
        second.save(("west", "SKU-020", 1, 1), ("west", "SKU-010-other", 1, 1), is_later=True)
        second.do("commit")
        first.do("commit")

    assert len(tables.changes()) == 4


def test_a_row_that_was_changed_after_the_callers_transaction_began_is_told_as_it_is(tables: InventoryTables) -> None:
    with shops(tables, 1) as (shop,):
        shop.do("begin")
        shop.do("look", sql="SELECT * FROM inventory_source_item")
        tables.run("UPDATE inventory_source_item SET quantity = 8 WHERE source_code = 'west'")

        shop.save(("west", "SKU-000", 8, 1), ("west", "SKU-001", 100, 1))
        shop.do("commit")

    assert tables.changes() == [("west", "SKU-001", "92.0000", "8.0000", "100.0000")]
