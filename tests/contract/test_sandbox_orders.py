"""The sandbox ERP keeps orders as its interface description says."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.support.sandbox import Reply, Sandbox, an_order, sandbox

PATIENCE_S = 10


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def reference() -> str:
    return f"M1-{secrets.token_hex(6)}"


def create(erp: Sandbox, order: dict[str, Any]) -> str:
    reply = erp.ask("POST", "/api/orders", order)
    assert reply.status == 201, reply.body
    return str(reply.body["number"])


def read(erp: Sandbox, number: str) -> dict[str, Any]:
    document: dict[str, Any] = erp.ask("GET", f"/api/orders/{number}").body
    return document


def change(erp: Sandbox, number: str, order: dict[str, Any], revision: int) -> Reply:
    return erp.ask("PUT", f"/api/orders/{number}", {**order, "sourceRevision": revision})


def cancel(erp: Sandbox, number: str, revision: int) -> Reply:
    body = {"reason": "withdrawn", "sourceEvent": "event-of-cancel", "sourceRevision": revision}
    return erp.ask("POST", f"/api/orders/{number}/cancel", body)


def test_an_order_is_given_back_as_it_was_sent(erp: Sandbox, reference: str) -> None:
    order = an_order(reference)
    number = create(erp, order)

    document = read(erp, number)

    sent = {**order, "lines": document["lines"]}
    assert {name: document[name] for name in order} == sent
    for line, number_there, shown in zip(order["lines"], ("10", "20"), document["lines"], strict=True):
        assert shown == {**line, "lineNumber": number_there, "confirmedQuantity": line["quantity"]}
    assert (document["number"], document["status"], document["revision"]) == (number, "open", 1)
    assert document["createdAt"].endswith("Z")


def test_the_same_reference_twice_makes_two_documents(erp: Sandbox, reference: str) -> None:
    first, second = create(erp, an_order(reference)), create(erp, an_order(reference))

    found = erp.ask("GET", f"/api/orders?reference={reference}&reference=never-sent").body["orders"]

    assert first != second
    assert [order["number"] for order in found] == [first, second]


def test_a_house_that_rejects_duplicates_names_the_first_document(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--reject-duplicates") as strict:
        number = create(strict, an_order("R-1"))

        second = strict.ask("POST", "/api/orders", an_order("R-1"))

        assert (second.status, second.code) == (409, "DUPLICATE_REFERENCE")
        assert second.body["error"]["number"] == number
        assert len(strict.rows("SELECT * FROM orders")) == 1


def test_unknown_properties_are_dropped_without_a_word_and_noted_in_the_ledger(erp: Sandbox, reference: str) -> None:
    order = an_order(reference, loyaltyPoints=12)
    order["lines"][1]["colour"] = "red"

    number = create(erp, order)

    document = read(erp, number)
    assert "loyaltyPoints" not in document
    assert "colour" not in document["lines"][1]
    noted = erp.rows(f"SELECT dropped FROM order_revisions WHERE number = '{number}'")  # noqa: S608 - the ERP's own number
    assert noted == [{"dropped": '["loyaltyPoints","lines[1].colour"]'}]


@pytest.mark.parametrize(
    ("changes", "status", "code", "path"),
    [
        ({"totals": {"subtotal": 20.0}}, 400, "INVALID_DECIMAL", "totals.subtotal"),
        ({"reference": "no spaces"}, 400, "VALIDATION_FAILED", "reference"),
        ({"reference": "x" * 41}, 400, "VALIDATION_FAILED", "reference"),
        ({"customerReference": "x" * 36}, 400, "VALIDATION_FAILED", "customerReference"),
        ({"orderDate": "yesterday"}, 400, "VALIDATION_FAILED", "orderDate"),
        ({"orderDate": "2026-11-23T10:15:00"}, 400, "VALIDATION_FAILED", "orderDate"),
        ({"currency": None}, 400, "VALIDATION_FAILED", "currency"),
        ({"lines": []}, 400, "VALIDATION_FAILED", "lines"),
        ({"sourceRevision": "7"}, 400, "VALIDATION_FAILED", "sourceRevision"),
        ({"sourceEvent": "\ud800"}, 400, "VALIDATION_FAILED", "sourceEvent"),
        ({"customFields": {"9": "x"}}, 400, "VALIDATION_FAILED", "customFields"),
    ],
)
def test_a_misshapen_order_is_refused_with_the_place_of_the_fault(
    erp: Sandbox, reference: str, changes: dict[str, object], status: int, code: str, path: str
) -> None:
    reply = erp.ask("POST", "/api/orders", {**an_order(reference), **changes})

    assert (reply.status, reply.code) == (status, code)
    assert path in [detail["path"] for detail in reply.body["error"]["details"]]
    assert erp.ask("GET", f"/api/orders?reference={reference}").body["orders"] == []


@pytest.mark.parametrize(("off_by", "status"), [("0.05", 201), ("0.06", 422)])
def test_totals_may_be_off_by_five_cents_and_no_more(erp: Sandbox, reference: str, off_by: str, status: int) -> None:
    order = an_order(reference)
    order["totals"]["grandTotal"] = f"29.{75 + int(off_by[2:])}00"

    assert erp.ask("POST", "/api/orders", order).status == status


def test_lines_that_do_not_make_the_subtotal_are_refused(erp: Sandbox, reference: str) -> None:
    order = an_order(reference)
    del order["lines"][1]

    reply = erp.ask("POST", "/api/orders", order)

    assert (reply.status, reply.code) == (422, "TOTALS_MISMATCH")
    assert reply.body["error"]["details"][0]["path"] == "totals.subtotal"


def test_discount_and_surcharge_are_part_of_the_sum(erp: Sandbox, reference: str) -> None:
    totals = {"subtotal": "20.00", "discount": "-2.00", "shipping": "5.00", "surcharge": "1.00", "tax": "4.00"}

    create(erp, an_order(reference, totals={**totals, "grandTotal": "28.00"}))


def test_master_data_decides_what_is_refused_until_a_person_mends_it(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        bad_world = {"unknownItems": ["CUP"], "blockedCustomers": ["C-8"], "closedUntil": "2026-10-31"}
        erp.control("POST", "masterdata", bad_world)
        customer = {"number": "C-8", "name": "Another Customer", "email": "another@example.com"}

        unknown = erp.ask("POST", "/api/orders", an_order("R-1"))
        erp.control("POST", "masterdata", {"unknownItems": []})
        blocked = erp.ask("POST", "/api/orders", an_order("R-2", customer=customer))
        closed = erp.ask("POST", "/api/orders", an_order("R-3", orderDate="2026-10-31"))

        assert [reply.code for reply in (unknown, blocked, closed)] == [
            "UNKNOWN_ITEM",
            "CREDIT_BLOCKED",
            "PERIOD_CLOSED",
        ]
        assert erp.ask("POST", "/api/orders", an_order("R-1")).status == 201
        noted = erp.rows("SELECT operation, reference, source_event, status, code FROM refusals ORDER BY id")
        assert noted[0] == {
            "operation": "order.create",
            "reference": "R-1",
            "source_event": "event-of-R-1",
            "status": 422,
            "code": "UNKNOWN_ITEM",
        }
        assert len(noted) == 3


def test_a_change_replaces_the_order_and_leaves_nothing_of_the_old_one(erp: Sandbox, reference: str) -> None:
    number = create(erp, an_order(reference, remarks="old"))

    reply = change(erp, number, an_order(reference, sourceEvent="second", status="blocked"), 5)

    assert (reply.status, reply.body) == (200, {"number": number, "status": "blocked", "revision": 2})
    document = read(erp, number)
    assert "remarks" not in document
    assert (document["sourceRevision"], document["sourceEvent"], document["revision"]) == (5, "second", 2)


@pytest.mark.parametrize("revision", [4, 5])
def test_a_change_that_is_not_newer_leaves_the_document_alone(erp: Sandbox, reference: str, revision: int) -> None:
    number = create(erp, an_order(reference, sourceRevision=5))
    before = read(erp, number)

    reply = change(erp, number, an_order(reference, remarks="late"), revision)

    assert (reply.status, reply.code) == (409, "STALE_REVISION")
    assert reply.body["error"]["sourceRevision"] == 5
    assert reply.body["error"]["sourceEvent"] == f"event-of-{reference}"
    assert read(erp, number) == before


def test_a_change_keeps_its_documents_reference(erp: Sandbox, reference: str) -> None:
    number = create(erp, an_order(reference))

    assert change(erp, number, an_order("other"), 2).code == "REFERENCE_MISMATCH"


def test_a_cancelled_order_can_be_cancelled_again_but_not_changed(erp: Sandbox, reference: str) -> None:
    number = create(erp, an_order(reference, sourceRevision=1))

    first, second = cancel(erp, number, 2), cancel(erp, number, 2)

    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body == {"number": number, "status": "cancelled", "revision": 2}
    assert read(erp, number)["cancelReason"] == "withdrawn"
    assert change(erp, number, an_order(reference), 3).code == "ALREADY_CANCELLED"


@pytest.mark.parametrize("status", ["partly_delivered", "delivered", "invoiced", "closed"])
def test_an_order_under_way_is_neither_changed_nor_cancelled(erp: Sandbox, reference: str, status: str) -> None:
    number = create(erp, an_order(reference))
    erp.control("POST", f"orders/{number}", {"status": status})

    changed, cancelled = change(erp, number, an_order(reference), 2), cancel(erp, number, 2)

    assert (changed.status, changed.code) == (409, "ALREADY_SHIPPED")
    assert (cancelled.status, cancelled.code) == (409, "ALREADY_SHIPPED")


def test_followers_see_each_change_once_and_page_by_page(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        numbers = [create(erp, an_order(f"R-{place}")) for place in range(3)]
        page = erp.ask("GET", "/api/orders?since=0&limit=2").body
        rest = erp.ask("GET", f"/api/orders?since={page['next']}").body

        erp.control("POST", f"orders/{numbers[0]}", {"status": "posted"})
        news = erp.ask("GET", f"/api/orders?since={rest['next']}").body
        end = erp.ask("GET", f"/api/orders?since={news['next']}").body

        assert [order["number"] for order in page["orders"] + rest["orders"]] == numbers
        assert (page["more"], rest["more"]) == (True, False)
        assert [(order["number"], order["status"]) for order in news["orders"]] == [(numbers[0], "posted")]
        assert end == {"orders": [], "next": news["next"], "more": False}


def test_young_documents_are_missing_from_searches_but_not_from_their_own_page(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--visibility-lag-ms", "60000") as erp:
        number = create(erp, an_order("R-1"))

        assert erp.ask("GET", "/api/orders?reference=R-1").body["orders"] == []
        assert erp.ask("GET", "/api/orders?since=0").body == {"orders": [], "next": "0", "more": False}
        assert read(erp, number)["number"] == number


def test_a_document_shows_up_when_the_visibility_lag_is_over(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--visibility-lag-ms", "150") as erp:
        number = create(erp, an_order("R-1"))
        deadline = monotonic() + PATIENCE_S
        found: list[dict[str, Any]] = []

        while not found and monotonic() < deadline:
            found = erp.ask("GET", "/api/orders?reference=R-1").body["orders"]

        assert [order["number"] for order in found] == [number]


def test_every_change_of_an_order_stays_in_the_ledger(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        number = create(erp, an_order("R-1"))
        change(erp, number, an_order("R-1", sourceEvent="second"), 2)
        erp.control("POST", f"orders/{number}", {"status": "posted"})
        cancel(erp, number, 3)

        history = erp.rows("SELECT revision, kind, status, source_event, source_revision FROM order_revisions")
        instants = [
            row["accepted_us"] for row in erp.rows("SELECT accepted_us FROM order_revisions ORDER BY change_seq")
        ]

        assert [tuple(row.values()) for row in history] == [
            (1, "create", "open", "event-of-R-1", 0),
            (2, "change", "open", "second", 2),
            (3, "status", "posted", None, 2),
            (4, "cancel", "cancelled", "event-of-cancel", 3),
        ]
        assert instants == sorted(set(instants))


@pytest.mark.parametrize(
    ("line", "place", "problem"),
    [
        ({"intent": "drop_ship", "warehouse": "W1"}, "warehouse", "is named for a line of intent drop_ship"),
        ({"warehouseIsBinding": True}, "warehouseIsBinding", "is true and no warehouse is named"),
        ({"intent": "backorder", "backordered": "2.0000"}, "backordered", "is more than the quantity"),
    ],
)
def test_a_line_that_contradicts_itself_about_how_it_is_served_is_refused(
    erp: Sandbox, reference: str, line: dict[str, Any], place: str, problem: str
) -> None:
    order = an_order(reference)
    order["lines"][1] |= line

    reply = erp.ask("POST", "/api/orders", order)

    assert (reply.status, reply.code) == (422, "INTENT_MISMATCH")
    (detail,) = reply.body["error"]["details"]
    assert (detail["path"], detail["message"].startswith(problem)) == (f"lines[1].{place}", True)
