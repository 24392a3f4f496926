"""The Odoo sandbox fails on demand, in the ways that an Odoo and what stands in front of it have."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.odoo import SKUS, Installation, odoo_sandbox


@pytest.fixture(scope="module")
def odoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with odoo_sandbox(tmp_path_factory.mktemp("odoo")) as running:
        running.people.prepare()
        yield running


def ask(odoo: Installation, method: str, path: str, body: object, key: str) -> tuple[int, Any, dict[str, str]]:
    where = urlsplit(odoo.people.url)
    headers = {"Authorization": f"bearer {key}", "X-Odoo-Database": odoo.people.database}
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)) as connection:
        connection.request(method, path, json.dumps(body), {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        content, headers = answer.read(), dict(answer.headers)
    return answer.status, json.loads(content) if "json" in headers["Content-Type"] else content, headers


def plan(odoo: Installation, *rules: dict[str, object]) -> int:
    return ask(odoo, "POST", "/_control/faults", {"plan": rules}, odoo.people.key)[0]


def load(odoo: Installation, name: str) -> tuple[int, Any, dict[str, str]]:
    """Load an order of two lines under an external identifier, as the shop does."""
    partner = odoo.people.load("res.partner", id="sidecar_test.buyer", name="Ada Example")
    products = [odoo.people.do("product.product", "search", domain=[["default_code", "=", sku]])[0] for sku in SKUS]
    fields = ["id", "client_order_ref", "partner_id/.id", "order_line/id", "order_line/product_id/.id"]
    first = [name, name, str(partner), f"{name}_1", str(products[0])]
    rows = [first, ["", "", "", f"{name}_2", str(products[1])]]
    return ask(odoo, "POST", "/json/2/sale.order/load", {"fields": fields, "data": rows}, odoo.key)


def lines(odoo: Installation, name: str) -> int:
    count: int = odoo.people.do("sale.order.line", "search_count", domain=[["order_id.client_order_ref", "=", name]])
    return count


def test_a_lost_answer_leaves_an_order_behind_and_a_lost_call_none(odoo: Installation) -> None:
    kinds = {"lost_answer": "lose_response_after_commit", "lost_call": "lose_request"}
    rules: list[dict[str, object]] = [
        {"operation": "sale.order/load", "match": {"reference": n}, "kind": k} for n, k in kinds.items()
    ]
    assert plan(odoo, *rules) == 200

    for name in kinds:
        with pytest.raises(http.client.RemoteDisconnected):
            load(odoo, name)

    assert [odoo.people.orders(name) for name in kinds] == [1, 0]


@pytest.mark.parametrize(
    ("kind", "status", "orders"),
    [
        ("http_500_before_commit", 502, 0),
        ("http_500_after_commit", 504, 1),
        ("http_503", 503, 0),
        ("http_429", 429, 0),
    ],
)
def test_what_stands_in_front_of_it_answers_with_a_page_of_its_own(
    odoo: Installation, kind: str, status: int, orders: int
) -> None:
    plan(odoo, {"operation": "sale.order/load", "nth": 1, "kind": kind, "retryAfter": 7})

    answered, page, headers = load(odoo, kind)

    assert answered == status
    assert page.startswith(b"<html>")
    assert headers.get("Retry-After") == ("7" if status in (429, 503) else None)
    assert odoo.people.orders(kind) == orders


def test_a_rival_shows_in_a_200_of_load_and_as_an_error_elsewhere(odoo: Installation) -> None:
    plan(odoo, {"operation": "any", "probability": 1, "kind": "locked_record", "count": 2})

    answered, body, _ = load(odoo, "rivalry")
    status, error, _ = ask(odoo, "POST", "/json/2/sale.order/action_confirm", {"ids": [1]}, odoo.key)

    assert (answered, body["ids"]) == (200, False)
    assert "could not serialize access" in body["messages"][0]["message"]
    assert (status, error["name"]) == (500, "psycopg2.errors.SerializationFailure")
    assert odoo.people.orders("rivalry") == 0


def test_lines_without_identifiers_are_made_again_by_each_load(odoo: Installation) -> None:
    load(odoo, "replayed")
    plan(odoo, {"operation": "sale.order/load", "match": {"reference": "replayed"}, "kind": "append_lines"})

    status, body, _ = load(odoo, "replayed")

    assert (status, bool(body["ids"])) == (200, True)
    assert lines(odoo, "replayed") == 4


def test_an_automation_takes_a_line_out_and_nobody_is_told(odoo: Installation) -> None:
    plan(odoo, {"operation": "sale.order/load", "nth": 1, "kind": "drop_line"})

    assert load(odoo, "automated")[0] == 200

    assert lines(odoo, "automated") == 1


def test_a_replica_does_not_list_the_newest(odoo: Installation) -> None:
    load(odoo, "replicated")
    plan(odoo, {"operation": "sale.order/search_count", "nth": 1, "kind": "stale_read", "seconds": 600})
    domain = {"domain": [["client_order_ref", "=", "replicated"]]}

    found = [ask(odoo, "POST", "/json/2/sale.order/search_count", domain, odoo.key)[1] for _ in range(2)]

    assert found == [0, 1]


def test_a_key_expires_and_an_exception_is_refused_in_its_words(odoo: Installation) -> None:
    refusal = {"kind": "reject", "code": "odoo.exceptions.ValidationError", "message": "Wrong tax."}
    plan(odoo, {"operation": "any", "nth": 1, "kind": "expired_credential"}, {"operation": "any", "nth": 2, **refusal})

    (expired, error, _), (refused, words, _) = load(odoo, "expired"), load(odoo, "refused")

    assert (expired, error["message"]) == (401, "Invalid apikey")
    assert (refused, words["name"], words["message"]) == (422, "odoo.exceptions.ValidationError", "Wrong tax.")


def test_only_people_plan_failures_and_see_what_can_be_planned(odoo: Installation) -> None:
    assert plan(odoo, {"operation": "sale.order/load", "nth": 1, "kind": "merge_lines"}) == 400

    status, shown, _ = ask(odoo, "GET", "/_control/faults", {}, odoo.people.key)

    assert status == 200
    assert "external identifiers" in shown["lacks"]["merge_lines"]
    assert ask(odoo, "GET", "/_control/faults", {}, odoo.key)[0] == 404
    assert ask(odoo, "POST", "/_control/faults", {"plan": []}, odoo.key)[0] != 200
