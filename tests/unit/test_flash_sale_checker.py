"""The checker of a flash sale: it praises a sale in which all was told once, and notices each single defect."""

import json
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import pytest

from ops.demonstration.flash_sale.checker import LARGE, Verdict, judge
from ops.demonstration.flash_sale.conduct import FAULTS, Sale, draw
from ops.demonstration.flash_sale.evidence import Batch, Change, Erp, Line, Shop

D = Decimal
CALLS = 7


def change(number: int, place: str, quantity: int, reason: str = "shipment", **more: Any) -> Change:  # noqa: ANN401
    told = {"is_reservation": False, "reason": reason, "is_echo": False, **more}
    return Change(number, place=place, sku="HOT-01", quantity=D(quantity), **told)


def reservation(number: int, quantity: int) -> Change:
    return change(number, "2", quantity, "", is_reservation=True)


def line(window: str, quantity: int, *members: int, kind: str = "movement", state: str = "booked") -> Line:
    return Line(window, kind, window.partition(".")[0], state, "HOT-01", D(quantity), state, members)


# Two shelves feed one warehouse. Two orders were reserved, one of them shipped; an import came from the ERP itself.
SHOP = Shop(
    orders=2,
    changes=(
        reservation(1, -2),
        reservation(2, -1),
        change(3, "west", -2),
        reservation(4, 2),
        change(5, "east", 10, "manual"),
        change(6, "west", 5, "import"),
        change(7, "west", 3, is_echo=True),
    ),
    in_sources={("west", "HOT-01"): D(98), ("east", "HOT-01"): D(110), ("shed", "HOT-01"): D(4)},
    reserved={("2", "HOT-01"): D(-1), ("1", "HOT-01"): D(-9)},
    windows={"W-US.1": "booked", "SHOP.1": "booked", "SHOP.2": "booked", "W-EU.1": "net_zero"},
    lines=(
        line("W-US.1", 8, 3, 5),
        line("SHOP.1", -3, 1, 2, kind="demand"),
        line("SHOP.2", 2, 4, kind="demand"),
    ),
    late=frozenset({4}),
)
ERP = Erp(
    batches=(
        Batch("demo.W-US.1", "movement", "W-US", {"HOT-01": D(8)}),
        Batch("demo.SHOP.1", "demand", "SHOP", {"HOT-01": D(-3)}),
        Batch("demo.SHOP.2", "demand", "SHOP", {"HOT-01": D(2)}),
    ),
    on_hand={("W-US", "HOT-01"): D(208)},
    demand={("SHOP", "HOT-01"): D(-1)},
    faults=("http_429", "http_429"),
)


def verdict(shop: Shop = SHOP, erp: Erp = ERP, calls: int = CALLS) -> Verdict:
    return judge(shop, erp, calls)


def test_a_sale_in_which_everything_was_told_once_passes() -> None:
    found = verdict()

    assert found.problems() == []
    assert (found.orders, found.deltas, found.windows, found.lines) == (2, 5, 4, 3)
    assert (found.calls, found.calls_saved, found.late_deltas) == (CALLS, 5 - CALLS, 1)
    assert found.faults == {"http_429": 2}
    assert json.loads(found.as_json()) == asdict(found)


def with_lines(*lines: Line) -> Shop:
    return replace(SHOP, lines=lines)


FIRST, SECOND, THIRD = SHOP.lines
SPOILT = {
    "a change that no window took": ("in_no_window", with_lines(line("W-US.1", -2, 3), SECOND, THIRD), ERP),
    "a change that two windows took": ("in_several", with_lines(FIRST, SECOND, line("SHOP.2", 0, 4, 1)), ERP),
    "an import that was told": ("foreign", with_lines(line("W-US.1", 8, 3, 5, 6), SECOND, THIRD), ERP),
    "an echo that was told": ("foreign", with_lines(line("W-US.1", 8, 3, 5, 7), SECOND, THIRD), ERP),
    "a change in another SKU's line": ("foreign", with_lines(replace(FIRST, sku="HOT-02"), SECOND, THIRD), ERP),
    "a movement that is told as demand": ("foreign", with_lines(replace(FIRST, kind="demand"), SECOND, THIRD), ERP),
    "a line that adds up wrongly": ("wrong_sums", with_lines(line("W-US.1", 7, 3, 5), SECOND, THIRD), ERP),
    "a window that is under way": ("unfinished", replace(SHOP, windows={**SHOP.windows, "W-EU.1": "unknown"}), ERP),
    "a window that the ERP lacks": ("not_booked_as_folded", SHOP, replace(ERP, batches=ERP.batches[1:])),
    "a window that the ERP has twice": (
        "not_booked_as_folded",
        SHOP,
        replace(ERP, batches=(*ERP.batches, ERP.batches[0])),
    ),
    "a batch that is no window": (
        "not_booked_as_folded",
        SHOP,
        replace(ERP, batches=(*ERP.batches, Batch("demo.W-US.2", "movement", "W-US", {"HOT-01": D(1)}))),
    ),
    "stock that differs": ("mismatch", SHOP, replace(ERP, on_hand={("W-US", "HOT-01"): D(207)})),
    "stock that the ERP does not have": ("mismatch", SHOP, replace(ERP, on_hand={})),
    "demand that differs": ("mismatch", SHOP, replace(ERP, demand={("SHOP", "HOT-01"): D(-3)})),
    "a line that the ERP refused": (
        "refused_lines",
        SHOP,
        replace(ERP, batches=(replace(ERP.batches[0], refused=("HOT-02",)), *ERP.batches[1:])),
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_each_single_defect_is_noticed(spoilt: str) -> None:
    number, shop, erp = SPOILT[spoilt]

    found = verdict(shop, erp)

    assert getattr(found, number) >= 1
    assert found.problems() != []


def test_what_a_person_carried_into_a_later_window_counts_there_alone() -> None:
    refused = line("W-US.0", 10, 5, state="carried")
    carried = line("W-US.1", 8, 5, 3)
    shop = replace(with_lines(refused, carried, SECOND, THIRD), windows={**SHOP.windows, "W-US.0": "booked"})

    assert verdict(shop).problems() == []


def test_a_large_sale_is_told_in_a_hundredth_of_the_calls_or_it_is_a_problem() -> None:
    large = replace(verdict(), deltas=LARGE)

    assert replace(large, calls=LARGE // 100).problems() == []
    assert replace(large, calls=LARGE // 100 + 1).problems() != []
    assert replace(large, deltas=0).problems() != []


def test_the_windows_times_are_compressed_as_the_sale_is() -> None:
    real, compressed = Sale(7, minutes=10), Sale(7, minutes=1)

    assert (real.seconds, real.compression) == (600, 1)
    assert (compressed.seconds, compressed.compression) == (60, 10)
    assert (compressed.compressed_to(60), compressed.compressed_to(75)) == (10, 8)
    assert Sale(7, orders=500, minutes=10).seconds == 60
    assert "age: 60000ms" in real.blueprint()
    assert "age: 6000ms" in compressed.blueprint()


def test_each_kind_of_fault_meets_one_of_the_first_calls_whatever_the_seed() -> None:
    for seed in range(50):
        plan = draw(seed)

        for operation, rules in FAULTS.items():
            drawn = [rule for rule in plan if rule["operation"] == operation]
            assert {rule["kind"] for rule in drawn} == {rule["kind"] for rule in rules}
            assert sorted(rule["nth"] for rule in drawn) == list(range(1, len(rules) + 1))  # type: ignore[type-var]
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
