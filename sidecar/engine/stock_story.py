"""Where the units of a SKU went: facts of Magento, of the windows and of each ERP, put together for a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sidecar.domain.documents import StockQuery
from sidecar.domain.errors import Retryable, SchemaError
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_events import StockEvent, stock_event_of
from sidecar.domain.stock_lineage import Surroundings, Whereabouts, whereabouts
from sidecar.domain.stock_story import (
    Comparison,
    DestinationStory,
    ErpLevel,
    Footing,
    MagentoStock,
    Story,
    beside_feed,
    compare,
    footings_of,
    kept_back_of,
    movements_of,
    owed_of,
)
from sidecar.ports import ErpAdapter, OutboxStore, StockFacts

DEADLINE: Final = 10.0
"""Seconds for one page of an ERP's stock."""

MOST_PAGES: Final = 20
"""One SKU in every warehouse is a page; an ERP whose pages do not end is not followed for ever."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """A destination, and its adapter; None where its stock cannot be asked for: `silence` says why."""

    policy: DestinationPolicy
    adapter: ErpAdapter | None
    silence: str = ""


class StockTeller:
    """Tells the story of one SKU. Reads, and changes nothing; ERPs are asked for their levels."""

    def __init__(self, facts: StockFacts, outbox: OutboxStore, destinations: Sequence[Told]) -> None:
        """Nothing is read yet."""
        self._facts, self._outbox, self._destinations = facts, outbox, destinations

    def tell(self, sku: str, since: timedelta | None, source: str | None, progress: Progress) -> Story:
        """Everything about a SKU since then, or since the oldest event that is there; of one source, if it is named.

        The outbox has no index but its key: every event of that time is looked at.
        """
        floor, upto, moment = self._facts.ends()
        after = floor if since is None else max(floor, self._facts.first_since(moment - since, floor, upto))
        rows = self._facts.events_of(sku, after, upto, progress)
        events = {row.id: stock_event_of(row, row.payload or "") for row in rows}
        magento, silence = self._magento(sku)
        if source is not None:
            events = {one: event for one, event in events.items() if event.where == source}
            rows = [row for row in rows if row.id in events]
        footings = footings_of(events.values(), magento)
        if source is not None:
            footings = tuple(footing for footing in footings if footing.source == source)
        return Story(
            sku,
            moment,
            after,
            upto,
            floor,
            len(events),
            tuple((event.id, event.problem) for event in events.values() if event.problem),
            magento,
            silence,
            movements_of(events.values(), self._numbers(events)),
            footings,
            tuple(self._told(told, sku, rows, after, footings, whole=source is None) for told in self._destinations),
        )

    def _magento(self, sku: str) -> tuple[MagentoStock | None, str]:
        try:
            return self._facts.magento(sku), ""
        except SchemaError as error:
            return None, f"Magento's stock cannot be read: {error}; erp-sidecar schema grants stock tells the rights"

    def _numbers(self, events: Mapping[OutboxId, StockEvent]) -> Mapping[tuple[str, str], str]:
        keys = {(event.cause, event.document) for event in events.values() if event.document.isdecimal()}
        kinds = {kind: [int(key) for of, key in keys if of == kind] for kind in {kind for kind, _ in keys}}
        return {
            (kind, key): number
            for kind, ids in kinds.items()
            for key, number in self._facts.numbers_of(kind, ids).items()
        }

    def _told(
        self,
        told: Told,
        sku: str,
        rows: Sequence[Event],
        after: OutboxId,
        footings: Sequence[Footing],
        *,
        whole: bool,
    ) -> DestinationStory:
        policy, ids = told.policy, [row.id for row in rows]
        payloads = {row.id: row.payload or "" for row in rows} | dict(self._outbox.read_edits(policy.name, ids))
        events = {row.id: stock_event_of(row, payloads[row.id]) for row in rows}
        skus = {sku, *(event.sku for event in events.values())}
        around = self._facts.surroundings(policy.name, ids, skus, after)
        found = [whereabouts(policy, around, row, payloads[row.id]) for row in rows]
        levels, silence = self._levels(told, sku)
        comparisons = self._compared(policy, sku, levels, footings, around, events, found) if whole else ()
        kept_back = kept_back_of(events, found)
        return DestinationStory(policy.name, tuple(around.lines), kept_back, comparisons, silence)

    def _compared(
        self,
        policy: DestinationPolicy,
        sku: str,
        levels: Sequence[ErpLevel],
        footings: Sequence[Footing],
        around: Surroundings,
        events: Mapping[OutboxId, StockEvent],
        found: Sequence[Whereabouts],
    ) -> tuple[Comparison, ...]:
        if policy.stock_feed is not None:
            fed = policy.stock_feed.warehouses
            return tuple(beside_feed(level, [one.source for one in fed.get(level.warehouse, ())]) for level in levels)
        if policy.stock is None:
            return ()
        owed = owed_of(policy.stock.warehouses, events, found, around.lines)
        stock = policy.stock
        return tuple(compare(level, stock.warehouses, stock.units, sku, footings, owed) for level in levels)

    def _levels(self, told: Told, sku: str) -> tuple[Sequence[ErpLevel], str]:
        if told.adapter is None or not told.adapter.capabilities().reads_stock:
            return (), told.silence or "its stock cannot be read"
        levels: list[ErpLevel] = []
        cursor: str | None = None
        try:
            for _ in range(MOST_PAGES):
                page = told.adapter.read_stock(StockQuery((sku,)), cursor, DEADLINE)
                levels += [
                    ErpLevel(level.warehouse, level.on_hand, level.unit, page.as_of)
                    for level in page.levels
                    if level.sku == sku
                ]
                cursor = page.next_cursor
                if cursor is None:
                    return levels, ""
        except Retryable as error:
            return (), f"its stock could not be read: {error}"
        return levels, f"its stock has more than {MOST_PAGES} pages for one SKU; the rest was not read"
