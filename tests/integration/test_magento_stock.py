"""Stock into Magento over REST: each answer, and what the shop's sources hold then."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from sidecar.domain.stock_feed import StockChange, Writing, Written
from sidecar.magento.client import RestServices
from sidecar.magento.stock import RestStock
from tests.support.inventory_shop import InventoryTables
from tests.support.magento_rest import RESOURCES, Fault, MagentoRest, magento_rest
from tests.support.servers import Database

pytestmark = [pytest.mark.needs_php, pytest.mark.slow, pytest.mark.mariadb]
"""What an answer means does not depend on the database server; test_module_stock_feed.py runs on each."""

DEADLINE = 20.0
SKUS = [f"SKU-{number:02}" for number in range(8)]


@pytest.fixture
def tables(database: Database) -> InventoryTables:
    """Eight SKUs in one source, ten of each."""
    tables = InventoryTables(database)
    for sku in SKUS:
        tables.put("west", sku, 10)
    return tables


@pytest.fixture
def shop(tables: InventoryTables, tmp_path: Path) -> Iterator[MagentoRest]:
    with magento_rest(tables.database, tmp_path / "rest") as running:
        yield running


@pytest.fixture
def stock(shop: MagentoRest) -> Iterator[RestStock]:
    services = RestServices(shop.base_url, SecretStr(shop.token))
    yield RestStock(services)
    services.close()


def change(sku: str, quantity: str = "12.3456", *, source: str = "west", expected: str | None = "10") -> StockChange:
    held = None if expected is None else Decimal(expected)
    return StockChange(source, sku, held, Decimal(quantity), in_stock=True)


def outcomes(told: Sequence[Written]) -> list[Writing]:
    return [one.outcome for one in told]


def written(tables: InventoryTables) -> int:
    return sum(quantity == Decimal("12.3456") for quantity in tables.stock().values())


def test_changes_are_written_exactly_and_told_as_the_erps(
    stock: RestStock, shop: MagentoRest, tables: InventoryTables
) -> None:
    tables.run("UPDATE inventory_source_item SET quantity = 4.5 WHERE sku = 'SKU-01'")
    changes = [change("SKU-00"), change("SKU-01"), change("new", expected=None), change("gone", expected="1")]

    told = stock.write(changes, DEADLINE)

    assert [one.change for one in told] == changes
    assert outcomes(told) == [Writing.WRITTEN, Writing.MOVED, Writing.WRITTEN, Writing.MOVED]
    assert [told[1].found, told[3].found] == [Decimal("4.5"), None]
    assert tables.stock()["west", "SKU-00"] == tables.stock()["west", "new"] == Decimal("12.3456")
    assert {payload["origin"] for payload in tables.payloads()} == {"erp"}
    assert len(shop.calls("source_items")) == 1


def test_the_one_change_that_magento_will_not_have_is_found_and_the_others_are_written(
    stock: RestStock, shop: MagentoRest, tables: InventoryTables
) -> None:
    changes = [change(sku) for sku in SKUS]
    changes[5] = change("SKU-05", source="nowhere", expected=None)

    told = stock.write(changes, DEADLINE)

    assert outcomes(told) == [Writing.WRITTEN] * 5 + [Writing.REFUSED] + [Writing.WRITTEN] * 2
    assert told[5].words == "Could not save Source Item"
    assert written(tables) == len(SKUS) - 1
    assert len(shop.calls("source_items")) == 7


def test_a_list_that_is_too_long_for_magento_is_learned_once(shop: MagentoRest, tables: InventoryTables) -> None:
    shop.change(array_limit=20)
    services = RestServices(shop.base_url, SecretStr(shop.token))
    stock = RestStock(services)
    many = [change(f"new-{number}", expected=None) for number in range(40)]

    told = stock.write(many, DEADLINE)
    before = len(shop.calls("source_items"))
    stock.write([change(f"more-{number}", expected=None) for number in range(40)], DEADLINE)
    services.close()

    assert set(outcomes(told)) == {Writing.WRITTEN}
    assert (before, len(shop.calls("source_items")) - before) == (3, 2)
    assert written(tables) == 80


FAULTS: dict[Fault, tuple[Writing, int]] = {
    "maintenance": (Writing.LATER, 0),
    "throttled": (Writing.LATER, 0),
    "not_json": (Writing.UNKNOWN, 0),
    "error_page": (Writing.UNKNOWN, 0),
    "error_after_commit": (Writing.UNKNOWN, 2),
    "cut_answer": (Writing.UNKNOWN, 2),
}
"""What becomes of a call, and how many changes are written all the same."""


def test_what_is_behind_a_call_that_failed_is_not_asked(shop: MagentoRest, tables: InventoryTables) -> None:
    services = RestServices(shop.base_url, SecretStr(shop.token))
    stock = RestStock(services, batch=2)

    for round_, (fault, (first, count)) in enumerate(FAULTS.items()):
        shop.fail_next(fault, on="source_items")
        skus = [f"{fault}-{number}" for number in range(4)]
        before = written(tables)

        told = stock.write([change(sku, expected=None) for sku in skus], DEADLINE)

        assert outcomes(told) == [first, first, Writing.LATER, Writing.LATER], fault
        assert all(one.words for one in told)
        assert written(tables) - before == count, fault
        assert len(shop.calls("source_items")) == round_ + 1
    services.close()


def test_an_answer_that_does_not_come_in_time_is_unknown(
    stock: RestStock, shop: MagentoRest, tables: InventoryTables
) -> None:
    shop.fail_next("lost_answer", on="source_items")
    with shop.gate_closed():
        told = stock.write([change("SKU-00")], 1.5)

    assert outcomes(told) == [Writing.UNKNOWN]
    assert written(tables) == 1


def test_the_probe_names_a_module_and_a_right_that_are_missing(stock: RestStock, shop: MagentoRest) -> None:
    sound = stock.problems()
    shop.allow(*(resource for resource in RESOURCES if not resource.startswith("Magento_Inventory")))
    forbidden, untold = stock.problems(), stock.write([change("SKU-00")], DEADLINE)
    shop.change(has_stock_feed=False)
    absent, unheard = stock.problems(), stock.write([change(sku) for sku in SKUS], DEADLINE)

    assert sound == []
    assert forbidden == [
        "the sidecar may not set source items: allow its integration Magento_InventoryApi::stock_source_item_assign"
    ]
    assert outcomes(untold) == [Writing.LATER]
    assert "install the module ErpSidecar_StockFeed" in absent[0]
    assert set(outcomes(unheard)) == {Writing.LATER}
    assert len(shop.calls("source_items")) == 5
