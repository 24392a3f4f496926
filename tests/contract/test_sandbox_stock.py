"""The sandbox ERP books stock as its interface description says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox, a_movement, sandbox


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as running:
        yield running


def on_hand(erp: Sandbox, query: str = "") -> dict[str, str]:
    rows = erp.ask("GET", f"/api/stock?{query}").body["stock"]
    return {f"{row['warehouse']}/{row['sku']}": row["onHand"] for row in rows}


def test_on_hand_is_the_opening_balance_plus_every_movement(erp: Sandbox) -> None:
    erp.ask("POST", "/api/stock-movements", a_movement("W-1"))
    erp.control("POST", "stock", {"balances": [{"warehouse": "1710", "sku": "BAG", "quantity": "100"}]})
    erp.ask("POST", "/api/stock-movements", a_movement("W-2"))

    assert on_hand(erp) == {"1710/BAG": "96.0000", "1710/CUP": "7.0000"}


def test_the_same_movement_twice_is_booked_twice(erp: Sandbox) -> None:
    first = erp.ask("POST", "/api/stock-movements", a_movement("W-1"))
    second = erp.ask("POST", "/api/stock-movements", a_movement("W-1"))

    found = erp.ask("GET", "/api/stock-movements?reference=W-1").body["movements"]

    assert (
        [movement["number"] for movement in found] == [first.body["number"], second.body["number"]] == ["MV-1", "MV-2"]
    )
    assert on_hand(erp, "sku=BAG") == {"1710/BAG": "-4.0000"}


def test_a_house_that_rejects_duplicates_books_a_movement_once(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--reject-duplicates") as strict:
        strict.ask("POST", "/api/stock-movements", a_movement("W-1"))

        second = strict.ask("POST", "/api/stock-movements", a_movement("W-1"))

        assert (second.status, second.code) == (409, "DUPLICATE_REFERENCE")
        assert on_hand(strict, "sku=BAG") == {"1710/BAG": "-2.0000"}


def test_a_line_of_an_unknown_item_is_rejected_alone(erp: Sandbox) -> None:
    erp.control("POST", "masterdata", {"unknownItems": ["BAG"]})

    reply = erp.ask("POST", "/api/stock-movements", a_movement("W-1"))

    assert reply.status == 201
    assert reply.body["lines"] == [
        {"sku": "BAG", "status": "rejected", "message": "Item BAG is unknown."},
        {"sku": "CUP", "status": "booked"},
    ]
    assert on_hand(erp) == {"1710/CUP": "3.5000"}
    assert [line["status"] for line in erp.ask("GET", "/api/stock-movements/MV-1").body["lines"]] == [
        "rejected",
        "booked",
    ]


def test_on_hand_is_read_page_by_page(erp: Sandbox) -> None:
    for warehouse in ("1710", "1720"):
        erp.ask("POST", "/api/stock-movements", a_movement(warehouse=warehouse))
    seen, cursor, more = [], "", True

    while more:
        page = erp.ask("GET", f"/api/stock?limit=1&cursor={cursor}").body
        seen += [(row["warehouse"], row["sku"]) for row in page["stock"]]
        cursor, more = page["next"], page["more"]

    assert seen == [("1710", "BAG"), ("1710", "CUP"), ("1720", "BAG"), ("1720", "CUP")]


@pytest.mark.parametrize("quantity", ["0.0000", 2, "1e3", "1.00001", None])
def test_a_quantity_that_is_no_delta_is_refused(erp: Sandbox, quantity: object) -> None:
    reply = erp.ask("POST", "/api/stock-movements", a_movement(lines=[{"sku": "BAG", "quantity": quantity}]))

    assert reply.status == 400
    assert reply.body["error"]["details"][0]["path"] == "lines[0].quantity"
    assert erp.rows("SELECT * FROM stock_movements") == []


def test_a_cursor_of_somebody_else_is_refused(erp: Sandbox) -> None:
    for cursor in ("nonsense", "NQ==", "WzEsIDIsIDNd"):
        assert erp.ask("GET", f"/api/stock?cursor={cursor}").code == "VALIDATION_FAILED"
