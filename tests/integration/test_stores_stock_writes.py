"""Stock by SQL: written where the shop's indexers notice, beside shipments that are neither erased nor waited for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from sidecar.domain.stock_feed import StockChange, Writing, Written
from sidecar.mysql.stock_writes import SqlStock
from tests.support.schedule_mode import set_schedule
from tests.support.stores import PREFIX, Tables

DEADLINE = 20.0


@pytest.fixture
def shop(tables: Tables) -> Iterator[Tables]:
    """Ten of each of three SKUs in two sources, one of them the default source; both indexers on schedule."""
    tables.insert("cataloginventory_stock", stock_id=1, website_id=0, stock_name="Default")
    for source in ("default", "west"):
        tables.insert("inventory_source", source_code=source, name=source, country_id="DE", postcode="1")
    for number, sku in enumerate(("A", "B", "C"), start=1):
        tables.insert("catalog_product_entity", entity_id=number, sku=sku)
        tables.insert("cataloginventory_stock_item", product_id=number, stock_id=1, qty=10, is_in_stock=1)
        tables.insert(
            "cataloginventory_stock_status", product_id=number, website_id=0, stock_id=1, qty=10, stock_status=1
        )
        for source in ("default", "west"):
            tables.insert("inventory_source_item", source_code=source, sku=sku, quantity=10, status=1)
    set_schedule(tables, "inventory", "cataloginventory_stock")
    tables.run("DELETE FROM {prefix}inventory_cl")
    tables.run("DELETE FROM {prefix}cataloginventory_stock_cl")
    yield tables
    set_schedule(tables)


@pytest.fixture
def stock(shop: Tables) -> Iterator[SqlStock]:
    stock = SqlStock(shop.session, ("default", "west"))
    yield stock
    stock.close()


def change(source: str, sku: str, quantity: str, *, expected: str | None = "10", in_stock: bool = True) -> StockChange:
    held = None if expected is None else Decimal(expected)
    return StockChange(source, sku, held, Decimal(quantity), in_stock=in_stock)


def outcomes(told: Sequence[Written]) -> list[Writing]:
    return [one.outcome for one in told]


def held(shop: Tables, source: str, sku: str) -> object:
    return shop.rows(
        "SELECT CAST(quantity AS CHAR), status FROM {prefix}inventory_source_item WHERE source_code = %s AND sku = %s",
        source,
        sku,
    )


def test_what_is_as_expected_is_set_and_noted_for_the_indexers(shop: Tables, stock: SqlStock) -> None:
    shop.run("UPDATE {prefix}inventory_source_item SET quantity = 4.5 WHERE source_code = 'west' AND sku = 'B'")
    shop.run("DELETE FROM {prefix}inventory_cl")

    told = stock.write(
        [
            change("west", "A", "7.1234"),
            change("west", "B", "1"),
            change("west", "C", "10"),
            change("west", "D", "3", expected=None),
            change("west", "E", "3", expected="1"),
            change("nowhere", "A", "3", expected=None),
            change("west", "F", "0.00001", expected=None),
        ],
        DEADLINE,
    )

    assert outcomes(told) == [
        Writing.WRITTEN,
        Writing.MOVED,
        Writing.WRITTEN,
        Writing.WRITTEN,
        Writing.MOVED,
        Writing.REFUSED,
        Writing.REFUSED,
    ]
    assert (told[1].found, told[4].found) == (Decimal("4.5"), None)
    assert [held(shop, "west", sku) for sku in ("A", "B", "D")] == [
        [("7.1234", 1)],
        [("4.5000", 1)],
        [("3.0000", 1)],
    ]
    noted = "SELECT sku FROM {prefix}inventory_cl JOIN {prefix}inventory_source_item ON source_item_id = entity_id"
    assert sorted(shop.rows(noted)) == [("A",), ("D",)], "an unchanged row is not indexed anew"


def test_the_default_source_takes_the_tables_along_that_were_there_before_sources(
    shop: Tables, stock: SqlStock
) -> None:
    shop.run("UPDATE {prefix}cataloginventory_stock_item SET use_config_backorders = 0 WHERE product_id = 3")

    told = stock.write(
        [
            change("default", "A", "7.5"),
            change("default", "B", "0", in_stock=False),
            change("default", "C", "0"),
            change("default", "no-product", "3", expected=None),
        ],
        DEADLINE,
    )

    assert outcomes(told) == [Writing.WRITTEN] * 4
    items = "SELECT CAST(qty AS CHAR), is_in_stock FROM {prefix}cataloginventory_stock_item ORDER BY product_id"
    statuses = "SELECT CAST(qty AS CHAR), stock_status FROM {prefix}cataloginventory_stock_status ORDER BY product_id"
    assert shop.rows(items) == shop.rows(statuses) == [("7.5000", 1), ("0.0000", 0), ("0.0000", 0)]
    noted = "SELECT entity_id FROM {prefix}cataloginventory_stock_cl ORDER BY entity_id"
    assert shop.rows(noted) == [(1,), (2,), (3,)]


def test_a_row_that_a_shipment_holds_is_passed_over_and_never_erased(shop: Tables, stock: SqlStock) -> None:
    changes = [change("west", "A", "20"), change("west", "B", "20"), change("default", "C", "20")]
    with shop.database.connect(autocommit=False) as shipment, shipment.cursor() as cursor:
        take = f"UPDATE {PREFIX}inventory_source_item SET quantity = quantity - 3 WHERE source_code = %s AND sku = %s"  # noqa: S608
        cursor.execute(take, ("west", "A"))
        cursor.execute(f"UPDATE {PREFIX}cataloginventory_stock_item SET qty = 7 WHERE product_id = 3")  # noqa: S608
        beside = stock.write(changes, DEADLINE)
        shipment.commit()
    after = stock.write([changes[0]], DEADLINE)

    assert outcomes(beside) == [Writing.MOVED, Writing.WRITTEN, Writing.MOVED]
    assert "somebody else is changing the row" in beside[0].words
    assert (outcomes(after), after[0].found) == ([Writing.MOVED], Decimal(7))
    assert held(shop, "west", "A") == [("7.0000", 1)]
    assert held(shop, "default", "C") == [("10.0000", 1)]


@pytest.mark.parametrize("view", ["inventory", "cataloginventory_stock"])
def test_stock_that_no_indexer_would_notice_is_not_written(shop: Tables, stock: SqlStock, view: str) -> None:
    """The mode says schedule, and the triggers are gone: a full reindex that swaps tables has lost them before."""
    sound = stock.problems()
    set_schedule(shop, *({"inventory", "cataloginventory_stock"} - {view}))
    (told_before,) = stock.problems()
    shop.run("UPDATE {prefix}mview_state SET mode = 'enabled'")

    told = stock.write([change("default", "A", "20"), change("default", "B", "20")], DEADLINE)

    assert sound == []
    assert f"{view} not on schedule: bin/magento indexer:set-mode schedule" in told_before
    assert outcomes(told) == [Writing.LATER, Writing.LATER]
    assert f"no trigger has noted the change for the indexer {view}" in told[0].words
    assert "bin/magento indexer:set-mode schedule inventory" in told[0].words
    assert held(shop, "default", "A") == [("10.0000", 1)]


def test_sources_that_magento_does_not_have_are_told_before_anything_is_written(shop: Tables) -> None:
    stock = SqlStock(shop.session, ("west", "moon"))

    problems = stock.problems()
    stock.close()

    assert problems == ["Magento has no source moon: correct stock_feed"]
