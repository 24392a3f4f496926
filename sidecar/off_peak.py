"""Off-peak hours: a daily window in a named time zone, and ages in days, as `sidecar.toml` writes them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from sidecar.configuration import invalid, shown

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAYS: Final = re.compile(r"([1-9]\d{0,4})d", re.ASCII)
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From a time of day to another, past midnight where the end is not after the beginning."""

    begins: time
    ends: time

    @classmethod
    def of(cls, text: str) -> "Hours":
        """Read `22:30-05:00`; raises ValueError for anything else."""
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError(text)
        first, second, third, fourth = (int(part) for part in match.groups())
        return cls(time(first, second), time(third, fourth))

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def last_begun(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the window began that is open now, or was open last; in UTC."""
        local = now.astimezone(zone)
        today = datetime.combine(local.date(), self.begins, zone)
        begun = today if today <= local else datetime.combine(local.date() - _ONE_DAY, self.begins, zone)
        return begun.astimezone(UTC)

    def end_of(self, begun: datetime, zone: ZoneInfo) -> datetime:
        """When a window ends that began then; in UTC."""
        local = begun.astimezone(zone)
        day = local.date() if self.ends > self.begins else local.date() + _ONE_DAY
        return datetime.combine(day, self.ends, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class OffPeak:
    """Hours in their zone."""

    hours: Hours
    zone: ZoneInfo

    def is_missed(self, now: datetime, last_finished: datetime | None) -> bool:
        """Tell whether a run is due although its hour has passed: it ran before, and not since the window began."""
        return last_finished is not None and last_finished < self.hours.last_begun(now, self.zone)

    def ends_at(self, began: datetime) -> datetime:
        """Until when a run that began then may last: the window's end, or, for one made up for, as long as a window."""
        window = self.hours.last_begun(began, self.zone)
        end = self.hours.end_of(window, self.zone)
        return end if began < end else began + (end - window)

    def until_the_end(self, proceed: Callable[[], bool], now: Callable[[], datetime]) -> Callable[[], bool]:
        """The same `proceed`, but no longer than the hours last, counted from now."""
        ends_at = self.ends_at(now())
        return lambda: proceed() and now() < ends_at


def _hours(value: object) -> Hours:
    if isinstance(value, Hours):
        return value
    try:
        return Hours.of(str(value))
    except ValueError:
        raise invalid(shown(value), "two times of day such as 22:30-05:00") from None


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(shown(value), "a time zone that this host knows, such as Europe/Berlin") from None
    return value


def _age(value: object) -> timedelta:
    match = _DAYS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise invalid(shown(value), "a whole number of days such as 30d")
    return timedelta(days=int(match[1]))


def _age_or_forever(value: object) -> timedelta | str:
    if value == "forever":
        return "forever"
    match = _DAYS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise invalid(shown(value), "a whole number of days such as 400d, or forever")
    return timedelta(days=int(match[1]))


Zone = Annotated[str, BeforeValidator(_zone)]
Age = Annotated[timedelta, BeforeValidator(_age)]
AgeOrForever = Annotated[timedelta | Literal["forever"], BeforeValidator(_age_or_forever)]
HoursField = Annotated[Hours, PlainValidator(_hours), PlainSerializer(str)]
