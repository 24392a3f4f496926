"""Reading stock of a REST ERP: cursors go on, rows of one item are summed up, what cannot be read is an error."""

from decimal import Decimal
from typing import Any

import pytest

from erp_adapters.profiled.following import Query
from erp_adapters.profiled.levels import StockList
from erp_adapters.profiled.stock_levels import UnusableStockError, stock_page
from sidecar.domain.documents import StockQuery

LISTING = StockList.model_validate(
    {
        "path": "/stock",
        "sku": "sku",
        "warehouse": "wh",
        "batch": 2,
        "cursor": "after",
        "next": "next",
        "more": "more",
        "as_of": "at",
        "levels": {
            "each": "rows",
            "sku": "s",
            "warehouse": "w",
            "on_hand": "q",
            "reserved": "r",
            "available": "a",
            "unit": "u",
        },
    }
)


class Erp:
    """Answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:  # noqa: ANN401 -- JSON
        self.answers, self.asked = list(answers), list[dict[str, list[str]]]()

    def get(self, _path: str, query: Query) -> object:
        asked: dict[str, list[str]] = {}
        for name, value in query:
            asked.setdefault(name, []).append(value)
        self.asked.append(asked)
        return self.answers.pop(0)


def row(sku: str, quantity: str, **more: str) -> dict[str, str]:
    return {"s": sku, "w": "W1", "q": quantity, "u": "PCE", **more}


def answer(*rows: object, more: object = False, after: str = "") -> dict[str, Any]:
    return {"rows": list(rows), "more": more, "next": after, "at": "2026-11-24T11:00:00Z"}


def test_pages_of_each_part_of_the_items_follow_one_another_to_the_end() -> None:
    erp = Erp(answer(row("A", "1"), more=True, after="c1"), answer(row("B", "2.5000")), answer(row("C", "3")))
    query, cursor, read = StockQuery(("A", "B", "C"), ("W1",)), None, []

    while True:
        page = stock_page(LISTING, query, cursor, erp.get)
        read += [(level.sku, str(level.on_hand)) for level in page.levels]
        if (cursor := page.next_cursor) is None:
            break

    assert read == [("A", "1"), ("B", "2.5000"), ("C", "3")]
    assert erp.asked == [
        {"sku": ["A", "B"], "wh": ["W1"]},
        {"sku": ["A", "B"], "wh": ["W1"], "after": ["c1"]},
        {"sku": ["C"], "wh": ["W1"]},
    ]


def test_rows_of_one_item_in_one_warehouse_are_summed_and_what_one_does_not_tell_is_not_told() -> None:
    rows = row("A", "1.25", r="1", a="0.25"), row("A", "2", r="1"), row("B", "1", u="BOX"), row("B", "2", u="PCE")

    page = stock_page(LISTING, StockQuery(), None, Erp(answer(*rows)).get)

    assert [(level.sku, level.on_hand, level.reserved, level.available, level.unit) for level in page.levels] == [
        ("A", Decimal("3.25"), Decimal(2), None, "PCE"),
        ("B", Decimal(1), None, None, "BOX"),
        ("B", Decimal(2), None, None, "PCE"),
    ]
    assert page.as_of is not None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(more=True), "the cursor does not move"),
        (answer(more="yes", after="c"), "neither true nor false"),
        ({"rows": {}, "more": False}, "is not a list"),
        (answer({"s": "A", "q": "1"}), "has no SKU, or no warehouse"),
        (answer(row("A", "many")), "is not a decimal"),
        (answer({"s": "A", "w": "W1", "q": None}), "is not a decimal"),
    ],
)
def test_what_would_leave_something_out_is_an_error(said: object, words: str) -> None:
    with pytest.raises(UnusableStockError, match=words):
        stock_page(LISTING, StockQuery(), None, Erp(said).get)


@pytest.mark.parametrize("cursor", ["", "x", "[]", '["a", 1]', '[-1, ""]'])
def test_a_cursor_of_somebody_else_is_an_error(cursor: str) -> None:
    with pytest.raises(UnusableStockError, match="cursor"):
        stock_page(LISTING, StockQuery(), cursor, Erp(answer()).get)
