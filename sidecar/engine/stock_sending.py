"""Sending windows: each frozen window is one batch under its own name, and looked up before it would be sent again.

A line that the ERP refuses is parked alone. Later lines of its SKU are held behind it, for the ERP may need what it
refused before it can take what follows; everything else goes on. A person's word brings them back as one line of a new
window.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, assert_never

from sidecar.domain.delivery import Found, Presence
from sidecar.domain.documents import StockMovement
from sidecar.domain.errors import Retryable
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock import Window, WindowKind, WindowLine, WindowState, differences_between
from sidecar.domain.stock_counts import PreparedLine, as_they_are, in_units
from sidecar.domain.units import Units
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.settlement import Blocked, park, settle_look_up, settle_result, unknown_after_restart
from sidecar.engine.stock_counting import WindowCounter
from sidecar.engine.window_settling import REFUSED, WindowSettler, as_delivery
from sidecar.ports import Clock, ErpAdapter, Observer, WindowStore

SEND_INTERVAL: Final = 0.2
CONTRADICTION: Final = "the ERP has our reference with other content"


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
        self._policy, self._name = policy, policy.name
        self._adapter, self._governor, self._caps = adapter, governor, adapter.capabilities()
        self._store, self._leadership, self._clock, self._observer = store, leadership, clock, observer
        self._units = policy.stock.units if policy.stock else Units()
        self._settler = WindowSettler(policy, instance, self._caps, store, leadership, clock, observer)
        self._counter = WindowCounter(adapter, governor, self._settler, self._units, self._deadline)
        self._round: list[Window] = []
        self._send_at = 0.0
        self._ends_at = float("inf")

    def turn(self) -> bool:
        """Send or look up at most one window; tells whether one was. After an idle turn the database rests a moment."""
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
        match window.state:
            case WindowState.FROZEN:
                self._submit(window)
            case (
                WindowState.SENDING
            ):  # by a process that is gone, a moment ago perhaps: what it did may be invisible yet
                self._settler.settle(window, Blocked(unknown_after_restart(as_delivery(window), self._caps)))
            case WindowState.UNKNOWN:
                self._look_up(window)
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

    def _submit(self, window: Window) -> None:
        if self._is_counted(window):
            self._counter.submit(window)
            return
        settler, ref = self._settler, self._settler.reference(window)
        begun = self._store.begin_window(window, self._leadership.token, partial(self._prepare, window))
        if begun.state is WindowState.HELD:
            settler.note("window.held", window)
            return
        if not self._leadership.trusted():
            return
        movement = StockMovement(begun.warehouse, begun.lines, begun.kind)
        self._governor.began()
        result = self._adapter.submit(movement, ref, self._deadline())
        self._governor.heard(result)
        rejected = {line.sku: line.message for line in result.lines if not line.accepted}
        if result.outcome in REFUSED and rejected.keys() >= {line.sku for line in begun.lines}:
            settler.refused_line_by_line(begun, rejected)
            return
        jitter = self._clock.jitter()
        settler.settle(
            begun, settle_result(as_delivery(begun), ref, result, settler.retry, self._caps, jitter), rejected
        )

    def _prepare(self, window: Window, lines: Sequence[WindowLine]) -> Sequence[PreparedLine]:
        """In the ERP's units, once: from the first attempt on the content stands under its key."""
        return in_units(lines, self._units) if window.is_untouched else as_they_are(lines)

    def _look_up(self, window: Window) -> None:
        if self._is_counted(window) or any(line.expected is not None for line in window.lines):
            self._counter.look_up(window)
            return
        settler, ref = self._settler, self._settler.reference(window)
        self._governor.began()
        try:
            found = self._adapter.find([ref], self._deadline())
        except Retryable as error:
            self._governor.failed(error)
            settler.ask_later(window, error)
            return
        self._governor.succeeded()
        answer = found.get(ref.idempotency_key, Found(Presence.UNSEARCHABLE))
        before, differences = as_delivery(window), _differences(window, answer)
        if differences:
            hint = "compare both, mend the ERP's, then: erp-sidecar window retry; or window skip"
            parked = park(before, CONTRADICTION, f"{CONTRADICTION}: {'; '.join(differences)}", hint)
            settler.settle(window, Blocked(parked))
            return
        settlement = settle_look_up(before, ref, answer, [], self._caps, self._policy.call_deadline)
        settler.settle(window, settlement, _not_booked(window, answer))

    def _is_counted(self, window: Window) -> bool:
        return self._caps.stock_write == "absolute" and window.kind is WindowKind.MOVEMENT

    def _deadline(self) -> float:
        return min(self._policy.call_deadline.total_seconds(), max(0.0, self._ends_at - self._clock.monotonic()))


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
