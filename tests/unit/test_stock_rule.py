"""The import rule by numbers: what is added to an ERP's level, where it goes, and what is held or waits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sidecar.domain.reconciliation import FindingKind
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    SafetyStock,
    SourceItem,
    SourceShare,
    StockChange,
    StockFeedPolicy,
)
from sidecar.domain.stock_rule import (
    LONG_AGO,
    NEVER,
    Bearing,
    Demand,
    Held,
    Issue,
    Levels,
    Movement,
    Network,
    Planned,
    Rule,
    Span,
    Verdict,
    Waits,
    Watermark,
)

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MARK = Watermark(NOON - timedelta(seconds=2), NOON + timedelta(seconds=2))
EARLIER = Span(NOON - timedelta(hours=1), NOON - timedelta(minutes=59))
LATER = Span(NOON + timedelta(minutes=1), NOON + timedelta(minutes=2))
ACROSS = Span(NOON - timedelta(seconds=10), NOON + timedelta(seconds=10))
ONE = {"W1": (SourceShare("west"),)}
TWO = {**ONE, "E1": (SourceShare("east"),)}
SPLIT = {"W1": (SourceShare("west", Decimal("0.3")), SourceShare("east", Decimal("0.7")))}
POLICY = StockFeedPolicy(Quantity.AVAILABLE, ONE, guards=FeedGuards(jump_share=None))
NOTHING = Bearing()
BOTH = Network({1: ("west", "east")})


def judge(
    policy: StockFeedPolicy,
    levels: Mapping[str, int | str],
    bearing: Bearing = NOTHING,
    rows: Mapping[str, int | str] | None = None,
    network: Network = BOTH,
    accepted: int | None = None,
) -> Verdict:
    told = Levels({name: Decimal(quantity) for name, quantity in levels.items()}, MARK)
    held = {name: SourceItem(name, "MUG", Decimal(count), Decimal(count) > 0) for name, count in (rows or {}).items()}
    reference = None if accepted is None else Decimal(accepted)
    return Rule(policy, network).judge("MUG", told, bearing, held, reference)


def written(verdict: Verdict) -> dict[str, Decimal]:
    assert isinstance(verdict, Planned), verdict
    return {change.source: change.quantity for change in verdict.changes}


def test_an_order_that_the_erp_counts_already_is_not_deducted_twice() -> None:
    bearing = Bearing([Demand(EARLIER, Decimal(3), stock=1)])
    assert written(judge(POLICY, {"W1": 7}, bearing, {"west": 8})) == {"west": 10}


def test_an_order_that_the_erp_does_not_know_is_not_sold_a_second_time() -> None:
    bearing = Bearing([Demand(NEVER, Decimal(3), stock=1), Demand(LATER, Decimal(1), stock=1)])
    assert written(judge(POLICY, {"W1": 7}, bearing, {"west": 8})) == {"west": 7}


def test_an_order_that_came_and_left_since_the_erp_read_is_taken_off() -> None:
    bearing = Bearing([Demand(LATER, Decimal(0), shipped=Decimal(2), stock=1)])
    assert written(judge(POLICY, {"W1": 7}, bearing, {"west": 8})) == {"west": 5}


def test_what_the_erp_has_given_up_by_itself_is_not_given_back_twice() -> None:
    bearing = Bearing([Demand(EARLIER, Decimal(3), let_go=Decimal(2), stock=1)])
    assert written(judge(POLICY, {"W1": 7}, bearing, {"west": 3})) == {"west": 8}


def test_goods_that_have_left_the_erp_can_still_be_shipped_by_magento() -> None:
    policy = replace(POLICY, quantity=Quantity.ON_HAND, warehouses=TWO)
    bearing = Bearing(issues=[Issue(Span(LONG_AGO, EARLIER.until), Decimal(4), "east")])
    assert written(judge(policy, {"W1": 6, "E1": 0}, bearing, {"west": 5, "east": 3})) == {"west": 6, "east": 4}


def test_goods_that_have_left_an_erp_of_available_stock_lie_where_they_are_shipped_from() -> None:
    bearing = Bearing(
        [Demand(EARLIER, Decimal(5), stock=1)], issues=[Issue(Span(LONG_AGO, EARLIER.until), Decimal(4), "east")]
    )
    policy = replace(POLICY, warehouses=TWO)
    assert written(judge(policy, {"W1": 6, "E1": 0}, bearing, {})) == {"west": 7, "east": 4}


def test_a_change_of_magentos_own_that_the_erp_has_not_booked_is_kept() -> None:
    movements = [
        Movement(NEVER, "W1", Decimal(2)),
        Movement(EARLIER, "W1", Decimal(5)),
        Movement(LATER, "W1", Decimal(-1)),
    ]
    assert written(judge(POLICY, {"W1": 7}, Bearing(movements=movements), {"west": 7})) == {"west": 8}


@pytest.mark.parametrize(
    ("counts", "bearing"),
    [
        (Quantity.AVAILABLE, Bearing([Demand(ACROSS, Decimal(1), stock=1)])),
        (Quantity.AVAILABLE, Bearing([Demand(Span(NOON - timedelta(days=1)), Decimal(1), stock=1)])),
        (Quantity.AVAILABLE, Bearing(movements=[Movement(ACROSS, "W1", Decimal(1))])),
        (Quantity.ON_HAND, Bearing(issues=[Issue(Span(LONG_AGO, NOON), Decimal(1))])),
    ],
)
def test_what_was_under_way_when_the_erp_read_makes_its_sku_wait(counts: Quantity, bearing: Bearing) -> None:
    assert isinstance(judge(replace(POLICY, quantity=counts), {"W1": 7}, bearing, {"west": 7}), Waits)


def test_an_order_of_which_nothing_is_open_and_nothing_has_left_keeps_nobody_waiting() -> None:
    bearing = Bearing([Demand(ACROSS, Decimal(0), stock=1)])
    assert written(judge(POLICY, {"W1": 7}, bearing, {"west": 8})) == {"west": 7}


def test_without_a_watermark_only_a_sku_that_nothing_bears_on_is_written() -> None:
    rule, rows = Rule(POLICY, BOTH), {"west": SourceItem("west", "MUG", Decimal(1), in_stock=True)}
    levels = Levels({"W1": Decimal(5)}, None)
    assert written(rule.judge("MUG", levels, Bearing(), rows)) == {"west": 5}
    assert isinstance(rule.judge("MUG", levels, Bearing([Demand(EARLIER, Decimal(1))]), rows), Waits)


def test_a_correction_goes_to_the_source_that_its_stock_takes_from_first() -> None:
    policy = replace(POLICY, warehouses=TWO)
    bearing = Bearing([Demand(EARLIER, Decimal(3), stock=2), Demand(EARLIER, Decimal(1), stock=9)])
    network = Network({1: ("west", "east"), 2: ("east", "west"), 9: ("elsewhere",)})
    assert written(judge(policy, {"W1": 2, "E1": 2}, bearing, {}, network)) == {"west": 2, "east": 5}


def test_no_source_falls_below_zero_while_another_of_its_stock_has_something() -> None:
    policy = replace(POLICY, warehouses=TWO)
    assert written(judge(policy, {"W1": -3, "E1": 5}, rows={"west": 1, "east": 1})) == {"west": 0, "east": 2}
    apart = Network({1: ("west",), 2: ("east",)})
    held = judge(policy, {"W1": -3, "E1": 5}, rows={"west": 1, "east": 1}, network=apart)
    assert isinstance(held, Held)
    assert held.kind is FindingKind.STOCK_NEGATIVE


def test_less_than_nothing_is_held_or_sold_out_as_the_blueprint_says() -> None:
    held = judge(POLICY, {"W1": -3}, rows={"west": 4})
    assert held == Held(FindingKind.STOCK_NEGATIVE, "4", "W1 -3; -3.0000 would be left")
    zero = replace(POLICY, guards=FeedGuards(jump_share=None, negative="zero"))
    assert written(judge(zero, {"W1": -3}, rows={"west": 4})) == {"west": 0}


@pytest.mark.parametrize(
    ("before", "after", "is_held"),
    [(100, 49, True), (100, 50, False), (10, 29, False), (10, 30, True), (0, 20, True), (1000, 1400, False)],
)
def test_a_jump_is_more_than_the_share_and_at_least_the_number(before: int, after: int, is_held: bool) -> None:  # noqa: FBT001
    policy = replace(POLICY, guards=FeedGuards(Decimal("0.5"), Decimal(20)))
    verdict = judge(policy, {"W1": after}, rows={"west": before})
    assert isinstance(verdict, Held) is is_held
    assert isinstance(judge(policy, {"W1": after}, rows={"west": before}, accepted=after), Planned)


def test_the_share_and_the_safety_stock_come_off_the_erps_level_before_anything_is_added() -> None:
    safety = (SafetyStock(Decimal(5), Skus(prefix="M")), SafetyStock(Decimal(50)))
    policy = replace(POLICY, share=Decimal("0.5"), safety_stock=safety)
    bearing = Bearing([Demand(EARLIER, Decimal(2), stock=1)])
    assert written(judge(policy, {"W1": 21}, bearing, {"west": 1})) == {"west": Decimal("7.5")}
    assert written(judge(replace(policy, decimals=0), {"W1": 21}, bearing, {"west": 1})) == {"west": 7}
    assert written(judge(policy, {"W1": 8}, bearing, {"west": 1})) == {"west": 2}


def test_a_warehouse_is_parted_to_the_last_unit() -> None:
    policy = replace(POLICY, warehouses=SPLIT, decimals=0)
    assert written(judge(policy, {"W1": 5}, rows={"west": 9, "east": 9})) == {"west": 2, "east": 3}
    assert written(judge(policy, {"W1": 1}, rows={"west": 9, "east": 9})) == {"west": 0, "east": 1}


def test_several_warehouses_of_one_source_are_added_up() -> None:
    policy = replace(POLICY, warehouses={**ONE, "W2": (SourceShare("west"),)})
    assert written(judge(policy, {"W1": 5, "W2": 4}, rows={"west": 1})) == {"west": 9}


def test_a_row_that_says_it_already_is_left_alone_and_none_is_made_of_nothing() -> None:
    assert written(judge(POLICY, {"W1": 7}, rows={"west": "7.0000"})) == {}
    assert written(judge(POLICY, {"W1": 0})) == {}
    assert judge(POLICY, {"W1": 3}) == Planned(
        (StockChange("west", "MUG", None, Decimal("3.0000"), in_stock=True),), Decimal(0), Decimal("3.0000")
    )


def test_what_is_sold_out_is_marked_so_unless_the_shop_sells_on_backorder() -> None:
    sold_out = judge(POLICY, {"W1": 0}, rows={"west": 4})
    backorders = judge(replace(POLICY, out_of_stock="quantity"), {"W1": 0}, rows={"west": 4})
    assert isinstance(sold_out, Planned)
    assert isinstance(backorders, Planned)
    assert [change.in_stock for change in (*sold_out.changes, *backorders.changes)] == [False, True]
