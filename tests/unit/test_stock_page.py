"""The page about stock is true: its worked example adds up, and is what the rule itself makes of these numbers."""

import json
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ops.demonstration.flash_sale.checker import Verdict
from sidecar.domain.stock_feed import FeedGuards, Quantity, SourceItem, SourceShare, StockFeedPolicy
from sidecar.domain.stock_rule import NEVER, Bearing, Demand, Issue, Levels, Network, Planned, Rule, Span, Watermark

PAGE = (Path(__file__).resolve().parents[2] / "ops" / "stock.md").read_text(encoding="utf-8")
ROWS = [
    [re.sub(r"[*\s]|:.*", "", cell) for cell in line.split("|")[2:-1]]
    for line in PAGE.splitlines()
    if re.match(r"\| .* \| \**\d+\** \| (0|-\d+) \|", line)
]


def test_in_the_worked_example_magento_sells_what_its_sources_hold_less_what_is_reserved() -> None:
    assert len(ROWS) == 8
    assert [int(source) + int(reserved) for source, reserved, _, _ in ROWS] == [int(sells) for _, _, sells, _ in ROWS]


def test_in_the_worked_example_only_the_naive_import_sells_another_number_than_is_free() -> None:
    wrong = [row for row in ROWS if row[2] != row[3]]

    assert wrong == [["90", "-13", "77", "87"]]


READ_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEFORE = Span(READ_AT - timedelta(hours=2), READ_AT - timedelta(hours=1))


@pytest.mark.parametrize(
    ("counts", "level", "issues"),
    [
        (Quantity.AVAILABLE, 90, ()),
        (Quantity.AVAILABLE, 90, (Issue(BEFORE, Decimal(4), "west"),)),
        (Quantity.ON_HAND, 96, (Issue(BEFORE, Decimal(4), "west"),)),
    ],
)
def test_the_rule_makes_of_the_worked_examples_levels_what_the_page_says(
    counts: Quantity, level: int, issues: tuple[Issue, ...]
) -> None:
    policy = StockFeedPolicy(counts, {"W1": (SourceShare("west"),)}, guards=FeedGuards(jump_share=None))
    demands = (Demand(BEFORE, Decimal(10), stock=1), Demand(NEVER, Decimal(3), stock=1))
    naive = {"west": SourceItem("west", "TEE", Decimal(level), in_stock=True)}

    verdict = Rule(policy, Network({1: ("west",)})).judge(
        "TEE", Levels({"W1": Decimal(level)}, Watermark(READ_AT, READ_AT)), Bearing(demands, (), issues), naive
    )

    assert isinstance(verdict, Planned)
    assert (verdict.before, verdict.after) == (Decimal(level), Decimal(100))


def test_the_pasted_flash_sale_is_what_the_demo_prints_of_one_that_kept_every_promise() -> None:
    (block,) = re.findall(r"<!-- flash sale: json -->(.*?)<!-- end of flash sale: json -->", PAGE, re.DOTALL)
    said = json.loads(" ".join(block.split()))
    verdict = Verdict(**{field.name: said.pop(field.name) for field in fields(Verdict)})

    assert said.keys() == {"seed", "seconds", "compression"}
    assert verdict.orders == 5000
    assert verdict.calls * 100 <= verdict.deltas
    assert verdict.calls_saved == verdict.deltas - verdict.calls
    assert verdict.problems() == []
