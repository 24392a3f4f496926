"""Off-peak hours: a window of the day in its own time zone, over midnight and over the changing of clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sidecar.off_peak import Hours, OffPeak

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def off_peak(hours: str) -> OffPeak:
    return OffPeak(Hours.of(hours), BERLIN)


@pytest.mark.parametrize(
    ("hours", "now", "begun", "ends"),
    [
        ("02:00-05:00", "2026-11-24T01:30", "2026-11-24T01:00", "2026-11-24T04:00"),
        ("02:00-05:00", "2026-11-24T00:30", "2026-11-23T01:00", "2026-11-24T04:00"),
        ("22:30-05:00", "2026-11-24T03:00", "2026-11-23T21:30", "2026-11-24T04:00"),
        ("02:00-05:00", "2026-07-01T01:00", "2026-07-01T00:00", "2026-07-01T03:00"),
        ("01:00-05:00", "2026-03-29T02:00", "2026-03-29T00:00", "2026-03-29T03:00"),
        ("01:00-05:00", "2026-10-25T03:00", "2026-10-24T23:00", "2026-10-25T04:00"),
    ],
    ids=["inside", "before today's", "over midnight", "summer", "clocks go forward", "clocks go back"],
)
def test_a_window_begins_and_ends_by_the_clock_on_the_wall(hours: str, now: str, begun: str, ends: str) -> None:
    window = off_peak(hours)

    assert window.hours.last_begun(at(now), BERLIN) == at(begun)
    assert hours == "02:00-05:00" or window.ends_at(at(now)) == at(ends)


def test_a_night_that_passed_without_a_run_is_made_up_for_once() -> None:
    window = off_peak("02:00-05:00")
    morning = at("2026-11-24T08:00")

    assert window.is_missed(morning, at("2026-11-23T02:00"))
    assert not window.is_missed(morning, at("2026-11-24T03:59"))
    assert not window.is_missed(morning, at("2026-11-24T08:00"))


def test_what_never_ran_waits_for_the_night() -> None:
    assert not off_peak("02:00-05:00").is_missed(at("2026-11-24T08:00"), None)


def test_a_run_is_told_to_stop_when_its_hours_are_over() -> None:
    now = [at("2026-11-24T03:59")]
    proceed = off_peak("02:00-05:00").until_the_end(lambda: True, lambda: now[0])

    assert proceed()
    now[0] = at("2026-11-24T04:00")
    assert not proceed()


def test_a_run_that_is_made_up_for_lasts_as_long_as_a_window() -> None:
    assert off_peak("02:00-05:00").ends_at(at("2026-11-24T08:00")) == at("2026-11-24T11:00")
