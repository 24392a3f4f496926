"""Quiet hours: stretches of the week, by the clock on somebody's wall, in which nothing begins.

A range belongs to the days on which it begins; one whose end is not after its beginning ends on the next day. Where
the clock is put forward or back, a reading on the wall can stand for two instants: a range begins at the earlier
and ends at the later of them, so what anybody could call quiet is quiet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
MINUTES_OF_A_WEEK: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class QuietRange:
    """From `begin` on these weekdays (Monday is 0) until `end`: minutes after midnight, up to 1440."""

    days: frozenset[int]
    begin: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is, on a day without a change of the clock."""
        return self.end - self.begin if self.end > self.begin else self.end + 1440 - self.begin


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The quiet ranges of one destination, in the time of one zone."""

    zone: ZoneInfo
    ranges: tuple[QuietRange, ...]

    def ends_at(self, now: datetime) -> datetime | None:
        """The end, in the zone's time, of the quiet range that `now` (aware) lies in; None when it lies in none."""
        today = now.astimezone(self.zone).date()
        ends = [end for begin, end in self._around(today) if begin <= now < end]
        return max(ends).astimezone(self.zone) if ends else None

    def leave_time(self) -> bool:
        """Tell whether any minute of a week is left in which something may begin."""
        quiet = {
            (day * 1440 + one.begin + minute) % MINUTES_OF_A_WEEK
            for one in self.ranges
            for day in one.days
            for minute in range(one.minutes)
        }
        return len(quiet) < MINUTES_OF_A_WEEK

    def _around(self, today: date) -> Iterator[tuple[datetime, datetime]]:
        """The instants (UTC) of every range that may reach into a day: those that began the day before, too."""
        for day in (today - DAY, today, today + DAY):
            for one in self.ranges:
                if day.weekday() in one.days:
                    begin = self._readings(day, one.begin)
                    yield min(begin), max(self._readings(day, one.begin + one.minutes))

    def _readings(self, day: date, minutes: int) -> tuple[datetime, datetime]:
        days, rest = divmod(minutes, 1440)
        wall = datetime.combine(day + days * DAY, time(rest // 60, rest % 60), self.zone)
        return wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
