"""The pace of a purge: small transactions, long pauses, and giving way as soon as anybody else is busy.

Each chunk is timed. One that took longer than it should halves the next, a quick one lets it grow. After each chunk
the purge rests for twice as long as it worked, so it takes at most a third of one connection's time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sidecar.domain.retention import Load

_SLOW_IN_A_ROW: Final = 5
_REST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How large a chunk may become, how long it should take, and what counts as busy."""

    largest: int = 1000
    smallest: int = 50
    target: timedelta = timedelta(milliseconds=50)
    busy_threads: int = 24
    long_history: int = 1_000_000
    backlog_growth: int = 2_000
    longest_wait: timedelta = timedelta(minutes=10)


class Pace:
    """Says how many rows the next chunk may have, how long to rest, and when to give up for now."""

    def __init__(self, terms: Terms, look: Callable[[], Load], sleep: Callable[[float], None]) -> None:
        """Remember how far behind the relay is now: more than that is a reason to stop."""
        self._terms, self._look, self._sleep = terms, look, sleep
        self.size = min(terms.largest, max(terms.smallest, terms.largest // 4))
        self._slow = 0
        self._backlog = look().backlog

    def took(self, seconds: float) -> None:
        """Learn from a chunk, and rest."""
        target = self._terms.target.total_seconds()
        if seconds > target * 2:
            self.size = max(self._terms.smallest, self.size // 2)
            self._slow += 1
        else:
            self._slow = 0
            if seconds < target:
                self.size = min(self._terms.largest, self.size + self.size // 2)
        self._sleep(seconds * _REST)

    def wait_for_quiet(self, proceed: Callable[[], bool]) -> str:
        """Wait while the server is busy; a sentence when it is better to stop, empty when the next chunk may go."""
        if self._slow >= _SLOW_IN_A_ROW:
            return f"{_SLOW_IN_A_ROW} chunks in a row were slow"
        waited = 0.0
        while proceed():
            load = self._look()
            if load.backlog > self._backlog + self._terms.backlog_growth:
                return f"the relay fell behind: {load.backlog} events wait for it"
            busy = self._busy(load)
            if not busy or waited >= self._terms.longest_wait.total_seconds():
                return busy
            waited += 1.0
            self._sleep(1.0)
        return ""

    def _busy(self, load: Load) -> str:
        if load.threads_running > self._terms.busy_threads:
            return f"the database is busy: {load.threads_running} threads are running"
        if load.history_length is not None and load.history_length > self._terms.long_history:
            return f"the server's own purge is behind: its history has {load.history_length} entries"
        return ""
