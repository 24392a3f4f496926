"""JSON-RPC with an Odoo: who cannot sign in has sent nothing, and a 200 alone is no success."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.odoo import OdooAdapter
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.delivery import Outcome
from sidecar.domain.documents import OrderDocument
from sidecar.domain.order import Order
from sidecar.transport import KeptSecret, Secret
from tests.support.faulty_way import Rule, faulty_way
from tests.support.odoo import PRICELISTS, SKUS, TAXES, Installation, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors, RpcWay, as_json2

pytest_plugins = ["tests.support.odoo_fixtures"]

ODD = [
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 0, "message": "Odoo Server Error"}},
    {"jsonrpc": "2.0", "id": 1, "result": {"ids": [1]}, "error": {"code": 0}},
    {"result": "well"},
    [],
]


@pytest.fixture(scope="module")
def rpc(installed: Installation) -> Iterator[OdooDoors]:
    """The way in by JSON-RPC."""
    with faulty_way(installed.people.url) as way, closing(OdooDoors(RpcWay(way), installed, installed.login)) as found:
        yield found


def adapter_with(rpc: OdooDoors, secret: Secret, **terms: str) -> OdooAdapter:
    codes = {"taxes": TAXES, "pricelists": PRICELISTS}
    told = rpc.terms(**terms)
    configuration = AdapterConfiguration("erp", "odoo", "", rpc.way.url, Path(), codes, concurrency=8, odoo=told)
    made = build(configuration, secret, "test")
    assert isinstance(made, OdooAdapter)
    rpc.made.append(made)
    return made


def sent() -> Order:
    return order(SKUS)


@pytest.mark.parametrize("terms", [{"login": "nobody"}, {"database": "nosuch"}])
def test_who_cannot_sign_in_has_sent_nothing(rpc: OdooDoors, terms: dict[str, str]) -> None:
    reference = a_new_reference()
    stranger = adapter_with(rpc, SecretStr(rpc.there.key), **terms)

    result = stranger.submit(OrderDocument(sent()), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.NOT_SENT
    assert rpc.people.orders(reference) == 0
    assert stranger.probe().problems


def test_a_key_that_was_changed_is_read_again_and_the_call_made_once_more(rpc: OdooDoors) -> None:
    kept = KeptSecret(SecretStr("0" * 40), lambda: SecretStr(rpc.there.key))
    adapter = adapter_with(rpc, kept)

    result = adapter.submit(OrderDocument(sent()), order_reference(a_new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()


def test_a_sign_in_whose_answer_is_lost_is_made_again_by_the_next_call(rpc: OdooDoors) -> None:
    adapter = adapter_with(rpc, SecretStr(rpc.there.key))
    ref = order_reference(a_new_reference())
    rpc.way.plan(Rule(lambda _, body: body.get("params", {}).get("method") == "authenticate", after=()))

    lost = adapter.submit(OrderDocument(sent()), ref, DEADLINE)

    assert lost.outcome is Outcome.NOT_SENT
    assert adapter.submit(OrderDocument(sent()), ref, DEADLINE).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("answer", ODD, ids=["no name", "both", "no envelope", "a list"])
def test_a_200_that_says_neither_what_was_done_nor_why_not_is_unknown(rpc: OdooDoors, answer: object) -> None:
    adapter = adapter_with(rpc, SecretStr(rpc.there.key))
    ref = order_reference(a_new_reference())
    assert isinstance(rpc.way, RpcWay)
    answered = Rule(lambda path, body: as_json2(path, body)[0].endswith("/sale.order/load"), after=(200, {}, answer))
    rpc.way.plain.plan(answered)  # as it stands: JSON-RPC's own envelope is what is odd

    result = adapter.submit(OrderDocument(sent()), ref, DEADLINE)

    assert result.outcome is Outcome.UNKNOWN
    assert adapter.submit(OrderDocument(sent()), ref, DEADLINE).outcome in (
        Outcome.CONFIRMED,
        Outcome.ALREADY_EXISTS,
    )


def test_the_key_stands_in_no_words_and_in_no_repr(rpc: OdooDoors, installed: Installation) -> None:
    adapter = adapter_with(rpc, SecretStr(installed.key), login="nobody")

    result = adapter.submit(OrderDocument(sent()), order_reference(a_new_reference()), DEADLINE)

    assert installed.key not in f"{adapter!r} {result!r} {adapter.probe()!r}"
