"""The story of a SKU: sums that foot, or say by how much they do not, and a difference that is explained or is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sidecar.domain.events import OutboxId
from sidecar.domain.special_cases import Skus
from sidecar.domain.stock import LineState, WindowKind, WindowState
from sidecar.domain.stock_events import StockEvent
from sidecar.domain.stock_lineage import Fate, PlacedLine, Whereabouts
from sidecar.domain.stock_story import (
    ON_THE_WAY,
    WITHOUT_EVENT,
    ErpLevel,
    Footing,
    MagentoStock,
    SourceLevel,
    beside_feed,
    compare,
    footings_of,
    kept_back_of,
    movements_of,
    owed_of,
)
from sidecar.domain.units import UnitRule, Units
from sidecar.domain.warehouses import WarehouseRule, Warehouses
from tests.support.rig import ERP

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
WAREHOUSES: Warehouses = {"west": "W1", "hub": [WarehouseRule("Q1", frozenset({"refund"})), WarehouseRule("H1")]}
LEVEL = ErpLevel("W1", Decimal(8), "", NOON)
NO_UNITS = Units()


def change(
    number: int, quantity: int, *, before: int | None = None, where: str = "west", reason: str = "manual", of: str = "7"
) -> StockEvent:
    told = None if before is None else Decimal(before)
    after = None if told is None else told + quantity
    at = NOON + timedelta(minutes=number)
    return StockEvent(
        OutboxId(number), at, "TEE", where, Decimal(quantity), reason, "shipment", of, before=told, after=after
    )


def holding(quantity: int, source: str = "west") -> MagentoStock:
    return MagentoStock((SourceLevel(source, Decimal(quantity), in_stock=True, enabled=True, stocks=(1,)),))


def line(state: LineState, quantity: int, *, window: WindowState = WindowState.BOOKED) -> PlacedLine:
    movement = WindowKind.MOVEMENT
    return PlacedLine(ERP, "W1", 7, movement, window, "", 1, "TEE", Decimal(quantity), 1, state, "", [OutboxId(1)])


def test_opening_and_changes_make_what_a_source_holds() -> None:
    (foots,) = footings_of([change(1, -2, before=10), change(2, 5, before=8)], holding(13))

    assert [foots.opening, foots.changes, foots.expected, foots.difference] == [10, 3, 13, 0]
    assert foots.breaks == ()


def test_what_changed_without_an_event_is_said_by_how_much_and_between_which_two() -> None:
    (foots,) = footings_of([change(1, -2, before=10), change(2, -1, before=5)], holding(3))

    (gap,) = foots.breaks
    assert foots.difference == -4  # 3 of them before the second event, 1 after it
    assert [gap.after, gap.before, gap.quantity] == [1, 2, -3]


def test_a_sku_without_an_event_foots_and_one_whose_first_event_tells_no_quantity_cannot_be_judged() -> None:
    (quiet,) = footings_of([], holding(4))
    (silent,) = footings_of([change(1, -2)], holding(4))
    (unread,) = footings_of([change(1, -2, before=10)], None)

    assert [quiet.difference, silent.difference, unread.difference] == [0, None, None]


def test_a_source_that_has_the_sku_no_more_holds_nothing() -> None:
    (foots,) = footings_of([change(1, -10, before=10)], MagentoStock())

    assert [foots.now, foots.difference] == [0, 0]


def test_changes_are_summed_by_reason_and_document_under_its_number() -> None:
    told = [change(1, -2), change(2, -1), change(3, -4, of="8"), change(4, 1, reason="refund")]

    refund, shipped = sorted(movements_of(told, {("shipment", "7"): "000000007"}), key=lambda one: one.quantity)[::-1]

    assert (str(shipped.quantity), shipped.events, shipped.documents) == ("-7", 3, ("000000007", "8"))
    assert (refund.reason, str(refund.quantity)) == ("refund", "1")


def test_what_can_be_sold_leaves_out_sources_that_are_off_or_out_of_stock() -> None:
    held = holding(5).sources[0]
    sources = (held, replace(held, source="off", enabled=False), replace(held, source="out", in_stock=False))

    assert MagentoStock(sources, {1: Decimal(-2)}).salable == {1: Decimal(3)}


def test_a_difference_is_explained_by_what_is_on_its_way_what_was_never_told_and_what_had_no_event() -> None:
    events = {one.id: one for one in (change(1, -1), change(2, 5), change(3, -9), change(4, 2, where="hub"))}
    found = [
        Whereabouts(ERP, OutboxId(1), Fate.OPEN, "to be frozen"),
        Whereabouts(ERP, OutboxId(2), Fate.NOT_TAKEN, "stock.reasons does not name import"),
        Whereabouts(ERP, OutboxId(3), Fate.ECHO, "the ERP caused it"),
        Whereabouts(ERP, OutboxId(4), Fate.OPEN, "to be frozen"),
    ]
    lines = [
        line(LineState.PARKED, -4),
        line(LineState.BOOKED, -100),
        line(LineState.CARRIED, -50),
        line(LineState.OPEN, -6, window=WindowState.SKIPPED),
    ]
    footing = Footing("west", Decimal(10), Decimal(2), Decimal(9))

    owed = owed_of(WAREHOUSES, events, found, lines)
    seen = compare(LEVEL, WAREHOUSES, NO_UNITS, "TEE", [footing], owed)

    assert {why: int(quantity) for why, quantity in seen.explained.items()} == {
        ON_THE_WAY: 5,
        "its window was given up by a person": 6,
        "stock.reasons does not name import": -5,
        WITHOUT_EVENT: 3,
    }
    assert [seen.difference, seen.not_explained] == [-1, -10]


def test_an_erps_level_is_compared_in_magentos_unit_or_not_at_all() -> None:
    boxes = Units("", (UnitRule(Skus(named=frozenset({"TEE"})), "BOX", Decimal(12)),))
    footing = Footing("west", Decimal(100), Decimal(0), Decimal(100))

    def seen(level: ErpLevel, units: Units = NO_UNITS) -> tuple[str, str]:
        compared = compare(level, WAREHOUSES, units, "TEE", [footing], {})
        return str(compared.not_explained), compared.problem

    assert seen(replace(LEVEL, unit="BOX"), boxes) == ("-4", "")
    assert "is counted in KG" in seen(replace(LEVEL, unit="KG"), boxes)[1]
    assert seen(replace(LEVEL, warehouse="Z9"))[1] == "no source of Magento's is this warehouse"
    assert "hub may be this warehouse or another" in seen(replace(LEVEL, warehouse="H1"))[1]


def test_a_level_that_magento_follows_is_shown_and_not_held_against_its_sources() -> None:
    followed = beside_feed(LEVEL, ["west"])

    assert (followed.sources, str(followed.level.on_hand)) == (("west",), "8")
    assert "Magento follows it by the feed" in followed.problem


def test_what_is_in_no_window_is_summed_by_why() -> None:
    events = {one.id: one for one in (change(1, -1), change(2, -2))}
    found = [Whereabouts(ERP, number, Fate.ECHO, "the ERP caused it") for number in events]

    (kept,) = kept_back_of(events, found)

    assert (kept.fate, str(kept.quantity), list(kept.events)) == (Fate.ECHO, "-3", [1, 2])
