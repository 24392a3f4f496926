"""Quiet hours: by the clock on the wall, over midnight, and on the two nights on which that clock is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sidecar.domain.quiet_hours import QuietHours, QuietRange

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset(range(7))
FRIDAY = frozenset({4})


def hours(begin: str, end: str, days: frozenset[int] = WEEK, zone: ZoneInfo = BERLIN) -> QuietHours:
    return QuietHours(zone, (QuietRange(days, minutes(begin), minutes(end)),))


def minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def wall(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_quiet"),
    [
        ("2026-11-25 11:59:59", False),
        ("2026-11-25 12:00:00", True),
        ("2026-11-25 13:59:59", True),
        ("2026-11-25 14:00:00", False),
    ],
)
def test_a_range_begins_and_ends_by_the_minute(now: str, is_quiet: bool) -> None:  # noqa: FBT001 -- a column above
    assert (hours("12:00", "14:00").ends_at(wall(now)) is not None) is is_quiet


@pytest.mark.parametrize(
    ("now", "is_quiet"),
    [
        ("2026-11-26 23:00", False),  # Thursday
        ("2026-11-27 03:00", False),  # Friday, before its own night
        ("2026-11-27 21:59", False),
        ("2026-11-27 22:00", True),
        ("2026-11-28 05:59", True),  # Saturday, still Friday's night
        ("2026-11-28 06:00", False),
        ("2026-11-28 23:00", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(now: str, is_quiet: bool) -> None:  # noqa: FBT001 -- a column above
    assert (hours("22:00", "06:00", FRIDAY).ends_at(wall(now)) is not None) is is_quiet


def test_a_whole_day_is_written_from_midnight_to_midnight() -> None:
    friday = hours("0:00", "24:00", FRIDAY)

    assert friday.ends_at(wall("2026-11-27 00:00")) == wall("2026-11-28 00:00")
    assert friday.ends_at(wall("2026-11-28 00:00")) is None


def test_of_ranges_that_overlap_the_later_end_counts() -> None:
    both = QuietHours(BERLIN, (QuietRange(WEEK, 600, 720), QuietRange(WEEK, 660, 780)))

    assert both.ends_at(wall("2026-11-25 11:30")) == wall("2026-11-25 13:00")


def test_the_end_is_given_in_the_time_of_the_zone() -> None:
    end = hours("22:00", "06:00").ends_at(wall("2026-11-25 23:00"))

    assert f"{end:%H:%M %z}" == "06:00 +0100"


def quiet_stretches(quiet: QuietHours, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    stretches: list[tuple[datetime, datetime]] = []
    now, since = begin, None
    while now <= end:
        if quiet.ends_at(now) is not None:
            since = since or now
        elif since is not None:
            stretches.append((since, now))
            since = None
        now += timedelta(minutes=1)
    return stretches


def test_the_night_on_which_the_clock_is_put_back_is_quiet_in_one_piece_through_both_readings() -> None:
    found = quiet_stretches(hours("22:00", "02:30"), wall("2026-10-24 12:00"), wall("2026-10-25 12:00"))

    assert found == [(wall("2026-10-24 22:00"), wall("2026-10-25 02:30", fold=1))]


def test_a_range_inside_the_repeated_hour_lasts_from_its_first_to_its_second_reading() -> None:
    found = quiet_stretches(hours("02:15", "02:45"), wall("2026-10-24 12:00"), wall("2026-10-25 12:00"))

    assert found == [(wall("2026-10-25 02:15"), wall("2026-10-25 02:45", fold=1))]


def test_a_range_inside_the_hour_that_is_left_out_is_still_kept_around_the_change() -> None:
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

    found = quiet_stretches(hours("02:15", "02:45"), wall("2026-03-28 12:00"), wall("2026-03-29 12:00"))

    assert found == [(change - timedelta(minutes=45), change + timedelta(minutes=45))]


def test_a_night_over_the_hour_that_is_left_out_begins_and_ends_by_the_wall() -> None:
    found = quiet_stretches(hours("22:00", "05:30"), wall("2026-03-28 12:00"), wall("2026-03-29 12:00"))

    assert found == [(wall("2026-03-28 22:00"), wall("2026-03-29 05:30"))]


@pytest.mark.parametrize(
    ("ranges", "leave_time"),
    [
        (hours("00:00", "24:00"), False),
        (hours("22:00", "22:00"), False),
        (hours("22:00", "21:59"), True),
        (hours("00:00", "24:00", FRIDAY), True),
    ],
)
def test_a_week_without_a_free_minute_is_told_apart(ranges: QuietHours, leave_time: bool) -> None:  # noqa: FBT001 -- a column above
    assert ranges.leave_time() is leave_time
