"""Admission: whether a complete reading of an ERP's stock may be written at all, and what has to be known besides.

A reading is held as a whole where the fault lies in the reading: it is older than the last one or too old by now, does
not say when it was read, leaves a warehouse out, or lists much less than the last one. Where goods that have left
decide about the level (on hand), the ERP is asked for its deliveries once more, from where their reader stands: what is
not kept yet may have left before the stock was read or after.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.documents import Page
from sidecar.domain.errors import Retryable
from sidecar.domain.events import ORDER_TYPES
from sidecar.domain.inbound import InboundDocument
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import Quantity, Snapshot, StockFeedPolicy
from sidecar.engine.governor import Governor
from sidecar.engine.stock_judging import PAGE
from sidecar.ports import Clock, ErpAdapter, FeedFacts, SnapshotStore, SourceRows

PAGES_BEHIND: Final = 20
"""Pages of deliveries that may have come since they were last read; more, and nobody can say what has left."""

UNREAD_DELIVERIES: Final = "the ERP's deliveries are not read up to now, so nobody knows what has left"


class Admission:
    """Judges readings of one destination's stock as a whole."""

    def __init__(
        self,
        policy: DestinationPolicy,
        feed: StockFeedPolicy,
        names: Names,
        adapter: ErpAdapter,
        governor: Governor,
        store: SnapshotStore,
        facts: FeedFacts,
        rows: SourceRows,
        clock: Clock,
    ) -> None:
        """Nothing is read yet."""
        self._policy, self._feed, self._names = policy, feed, names
        self._adapter, self._governor, self._clock = adapter, governor, clock
        self._store, self._facts, self._rows = store, facts, rows

    def objection(self, snapshot: Snapshot, previous: Snapshot | None) -> str:
        """Why a complete reading is not to be written as a whole; empty where it may."""
        guards = self._feed.guards
        if not self._store.is_whole(snapshot):
            return "its levels are not kept any more: a newer reading has replaced it"
        empty = self._empty_warehouse(snapshot)
        if empty:
            return f"it lists nothing in {empty}, and Magento's sources of it hold something"
        if snapshot.first is None or snapshot.last is None:
            flows = bool(self._policy.takes & ORDER_TYPES) or bool(self._policy.stock and self._policy.stock.reasons)
            return "the ERP does not say when it read, and orders or changes flow to it" if flows else ""
        if snapshot.age > guards.oldest:
            return f"it was read {snapshot.age} ago, and the blueprint allows {guards.oldest}"
        if previous is None or previous.last is None:
            return ""
        if snapshot.last < previous.last - self._feed.uncertainty:
            return f"it is of {snapshot.last.isoformat()}, older than reading {previous.number}, which was imported"
        least = previous.levels * (1 - (guards.jump_share or 0))
        if guards.missing == "zero" and guards.jump_share is not None and snapshot.levels < least:
            return f"it lists {snapshot.levels} levels, and reading {previous.number} listed {previous.levels}"
        return ""

    def _empty_warehouse(self, snapshot: Snapshot) -> str:
        """A warehouse that would be sold out as a whole: more likely its name is wrong, or it was left out."""
        listed = self._store.warehouses(snapshot.number)
        for warehouse in self._feed.warehouses.keys() - listed if self._feed.guards.missing == "zero" else ():
            if self._hold_anything([part.source for part in self._feed.warehouses[warehouse]]):
                return warehouse
        return ""

    def _hold_anything(self, sources: Sequence[str]) -> bool:
        after = ("", "")
        while page := self._rows.items(sources, after, PAGE):
            if any(item.quantity > 0 for item in page):
                return True
            after = (page[-1].source, page[-1].sku)
        return False

    def deliveries_told(self) -> Sequence[tuple[int, InboundDocument]] | None:
        """Deliveries that the ERP tells now and nobody has kept, by order; None: they are not read up to now.

        Empty where they do not bear on the level. Raises Retryable.
        """
        inbound = self._policy.inbound
        if self._feed.quantity is not Quantity.ON_HAND or inbound is None or ChangeKind.DELIVERIES not in inbound.takes:
            return ()
        position, was_read = self._facts.position()
        documents: list[InboundDocument] = []
        for _ in range(PAGES_BEHIND if was_read else 0):
            page = self._deliveries(position)
            documents += page.documents
            if not page.more or page.next_cursor in (None, position):
                unkept = self._facts.unkept(documents)
                ours = [(self._names.entity_of(document.order_ref), document) for document in unkept]
                return [(entity_id, document) for entity_id, document in ours if entity_id is not None]
            position = page.next_cursor
        return None

    def _deliveries(self, position: str | None) -> Page:
        began = self._clock.monotonic()
        self._governor.began()
        try:
            page = self._adapter.changes(ChangeKind.DELIVERIES, position, self._policy.call_deadline.total_seconds())
        except Retryable as error:
            self._governor.failed(error)
            raise
        self._governor.succeeded(timedelta(seconds=self._clock.monotonic() - began))
        return page
