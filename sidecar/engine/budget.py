"""A request budget: at most so many calls in any stretch of time of one length, wherever the stretch begins.

ERPs count in windows of their own, fixed or sliding, and do not say when theirs begin; what holds for every stretch
holds for theirs. Calls are counted in slots, a sixtieth of the length each, and a slot counts until all of it is
older than the length: a little less than the budget is used, never more.
"""

from collections import Counter
from datetime import timedelta
from typing import Final

SLOTS: Final = 60


class Budget:
    """The calls of one stretch. Not shared between threads."""

    def __init__(self, calls: int, per: timedelta) -> None:
        """Nothing is spent yet."""
        self.calls, self.per = calls, per
        self._length_of_slot = per.total_seconds() / SLOTS
        self._spent: Counter[int] = Counter()

    def spend(self, calls: int, now: float) -> None:
        """Count calls that begin now, on a clock that only grows."""
        self._spent[self._slot(now)] += calls

    def left(self, now: float) -> int:
        """How many calls may still begin now."""
        oldest = self._slot(now) - SLOTS
        for slot in [slot for slot in self._spent if slot < oldest]:
            del self._spent[slot]
        return max(0, self.calls - self._spent.total())

    def _slot(self, now: float) -> int:
        return int(now / self._length_of_slot)
