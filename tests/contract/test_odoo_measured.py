"""What an Odoo does to those who call it: measured on a real one, and played by the sandbox, call by call."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.odoo import PRICELISTS, TAXES, Installation, a_new_reference, odoo_sandbox, the_real_one

REAL = pytest.param("real", marks=[pytest.mark.needs_odoo, pytest.mark.slow])
CREATE_ONLY = {"mode": "update", "noupdate": True}


@pytest.fixture(scope="module", params=["sandbox", REAL])
def odoo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("odoo")
    with nullcontext(the_real_one()) if request.param == "real" else odoo_sandbox(folder) as found:
        found.people.prepare()
        yield found


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.body["name"]


def call(odoo: Installation, method: str, key: str | None = None, database: str | None = None, **told: Any) -> Reply:  # noqa: ANN401 -- JSON
    where = urlsplit(odoo.people.url)
    headers = {"Authorization": f"bearer {key or odoo.key}", "X-Odoo-Database": database or odoo.people.database}
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)) as connection:
        headers["Content-Type"] = "application/json"
        connection.request("POST", f"/json/2/{method}", json.dumps(told), headers)
        answer = connection.getresponse()
        content = answer.read()
    is_json = "json" in (answer.getheader("Content-Type") or "")
    return Reply(answer.status, json.loads(content) if is_json else None)


class Case:
    """An order of one line, and names for more."""

    def __init__(self, odoo: Installation) -> None:
        self.odoo = odoo
        self.name = f"sidecar_test.{a_new_reference()}"
        self.contact("base.us")
        (self.product,) = odoo.people.do("product.product", "search", domain=[["default_code", "=", "TG11"]])

    def contact(self, country: str) -> None:
        """Who orders."""
        fields, row = ["id", "name", "country_id/id"], [f"{self.name}_c", "Ada", country]
        assert call(self.odoo, "res.partner/load", fields=fields, data=[row], context={}).body["ids"]

    def load(self, quantity: str = "2", *, line: str | None = None, context: Any = CREATE_ONLY, **more: str) -> Reply:  # noqa: ANN401 -- JSON
        columns = {
            "id": self.name,
            "partner_id/id": f"{self.name}_c",
            "pricelist_id/id": PRICELISTS["EUR"],
            **more,
            "order_line/id": f"{self.name}_1" if line is None else line,
            "order_line/product_id/.id": str(self.product),
            "order_line/product_uom_qty": quantity,
            "order_line/price_unit": "10.0000",
            "order_line/tax_ids/id": TAXES["19"],
        }
        return self.load_columns({name: value for name, value in columns.items() if value != "-"}, context)

    def load_columns(self, columns: dict[str, str], context: Any) -> Reply:  # noqa: ANN401 -- JSON
        told = {"fields": list(columns), "data": [list(columns.values())], "context": context}
        return call(self.odoo, "sale.order/load", **told)

    def order(self, key: int) -> dict[str, Any]:
        return self.odoo.people.order(key, "state", "amount_untaxed", "amount_tax", "currency_id", "order_line")


@pytest.fixture
def case(odoo: Installation) -> Case:
    return Case(odoo)


def test_a_load_that_only_creates_leaves_what_is_there_alone(case: Case) -> None:
    first, again = case.load("2"), case.load("7")

    assert first.body["ids"] == again.body["ids"]
    order = case.order(first.body["ids"][0])
    assert (order["amount_untaxed"], order["amount_tax"], len(order["order_line"])) == (20.0, 3.8, 1)
    assert order["currency_id"][1] == "EUR"


def test_a_plain_load_writes_over_what_is_there_and_makes_nameless_lines_again(case: Case) -> None:
    (key,) = case.load("2", line="", context={}).body["ids"]

    case.load("3", line="", context={})

    assert len(case.order(key)["order_line"]) == 2


@pytest.mark.parametrize("country", ["base.de", "base.us"])
@pytest.mark.parametrize(("written", "is_kept"), [({}, True), ({"company_id/.id": "1"}, False)])
def test_lines_that_are_written_beside_their_orders_company_lose_the_taxes_that_they_are_given(
    case: Case,
    country: str,
    written: dict[str, str],
    is_kept: bool,  # noqa: FBT001 -- a case
) -> None:
    case.contact(country)
    (key,) = case.load("2").body["ids"]

    case.load("3", context={}, **written)

    order = case.order(key)
    assert order["amount_untaxed"] == 30.0
    assert (order["amount_tax"] == 5.7) is is_kept


def test_a_contact_that_is_written_alone_takes_the_orders_pricelist_away(case: Case) -> None:
    (key,) = case.load("2").body["ids"]

    case.load_columns({"id": case.name, "partner_id/id": f"{case.name}_c"}, {})

    assert case.order(key)["currency_id"][1] != "EUR"


def test_eight_loads_at_once_are_one_order(case: Case) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: case.load(), range(8)))

    assert {reply.status for reply in replies} == {200}
    made = {tuple(reply.body["ids"]) for reply in replies if reply.body["ids"]}
    assert len(made) == 1
    lost = [reply.body["messages"][0]["message"] for reply in replies if not reply.body["ids"]]
    assert all("could not serialize access" in message for message in lost)


def test_a_load_that_is_refused_answers_200_without_keys_and_makes_nothing(case: Case) -> None:
    reply = case.load(**{"partner_shipping_id/id": "sidecar_test.nobody"})

    assert (reply.status, reply.body["ids"]) == (200, False)
    assert "sidecar_test.nobody" in reply.body["messages"][0]["message"]
    assert case.load().body["ids"]


def test_a_load_without_what_is_required_is_refused(case: Case) -> None:
    reply = case.load_columns({"id": case.name, "origin": "somewhere"}, CREATE_ONLY)

    assert (reply.status, reply.body["ids"]) == (200, False)
    assert any(message.get("field") == "partner_id" for message in reply.body["messages"])


def test_a_column_that_is_no_field_is_an_error_of_the_server(case: Case) -> None:
    assert case.load(nosuch="1").refusal == (500, "builtins.ValueError")


def test_a_confirmation_works_once(case: Case) -> None:
    (key,) = case.load().body["ids"]

    first, again = (call(case.odoo, "sale.order/action_confirm", ids=[key]) for _ in range(2))

    assert (first.status, first.body) == (200, True)
    assert again.refusal == (422, "odoo.exceptions.UserError")
    assert case.order(key)["state"] == "sale"


def test_a_line_of_a_sales_order_cannot_be_removed(case: Case) -> None:
    (key,) = case.load().body["ids"]
    call(case.odoo, "sale.order/action_confirm", ids=[key])

    reply = call(case.odoo, "sale.order.line/unlink", ids=case.order(key)["order_line"])

    assert reply.refusal == (422, "odoo.exceptions.UserError")


def test_a_cancellation_works_twice(case: Case) -> None:
    (key,) = case.load().body["ids"]

    replies = [call(case.odoo, "sale.order/action_cancel", ids=[key]) for _ in range(2)]

    assert [(reply.status, reply.body) for reply in replies] == [(200, True)] * 2
    assert case.order(key)["state"] == "cancel"


def test_a_record_tells_its_own_external_identifiers(case: Case) -> None:
    (key,) = case.load().body["ids"]

    (told,) = call(case.odoo, "sale.order/get_metadata", ids=[key]).body

    assert told["xmlids"] == [{"xmlid": case.name, "noupdate": True}]


def test_a_copy_has_neither_reference_nor_external_identifier(case: Case) -> None:
    (key,) = case.load(client_order_ref=case.name).body["ids"]

    (copy,) = call(case.odoo, "sale.order/copy", ids=[key]).body

    assert case.odoo.people.order(copy, "client_order_ref")["client_order_ref"] is False
    assert call(case.odoo, "sale.order/get_metadata", ids=[copy]).body[0]["xmlids"] == []


@pytest.mark.parametrize(
    ("method", "told", "refusal"),
    [
        ("nosuch/read", {"ids": [1], "fields": []}, (404, "werkzeug.exceptions.NotFound")),
        ("sale.order/nosuch", {"ids": [1]}, (404, "werkzeug.exceptions.NotFound")),
        ("sale.order/_action_cancel", {"ids": [1]}, (403, "odoo.exceptions.AccessError")),
        ("sale.order/read", {"idz": [1]}, (422, "werkzeug.exceptions.UnprocessableEntity")),
        ("sale.order/action_cancel", {"ids": [2**30]}, (404, "odoo.exceptions.MissingError")),
        ("sale.order/search_read", {"domain": [], "fields": ["nosuch"]}, (500, "builtins.ValueError")),
        ("sale.order/search_read", {"domain": [["nosuch", "=", 1]], "fields": []}, (500, "builtins.ValueError")),
        (
            "res.partner/search_read",
            {"domain": [], "fields": ["name"], "limit": 1, "context": {"allowed_company_ids": [2**30]}},
            (403, "odoo.exceptions.AccessError"),
        ),
    ],
)
def test_a_call_that_odoo_does_not_take_is_refused_by_name(
    odoo: Installation, method: str, told: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert call(odoo, method, **told).refusal == refusal


def test_a_strangers_key_is_refused(odoo: Installation) -> None:
    assert call(odoo, "sale.order/read", key="0" * 40, ids=[1]).refusal == (401, "werkzeug.exceptions.Unauthorized")


def test_a_database_that_is_not_there_is_refused_without_a_body_of_odoos_own(odoo: Installation) -> None:
    reply = call(odoo, "sale.order/read", database="nosuch", ids=[1])

    assert (reply.status, reply.body) == (404, None)
