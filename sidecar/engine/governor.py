"""The governor: how many calls may be at one destination, and when none may begin.

*Concurrency.* The limit grows by one for each round of answers, and halves at most once per round: when the ERP
throttles (429, or 503 with Retry-After), or when its answers become slower although nothing else asks for it. That
is judged on two averages of the time that calls take. `recent` follows the last sixteen or so. `usual` follows
`recent` down at once, and up so slowly (over hundreds of answers) that a load of our own making is not mistaken for
the ERP's nature, while an ERP that stays slow is in the end taken as it is. Slower means: `recent` is above twice the
usual by more than a tenth of a second. One answer counts for no more than twice that mark, so that it takes about
nine slow ones in a row; calls to a fast ERP that jitter by milliseconds never get there.

*Round.* After a cut the answers of the calls that were under way say nothing new; as many as the old limit are
heard without another cut.

*Breaker.* After five calls in a row that did not reach the ERP, or got no usable answer, only one at a time asks
whether it is back, with pauses from one second up to a minute. Its answer closes the breaker; the limit then grows
from one, because an ERP that has just come back is cold.

*Never before*: the time that a Retry-After names, the end of quiet hours, and the moment at which every request
budget has room again (see `budget`). What is under way then ends in peace.

One governor per destination, shared by everything in this process that calls it. It remembers nothing of an earlier
process: what that one spent of a budget is not known.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from sidecar.domain.delivery import Outcome, Result
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.domain.policy import GovernorTerms
from sidecar.engine.budget import Budget
from sidecar.ports import Clock

FAILURES_TO_OPEN: Final = 5
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
WAIT_FOR_ADMISSION: Final = 1.0
CALLS_OF_A_CREATION: Final = 2
"""A document that was created may be read back at once: both calls must be in the budget."""


class Governor:
    """Says how much may begin; told what began and what was answered. Shared between threads."""

    def __init__(self, clock: Clock, concurrency: int, terms: GovernorTerms | None = None) -> None:
        """Start at full concurrency, breaker closed, nothing spent."""
        self._clock, self._most, self._terms = clock, concurrency, terms or GovernorTerms()
        self._lock = Lock()
        self._limit = float(concurrency)
        self._latency = _Latency()
        self._round = 0
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._probe_at = self._asked_until = 0.0
        self._quiet_minute: datetime | None = None
        self._quiet_end: datetime | None = None
        self._budgets = [Budget(budget.calls, budget.per) for budget in self._terms.budgets]

    @property
    def limit(self) -> int:
        """How many calls may be under way at once."""
        return int(self._limit)

    @property
    def held_down(self) -> bool:
        """Tell whether the limit is below what was agreed, because the ERP throttled, slowed down or was away."""
        return self._limit < self._most

    @property
    def breaker_open(self) -> bool:
        """Tell whether calls are held back because the ERP does not answer."""
        return self._failures >= FAILURES_TO_OPEN

    def capacity(self, in_flight: int, ahead: float = 1.0) -> int:
        """How many more calls may be handed over now, beside those in flight.

        While nothing holds the limit down, `ahead` times as many, so that the caller has some in readiness; never with
        a budget, which would count calls that are taken back.
        """
        with self._lock:
            now = self._clock.monotonic()
            if now < max(self._probe_at, self._asked_until) or self._quiet_until() is not None:
                return 0
            limit = self._limit if self.held_down or self._budgets else self._limit * ahead
            room = (1 if in_flight == 0 else 0) if self.breaker_open else int(limit) - in_flight
            affordable = [budget.left(now) // CALLS_OF_A_CREATION for budget in self._budgets]
            return max(0, min([room, *affordable]))

    def began(self, calls: int = 1) -> None:
        """Count calls against the budgets; every call to the ERP counts, look-ups and read-backs too."""
        with self._lock:
            now = self._clock.monotonic()
            for budget in self._budgets:
                budget.spend(calls, now)

    def admitted(self, proceed: Callable[[], bool]) -> bool:
        """Wait until one call may begin and count it; False as soon as `proceed` says no."""
        while proceed():
            if self.capacity(0) > 0:
                self.began()
                return True
            self._clock.sleep(WAIT_FOR_ADMISSION)
        return False

    def heard(self, result: Result, duration: timedelta | None = None) -> bool:
        """Take the answer to a submission or a poll into account; True when it opened the breaker."""
        match result.outcome:
            case Outcome.NOT_SENT | Outcome.UNKNOWN:
                return self.unreachable()
            case Outcome.RETRY_LATER:
                self.throttled(result.retry_after)
            case _:
                self.succeeded(duration)
        return False

    def failed(self, error: Retryable) -> bool:
        """Take a look-up that failed into account; True when it opened the breaker."""
        if isinstance(error, ErpUnavailable) and error.retry_after is None:
            return self.unreachable()
        if isinstance(error, ErpThrottled | ErpUnavailable):
            self.throttled(error.retry_after)
        else:
            self.succeeded()
        return False

    def succeeded(self, duration: timedelta | None = None) -> None:
        """The ERP answered; without a duration the answer's time says nothing about its load."""
        with self._lock:
            self._failures = 0
            self._pause = FIRST_PAUSE
            self._probe_at = 0.0
            self._hear()
            if duration is not None and self._latency.is_rising_with(duration.total_seconds()):
                self._cut(self._limit / 2)
            else:
                self._limit = min(self._most, self._limit + 1 / self._limit)

    def throttled(self, retry_after: timedelta | None) -> None:
        """The ERP asked for less; nothing goes out before the time that it named."""
        with self._lock:
            self._hear()
            self._cut(self._limit / 2)
            if retry_after is not None:
                until = self._clock.monotonic() + retry_after.total_seconds()
                self._asked_until = max(self._asked_until, until)

    def unreachable(self) -> bool:
        """A call got no answer; returns True when this opened the breaker."""
        with self._lock:
            self._hear()
            now = self._clock.monotonic()
            if now < self._probe_at:
                return False  # it was begun before the pause; the next probe decides
            self._failures += 1
            if not self.breaker_open:
                return False
            self._limit = 1.0
            self._probe_at = now + self._pause * (1 - self._clock.jitter() / 2)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return self._failures == FAILURES_TO_OPEN

    def closed_because(self) -> str:
        """Why less than usual, or nothing, may begin, as a sentence; empty when all is well."""
        with self._lock:
            now = self._clock.monotonic()
            quiet_until = self._quiet_until()
            if quiet_until is not None:
                return f"quiet hours until {quiet_until:%Y-%m-%d %H:%M} ({self._zone()})"
            if self.breaker_open:
                return "the ERP does not answer; one call at a time asks whether it is back"
            if now < self._asked_until:
                return "the ERP asked to come back later"
            for budget in self._budgets:
                if budget.left(now) < CALLS_OF_A_CREATION:
                    return f"the budget of {budget.calls} calls in {budget.per} is spent"
            return ""

    def _quiet_until(self) -> datetime | None:
        """The end of the quiet hours that it is now; they begin and end with a minute: looked up once in each."""
        quiet = self._terms.quiet_hours
        if quiet is None:
            return None
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0)
        if minute != self._quiet_minute:
            self._quiet_minute, self._quiet_end = minute, quiet.ends_at(now)
        return self._quiet_end

    def _zone(self) -> str:
        return "" if self._terms.quiet_hours is None else self._terms.quiet_hours.zone.key

    def _hear(self) -> None:
        self._round = max(0, self._round - 1)

    def _cut(self, limit: float) -> None:
        """Lower the limit, unless the answer belongs to the round that has just been cut."""
        if self._round == 0:
            self._round = int(self._limit)
            self._limit = max(1.0, limit)
            self._latency.begin_anew()


class _Latency:
    """How long calls take lately, against how long they usually take; in seconds."""

    WEIGHT: Final = 1 / 16
    WEIGHT_UPWARDS: Final = 1 / 512
    WARM_UP: Final = 32
    SLACK: Final = 0.1

    def __init__(self) -> None:
        self._answers = 0
        self._recent = self._usual = 0.0

    def is_rising_with(self, seconds: float) -> bool:
        """Take one more answer into account; True when answers have become slower than usual."""
        self._answers += 1
        if self._answers <= self.WARM_UP:  # a plain average: connections are new, caches cold
            self._recent += (seconds - self._recent) / self._answers
            self._usual = self._recent
            return False
        mark = 2 * self._usual + self.SLACK
        self._recent += (min(seconds, 2 * mark) - self._recent) * self.WEIGHT
        upwards = self._recent > self._usual
        self._usual += (self._recent - self._usual) * (self.WEIGHT_UPWARDS if upwards else self.WEIGHT)
        return self._recent > mark

    def begin_anew(self) -> None:
        """Judge the lower limit by its own answers."""
        self._recent = self._usual
