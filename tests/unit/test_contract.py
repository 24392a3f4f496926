"""What an ERP's interface is, and how a change of it is told."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from erp_adapters.legacy.contract import openapi_terms
from sidecar.domain.contract import (
    MOST_CHANGES,
    Contract,
    KeptContract,
    Sighting,
    changes_between,
    digest_of,
    sighting_of,
)
from sidecar.domain.documents import Health
from sidecar.domain.examination import Verdict, judge_contract

NOW = datetime(2026, 11, 26, tzinfo=UTC)
FIRST = {"sale.order.note": "html", "sale.order.partner_id": "many2one"}
SECOND = {"sale.order.note": "text", "sale.order.partner_id": "many2one"}

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/orders": {
            "post": {
                "summary": "Create an order",
                "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
            }
        },
        "/orders/{orderId}": {"get": {"responses": {"200": {"description": "An order"}}}},
        "/reports": {"get": {"responses": {"200": {"description": "Not ours"}}}},
    },
    "components": {
        "schemas": {
            "Order": {
                "required": ["reference", "currency"],
                "properties": {
                    "reference": {"type": "string", "maxLength": 40, "description": "Yours"},
                    "currency": {"type": "string"},
                    "title": {"type": "string"},
                    "parent": {"$ref": "#/components/schemas/Order"},
                },
            }
        }
    },
}
OURS = frozenset({"/api/orders", "/api/orders/{id}"})


def kept(terms: dict[str, str], *, accepted_by: str = "ann") -> KeptContract:
    return KeptContract(1, "erp", digest_of(terms), "An ERP", "", NOW, NOW, accepted_by, terms)


def terms_of(document: dict[str, Any]) -> dict[str, str]:
    return openapi_terms(json.dumps(document).encode(), document, OURS)


def changed(change: str) -> list[str]:
    document = copy.deepcopy(OPENAPI)
    exec(change, {"d": document, "order": document["components"]["schemas"]["Order"]})  # noqa: S102 -- given below
    return changes_between(terms_of(OPENAPI), terms_of(document))


def test_a_contract_has_one_name_in_whatever_order_its_terms_are_told() -> None:
    assert digest_of(FIRST) == digest_of(dict(reversed(FIRST.items()))) != digest_of(SECOND)
    assert Health(reachable=True, terms=FIRST).contract == digest_of(FIRST)
    assert Health(reachable=True).contract == ""


def test_a_change_is_told_term_by_term() -> None:
    now = {"sale.order.note": "text", "sale.order.ref": "char"}

    assert changes_between(FIRST, now) == [
        "sale.order.note was html, is text",
        "sale.order.partner_id is gone",
        "sale.order.ref is new: char",
    ]


def test_a_person_reads_so_many_changes_and_how_many_more_there_are() -> None:
    told = changes_between({}, {f"field{number:03}": "char" for number in range(100)})

    assert len(told) == MOST_CHANGES + 1
    assert told[-1] == f"and {100 - MOST_CHANGES} more"


@pytest.mark.parametrize(
    ("terms", "latest", "accepted", "sighting"),
    [
        (FIRST, None, None, Sighting.FIRST),
        (FIRST, kept(FIRST), kept(FIRST), Sighting.SAME),
        (SECOND, kept(FIRST), kept(FIRST), Sighting.CHANGED),
        (SECOND, kept(SECOND, accepted_by=""), kept(FIRST), Sighting.SAME),
        (FIRST, kept(SECOND, accepted_by=""), kept(FIRST), Sighting.BACK),
    ],
)
def test_a_contract_is_judged_by_the_one_before_and_the_one_that_was_accepted(
    terms: dict[str, str], latest: KeptContract | None, accepted: KeptContract | None, sighting: Sighting
) -> None:
    assert sighting_of(Contract("An ERP", terms), latest, accepted) is sighting


# --- The doctor -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "accepted", "state", "words"),
    [
        (FIRST, None, Verdict.OK, "the service keeps it"),
        (FIRST, kept(FIRST), Verdict.OK, "as accepted (ann)"),
        (SECOND, kept(FIRST), Verdict.WARN, "nobody has accepted: sale.order.note was html, is text"),
        ({}, kept(FIRST), Verdict.UNKNOWN, "tells nothing now"),
    ],
)
def test_the_doctor_says_what_changed_and_how_it_is_accepted(
    terms: dict[str, str], accepted: KeptContract | None, state: Verdict, words: str
) -> None:
    (check,) = judge_contract("erp", Contract("An ERP", terms), accepted)

    assert check.state is state
    assert words in check.found
    assert ("erp-sidecar contract accept erp " in check.do) is (state is Verdict.WARN)


def test_nothing_is_said_of_an_erp_that_never_told_its_interface() -> None:
    assert judge_contract("erp", Contract("A receiver", {}), None) == []


# --- OpenAPI --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("order['properties']['reference']['maxLength'] = 30", "properties.reference.maxLength was 40, is 30"),
        ("order['required'].append('title')", "required was currency, reference, is currency, reference, title"),
        ("del order['properties']['currency']", "properties.currency.type is gone"),
        ("order['properties']['title']['type'] = 'object'", "properties.title.type was string, is object"),
        (
            "d['paths']['/orders/{orderId}']['get']['deprecated'] = True",
            "{orderId}.deprecated is new: True",
        ),
        ("d['paths']['/orders']['post']['parameters'][0]['in'] = 'query'", "parameters[Idempotency-Key].in was header"),
    ],
)
def test_what_our_calls_rest_on_is_told_when_it_changes(change: str, told: str) -> None:
    assert any(told in words for words in changed(change))


@pytest.mark.parametrize(
    "change",
    [
        "d['paths']['/reports']['get']['deprecated'] = True",
        "d['paths']['/orders']['post']['summary'] = 'Make one'",
        "order['properties']['reference']['description'] = 'Ours'",
        "order['required'].reverse()",
        "d['info'] = {'version': '2'}",
    ],
)
def test_what_they_do_not_rest_on_is_no_change(change: str) -> None:
    assert changed(change) == []


def test_a_parameter_more_in_front_changes_no_other() -> None:
    front = "{'name': 'X-Trace', 'in': 'header', 'required': False}"

    told = changed(f"d['paths']['/orders']['post']['parameters'].insert(0, {front})")

    assert all("X-Trace" in words for words in told)


@pytest.mark.parametrize("content", [b"openapi: 3.1.0\npaths: {}\n", b'{"paths": []}', b"[]"])
def test_a_description_that_is_no_openapi_in_json_is_one_term(content: bytes) -> None:
    try:
        document = json.loads(content)
    except ValueError:
        document = None

    assert list(openapi_terms(content, document, OURS)) == ["the description of the interface"]
