"""The governor: how much may be in flight at one destination, and when nothing may.

Concurrency grows by one per success round and halves when the ERP throttles. The breaker opens after a few calls
in a row that did not reach the ERP; after a pause one probe goes out, and its answer decides.
"""

from datetime import timedelta
from typing import Final

from sidecar.ports import Clock

FAILURES_TO_OPEN: Final = 5
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


class Governor:
    """Belongs to one relay loop; not shared between threads."""

    def __init__(self, clock: Clock, concurrency: int) -> None:
        """Start at full concurrency, breaker closed."""
        self._clock = clock
        self._most = concurrency
        self._limit = float(concurrency)
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._closed_until = 0.0

    @property
    def breaker_open(self) -> bool:
        """Tell whether calls are held back because the ERP does not answer."""
        return self._failures >= FAILURES_TO_OPEN

    def capacity(self, in_flight: int, ahead: float = 1.0) -> int:
        """How many more calls may be handed over now; `ahead` times the limit while nothing holds it down."""
        if self._clock.monotonic() < self._closed_until:
            return 0
        if self.breaker_open:
            return 1 if in_flight == 0 else 0
        limit = self._most * ahead if self._limit >= self._most else self._limit
        return max(0, int(limit) - in_flight)

    def succeeded(self) -> None:
        """The ERP answered."""
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._limit = min(self._most, self._limit + 1 / self._limit)

    def unreachable(self) -> bool:
        """A call got no answer; returns True when this opened the breaker."""
        if self._clock.monotonic() < self._closed_until:
            return False  # it was begun before the pause; the next probe decides
        self._failures += 1
        if not self.breaker_open:
            return False
        self._closed_until = self._clock.monotonic() + self._pause * (1 - self._clock.jitter() / 2)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return self._failures == FAILURES_TO_OPEN

    def throttled(self, retry_after: timedelta | None) -> None:
        """The ERP asked for less; nothing goes out before the time that it named."""
        self._limit = max(1.0, self._limit / 2)
        if retry_after is not None:
            until = self._clock.monotonic() + retry_after.total_seconds()
            self._closed_until = max(self._closed_until, until)
