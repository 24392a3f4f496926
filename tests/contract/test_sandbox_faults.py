"""The sandbox ERP fails on demand, and its ledger says how."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, time_ns
from typing import Any

import pytest

from tests.support.sandbox import Reply, Sandbox, a_movement, an_order, ask_on, sandbox

pytestmark = pytest.mark.slow

PATIENCE_S = 10


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as running:
        yield running


def create(erp: Sandbox, reference: str = "R-1", **changes: object) -> Reply:
    return erp.ask("POST", "/api/orders", an_order(reference, **changes))


def stored(erp: Sandbox, reference: str = "R-1") -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = erp.ask("GET", f"/api/orders?reference={reference}").body["orders"]
    return documents


def injected(erp: Sandbox) -> list[tuple[object, ...]]:
    return [
        tuple(row.values()) for row in erp.rows("SELECT kind, operation, reference, source_event, number FROM faults")
    ]


def test_a_lost_response_leaves_a_stored_document_behind(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_response_after_commit"})

    with pytest.raises(http.client.RemoteDisconnected):
        create(erp)

    assert [order["number"] for order in stored(erp)] == ["SO-100001"]
    assert injected(erp) == [("lose_response_after_commit", "order.create", "R-1", "event-of-R-1", "SO-100001")]
    assert erp.control("GET", "requests").body["requests"]["order.create"] == {"lost": 1}


def test_a_lost_response_hides_a_refusal_too(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_response_after_commit"})
    erp.control("POST", "masterdata", {"unknownItems": ["BAG"]})

    with pytest.raises(http.client.RemoteDisconnected):
        create(erp)

    assert stored(erp) == []
    assert erp.rows("SELECT * FROM refusals") == []
    assert injected(erp) == [("lose_response_after_commit", "order.create", "R-1", "event-of-R-1", None)]


def test_a_lost_request_leaves_nothing_behind(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_request"})

    with pytest.raises(http.client.RemoteDisconnected):
        create(erp)

    assert stored(erp) == []
    assert injected(erp) == [("lose_request", "order.create", "R-1", "event-of-R-1", None)]


def test_a_hanging_request_does_nothing_and_ends_with_its_caller(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "hang"})

    with pytest.raises(TimeoutError):
        erp.ask("POST", "/api/orders", an_order("R-1"), timeout=0.2)

    assert stored(erp) == []
    deadline = monotonic() + PATIENCE_S
    while "order.create" not in erp.control("GET", "requests").body["requests"]:
        assert monotonic() < deadline, "the ERP never noticed that its caller had left"


@pytest.mark.parametrize(("when", "seconds"), [("before", 0.5), ("after", 300)])
def test_a_delayed_order_is_stored_even_when_its_caller_has_left(erp: Sandbox, when: str, seconds: float) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "delay", "seconds": seconds, "when": when})
    began_us = time_ns() // 1000

    with pytest.raises(TimeoutError):
        erp.ask("POST", "/api/orders", an_order("R-1"), timeout=0.1)

    deadline = monotonic() + PATIENCE_S
    while not stored(erp):
        assert monotonic() < deadline, "the order was never stored"
    if when == "before":
        (order,) = erp.rows("SELECT created_us FROM orders")
        assert order["created_us"] - began_us >= seconds * 1_000_000


def test_a_delayed_request_is_answered_as_usual(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "delay", "seconds": 0.2})
    began = monotonic()

    assert create(erp).status == 201

    assert monotonic() - began >= 0.2


@pytest.mark.parametrize(
    ("kind", "status", "retry_after", "documents"),
    [
        ("http_500_before_commit", 500, None, 0),
        ("http_500_after_commit", 500, None, 1),
        ("http_503", 503, "7", 0),
        ("http_429", 429, "7", 0),
    ],
)
def test_a_server_fault_says_so_and_stores_what_its_name_says(
    erp: Sandbox, kind: str, status: int, retry_after: str | None, documents: int
) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": kind, "retryAfter": 7})

    reply = create(erp)

    assert (reply.status, reply.headers.get("Retry-After")) == (status, retry_after)
    assert len(stored(erp)) == documents
    assert [fault[0] for fault in injected(erp)] == [kind]
    assert erp.rows("SELECT * FROM refusals") == []


def test_a_planned_rejection_looks_like_any_other(erp: Sandbox) -> None:
    match = {"reference": "R-2"}
    rule = {"code": "CREDIT_BLOCKED", "message": "Credit limit reached.", "count": 2}
    erp.plan({"operation": "any", "match": match, "kind": "reject", **rule})

    replies = [create(erp, reference) for reference in ("R-1", "R-2", "R-2", "R-2")]

    assert [reply.status for reply in replies] == [201, 422, 422, 201]
    assert replies[1].body["error"]["message"] == "Credit limit reached."
    refused = erp.rows("SELECT reference, source_event, code FROM refusals")
    assert refused == [{"reference": "R-2", "source_event": "event-of-R-2", "code": "CREDIT_BLOCKED"}] * 2


def test_a_dropped_line_is_answered_as_if_whole(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "match": {"sourceEvent": "event-of-R-1"}, "kind": "drop_line"})

    assert create(erp).status == 201

    (document,) = stored(erp)
    assert [line["sku"] for line in document["lines"]] == ["BAG"]
    assert document["totals"]["grandTotal"] == "29.7500"
    shown = erp.control("GET", "faults").body["injected"][0]
    assert (shown["kind"], shown["number"]) == ("drop_line", "SO-100001")
    assert shown["detail"]["line"]["sku"] == "CUP"


def test_dropped_custom_fields_and_rounded_totals_are_answered_as_if_stored(erp: Sandbox) -> None:
    erp.plan(
        {"operation": "order.create", "match": {"reference": "R-1"}, "kind": "drop_custom_fields"},
        {"operation": "order.create", "match": {"reference": "R-2"}, "kind": "round_totals"},
    )

    assert [create(erp, reference).status for reference in ("R-1", "R-2")] == [201, 201]

    assert "customFields" not in stored(erp, "R-1")[0]
    assert stored(erp, "R-2")[0]["totals"] == {
        "subtotal": "20.0000",
        "discount": "0.0000",
        "shipping": "5.0000",
        "tax": "5",
        "grandTotal": "30",
    }


def test_a_silent_failure_that_would_change_nothing_waits_for_one_that_it_can_change(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "drop_custom_fields"})
    erp.control("POST", "masterdata", {"unknownItems": ["BAG"]})
    refused = create(erp, "R-1")
    erp.control("POST", "masterdata", {"unknownItems": []})
    create(erp, "R-2", customFields=None)
    create(erp, "R-3")

    assert refused.status == 422
    assert [(fault[0], fault[2]) for fault in injected(erp)] == [("drop_custom_fields", "R-3")]
    assert "customFields" not in stored(erp, "R-3")[0]


def test_a_changed_price_and_merged_lines_are_answered_as_if_stored(erp: Sandbox) -> None:
    erp.plan(
        {"operation": "order.create", "match": {"reference": "R-1"}, "kind": "change_price"},
        {"operation": "order.create", "nth": 1, "kind": "merge_lines"},
    )
    lines = [{**line, "sku": "BAG"} for line in an_order()["lines"]]

    assert [create(erp, "R-1").status, create(erp, "R-2", lines=lines).status] == [201, 201]

    assert [line["total"] for line in stored(erp, "R-1")[0]["lines"]] == ["11.0000", "10.0000"]
    (merged,) = stored(erp, "R-2")[0]["lines"]
    assert (merged["lineReference"], merged["quantity"], merged["total"]) == ("1", "2.0000", "20.0000")
    assert [(fault[0], fault[2]) for fault in injected(erp)] == [("change_price", "R-1"), ("merge_lines", "R-2")]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("locked_record", 423, "LOCKED"),
        ("closed_period", 422, "PERIOD_CLOSED"),
        ("expired_credential", 401, "UNAUTHENTICATED"),
    ],
)
def test_an_erp_that_will_not_now_says_why_and_does_nothing(erp: Sandbox, kind: str, status: int, code: str) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": kind})

    reply = create(erp)

    assert (reply.status, reply.code) == (status, code)
    assert stored(erp) == []


def test_a_credit_hold_is_a_status_of_what_was_booked(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "credit_hold"})

    assert create(erp).body["status"] == "credit_hold"


def test_what_a_gateway_repeats_is_booked_twice_even_where_references_are_unique(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--reject-duplicates") as erp:
        erp.plan({"operation": "order.create", "nth": 1, "kind": "duplicate_accept"})

        assert create(erp).body["number"] == "SO-100001"

        assert [order["number"] for order in stored(erp)] == ["SO-100001", "SO-100002"]
        assert create(erp).status == 409


def test_every_second_line_of_a_batch_can_be_refused(erp: Sandbox) -> None:
    erp.plan({"operation": "stock.post", "nth": 1, "kind": "partial_batch"})

    reply = erp.ask("POST", "/api/stock-movements", a_movement("W-1"))

    assert [line["status"] for line in reply.body["lines"]] == ["booked", "rejected"]
    assert [row["sku"] for row in erp.ask("GET", "/api/stock").body["stock"]] == ["BAG"]


def test_a_stale_search_does_not_see_the_newest(erp: Sandbox) -> None:
    create(erp)
    erp.plan({"operation": "order.find", "nth": 1, "kind": "stale_read", "seconds": 600})

    assert [len(stored(erp)) for _ in range(2)] == [0, 1]


def test_a_change_can_lose_a_line_as_well(erp: Sandbox) -> None:
    number = create(erp).body["number"]
    erp.plan({"operation": "order.change", "nth": 1, "kind": "drop_line"})

    reply = erp.ask("PUT", f"/api/orders/{number}", an_order("R-1", sourceRevision=2))

    assert reply.status == 200
    assert len(stored(erp)[0]["lines"]) == 1


@pytest.mark.parametrize(
    ("operation", "method", "path", "body"),
    [
        ("order.change", "PUT", "/api/orders/SO-100001", an_order("R-1", sourceRevision=2)),
        ("order.cancel", "POST", "/api/orders/SO-100001/cancel", {"sourceRevision": 2}),
        ("order.find", "GET", "/api/orders?reference=R-1", None),
        ("order.read", "GET", "/api/orders/SO-100001", None),
        ("order.changes", "GET", "/api/orders?since=0", None),
        ("stock.post", "POST", "/api/stock-movements", a_movement("R-1")),
        ("stock.find", "GET", "/api/stock-movements?reference=R-1", None),
        ("stock.read", "GET", "/api/stock", None),
        ("ping", "GET", "/api/ping", None),
    ],
)
def test_every_operation_can_fail(erp: Sandbox, operation: str, method: str, path: str, body: object) -> None:
    create(erp)
    erp.plan({"operation": operation, "nth": 1, "kind": "http_503"})

    replies = [erp.ask(method, path, body) for _ in range(2)]

    assert [reply.status for reply in replies] == [503, 201 if operation == "stock.post" else 200]
    assert [fault[1] for fault in injected(erp)] == [operation]


def test_a_fault_finds_a_document_by_its_reference(erp: Sandbox) -> None:
    number = create(erp, "R-1").body["number"]
    other = create(erp, "R-2").body["number"]
    erp.plan({"operation": "order.read", "match": {"reference": "R-1"}, "kind": "http_503"})

    assert erp.ask("GET", f"/api/orders/{other}").status == 200
    assert erp.ask("GET", f"/api/orders/{number}").status == 503


def test_the_nth_request_fails_and_as_many_after_it_as_counted(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 2, "count": 2, "kind": "http_503"})

    statuses = [create(erp, f"R-{place}").status for place in range(5)]

    assert statuses == [201, 503, 503, 201, 201]
    (rule,) = erp.control("GET", "faults").body["plan"]
    assert (rule["seen"], rule["left"]) == (5, 0)


def test_a_rule_for_new_references_spares_what_was_sent_or_searched_before(erp: Sandbox) -> None:
    rule = {"operation": "order.create", "kind": "http_500_before_commit", "references": "new"}
    erp.plan({**rule, "nth": 2})

    stored(erp, "R-2")
    statuses = [create(erp, reference).status for reference in ("R-1", "R-1", "R-2", "R-3", "R-4")]

    assert statuses == [201, 201, 201, 500, 201]


def test_a_change_that_is_sent_again_is_spared_by_its_event(erp: Sandbox) -> None:
    number = create(erp, "R-1").body["number"]
    erp.plan({"operation": "order.change", "kind": "http_500_before_commit", "references": "new", "probability": 1})

    def change(revision: int) -> int:
        order = an_order("R-1", sourceEvent=f"event-{revision}", sourceRevision=revision)
        return erp.ask("PUT", f"/api/orders/{number}", order).status

    assert [change(7), change(7), change(8), change(8)] == [500, 200, 500, 200]


def test_chance_repeats_itself_with_the_same_seed(tmp_path: Path) -> None:
    def round_of(seed: str, folder: str) -> list[int]:
        (tmp_path / folder).mkdir()
        with sandbox(tmp_path / folder, "--seed", seed) as erp:
            erp.plan({"operation": "ping", "probability": 0.5, "kind": "http_503"})
            return [erp.ask("GET", "/api/ping").status for _ in range(40)]

    first, second, other = round_of("7", "first"), round_of("7", "second"), round_of("8", "other")

    assert first == second != other
    assert {200, 503} == set(first)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"operation": "order.create", "kind": "hang"}, "plan[0]"),
        ({"operation": "order.create", "kind": "hang", "nth": 1, "probability": 1}, "plan[0]"),
        ({"operation": "order.create", "kind": "explode", "nth": 1}, "plan[0].kind"),
        ({"operation": "tea.make", "kind": "hang", "nth": 1}, "plan[0].operation"),
        ({"operation": "order.find", "kind": "drop_line", "nth": 1}, "plan[0]"),
        ({"operation": "order.create", "kind": "delay", "nth": 1}, "plan[0].seconds"),
        ({"operation": "order.create", "kind": "reject", "nth": 1, "code": "X"}, "plan[0].message"),
        ({"operation": "order.create", "kind": "hang", "match": {}}, "plan[0].match"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(erp: Sandbox, rule: dict[str, object], path: str) -> None:
    reply = erp.control("POST", "faults", {"plan": [rule]})

    assert (reply.status, reply.code) == (400, "VALIDATION_FAILED")
    assert reply.body["error"]["details"][0]["path"] == path


def test_a_new_plan_ends_the_old_one(erp: Sandbox) -> None:
    erp.plan({"operation": "any", "probability": 1, "kind": "http_503"})
    erp.plan()

    assert create(erp).status == 201


def test_a_fault_ends_one_connection_and_not_the_others(erp: Sandbox) -> None:
    erp.plan({"operation": "order.create", "nth": 1, "kind": "lose_request"})
    with closing(erp.connect()) as steady:
        ask_on(steady, "GET", "/api/ping", None, {"X-Api-Key": "key-of-the-shop"})
        with pytest.raises(http.client.RemoteDisconnected):
            create(erp)

        assert ask_on(steady, "GET", "/api/ping", None, {"X-Api-Key": "key-of-the-shop"}).status == 200
