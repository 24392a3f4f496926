"""The governor at work: the ERP's own word is kept, budgets are shared, quiet hours hold, a slow ERP is alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sidecar.daemon import SystemClock
from sidecar.domain.policy import GovernorTerms, RequestBudget
from sidecar.domain.quiet_hours import QuietHours, QuietRange
from sidecar.engine.governor import Governor
from tests.support.daemon import configure, until
from tests.support.made_tables import make_tables
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database
from tests.support.shop import Shop

NIGHT = QuietHours(ZoneInfo("UTC"), (QuietRange(frozenset(range(7)), 22 * 60, 6 * 60),))


class WallClock(SystemClock):
    """The machine's clock under a wall whose hands the test moves."""

    wall = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.wall


def delivered(rig: Rig) -> int:
    return len(rig.erp.rows("SELECT number FROM orders"))


def held_back(rig: Rig) -> str:
    """What `erp-sidecar status` shows."""
    (backlog,) = rig.insights.backlog()
    return backlog.held_because


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["http_429", "http_503"])
def test_nothing_reaches_the_erp_before_the_time_that_it_named(database: Database, erp: Sandbox, kind: str) -> None:
    erp.plan({"operation": "order.create", "nth": 3, "kind": kind, "retryAfter": 1, "count": 1})
    with rig_on(database, erp, policy=replace(POLICY, concurrency=1)) as rig:
        for number in range(1, 7):
            rig.shop.place(number)

        turn_until(rig.relay(), lambda: delivered(rig) == 6)

        (asked,) = erp.rows("SELECT at_us FROM faults")
        later = [row["created_us"] - asked["at_us"] for row in erp.rows("SELECT created_us FROM orders")]
        assert sorted(later)[1] < 0 < sorted(later)[2]
        assert not [wait for wait in later if 0 < wait < 1_000_000]


def test_orders_and_stock_share_one_budget(database: Database, erp: Sandbox) -> None:
    terms = GovernorTerms(budgets=(RequestBudget(4, timedelta(hours=1)),))
    with rig_on(database, erp, policy=replace(POLICY, governor=terms)) as rig:
        for number in range(1, 9):
            rig.shop.place(number)
        relay, stock = rig.relay(), rig.aggregator()
        turn_until(relay, lambda: len(rig.receipts_by_event()) == 3)
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(stock, lambda: rig.shop.rows("SELECT state FROM erp_stock_window") == [("frozen",)])

        for _ in range(5):
            relay.turn()
            assert not stock.send()

        assert delivered(rig) == 3
        assert rig.governor.closed_because() == "the budget of 4 calls in 1:00:00 is spent"
        assert rig.shop.rows("SELECT state FROM erp_stock_window") == [("frozen",)]


def test_in_quiet_hours_nothing_begins_and_what_is_under_way_ends(database: Database, erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "delay", "seconds": 0.3, "when": "after", "count": 1})
    with rig_on(database, erp) as rig:
        clock = WallClock()
        rig.governor = Governor(clock, 8, GovernorTerms(quiet_hours=NIGHT))
        relay = rig.relay()
        first = rig.shop.place(1)
        turn_until(relay, lambda: delivered(rig) == 1)

        clock.wall = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
        second = rig.shop.place(2)
        turn_until(relay, lambda: set(rig.receipts_by_event()) == {first})
        turn_until(relay, lambda: held_back(rig) == "quiet hours until 2026-11-26 06:00 (UTC)")
        assert delivered(rig) == 1

        clock.wall = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
        turn_until(relay, lambda: set(rig.receipts_by_event()) == {first, second})
        turn_until(relay, lambda: not held_back(rig))


@pytest.mark.slow
def test_an_erp_that_answers_slowly_does_not_slow_another(tmp_path: Path, database: Database, erp: Sandbox) -> None:
    shop = Shop(database)
    make_tables(database)
    (tmp_path / "slow").mkdir()
    with sandbox(tmp_path / "slow") as slow:
        slow.plan({"operation": "any", "nth": 1, "kind": "delay", "seconds": 25, "when": "before", "count": 1000})
        sidecar = configure(tmp_path, database, erp.url)
        sidecar.add_destination("slow", slow.url)
        with sidecar.daemon() as daemon:
            daemon.notified("READY=1")
            for number in range(1, 21):
                shop.place(number)

            until(lambda: shop.rows("SELECT COUNT(ext_order_id) FROM sales_order") == [(20,)])
            until(lambda: slow.control("GET", "faults").body["plan"][0]["seen"] > 0)

            assert slow.rows("SELECT number FROM orders") == []
