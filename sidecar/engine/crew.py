"""The crew: how many threads are worth having for one ERP at the moment.

A thread that waits for an answer leaves the processor to the others; one that does not wait only stands in their way,
since Python lets one thread work at a time. So a crew of one, and one more for each call's worth of work that fits
into a call's wait, does all that can be done: two or three for an ERP that answers at once, as many as allowed for one
that takes its time. The wait is the shortest of late, since the others waited for each other too.

An estimate must not hold anything up: while calls stand in line and no answer has come for a moment, the crew doubles.
"""

from math import ceil
from threading import Lock
from typing import Final

SMALLEST: Final = 2
FORGETS: Final = 1.05
"""The shortest wait of late grows by so much with each call, until a shorter one comes."""

LEARNS: Final = 0.1
LULL: Final = 0.02
"""Seconds without an answer, while calls stand in line, after which more hands are called."""


class Crew:
    """Counts threads in and out; shared between them."""

    def __init__(self, most: int, now: float) -> None:
        """Nobody is there yet."""
        self._most, self._useful, self.size = most, min(SMALLEST, most), 0
        self._wait = self._work = 0.0
        self._answered_at = now
        self._lock = Lock()

    def join(self, calls: int) -> bool:
        """Tell whether one more thread should start for so many open calls, and count it if so."""
        with self._lock:
            if self.size >= min(calls, self._useful):
                return False
            self.size += 1
            return True

    def leave(self) -> bool:
        """Tell a thread whether it is one too many, and count it out if so."""
        with self._lock:
            if self.size <= self._useful:
                return False
            self.size -= 1
            return True

    def answered(self, now: float, took: float, worked: float) -> None:
        """Learn from a call that took so many seconds, in which its thread worked for `worked` seconds."""
        with self._lock:
            self._answered_at = now
            waited = max(took - worked, 0.0)
            self._wait = waited if not self._work else min(self._wait * FORGETS, waited)
            self._work += (worked - self._work) * (LEARNS if self._work else 1.0)
            self._useful = min(max(SMALLEST, 1 + ceil(self._wait / max(self._work, 1e-6))), self._most)

    def is_wanting(self, now: float) -> bool:
        """Double the crew if no answer has come for a moment; tells whether it did."""
        with self._lock:
            if now - self._answered_at < LULL or self._useful >= self._most:
                return False
            self._answered_at = now
            self._useful = min(self._useful * 2, self._most)
            return True
