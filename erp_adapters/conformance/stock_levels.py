"""Stock levels: every row once, to the last place, however many pages it takes."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE
from erp_adapters.conformance.traits import Suited, Trait, needs
from sidecar.domain.documents import StockLevel, StockPage, StockQuery
from sidecar.domain.errors import Retryable
from sidecar.ports import ErpAdapter


def pages(adapter: ErpAdapter, query: StockQuery) -> Iterator[StockPage]:
    """Every page of a reading."""
    cursor: str | None = None
    while True:
        page = adapter.read_stock(query, cursor, DEADLINE)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def levels(adapter: ErpAdapter, query: StockQuery) -> list[StockLevel]:
    """Every row of a reading."""
    return [level for page in pages(adapter, query) for level in page.levels]


class ReadsStock(Suited):
    """Reading what an ERP holds."""

    @needs(Trait.STOCK_LEVELS)
    def test_more_than_one_page_of_stock_is_read_without_a_row_left_out_or_told_twice(self, harness: Harness) -> None:
        stocked = harness.stocked()
        warehouses = tuple(sorted({warehouse for _, warehouse in stocked}))

        read = list(pages(harness.adapter, StockQuery(warehouses=warehouses)))

        rows = [level for page in read for level in page.levels]
        assert len(read) > 1
        assert len(rows) == len(stocked)
        assert {(level.sku, level.warehouse): level.on_hand for level in rows} == stocked

    @needs(Trait.STOCK_LEVELS)
    def test_only_what_was_asked_for_is_told_and_an_item_without_stock_is_not(self, harness: Harness) -> None:
        stocked = harness.stocked()
        wanted = sorted({sku for sku, _ in stocked})[:3]

        rows = levels(harness.adapter, StockQuery(skus=(*wanted, harness.unknown_sku)))

        assert {level.sku for level in rows} == set(wanted)
        told = {(level.sku, level.warehouse): level.on_hand for level in rows}
        assert {key: amount for key, amount in told.items() if key in stocked} == {
            (sku, warehouse): amount for (sku, warehouse), amount in stocked.items() if sku in wanted
        }

    @needs(Trait.STOCK_LEVELS)
    def test_more_items_than_one_call_takes_are_read_all_the_same(self, harness: Harness) -> None:
        stocked = harness.stocked()
        skus = tuple(sorted({sku for sku, _ in stocked}))

        rows = levels(harness.adapter, StockQuery(skus=skus))

        assert {(level.sku, level.warehouse) for level in rows} >= stocked.keys()
        assert len(rows) == len({(level.sku, level.warehouse) for level in rows})

    @needs(Trait.STOCK_LEVELS)
    def test_a_reading_tells_when_the_erp_made_it(self, harness: Harness) -> None:
        page = harness.adapter.read_stock(StockQuery(skus=(harness.skus[0],)), None, DEADLINE)

        assert page.as_of is not None
        assert abs(page.as_of - datetime.now(UTC)) < timedelta(minutes=5)

    @needs(Trait.STOCK_LEVELS)
    def test_stock_that_cannot_be_read_is_an_error_and_no_empty_page(self, harness: Harness) -> None:
        for adapter in (harness.stranger, harness.unreachable):
            with pytest.raises(Retryable):
                adapter.read_stock(StockQuery(), None, DEADLINE)
