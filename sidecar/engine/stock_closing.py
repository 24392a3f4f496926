"""When the open windows of a destination close.

By age, by size, or because stock has run out or come back; and never sooner after the destination's last windows than
its throttle says. That is judged by what the database has frozen, on the database's clock: a restart forgets nothing.
What waits is not stored, and read again after a crash or a stop.
"""

from collections.abc import Callable
from datetime import timedelta

from sidecar.domain.policy import StockPolicy
from sidecar.domain.stock import Fold

SinceFrozen = Callable[[], timedelta | None]


class Closing:
    """Judges one destination's open windows, by the monotonic clock of its process."""

    def __init__(self, stock: StockPolicy, since_frozen: SinceFrozen) -> None:
        """`since_frozen` tells how old the destination's newest window is, by the database's clock."""
        self._stock, self._since_frozen = stock, since_frozen
        self._not_before: float | None = None
        self._no_crossing_before = 0.0

    def is_due(self, fold: Fold, since: float, now: float) -> bool:
        """Tell whether what has been added up since that moment is to be frozen."""
        return self._is_wanted(fold, since, now) and self.may_freeze(fold, now)

    def may_freeze(self, fold: Fold, now: float) -> bool:
        """Tell whether the throttle allows it; what makes no window is not throttled."""
        if not self._stock.every or not fold:
            return True
        if self._not_before is None or now >= self._not_before:
            age = self._since_frozen()
            left = timedelta() if age is None else self._stock.every - age
            self._not_before = now + left.total_seconds()
        return now >= self._not_before

    def closed(self, fold: Fold, now: float) -> None:
        """Note that it was frozen."""
        self._not_before = None
        if fold.crosses:
            self._no_crossing_before = now + self._stock.crossing_pause.total_seconds()

    def _is_wanted(self, fold: Fold, since: float, now: float) -> bool:
        is_full = len(fold) >= self._stock.window_deltas
        is_old = now - since >= self._stock.window_age.total_seconds()
        return is_full or is_old or (fold.crosses and now >= self._no_crossing_before)
