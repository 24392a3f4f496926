"""Judging a reading: what the rule says of each SKU, from levels, Magento's rows and what bears on them.

It writes nothing, so it is also what a person is shown before the first reading is taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.inbound import InboundDocument
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import FindingKind
from sidecar.domain.stock_feed import ReadLevel, Snapshot, SnapshotState, SourceItem, StockFeedPolicy
from sidecar.domain.stock_rule import Bearing, Held, Levels, Network, Rule, Verdict, Watermark
from sidecar.domain.units import UnknownUnitError
from sidecar.ports import FeedFacts, SnapshotStore, SourceRows

SEGMENT: Final = 20_000
"""SKUs that are held in memory at once, some 35 MB of them, and judged in one turn of the daemon's loop. What bears on
them is read once for each segment, out of all open orders.
"""

PAGE: Final = 2000
_A_SECOND: Final = timedelta(seconds=1)
"""Magento's times are whole seconds."""

SkuLevels = Sequence[ReadLevel]
_NOTHING: Final = Bearing()


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of some SKUs; `kept` are left as they are: the reading does not list them in every warehouse.

    `accepted`: those whose jump a person has taken for right.
    """

    verdicts: Mapping[str, Verdict]
    rows: Mapping[str, Mapping[str, SourceItem]]
    kept: Sequence[str]
    accepted: frozenset[str]


class Judging:
    """Judges readings of one destination's stock, one after the other."""

    def __init__(
        self,
        policy: DestinationPolicy,
        feed: StockFeedPolicy,
        store: SnapshotStore,
        facts: FeedFacts,
        items: SourceRows,
    ) -> None:
        """Nothing is read yet."""
        self._policy, self._feed = policy, feed
        self._store, self._facts, self._items = store, facts, items
        self._snapshot = Snapshot(0, SnapshotState.COMPLETE)
        self._told: Sequence[tuple[int, InboundDocument]] = ()
        self._guards_jumps = True
        self._unknown: list[str] = []
        self._accepted: Mapping[str, Decimal] = {}
        self._rule = Rule(feed, Network())

    def begin(
        self, snapshot: Snapshot, told: Sequence[tuple[int, InboundDocument]] = (), *, guards_jumps: bool = True
    ) -> "Judging":
        """Turn to a reading; `told` are deliveries that the ERP has told after it, and nobody has kept."""
        self._snapshot, self._told, self._guards_jumps = snapshot, told, guards_jumps
        self._accepted = self._store.acceptances(self._policy.name)
        self._rule = Rule(self._feed, self._facts.network(self._feed.sources))
        self._unknown = []
        return self

    def segments(self) -> Iterator[Mapping[str, SkuLevels]]:
        """Levels by SKU, a segment at a time; and, where what is not listed counts as nothing, those SKUs too."""
        segment: dict[str, list[ReadLevel]] = {}
        for sku, levels in self._by_sku():
            segment[sku] = levels
            if len(segment) >= SEGMENT:
                yield segment
                segment = {}
        if segment:
            yield segment
        if self._feed.guards.missing == "zero":
            yield from self._unlisted()

    def judge(self, segment: Mapping[str, SkuLevels]) -> Judged:
        """Say what becomes of each SKU; Magento's rows are read before what bears on them."""
        products = self._facts.products(list(segment))
        self._unknown += [sku for sku in segment if sku not in products]
        known = {sku: levels for sku, levels in segment.items() if sku in products}
        rows: dict[str, dict[str, SourceItem]] = {sku: {} for sku in known}
        for item in self._items.items_of(self._feed.sources, list(known)):
            if item.sku in rows:
                rows[item.sku][item.source] = item
        bearings = self._facts.bearing(frozenset(known), self._since(), self._told)
        verdicts: dict[str, Verdict] = {}
        kept: list[str] = []
        for sku, levels in known.items():
            verdict = self._judge(sku, levels, rows[sku], bearings.get(sku, _NOTHING))
            if verdict is None:
                kept.append(sku)
            else:
                verdicts[sku] = verdict
        return Judged(verdicts, rows, kept, frozenset(self._accepted) & frozenset(verdicts))

    def unknown_skus(self) -> Sequence[str]:
        """SKUs of the reading that Magento has no stock of, so far."""
        return self._unknown

    def _judge(self, sku: str, levels: SkuLevels, rows: Mapping[str, SourceItem], bearing: Bearing) -> Verdict | None:
        """None: the SKU is kept as it is, since a warehouse that its sources sell from does not list it."""
        told: dict[str, Decimal] = {}
        for level in levels:
            if level.warehouse in told:
                return Held(FindingKind.STOCK_ROWS, _sum(rows), f"several rows of {sku} in {level.warehouse}")
            try:
                told[level.warehouse] = self._feed.units.to_magento(sku, level.quantity, level.unit)
            except UnknownUnitError as error:
                return Held(FindingKind.STOCK_UNIT, _sum(rows), str(error))
        if self._feed.guards.missing == "keep" and self._expected(rows) - told.keys():
            return None
        mark = self._mark([level.read_at for level in levels])
        accepted = self._accepted.get(sku)
        guards_jumps = self._guards_jumps
        return self._rule.judge(sku, Levels(told, mark), bearing, rows, accepted, guards_jumps=guards_jumps)

    def _expected(self, rows: Mapping[str, SourceItem]) -> set[str]:
        """The warehouses that the SKU's rows in Magento are fed from."""
        return {
            warehouse
            for warehouse, parts in self._feed.warehouses.items()
            if any(part.source in rows for part in parts)
        }

    def _mark(self, moments: Sequence[datetime | None]) -> Watermark | None:
        """When the levels of a SKU were read; of one that is not listed, while the whole reading lasted."""
        told = [moment for moment in moments if moment is not None]
        if not moments and self._snapshot.first is not None and self._snapshot.last is not None:
            told = [self._snapshot.first, self._snapshot.last]
        if not told or len(told) < len(moments):
            return None
        return Watermark(min(told) - self._feed.uncertainty, max(told) + self._feed.uncertainty)

    def _since(self) -> datetime:
        """What was over by then is counted in every level."""
        first = self._snapshot.first
        return datetime.max.replace(tzinfo=UTC) if first is None else first - self._feed.uncertainty - _A_SECOND

    def _by_sku(self) -> Iterator[tuple[str, list[ReadLevel]]]:
        """Levels of one SKU after the other; a page may end amid one, whose levels are read again with the next."""
        after = ""
        while page := self._store.levels(self._snapshot.number, after, PAGE):
            grouped: dict[str, list[ReadLevel]] = {}
            for level in page:
                grouped.setdefault(level.sku, []).append(level)
            if len(page) == PAGE and len(grouped) > 1:
                grouped.popitem()
            yield from grouped.items()
            after = next(reversed(grouped))

    def _unlisted(self) -> Iterator[Mapping[str, SkuLevels]]:
        """SKUs that fed sources hold and the reading does not list."""
        after = ("", "")
        seen: set[str] = set()
        while page := self._items.items(self._feed.sources, after, PAGE):
            after = (page[-1].source, page[-1].sku)
            skus = {item.sku for item in page} - seen
            listed = {level.sku for level in self._store.levels_of(self._snapshot.number, sorted(skus))}
            missing = dict.fromkeys(sorted(skus - listed), ())
            seen |= missing.keys()
            if missing:
                yield missing


def _sum(rows: Mapping[str, SourceItem]) -> str:
    return text_of(sum((row.quantity for row in rows.values()), ZERO))
