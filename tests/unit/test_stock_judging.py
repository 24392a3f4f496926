"""A reading is judged SKU by SKU, whatever its pages cut apart, and writes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sidecar.domain.inbound import InboundDocument
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import FindingKind
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    ReadLevel,
    Snapshot,
    SnapshotState,
    SourceItem,
    SourceShare,
    StockFeedPolicy,
)
from sidecar.domain.stock_rule import Bearing, Demand, Held, Network, Planned, Span, Verdict, Waits
from sidecar.domain.units import UnitRule, Units
from sidecar.engine import stock_judging
from sidecar.engine.stock_judging import Judging
from sidecar.engine.stock_outlook import outlook_of
from sidecar.ports import FeedFacts, SnapshotStore, SourceRows
from tests.support.rig import POLICY

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
FEED = StockFeedPolicy(
    Quantity.AVAILABLE,
    {"W1": (SourceShare("west"),), "E1": (SourceShare("east"),)},
    uncertainty=timedelta(seconds=1),
    guards=FeedGuards(jump_share=None),
)
LASTING = Snapshot(7, SnapshotState.COMPLETE, NOON, NOON + timedelta(minutes=5), 9, 9)


@dataclass
class Shop(SnapshotStore if TYPE_CHECKING else object):  # type: ignore[misc]
    """A reading, Magento's rows and what bears on them, in memory."""

    told: list[ReadLevel]
    rows: list[SourceItem] = field(default_factory=list)
    bears: dict[str, Bearing] = field(default_factory=dict)
    strangers: frozenset[str] = frozenset()

    def levels(self, number: int, after: str, limit: int) -> Sequence[ReadLevel]:  # noqa: ARG002
        """A page."""
        ordered = sorted(self.told, key=lambda level: (level.sku, level.warehouse, level.unit))
        return [level for level in ordered if level.sku > after][:limit]

    def levels_of(self, number: int, skus: Sequence[str]) -> Sequence[ReadLevel]:  # noqa: ARG002
        """Of these SKUs."""
        return [level for level in self.told if level.sku in skus]

    def acceptances(self, destination: str) -> Mapping[str, Decimal]:  # noqa: ARG002
        """Nobody has accepted anything."""
        return {}

    def network(self, sources: Sequence[str]) -> Network:
        """One stock of all sources."""
        return Network({1: tuple(sources)})

    def products(self, skus: Collection[str]) -> Collection[str]:
        """All but strangers."""
        return set(skus) - self.strangers

    def bearing(
        self,
        skus: Collection[str],
        since: datetime,  # noqa: ARG002
        told: Sequence[tuple[int, InboundDocument]] = (),  # noqa: ARG002
    ) -> Mapping[str, Bearing]:
        """What a test says."""
        return {sku: one for sku, one in self.bears.items() if sku in skus}

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """A page of rows."""
        ordered = sorted(self.rows, key=lambda item: (sources.index(item.source), item.sku))
        begin = (sources.index(after[0]), after[1]) if after[0] else (-1, "")
        return [item for item in ordered if (sources.index(item.source), item.sku) > begin][:limit]

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:  # noqa: ARG002
        """Rows of these SKUs."""
        return [item for item in self.rows if item.sku in skus]


def judging(shop: Shop, feed: StockFeedPolicy = FEED, policy: DestinationPolicy = POLICY) -> Judging:
    facts: FeedFacts = shop
    rows: SourceRows = shop
    return Judging(policy, feed, shop, facts, rows).begin(LASTING)


def verdicts(shop: Shop, feed: StockFeedPolicy = FEED) -> dict[str, Verdict]:
    judge = judging(shop, feed)
    return {sku: one for part in judge.segments() for sku, one in judge.judge(part).verdicts.items()}


def level(sku: str, quantity: int | str, warehouse: str = "W1", unit: str = "", after: int = 0) -> ReadLevel:
    return ReadLevel(sku, warehouse, Decimal(quantity), unit, NOON + timedelta(seconds=after))


def row(source: str, sku: str, quantity: int) -> SourceItem:
    return SourceItem(source, sku, Decimal(quantity), in_stock=True)


def test_pages_and_segments_cut_no_sku_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_judging, "PAGE", 3)
    monkeypatch.setattr(stock_judging, "SEGMENT", 2)
    told = [level(f"sku-{n}", n, warehouse) for n in range(1, 8) for warehouse in ("W1", "E1")]

    found = verdicts(Shop(told))

    assert {sku: one.after for sku, one in found.items() if isinstance(one, Planned)} == {
        f"sku-{n}": 2 * n for n in range(1, 8)
    }


def test_several_rows_of_one_warehouse_and_units_that_nobody_named_are_held() -> None:
    feed = replace(FEED, units=Units("PCE", (UnitRule(Skus(prefix="SET"), "BOX", Decimal(12)),)))
    shop = Shop(
        [level("A", 1, unit="PCE"), level("A", 2, unit=""), level("B", 3, unit="KG"), level("SET", 2, unit="BOX")]
    )

    found = verdicts(shop, feed)

    kinds = {sku: one.kind for sku, one in found.items() if isinstance(one, Held)}
    assert kinds == {"A": FindingKind.STOCK_ROWS, "B": FindingKind.STOCK_UNIT}
    assert isinstance(found["SET"], Planned)
    assert found["SET"].after == 24


def test_the_levels_of_a_sku_are_of_the_time_between_their_pages_and_no_longer() -> None:
    shop = Shop([level("A", 5, after=0), level("A", 5, "E1", after=60), level("B", 5, after=120)])
    amid = Demand(Span(NOON + timedelta(seconds=20), NOON + timedelta(seconds=40)), Decimal(1), stock=1)
    shop.bears = {"A": Bearing([amid]), "B": Bearing([amid])}

    found = verdicts(shop)

    assert isinstance(found["A"], Waits)
    assert isinstance(found["B"], Planned)
    assert found["B"].after == 6


def test_what_is_not_listed_counts_as_nothing_while_the_whole_reading_lasted() -> None:
    shop = Shop([level("A", 5)], [row("west", "B", 4), row("east", "B", 1), row("east", "C", 2)])
    amid = Demand(Span(NOON + timedelta(minutes=1), NOON + timedelta(minutes=2)), Decimal(1), stock=1)
    shop.bears = {"C": Bearing([amid])}

    found = verdicts(shop, replace(FEED, guards=FeedGuards(jump_share=None, missing="zero")))

    assert isinstance(found["B"], Planned)
    assert found["B"].before == 5
    assert found["B"].after == 0
    assert isinstance(found["C"], Waits)


def test_a_sku_that_a_warehouse_of_its_does_not_list_is_kept_whole() -> None:
    shop = Shop([level("A", 5), level("B", 5)], [row("west", "A", 1), row("east", "A", 1), row("west", "B", 1)])

    outlook = outlook_of(judging(shop))

    assert (outlook.skus, outlook.kept, outlook.rows) == (1, 1, 1)


def test_an_outlook_tells_the_largest_changes_first_and_what_is_held() -> None:
    told = [level("A", 5), level("B", 900), level("C", -4), level("D", 7), level("Z", 1)]
    shop = Shop(told, [row("west", sku, 7) for sku in "ABCD"], strangers=frozenset({"Z"}))

    outlook = outlook_of(judging(shop))

    assert [shift.sku for shift in outlook.largest] == ["B", "A"]
    assert [sku for sku, _ in outlook.held] == ["C"]
    assert (outlook.unchanged, outlook.unknown) == (1, 1)
    assert outlook.before == 21
    assert outlook.after == 912
