"""What follows an order in the sandbox ERP: deliveries, invoices, credit memos, and work that is done later."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.support.sandbox import Sandbox, an_order, sandbox

PATIENCE_S = 10
LATER = {"operation": "order.create", "kind": "accept_later", "probability": 1}


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def order(erp: Sandbox) -> str:
    """An order of two lines, one piece each."""
    return placed(erp)


def placed(erp: Sandbox, reference: str = "") -> str:
    reply = erp.ask("POST", "/api/orders", an_order(reference or f"M1-{secrets.token_hex(6)}"))
    assert reply.status == 201, reply.body
    return str(reply.body["number"])


def read(erp: Sandbox, path: str) -> dict[str, Any]:
    reply = erp.ask("GET", f"/api/{path}")
    assert reply.status == 200, reply.body
    body: dict[str, Any] = reply.body
    return body


def listed(erp: Sandbox, kind: str, of: str) -> list[dict[str, Any]]:
    """All documents of one order, in the order in which the listing tells them."""
    entries = read(erp, f"{kind}?since=0&limit=500")
    (documents,) = (value for value in entries.values() if isinstance(value, list))
    return [document for document in documents if document["order"] == of]


def test_a_delivery_holds_what_is_left_and_moves_the_order(erp: Sandbox, order: str) -> None:
    first = erp.deliver(order, lines=[{"lineReference": "1", "quantity": "1.0000"}], tracks=[{"number": "0034"}])
    halfway = read(erp, f"orders/{order}")["status"]

    second = erp.deliver(order, warehouse="1710")

    one, two = listed(erp, "deliveries", order)
    assert (one["number"], one["final"], one["tracks"]) == (first, False, [{"number": "0034"}])
    assert (two["number"], two["final"], two["warehouse"]) == (second, True, "1710")
    assert two["lines"] == [
        {
            "lineReference": "2",
            "lineNumber": "20",
            "sku": "CUP",
            "orderedQuantity": "1.0000",
            "quantity": "1.0000",
        }
    ]
    assert one["orderReference"] == read(erp, f"orders/{order}")["reference"]
    assert (halfway, read(erp, f"orders/{order}")["status"]) == ("partly_delivered", "delivered")


def test_a_rejected_line_is_named_with_its_reason_and_not_delivered(erp: Sandbox, order: str) -> None:
    erp.attend(order, lines=[{"lineReference": "2", "rejectionReason": "out of range"}])

    erp.deliver(order)

    rejected = read(erp, f"orders/{order}")["lines"][1]
    assert (rejected["confirmedQuantity"], rejected["rejectionReason"]) == ("0.0000", "out of range")
    (delivery,) = listed(erp, "deliveries", order)
    assert [line["lineReference"] for line in delivery["lines"]] == ["1"]
    assert read(erp, f"orders/{order}")["status"] == "delivered"


def test_an_invoice_and_a_credit_memo_hold_the_shares_of_their_lines(erp: Sandbox, order: str) -> None:
    erp.deliver(order)
    erp.invoice(order)
    erp.credit(order, lines=[{"lineReference": "1", "quantity": "1.0000", "receivedQuantity": "1.0000"}])

    (invoice,) = listed(erp, "invoices", order)
    (memo,) = listed(erp, "credit-memos", order)
    assert invoice["amounts"] == read(erp, f"orders/{order}")["totals"]
    assert (invoice["currency"], invoice["final"]) == ("EUR", True)
    assert memo["amounts"]["grandTotal"] == "11.9000"
    assert memo["lines"][0]["receivedQuantity"] == "1.0000"
    assert read(erp, f"orders/{order}")["status"] == "invoiced"


def test_a_document_that_changes_is_listed_anew_in_another_version(erp: Sandbox, order: str) -> None:
    number = erp.deliver(order)
    end = read(erp, "deliveries?since=0&limit=500")["next"]

    erp.amend(number, tracks=[{"number": "0035"}])
    erp.amend(number, reversed=True)
    erp.amend(number, again=True)

    (now,) = read(erp, f"deliveries?since={end}")["deliveries"]
    assert (now["version"], now["reversed"], now["tracks"]) == (3, True, [{"number": "0035"}])
    assert now == read(erp, f"deliveries/{number}")
    assert read(erp, f"orders/{order}")["status"] == "posted"


def test_the_erp_lies_as_it_is_told_to(erp: Sandbox, order: str) -> None:
    erp.deliver(order, lines=[{"lineReference": "99", "sku": "XX", "quantity": "-7"}], orderReference="not-ours")
    erp.invoice(order, lines=[{"lineReference": "1", "quantity": "much"}], currency="ZZZ", amounts={"tax": "lots"})

    (delivery,) = listed(erp, "deliveries", order)
    (invoice,) = listed(erp, "invoices", order)
    assert (delivery["orderReference"], delivery["lines"][0]["quantity"]) == ("not-ours", "-7")
    assert (invoice["currency"], invoice["amounts"]["tax"], invoice["lines"][0]["quantity"]) == ("ZZZ", "lots", "much")


def test_a_listing_repeats_itself_and_goes_back_as_it_is_told_to(erp: Sandbox, order: str) -> None:
    number = erp.deliver(order)
    repeat = {"operation": "delivery.changes", "kind": "repeat_entries", "nth": 1}
    erp.plan(repeat, {"operation": "delivery.changes", "kind": "cursor_back", "nth": 2})

    twice = read(erp, "deliveries?since=0&limit=500")
    back = read(erp, f"deliveries?since={twice['next']}")

    assert [one["number"] for one in twice["deliveries"]].count(number) == 2
    assert back["next"] == "0"


def test_a_coarse_clock_gives_many_changes_one_instant(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--tick-ms", "3600000") as erp:
        numbers = [erp.deliver(placed(erp)) for _ in range(3)]

        pages = [
            read(erp, f"deliveries?changedSince=2020-01-01T00:00:00Z&limit=2&offset={offset}") for offset in (0, 2)
        ]

        told = [one for page in pages for one in page["deliveries"]]
        assert sorted(one["number"] for one in told) == sorted(numbers)
        assert [page["more"] for page in pages] == [True, False]
        assert len({one["changedAt"] for one in told}) <= 2
        orders = read(erp, f"orders?changedSince={told[0]['changedAt']}")["orders"]
        assert len(orders) == 3


def test_an_order_that_is_accepted_to_be_done_later_is_there_once_somebody_has_done_it(erp: Sandbox) -> None:
    erp.plan({**LATER, "retryAfter": 3})

    taken = erp.ask("POST", "/api/orders", an_order("L-1"))

    assert (taken.status, taken.body["status"], taken.headers["Retry-After"]) == (202, "pending", "3")
    handle = taken.body["handle"]
    pending = erp.ask("GET", f"/api/jobs/{handle}")
    assert (pending.body, pending.headers["Retry-After"]) == ({"handle": handle, "status": "pending"}, "3")
    assert read(erp, "orders?reference=L-1")["orders"] == []
    erp.decide(handle, "accept")
    done = read(erp, f"jobs/{handle}")
    (order,) = read(erp, "orders?reference=L-1")["orders"]
    assert (done["status"], done["result"]["number"]) == ("done", order["number"])
    assert erp.control("POST", f"jobs/{handle}", {"decision": "accept"}).code == "DECIDED"


def test_what_is_done_later_is_refused_in_words_like_everything_else(erp: Sandbox) -> None:
    erp.plan(LATER)
    handles = [erp.ask("POST", "/api/orders", an_order(f"L-{n}")).body["handle"] for n in ("2", "3", "4")]

    erp.decide(handles[0], "reject", code="NO_CREDIT", message="No more than 10 EUR.")
    erp.control("POST", "masterdata", {"unknownItems": ["BAG"]})
    erp.decide(handles[1], "accept")
    erp.control("POST", "masterdata", {"unknownItems": []})
    erp.decide(handles[2], "forget")

    refused, by_rule = (read(erp, f"jobs/{handle}") for handle in handles[:2])
    assert (refused["status"], refused["error"]["code"]) == ("rejected", "NO_CREDIT")
    assert by_rule["error"]["code"] == "UNKNOWN_ITEM"
    assert erp.ask("GET", f"/api/jobs/{handles[2]}").status == 404
    assert read(erp, "orders?reference=L-2&reference=L-3&reference=L-4")["orders"] == []


def test_what_has_its_time_is_done_by_itself_also_after_a_restart(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.plan({**LATER, "seconds": 0.2})
        handle = erp.ask("POST", "/api/orders", an_order("L-1")).body["handle"]
        erp.kill()

    with sandbox(tmp_path) as erp:
        assert done_by_itself(erp, handle)
        erp.plan({**LATER, "seconds": 0.05})
        assert done_by_itself(erp, erp.ask("POST", "/api/orders", an_order("L-2")).body["handle"])
        assert erp.stop() == 0


def done_by_itself(erp: Sandbox, handle: str) -> bool:
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        if read(erp, f"jobs/{handle}")["status"] == "done":
            return True
    return False


def test_an_erp_may_forget_what_it_has_put_aside_when_it_stops(tmp_path: Path) -> None:
    with sandbox(tmp_path) as erp:
        erp.plan(LATER)
        kept, lost = (erp.ask("POST", "/api/orders", an_order(f"L-{n}")).body["handle"] for n in (1, 2))
        erp.decide(kept, "accept")
        erp.kill()

    with sandbox(tmp_path, "--forget-jobs") as erp:
        assert read(erp, f"jobs/{kept}")["status"] == "done"
        assert erp.ask("GET", f"/api/jobs/{lost}").status == 404
