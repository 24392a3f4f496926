"""The stock aggregator: folds deltas into windows, freezes them, and sends each window as one batch.

Nothing of an open window is stored: its deltas are above the cursor, or in one of the cursor's gaps, and are read
again after a crash. Freezing moves the cursor and writes the windows in one fenced transaction; from then on a
window is sent under its own name, and never folded again.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    DocumentKind,
    Found,
    Presence,
    Reference,
)
from sidecar.domain.documents import StockMovement
from sidecar.domain.errors import MalformedEvent, Retryable
from sidecar.domain.events import SCHEMA_VERSIONS, Event, EventType, Lane, OutboxId
from sidecar.domain.order import parse_payload
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.step import Cursor
from sidecar.domain.stock import (
    Delta,
    FrozenFold,
    Membership,
    Window,
    WindowLine,
    WindowState,
    delta_of,
    differences_between,
    fold,
)
from sidecar.engine.gaps import GapTracker
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.settlement import (
    Blocked,
    Done,
    GivenUp,
    Settlement,
    park,
    settle_look_up,
    settle_result,
    unknown_after_restart,
)
from sidecar.engine.tailer import Tailer
from sidecar.ports import Clock, ErpAdapter, Observer, OutboxStore, StockStore

TAIL_PAGE: Final = 2_000
IDLE_CURSOR: Final = 1.0
SEND_INTERVAL: Final = 0.2
RELEASED_INTERVAL: Final = 1.0
CONTRADICTION: Final = "the ERP has our reference with other content"
NO_EDITS: Final[Mapping[OutboxId, str]] = {}
WITHOUT_END: Final = sys.maxsize
"""A window waits for an ERP that is closed or throttled for as long as that lasts."""


@dataclass(slots=True)
class _Open:
    """What has been read since the last freeze."""

    deltas: list[Delta] = field(default_factory=list)
    late: list[OutboxId] = field(default_factory=list)
    parked: list[Delivery] = field(default_factory=list)
    since: float | None = None


class StockAggregator:
    """One destination's stock stream. Used by one thread, inside one lease; discarded on any storage error."""

    def __init__(
        self,
        policy: DestinationPolicy,
        stock: StockPolicy,
        instance: str,
        adapter: ErpAdapter,
        governor: Governor,
        outbox: OutboxStore,
        store: StockStore,
        leadership: Leadership,
        clock: Clock,
        observer: Observer,
        gap_patience: timedelta = timedelta(days=1),
    ) -> None:
        """Begin where the stock cursor stands."""
        self._policy, self._stock, self._instance, self._name = policy, stock, instance, policy.name
        self._adapter, self._governor, self._caps = adapter, governor, adapter.capabilities()
        self._outbox, self._store = outbox, store
        self._leadership, self._clock, self._observer = leadership, clock, observer
        cursor = store.load_stock_cursor(policy.name)
        self._after = cursor.accounted_to
        self._tailer = Tailer(outbox, GapTracker(outbox, clock, cursor.gaps, gap_patience), cursor.accounted_to)
        self._open = _Open()
        self._frozen_at = self._send_at = self._released_at = 0.0
        self._retry = replace(policy.retry, attempts=WITHOUT_END)
        self._round: list[Window] = []
        self._ends_at = float("inf")

    def turn(self) -> bool:
        """Read, freeze what is due, and make at most one call; tells whether there may be more at once."""
        now = self._clock.monotonic()
        events = self._tailer.poll(TAIL_PAGE)
        self._take(events, now)
        if now >= self._released_at:
            self._released_at = now + RELEASED_INTERVAL
            self._take_released(now)
        if self._is_due(now):
            self.freeze()
        sent = now >= self._send_at and self.send()
        if not sent and now >= self._send_at:
            self._send_at = now + SEND_INTERVAL
        return bool(events) or sent

    def freeze(self) -> None:
        """Close the open window, whatever its age."""
        upto, taken = self._tailer.newest, self._open
        if upto == self._after and not (taken.late or taken.parked):
            return
        gaps = self._tailer.gaps_upto(upto)
        holes = sorted([(gap.first, gap.last) for gap in gaps] + [(d.id, d.id) for d in taken.parked])
        folds = [FrozenFold(warehouse, lines, _first_state(lines)) for warehouse, lines in fold(taken.deltas).items()]
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
        self._send_at = 0.0
        for one in folds:
            self._observer.note("window.frozen", destination=self._name, warehouse=one.warehouse, lines=len(one.lines))

    def send(self) -> bool:
        """Send, or look up, one window: the oldest unfinished one of the warehouse whose turn it is.

        Every warehouse has one turn in a round; tells whether any window was due.
        """
        if not self._leadership.trusted() or not self._governor.capacity(0):
            return False
        if not self._round:
            due = [window for window in self._store.open_windows(self._name) if not window.delay]
            self._round = due[::-1]
        if not self._round:
            return False
        self._carry_on(self._round.pop())
        return True

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Freeze the open window, and send until the grace is over; what is not sent now is sent at the next start."""
        self._ends_at = self._clock.monotonic() + grace.total_seconds()
        self.freeze()
        while self._clock.monotonic() < self._ends_at and self.send():
            continue

    def close(self) -> None:
        """Nothing is held: an open window is read again."""

    # -- folding ---------------------------------------------------------------------------------------------

    def _take(self, events: Sequence[Event], now: float, edits: Mapping[OutboxId, str] = NO_EDITS) -> None:
        stock = []
        for event in events:
            if self._policy.folds(event):
                stock.append(event)
            elif event.is_stock and event.id <= self._after:
                self._open.late.append(event.id)
        payloads = {**self._outbox.read_payloads([event.id for event in stock]), **edits} if stock else {}
        for event in stock:
            try:
                delta = self._delta(event, payloads.get(event.id, ""))
            except MalformedEvent as error:
                self._park(event, str(error), error.hint)
                continue
            except (TypeError, ValueError, RecursionError, KeyError, AttributeError) as error:
                fault = f"the payload cannot be read ({type(error).__name__}): {error}"
                self._park(event, fault, "edit and replay the event, or skip it")
                continue
            if event.id <= self._after:
                self._open.late.append(event.id)
            if delta.reason in self._stock.reasons:
                self._open.deltas.append(delta)
        if self._open.since is None and (self._open.deltas or self._open.late or self._open.parked):
            self._open.since = now

    def _park(self, event: Event, fault: str, hint: str) -> None:
        delivery = Delivery(event.id, event.lane, DeliveryState.READY)
        self._open.parked.append(park(delivery, "the delta cannot be understood", fault, hint))

    def _take_released(self, now: float) -> None:
        """Deltas that were parked and that an operator released join the open window, by their ids."""
        taken = {*self._open.late, *(delivery.id for delivery in self._open.parked)}
        released = set(self._store.released_deltas(self._name)) - taken
        if released:
            edits = self._outbox.read_edits(self._name, sorted(released))
            self._take(self._outbox.read_events(sorted(released)), now, edits)

    def _delta(self, event: Event, payload: str) -> Delta:
        if event.type != EventType.INVENTORY_ADJUSTED:
            message = f"stock event type {event.type!r} is not supported"
            raise MalformedEvent(message, hint="upgrade the sidecar, then retry; or skip the event")
        if event.schema_version not in SCHEMA_VERSIONS[EventType.INVENTORY_ADJUSTED]:
            message = f"{event.type} has schema version {event.schema_version}, which this sidecar cannot read"
            raise MalformedEvent(message, hint="upgrade the sidecar, then retry; or skip the event")
        return delta_of(event.id, parse_payload(payload), self._stock.warehouses)

    def _is_due(self, now: float) -> bool:
        if self._open.since is not None:
            full = len(self._open.deltas) >= self._stock.window_deltas
            return full or now - self._open.since >= self._stock.window_age.total_seconds()
        return self._tailer.newest > self._after and now - self._frozen_at >= IDLE_CURSOR

    # -- sending ---------------------------------------------------------------------------------------------

    def _carry_on(self, window: Window) -> None:
        ref = self._reference(window)
        match window.state:
            case WindowState.FROZEN:
                self._submit(window, ref)
            case (
                WindowState.SENDING
            ):  # by a process that is gone, a moment ago perhaps: what it did may be invisible yet
                self._settle(window, Blocked(unknown_after_restart(_as_delivery(window), self._caps)), {})
            case WindowState.UNKNOWN:
                self._look_up(window, ref)
            case WindowState.PARKED | WindowState.BOOKED | WindowState.NET_ZERO | WindowState.SKIPPED:
                return
            case _:
                assert_never(window.state)

    def _submit(self, window: Window, ref: Reference) -> None:
        begun = self._store.begin_window(window, self._leadership.token)
        if not self._leadership.trusted():
            return
        movement = StockMovement(window.warehouse, tuple(line for line in window.lines if line.quantity))
        self._governor.began()
        result = self._adapter.submit(movement, ref, self._deadline())
        self._governor.heard(result)
        settlement = settle_result(_as_delivery(begun), ref, result, self._retry, self._caps, self._clock.jitter())
        rejected = {line.sku: line.message for line in result.lines if not line.accepted}
        self._settle(begun, settlement, rejected)

    def _look_up(self, window: Window, ref: Reference) -> None:
        self._governor.began()
        try:
            found = self._adapter.find([ref], self._deadline())
        except Retryable as error:
            self._governor.failed(error)
            self._observer.note("window.look_up_failed", destination=self._name, error=str(error))
            self._look_up_later(window, error)
            return
        self._governor.succeeded()
        answer = found.get(ref.idempotency_key, Found(Presence.UNSEARCHABLE))
        before, differences = _as_delivery(window), _differences(window, answer)
        if differences:
            hint = "compare both, mend the ERP's, then: erp-sidecar window retry; or window skip"
            parked = park(before, CONTRADICTION, f"{CONTRADICTION}: {'; '.join(differences)}", hint)
            self._settle(window, Blocked(parked), {})
            return
        settlement = settle_look_up(before, ref, answer, [], self._caps, self._policy.call_deadline)
        self._settle(window, settlement, _not_booked(window, answer))

    def _look_up_later(self, window: Window, error: Retryable) -> None:
        pause = self._retry.delay(max(1, window.attempts), self._clock.jitter())
        self._store.settle_window(
            window,
            self._leadership.token,
            WindowState.UNKNOWN,
            fault=str(error),
            hint=error.hint,
            absents=window.absents,
            resubmitted=window.resubmitted,
            delay=max(pause, self._caps.find_visibility_lag),
        )

    def _deadline(self) -> float:
        return min(self._policy.call_deadline.total_seconds(), max(0.0, self._ends_at - self._clock.monotonic()))

    def _settle(self, window: Window, settlement: Settlement, rejected: dict[str, str]) -> None:
        token = self._leadership.token
        match settlement:
            case Done(erp_number=number):
                self._store.settle_window(window, token, WindowState.BOOKED, erp_number=number, rejected=rejected)
                self._observer.note(
                    "window.booked", destination=self._name, warehouse=window.warehouse, document=number
                )
            case Blocked(delivery):
                self._store.settle_window(
                    window,
                    token,
                    _window_state(delivery),
                    fault=delivery.fault or delivery.reason,
                    hint=delivery.hint,
                    absents=delivery.absents,
                    resubmitted=delivery.resubmitted,
                    delay=delivery.delay,
                )
                self._observer.note(
                    f"window.{_window_state(delivery)}", destination=self._name, warehouse=window.warehouse
                )
            case GivenUp():
                return  # only a person gives up, and no person decides about a window that is on its way
            case _:
                assert_never(settlement)

    def _reference(self, window: Window) -> Reference:
        name = window.reference(self._instance)
        return Reference(DocumentKind.STOCK_MOVEMENT, name, window.sequence, "", name)


def _first_state(lines: Sequence[WindowLine]) -> WindowState:
    return WindowState.FROZEN if any(line.quantity for line in lines) else WindowState.NET_ZERO


def _not_booked(window: Window, found: Found) -> dict[str, str]:
    """The lines that the ERP's document, found under our reference, does not carry: it had refused them."""
    if found.presence is not Presence.ONE or not found.snapshots:
        return {}
    booked = {line.sku for line in found.snapshots[0].lines}
    sent = {line.sku for line in window.lines if line.quantity}
    return dict.fromkeys(sent - booked, "not in the document that the look-up found")


def _differences(window: Window, found: Found) -> list[str]:
    if found.presence is not Presence.ONE or not found.snapshots:
        return []
    return differences_between(window, [(line.sku, line.quantity) for line in found.snapshots[0].lines])


def _as_delivery(window: Window) -> Delivery:
    """As the rules of settlement see it: unknown, until an answer says that it may go, or go once more."""
    return Delivery(
        OutboxId(0),
        Lane(window.warehouse),
        DeliveryState.UNKNOWN,
        attempts=window.attempts,
        absents=window.absents,
        resubmitted=window.resubmitted,
    )


def _window_state(delivery: Delivery) -> WindowState:
    if delivery.state is DeliveryState.PARKED or delivery.delay is None:
        return WindowState.PARKED
    waits_to_go = delivery.state in (DeliveryState.RETRY, DeliveryState.READY)
    return WindowState.FROZEN if waits_to_go else WindowState.UNKNOWN
