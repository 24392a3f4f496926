"""The picture of stock windows counts what went in, what came out and what that saved, over time."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sidecar.cli.stock.drawing import over_time, sparkline
from sidecar.domain.events import DestinationName, Event, Lane, OutboxId
from sidecar.domain.stock import WindowKind, WindowState
from sidecar.domain.stock_picture import Flow, FrozenWindow, StockPicture, oldest_open_of, picture_of
from tests.support.rig import POLICY

ERP = DestinationName("erp")
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def window(
    minutes_ago: float, *, state: WindowState = WindowState.BOOKED, calls: int = 1, destination: str = ERP
) -> FrozenWindow:
    frozen_at = NOON - timedelta(minutes=minutes_ago)
    return FrozenWindow(
        DestinationName(destination), "W1", 1, WindowKind.MOVEMENT, state, frozen_at, deltas=100, lines=4, calls=calls
    )


def picture(*windows: FrozenWindow) -> StockPicture:
    return picture_of(ERP, windows, NOON, timedelta(hours=1), 4, None)


def test_deltas_lines_and_calls_are_added_up_per_destination() -> None:
    drawn = picture(window(1), window(2, calls=3), window(3, destination="other"))

    assert drawn.total == Flow(deltas=200, windows=2, lines=8, calls=4)
    assert drawn.deltas_per_call == Decimal("50.0")


def test_windows_fall_into_stretches_of_time_that_end_now() -> None:
    drawn = picture(window(59), window(31), window(29), window(0))

    assert [bucket.flow.windows for bucket in drawn.buckets] == [1, 1, 1, 1]
    assert drawn.buckets[0].begins_at == NOON - timedelta(hours=1)


def test_a_window_that_was_frozen_while_the_clock_was_read_counts_with_the_last_stretch() -> None:
    assert picture(window(-0.01)).buckets[-1].flow.windows == 1


def test_states_are_counted_and_nothing_is_divided_by_no_call() -> None:
    drawn = picture(window(1, state=WindowState.PARKED, calls=0), window(2, state=WindowState.PARKED, calls=0))

    assert drawn.states == {"parked": 2}
    assert drawn.deltas_per_call is None


def test_a_series_is_a_row_of_signs_whose_highest_is_full() -> None:
    assert sparkline([0, 1, 4, 8]) == "·▁▄█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "··"


def test_the_rows_over_time_are_what_went_in_what_came_out_and_the_calls() -> None:
    rows = over_time(picture(window(59), window(0), window(0)))

    assert [(row["what"], row["over_time"], row["most"], row["total"]) for row in rows] == [
        ("changes in", "▄··█", 200, 300),
        ("lines out", "▄··█", 8, 12),
        ("calls", "▄··█", 2, 3),
    ]


def test_the_oldest_open_change_is_the_first_one_that_flows() -> None:
    def told(minutes_ago: int, **said: str) -> Event:
        payload = {"sku": "TEE", "source_code": "west", "quantity": "-1.0000", "reason": "manual", **said}
        at_us = int((NOON - timedelta(minutes=minutes_ago)).timestamp() * 1_000_000)
        return Event(OutboxId(1), "", "InventoryAdjusted", 1, Lane("#1"), "TEE", 1, at_us, payload=json.dumps(payload))

    events = [told(9, reason="import"), told(8, quantity="much"), told(7), told(6)]

    assert oldest_open_of(POLICY, events, NOON) == timedelta(minutes=7)
    assert oldest_open_of(POLICY, events[:2], NOON) is None
