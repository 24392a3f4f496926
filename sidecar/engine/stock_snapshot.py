"""Reading an ERP's whole stock, page by page, into the database: complete, or not used.

Each page says when the ERP read it, by the ERP's clock. A probe tells how far that clock is ahead, and the database
what time it is here; so each level gets a moment by the database's clock, the one by which orders are confirmed.
A page that repeats, a cursor that does not move, a level that lacks the quantity asked for: then the reading is not
complete, and nothing of it is written.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.deltas import LONGEST_SKU
from sidecar.domain.documents import StockLevel, StockPage, StockQuery
from sidecar.domain.errors import ErpUnavailable, IncompleteSnapshot, Retryable
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import Quantity, ReadLevel, StockFeedPolicy
from sidecar.engine.governor import Governor
from sidecar.ports import Clock, ErpAdapter, SnapshotStore

MOST_PAGES: Final = 100_000
_AGAIN: Final = "it is read again by itself; if it stays so, ask the ERP's owners, or correct the adapter's profile"


class SnapshotReader:
    """Reads one destination's stock. Used by one thread."""

    def __init__(
        self,
        policy: DestinationPolicy,
        feed: StockFeedPolicy,
        adapter: ErpAdapter,
        governor: Governor,
        store: SnapshotStore,
        clock: Clock,
    ) -> None:
        """Nothing is read yet."""
        self._policy, self._feed, self._adapter = policy, feed, adapter
        self._governor, self._store, self._clock = governor, store, clock
        self.number = 0

    def read(self, token: int) -> Iterator[bool]:
        """Read all of it, a page for each step; False: the ERP may not be called now.

        The reading is complete when this ends. Raises IncompleteSnapshot when it cannot be, and Retryable when the ERP
        could not be asked.
        """
        skew, ahead = self._skew(), self._store.clock_ahead()
        self.number = self._store.begin(self._policy.name, token, timedelta() if skew is None else skew - ahead)
        try:
            yield from self._pages(token, skew, ahead)
        except (IncompleteSnapshot, Retryable) as error:
            self._store.hold_reading(self.number, token, str(error))
            raise

    def _pages(self, token: int, skew: timedelta | None, ahead: timedelta) -> Iterator[bool]:
        query = StockQuery(warehouses=tuple(self._feed.warehouses))
        cursor: str | None = None
        told = 0
        seen: set[str] = set()
        while True:
            while self._governor.capacity(0) == 0:
                yield False
            page = self._asked(query, cursor)
            levels = self._levels(page.levels)
            self._store.add_page(self.number, token, levels, self._moment(page.as_of, skew, ahead))
            told += len(levels)
            cursor = page.next_cursor
            if cursor is None:
                break
            if cursor in seen or len(seen) >= MOST_PAGES:
                raise IncompleteSnapshot("the ERP's pages go round in a circle: a cursor came twice", hint=_AGAIN)
            seen.add(cursor)
            yield True
        if not told:
            raise IncompleteSnapshot("the ERP lists no stock in any warehouse of the blueprint", hint=_AGAIN)
        self._store.finish(self.number, token, told)

    def _asked(self, query: StockQuery, cursor: str | None) -> StockPage:
        began = self._clock.monotonic()
        self._governor.began()
        try:
            page = self._adapter.read_stock(query, cursor, self._policy.call_deadline.total_seconds())
        except Retryable as error:
            self._governor.failed(error)
            raise
        self._governor.succeeded(timedelta(seconds=self._clock.monotonic() - began))
        return page

    def _skew(self) -> timedelta | None:
        """How far the ERP's clock is ahead of this host's; None: it cannot be told."""
        health = self._adapter.probe()
        if not health.reachable:
            raise ErpUnavailable("; ".join(health.problems) or "the ERP does not answer")
        return health.clock_skew

    def _moment(self, as_of: datetime | None, skew: timedelta | None, ahead: timedelta) -> datetime | None:
        """When the ERP read, by the database's clock; None where one of the clocks is not known."""
        if as_of is None or skew is None:
            return None
        moment = as_of - skew + ahead
        if moment > self._clock.now() + ahead + self._feed.uncertainty:
            message = f"the ERP says that it read at {as_of.isoformat()}, which is still to come"
            raise IncompleteSnapshot(message, hint="compare the clocks and the time zones: erp-sidecar doctor")
        return moment

    def _levels(self, levels: Sequence[StockLevel]) -> list[ReadLevel]:
        """What the feed is about, in the quantity that the blueprint names."""
        return [
            ReadLevel(level.sku, level.warehouse, self._quantity(level), level.unit, None)
            for level in levels
            if level.warehouse in self._feed.warehouses and len(level.sku) <= LONGEST_SKU
        ]

    def _quantity(self, level: StockLevel) -> Decimal:
        quantity: Decimal | None = level.on_hand
        if self._feed.quantity is not Quantity.ON_HAND:
            quantity = level.available
        if quantity is None and self._feed.quantity is Quantity.AVAILABLE and level.reserved is not None:
            quantity = level.on_hand - level.reserved
        if quantity is None:
            message = f"the ERP does not tell what is {self._feed.quantity} of {level.sku} in {level.warehouse}"
            raise IncompleteSnapshot(message, hint=_AGAIN)
        return quantity
