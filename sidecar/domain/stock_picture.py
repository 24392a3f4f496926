"""The picture of a destination's stock windows: what went in, what came out, what it saved, and what still waits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import DestinationName, Event
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock import WindowKind, WindowState

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FrozenWindow:
    """A window as the picture counts it: `deltas` went in, `lines` came out, `calls` were made to send it.

    Lines that add up to nothing come out nowhere. Look-ups are no calls here: they send nothing.
    """

    destination: DestinationName
    warehouse: str
    sequence: int
    kind: WindowKind
    state: WindowState
    frozen_at: datetime
    deltas: int
    lines: int
    calls: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Sums over some time."""

    deltas: int = 0
    windows: int = 0
    lines: int = 0
    calls: int = 0

    def plus(self, window: FrozenWindow) -> "Flow":
        """With one more window."""
        return Flow(
            self.deltas + window.deltas,
            self.windows + 1,
            self.lines + window.lines,
            self.calls + window.calls,
        )


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was frozen in one stretch of time."""

    begins_at: datetime
    flow: Flow


@dataclass(frozen=True, slots=True)
class StockPicture:
    """One destination; `oldest_unfinished` is the age of the oldest window that is frozen and not done, `oldest_open`
    that of the oldest change that is in none yet.
    """

    destination: DestinationName
    total: Flow
    buckets: Sequence[Bucket]
    states: Mapping[str, int]
    oldest_unfinished: timedelta | None
    oldest_open: timedelta | None = None

    @property
    def deltas_per_call(self) -> Decimal | None:
        """How many calls one call took the place of; None before the first one."""
        if not self.total.calls:
            return None
        return (Decimal(self.total.deltas) / self.total.calls).quantize(Decimal("0.1"))


def picture_of(
    destination: DestinationName,
    windows: Iterable[FrozenWindow],
    moment: datetime,
    since: timedelta,
    buckets: int,
    oldest_unfinished: timedelta | None,
    oldest_open: timedelta | None = None,
) -> StockPicture:
    """Count a destination's windows, in stretches of equal length that end at this moment."""
    step, begin = since / buckets, moment - since
    total, flows, states = Flow(), [Flow()] * buckets, Counter[str]()
    for window in windows:
        if window.destination != destination:
            continue
        at = min(max(int((window.frozen_at - begin) / step), 0), buckets - 1)
        total, flows[at] = total.plus(window), flows[at].plus(window)
        states[window.state] += 1
    stretches = [Bucket(begin + number * step, flow) for number, flow in enumerate(flows)]
    return StockPicture(destination, total, stretches, dict(sorted(states.items())), oldest_unfinished, oldest_open)


def oldest_open_of(policy: DestinationPolicy, events: Iterable[Event], moment: datetime) -> timedelta | None:
    """How long the first event that flows has been waiting, of those above the cursor, with their payloads."""
    for event in events:
        if policy.stock is None or not policy.folds(event):
            continue
        try:
            delta = delta_in(event, event.payload or "", policy.stock)
        except MalformedEvent:
            continue
        if delta is not None:
            return max(moment - _EPOCH - timedelta(microseconds=event.occurred_at_us), timedelta())
    return None
