"""When windows close: by age, by size, where stock runs out, and never more often than a destination bears."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.events import EventType
from sidecar.domain.policy import StockPolicy
from sidecar.engine.stock_folding import StockFolder
from tests.support.stock_play import STOCK, HandClock, MemoryStage, Quiet, policy_of

USUAL = replace(STOCK, window_age=timedelta(seconds=60), window_deltas=100, crossing_pause=timedelta(seconds=5))
THROTTLED = replace(USUAL, every=timedelta(minutes=10))


class Shop:
    """One source, a folder of one destination, and a clock that moves when it is told to."""

    def __init__(self, stock: StockPolicy) -> None:
        self.clock, self._stock, self._held = HandClock(), stock, 10
        self.stage = MemoryStage(self.clock)
        self.start()

    def start(self) -> None:
        """Begin anew, as a process does."""
        leadership = self.stage.leadership(self.clock)
        self.folder = StockFolder(
            policy_of(self._stock), self._stock, self.stage.outbox, self.stage.stock, leadership, self.clock, Quiet()
        )

    def sell(self, units: int) -> None:
        """Take units away, and say how many there were and are."""
        was, self._held = self._held, self._held - units
        payload = {
            "sku": "A",
            "source_code": "west",
            "quantity": f"{-units}.0000",
            "reason": "shipment",
            "old_quantity": f"{was}.0000",
            "new_quantity": f"{self._held}.0000",
            "old_status": 1,
            "new_status": 1,
        }
        self.stage.insert(None, EventType.INVENTORY_ADJUSTED, json.dumps(payload), "")

    def after(self, seconds: float) -> list[Decimal]:
        """Let time pass and turn once; what all lines say by now."""
        self.clock.sleep(seconds)
        self.folder.read()
        self.folder.freeze_if_due()
        return self.frozen()

    def frozen(self) -> list[Decimal]:
        return [line.quantity for one in self.stage.stock.folds for line in one.lines]


def test_a_window_closes_at_its_age() -> None:
    shop = Shop(USUAL)
    shop.sell(1)

    assert shop.after(0) == []
    assert shop.after(59) == []
    assert shop.after(1) == [-1]


def test_a_window_closes_with_its_last_delta() -> None:
    shop = Shop(replace(USUAL, window_deltas=2))
    shop.sell(1)
    assert shop.after(0) == []

    shop.sell(1)

    assert shop.after(0) == [-2]


def test_where_stock_runs_out_the_window_closes_at_once_with_all_that_was_read_by_then() -> None:
    shop = Shop(USUAL)
    shop.sell(1)
    shop.sell(9)
    shop.sell(-1)

    assert shop.after(0) == [-9]


def test_a_burst_of_crossings_is_still_folded() -> None:
    shop = Shop(USUAL)
    shop.sell(10)
    assert shop.after(0) == [-10]

    for _ in range(4):
        shop.sell(-1)
        shop.sell(1)
        assert shop.after(1) == [-10]

    assert shop.after(1) == [-10, 0]


def test_nothing_is_frozen_sooner_than_the_throttle_allows_whatever_happens() -> None:
    shop = Shop(replace(THROTTLED, window_deltas=1))
    shop.sell(1)
    assert shop.after(0) == [-1]

    shop.sell(9)

    assert shop.after(599) == [-1]
    assert shop.after(1) == [-1, -9]


def test_a_restart_does_not_forget_the_throttle() -> None:
    shop = Shop(THROTTLED)
    shop.sell(1)
    shop.after(0)
    shop.after(60)

    shop.start()
    shop.sell(9)

    assert shop.after(61) == [-1]
    assert shop.after(539) == [-1, -9]


def test_a_stop_inside_the_throttle_freezes_nothing_and_loses_nothing() -> None:
    shop = Shop(THROTTLED)
    shop.sell(1)
    shop.after(0)
    shop.after(60)
    shop.sell(2)
    shop.after(1)

    shop.folder.freeze_at_the_end()
    assert shop.frozen() == [-1]
    shop.start()
    shop.after(0)

    assert shop.after(600) == [-1, -2]


def test_a_stop_outside_of_the_throttle_freezes_the_open_window() -> None:
    shop = Shop(THROTTLED)
    shop.sell(1)
    shop.after(0)

    shop.folder.freeze_at_the_end()

    assert shop.frozen() == [-1]


def test_what_makes_no_window_is_not_throttled() -> None:
    shop = Shop(THROTTLED)
    shop.sell(1)
    shop.after(0)
    shop.after(60)
    unreadable = shop.stage.insert(None, EventType.INVENTORY_ADJUSTED, "{}", "")

    shop.after(0)
    shop.after(60)

    assert shop.stage.parked() == {unreadable}


def test_a_million_ids_are_frozen_whatever_the_throttle_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.engine.stock_folding.MOST_DELTAS", 3)
    shop = Shop(THROTTLED)
    shop.sell(1)
    shop.after(0)
    assert shop.after(60) == [-1]

    shop.sell(1)
    shop.stage.insert(None, EventType.INVENTORY_ADJUSTED, "{}", "")
    assert shop.after(61) == [-1]
    shop.sell(1)

    assert shop.after(0) == [-1, -2]
