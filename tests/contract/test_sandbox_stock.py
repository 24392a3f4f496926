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


# --- Levels and demand ----------------------------------------------------------------------------


def a_count(reference: str, *lines: dict[str, str]) -> dict[str, object]:
    return {"reference": reference, "warehouse": "1710", "lines": list(lines)}


def test_a_level_is_set_only_where_the_expected_one_stands(erp: Sandbox) -> None:
    erp.control("POST", "stock", {"balances": [{"warehouse": "1710", "sku": "BAG", "quantity": "100"}]})
    erp.control("POST", "masterdata", {"unknownItems": ["XX"]})
    lines = (
        {"sku": "BAG", "expected": "100", "quantity": "98.5"},
        {"sku": "CUP", "expected": "7", "quantity": "5"},
        {"sku": "XX", "expected": "0", "quantity": "1"},
        {"sku": "PEN", "quantity": "3"},
    )

    reply = erp.ask("PUT", "/api/stock-levels", a_count("W-1", *lines))

    assert (reply.status, reply.body["number"]) == (200, "CT-1")
    assert reply.body["lines"] == [
        {"sku": "BAG", "status": "set"},
        {"sku": "CUP", "status": "moved", "message": "Of item CUP there are 0.0000, not 7."},
        {"sku": "XX", "status": "rejected", "message": "Item XX is unknown."},
        {"sku": "PEN", "status": "set"},
    ]
    assert on_hand(erp) == {"1710/BAG": "98.5000", "1710/PEN": "3.0000"}
    (kept,) = erp.rows("SELECT sku, found, status FROM stock_count_lines WHERE position = 0")
    assert (kept["sku"], kept["found"], kept["status"]) == ("BAG", "100.0000", "set")


def test_a_count_may_come_again_under_its_reference(erp: Sandbox) -> None:
    first = erp.ask("PUT", "/api/stock-levels", a_count("W-1", {"sku": "BAG", "expected": "0", "quantity": "3"}))
    second = erp.ask("PUT", "/api/stock-levels", a_count("W-1", {"sku": "BAG", "expected": "3", "quantity": "2"}))

    assert [first.body["number"], second.body["number"]] == ["CT-1", "CT-2"]
    assert on_hand(erp) == {"1710/BAG": "2.0000"}


def test_demand_is_a_book_of_its_own(erp: Sandbox) -> None:
    reply = erp.ask("POST", "/api/stock-demand", a_movement("W-1"))
    again = erp.ask("POST", "/api/stock-demand", a_movement("W-1"))

    found = erp.ask("GET", "/api/stock-demand?reference=W-1").body["demands"]

    assert [reply.body["number"], again.body["number"]] == [one["number"] for one in found] == ["DM-1", "DM-2"]
    assert erp.ask("GET", "/api/stock-demand/DM-1").body == found[0]
    assert on_hand(erp) == {}
    assert {row["sku"]: row["quantity"] for row in erp.rows("SELECT sku, quantity FROM demand_balances")} == {
        "BAG": "-4.0000",
        "CUP": "7.0000",
    }


@pytest.mark.parametrize("path", ["POST /api/stock-movements", "POST /api/stock-demand", "PUT /api/stock-levels"])
def test_more_lines_than_a_batch_may_have_are_refused_whole(erp: Sandbox, path: str) -> None:
    method, address = path.split()
    lines = [{"sku": f"SKU-{number}", "quantity": "1"} for number in range(501)]

    reply = erp.ask(method, address, a_count("W-1", *lines))

    assert (reply.status, reply.code) == (400, "VALIDATION_FAILED")
    assert on_hand(erp) == {}
