"""Sending windows: each frozen window is one batch under its own name, and looked up before it would be sent again.

A line that the ERP refuses is parked alone. Later lines of its SKU are held behind it, for the ERP may need what it
refused before it can take what follows; everything else goes on. A person's word brings them back as one line of a new
window.
"""

import sys
from dataclasses import replace
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    DocumentKind,
    Found,
    Outcome,
    Presence,
    Reference,
)
from sidecar.domain.documents import StockMovement
from sidecar.domain.errors import Retryable
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock import Window, WindowState, differences_between
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
from sidecar.ports import Clock, ErpAdapter, Observer, WindowStore

SEND_INTERVAL: Final = 0.2
CONTRADICTION: Final = "the ERP has our reference with other content"
_REFUSED: Final = frozenset({Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID})
WITHOUT_END: Final = sys.maxsize
"""A window waits for an ERP that is closed or throttled for as long as that lasts."""


class WindowSender:
    """One destination's frozen windows on their way. Used by one thread, inside one lease."""

    def __init__(
        self,
        policy: DestinationPolicy,
        instance: str,
        adapter: ErpAdapter,
        governor: Governor,
        store: WindowStore,
        leadership: Leadership,
        clock: Clock,
        observer: Observer,
    ) -> None:
        """Nothing is read before the first turn."""
        self._policy, self._instance, self._name = policy, instance, policy.name
        self._adapter, self._governor, self._caps = adapter, governor, adapter.capabilities()
        self._store, self._leadership, self._clock, self._observer = store, leadership, clock, observer
        self._retry = replace(policy.retry, attempts=WITHOUT_END)
        self._round: list[Window] = []
        self._send_at = 0.0
        self._ends_at = float("inf")

    def turn(self) -> bool:
        """Make at most one call; tells whether one was made. After an idle turn the database rests for a moment."""
        now = self._clock.monotonic()
        if now < self._send_at:
            return False
        sent = self.send()
        if not sent:
            self._send_at = now + SEND_INTERVAL
        return sent

    def hurry(self) -> None:
        """Look at once with the next turn: something has been frozen."""
        self._send_at = 0.0

    def end_at(self, ends_at: float) -> None:
        """Calls must be over at this instant of the monotonic clock."""
        self._ends_at = ends_at

    def send(self) -> bool:
        """Send, or look up, one window: the oldest unfinished one of the warehouse whose turn it is.

        Every warehouse has one turn in a round; tells whether any window was due.
        """
        if not self._leadership.trusted() or not self._governor.capacity(0):
            return False
        if not self._round:
            self._carry()
            due = [window for window in self._store.open_windows(self._name) if not window.delay]
            self._round = due[::-1]
        if not self._round:
            return False
        self._carry_on(self._round.pop())
        return True

    def _carry(self) -> None:
        made = self._store.carry_lines(self._name, self._leadership.token, self._caps.stock_batch, self._policy.version)
        for warehouse, lines in made:
            self._observer.note("window.carried", destination=self._name, warehouse=warehouse, lines=lines)

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
            case (
                WindowState.PARKED
                | WindowState.BOOKED
                | WindowState.NET_ZERO
                | WindowState.HELD
                | WindowState.CARRIED
                | WindowState.SKIPPED
            ):
                return
            case _:
                assert_never(window.state)

    def _submit(self, window: Window, ref: Reference) -> None:
        begun = self._store.begin_window(window, self._leadership.token)
        if begun.state is WindowState.HELD:
            self._observer.note("window.held", destination=self._name, warehouse=window.warehouse)
            return
        if not self._leadership.trusted():
            return
        movement = StockMovement(begun.warehouse, begun.lines)
        self._governor.began()
        result = self._adapter.submit(movement, ref, self._deadline())
        self._governor.heard(result)
        rejected = {line.sku: line.message for line in result.lines if not line.accepted}
        if result.outcome in _REFUSED and rejected.keys() >= {line.sku for line in begun.lines}:
            self._refused_line_by_line(begun, rejected)
            return
        settlement = settle_result(_as_delivery(begun), ref, result, self._retry, self._caps, self._clock.jitter())
        self._settle(begun, settlement, rejected)

    def _refused_line_by_line(self, window: Window, rejected: dict[str, str]) -> None:
        """The ERP made no document, and has said why of each line: no other window needs to wait for that."""
        self._store.settle_window(window, self._leadership.token, WindowState.HELD, rejected=rejected)
        self._tell_parked(window, rejected)

    def _tell_parked(self, window: Window, rejected: dict[str, str]) -> None:
        if rejected:
            facts = {"warehouse": window.warehouse, "sequence": window.sequence, "lines": len(rejected)}
            self._observer.note("window.lines_parked", destination=self._name, **facts)

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
                self._tell_parked(window, rejected)
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


def _not_booked(window: Window, found: Found) -> dict[str, str]:
    """The lines that the ERP's document, found under our reference, does not carry: it had refused them."""
    if found.presence is not Presence.ONE or not found.snapshots:
        return {}
    booked = {line.sku for line in found.snapshots[0].lines}
    sent = {line.sku for line in window.lines}
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
