"""Folding: deltas that are read from the outbox are added up, and frozen into windows when their time has come.

Each is added up as it is read, and nothing but its id is kept: memory is bounded by SKUs and warehouses. Nothing of an
open window is stored: its deltas are above the cursor, or in one of the cursor's gaps, and are read again after a
crash. Freezing moves the cursor and writes the windows in one fenced transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.step import Cursor
from sidecar.domain.stock import MOST_DELTAS, Fold, Membership
from sidecar.engine.gaps import GapTracker
from sidecar.engine.leadership import Leadership
from sidecar.engine.settlement import park
from sidecar.engine.stock_closing import Closing
from sidecar.engine.tailer import Tailer
from sidecar.ports import Clock, Observer, OutboxStore, StockStore

TAIL_PAGE: Final = 2_000
IDLE_CURSOR: Final = 1.0
RELEASED_INTERVAL: Final = 1.0
NO_EDITS: Final[Mapping[OutboxId, str]] = {}


@dataclass(slots=True)
class _Open:
    """What has been read since the last freeze."""

    fold: Fold = field(default_factory=Fold)
    late: list[OutboxId] = field(default_factory=list)
    parked: list[Delivery] = field(default_factory=list)
    since: float | None = None

    @property
    def size(self) -> int:
        """How much memory it is, in ids."""
        return len(self.fold) + len(self.late) + len(self.parked)


class StockFolder:
    """One destination's open windows. Used by one thread, inside one lease; discarded on any storage error."""

    def __init__(
        self,
        policy: DestinationPolicy,
        stock: StockPolicy,
        outbox: OutboxStore,
        store: StockStore,
        leadership: Leadership,
        clock: Clock,
        observer: Observer,
        gap_patience: timedelta = timedelta(days=1),
        batch: int | None = None,
    ) -> None:
        """Begin where the stock cursor stands; `batch` is how many lines the ERP takes at once."""
        self._policy, self._stock, self._name = policy, stock, policy.name
        self._outbox, self._store = outbox, store
        self._leadership, self._clock, self._observer = leadership, clock, observer
        cursor = store.load_stock_cursor(policy.name)
        self._after = cursor.accounted_to
        gaps = GapTracker(outbox, clock, cursor.gaps, gap_patience)
        self._tailer = Tailer(outbox, gaps, cursor.accounted_to, payloads="stock")
        self._closing = Closing(stock, lambda: store.since_frozen(policy.name))
        self._batch = batch
        self._open = _Open()
        self._frozen_at = self._released_at = 0.0

    def read(self) -> bool:
        """Read what has become visible, and add it up; tells whether there was anything."""
        now = self._clock.monotonic()
        events = self._tailer.poll(TAIL_PAGE)
        self._take(events, now)
        if now >= self._released_at:
            self._released_at = now + RELEASED_INTERVAL
            self._take_released(now)
        return bool(events)

    def freeze_if_due(self) -> bool:
        """Close the open windows if it is time; tells whether it was."""
        if not self._is_due(self._clock.monotonic()):
            return False
        self.freeze()
        return True

    def freeze_at_the_end(self) -> None:
        """Close the open windows before a stop, unless the throttle forbids it: then they are read again."""
        if self._closing.may_freeze(self._open.fold, self._clock.monotonic()):
            self.freeze()

    def freeze(self) -> None:
        """Close the open windows, whatever their age."""
        upto, taken = self._tailer.newest, self._open
        if upto == self._after and not (taken.late or taken.parked):
            return
        gaps = self._tailer.gaps_upto(upto)
        holes = sorted([(gap.first, gap.last) for gap in gaps] + [(d.id, d.id) for d in taken.parked])
        folds = taken.fold.windows(self._batch)
        self._store.freeze_windows(
            self._name,
            self._leadership.token,
            Cursor(upto, gaps),
            Membership(self._after, upto, tuple(holes), tuple(taken.late)),
            folds,
            self._policy.version,
            taken.parked,
        )
        self._after, self._open = upto, _Open()
        self._frozen_at = self._clock.monotonic()
        self._closing.closed(taken.fold, self._frozen_at)
        for one in folds:
            self._observer.note("window.frozen", destination=self._name, warehouse=one.warehouse, lines=len(one.lines))

    # -- taking ----------------------------------------------------------------------------------------------

    def _take(self, events: Sequence[Event], now: float, edits: Mapping[OutboxId, str] = NO_EDITS) -> None:
        stock = []
        for event in events:
            if self._policy.folds(event):
                stock.append(event)
            elif event.is_stock and event.id <= self._after:
                self._open.late.append(event.id)
        unread = [event.id for event in stock if event.payload is None and event.id not in edits]
        payloads = {**self._outbox.read_payloads(unread), **edits} if unread else edits
        for event in stock:
            try:
                delta = delta_in(event, payloads.get(event.id, event.payload or ""), self._stock)
            except MalformedEvent as error:
                self._park(event, str(error), error.hint)
                continue
            except (TypeError, ValueError, RecursionError, KeyError, AttributeError) as error:
                fault = f"the payload cannot be read ({type(error).__name__}): {error}"
                self._park(event, fault, "edit and replay the event, or skip it")
                continue
            if event.id <= self._after:
                self._open.late.append(event.id)
            if delta is not None:
                self._open.fold.add(delta)
        if self._open.since is None and (self._open.fold or self._open.late or self._open.parked):
            self._open.since = now

    def _park(self, event: Event, fault: str, hint: str) -> None:
        delivery = Delivery(event.id, event.lane, DeliveryState.READY)
        self._open.parked.append(park(delivery, "the delta cannot be understood", fault, hint))

    def _take_released(self, now: float) -> None:
        """Deltas that were parked and that an operator released join the open window, by their ids."""
        released = self._store.released_deltas(self._name)
        if released:
            taken = {*self._open.late, *(delivery.id for delivery in self._open.parked)}
            fresh = [number for number in released if number not in taken]
            self._take(self._outbox.read_events(fresh), now, self._outbox.read_edits(self._name, fresh))

    def _is_due(self, now: float) -> bool:
        if self._open.since is not None:
            is_full = self._open.size >= MOST_DELTAS
            return is_full or self._closing.is_due(self._open.fold, self._open.since, now)
        return self._tailer.newest > self._after and now - self._frozen_at >= IDLE_CURSOR
