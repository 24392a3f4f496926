"""What becomes of a stock window after a call: written under the fence, and noted."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from sidecar.domain.delivery import Capabilities, Delivery, DeliveryState, DocumentKind, Outcome, Reference
from sidecar.domain.errors import Retryable
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.policy import DestinationPolicy, RetryPolicy
from sidecar.domain.stock import Window, WindowKind, WindowState
from sidecar.engine.leadership import Leadership
from sidecar.engine.settlement import Blocked, Done, GivenUp, Settlement
from sidecar.ports import Clock, Observer, WindowStore

REFUSED: Final = frozenset({Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID})
WITHOUT_END: Final = sys.maxsize
"""A window waits for an ERP that is closed or throttled for as long as that lasts."""

_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class WindowSettler:
    """Settles one destination's windows. `instance` begins their names."""

    policy: DestinationPolicy
    instance: str
    caps: Capabilities
    store: WindowStore
    leadership: Leadership
    clock: Clock
    observer: Observer

    @property
    def retry(self) -> RetryPolicy:
        """The destination's, but never given up."""
        return replace(self.policy.retry, attempts=WITHOUT_END)

    def reference(self, window: Window, kind: DocumentKind | None = None) -> Reference:
        """The name of the effect; a count's revision is the attempt, as each computes its lines anew."""
        name = window.reference(self.instance)
        if kind is None:
            demand = window.kind is WindowKind.DEMAND
            kind = DocumentKind.STOCK_DEMAND if demand else DocumentKind.STOCK_MOVEMENT
        revision = window.attempts if kind is DocumentKind.STOCK_COUNT else window.sequence
        return Reference(kind, name, revision, "", name)

    def settle(
        self,
        window: Window,
        settlement: Settlement,
        rejected: Mapping[str, str] = _NOTHING,
        undone: Collection[str] = (),
    ) -> None:
        """Write what an answer made of a window; `undone` lines of a count are void where it did not go through."""
        match settlement:
            case Done(erp_number=number):
                self.store.settle_window(
                    window, self.leadership.token, WindowState.BOOKED, erp_number=number, rejected=rejected
                )
                self.note("window.booked", window, document=number)
                self.tell_parked(window, rejected)
            case Blocked(delivery):
                state = _window_state(delivery)
                self.store.settle_window(
                    window,
                    self.leadership.token,
                    state,
                    undone=() if state is WindowState.UNKNOWN else undone,
                    fault=delivery.fault or delivery.reason,
                    hint=delivery.hint,
                    absents=delivery.absents,
                    resubmitted=delivery.resubmitted,
                    delay=delivery.delay,
                )
                self.note(f"window.{state}", window)
            case GivenUp():
                return  # only a person gives up, and no person decides about a window that is on its way
            case _:
                assert_never(settlement)

    def refused_line_by_line(self, window: Window, rejected: Mapping[str, str]) -> None:
        """The ERP made no document, and has said why of each line: no other window needs to wait for that."""
        self.store.settle_window(window, self.leadership.token, WindowState.HELD, rejected=rejected)
        self.tell_parked(window, rejected)

    def ask_later(self, window: Window, error: Retryable, state: WindowState = WindowState.UNKNOWN) -> None:
        """The ERP could not be asked: what was found out before is kept."""
        self.observer.note("window.look_up_failed", destination=self.policy.name, error=str(error))
        pause = self.retry.delay(max(1, window.attempts), self.clock.jitter())
        self.store.settle_window(
            window,
            self.leadership.token,
            state,
            fault=str(error),
            hint=error.hint,
            absents=window.absents,
            resubmitted=window.resubmitted,
            delay=max(pause, self.caps.find_visibility_lag),
        )

    def note(self, event: str, window: Window, **facts: object) -> None:
        """Tell the observer what became of a window."""
        self.observer.note(event, destination=self.policy.name, warehouse=window.warehouse, **facts)

    def tell_parked(self, window: Window, rejected: Mapping[str, str]) -> None:
        """Tell it, if any line was refused."""
        if rejected:
            self.note("window.lines_parked", window, sequence=window.sequence, lines=len(rejected))


def as_delivery(window: Window) -> Delivery:
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
