"""Companies, currencies, rounding and rights of an Odoo: each is kept, refused or told, and none is passed over."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from erp_adapters.conformance.documents import order, order_reference, payload
from erp_adapters.odoo import OdooAdapter
from sidecar.domain.delivery import ErpId, Outcome
from sidecar.domain.documents import OrderDocument, StockQuery
from sidecar.domain.order import Order, order_of
from sidecar.domain.reconciliation import OrderFacts, compare
from tests.support.odoo import COMPANY, SKUS, TAXES, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.support.odoo_fixtures"]

PRICELIST_OF_SECOND = "sidecar_test.pricelist_of_second"
METHODS = ["round_per_line", "round_globally"]


def differences(adapter: OdooAdapter, sent: Order, erp_id: ErpId | None) -> list[str]:
    facts = OrderFacts(sent.entity_id, sent.increment_id, sent.currency, sent.lines, sent.totals)
    snapshot = adapter.read_back(erp_id or ErpId(""), DEADLINE)
    return [f"{one.kind} {one.path}" for one in compare("erp", "test", facts, [snapshot], Decimal(0))]


@contextmanager
def rounding(odoo: OdooDoors, method: str) -> Iterator[None]:
    field = "tax_calculation_rounding_method"
    (company,) = odoo.people.do("res.company", "read", ids=[COMPANY], fields=[field])
    odoo.people.do("res.company", "write", ids=[COMPANY], vals={field: method})
    try:
        yield
    finally:
        odoo.people.do("res.company", "write", ids=[COMPANY], vals={field: company[field]})


def many_cheap_lines() -> Order:
    """120 lines whose taxes Magento has rounded one by one: 0.99 at 19 % is 0.19, and all together are not 22.80."""
    document = payload(SKUS)
    plain = {"qty_ordered": "1.0000", "price": "0.9900", "row_total": "0.9900", "discount_amount": "0.0000"}
    first = document["items"][0]
    document["items"] = [{**first, **plain, "item_id": 1000 + n, "tax_amount": "0.1900"} for n in range(120)]
    document["order"] |= {"subtotal": "118.8000", "discount_amount": "0.0000", "tax_amount": "23.7500"}
    document["order"] |= {"grand_total": "147.5500"}
    return order_of(document)


@pytest.mark.parametrize("method", METHODS)
def test_where_odoo_rounds_taxes_elsewhere_the_difference_is_told(
    odoo: OdooDoors, adapter: OdooAdapter, method: str
) -> None:
    sent = many_cheap_lines()

    with rounding(odoo, method):
        result = adapter.submit(OrderDocument(sent), order_reference(a_new_reference()), DEADLINE)
        assert result.outcome is Outcome.CONFIRMED, result.words()
        told = differences(adapter, sent, result.erp_id)

    expected = [] if method == "round_per_line" else ["header_total tax", "header_total grand_total"]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize(("method", "words"), [("round_per_line", "per line"), ("round_globally", "per order")])
def test_the_probe_tells_where_taxes_are_rounded(
    odoo: OdooDoors, adapter: OdooAdapter, method: str, words: str
) -> None:
    with rounding(odoo, method):
        health = adapter.probe()

    assert health.problems == ()
    assert f"taxes rounded {words}" in health.product


def in_yen(price: str) -> Order:
    document: dict[str, Any] = payload(SKUS)
    item = {**document["items"][0], "qty_ordered": "2.0000", "price": price, "tax_percent": "0.0000"}
    total = f"{2 * Decimal(price):.4f}"
    document["items"] = [item | {"row_total": total, "discount_amount": "0.0000", "tax_amount": "0.0000"}]
    document["order"] |= {"subtotal": total, "grand_total": total, "order_currency_code": "JPY"}
    nothing = ("discount_amount", "tax_amount", "shipping_amount", "shipping_tax_amount")
    document["order"] |= dict.fromkeys(nothing, "0.0000")
    return order_of(document)


def test_an_order_in_yen_is_one_of_whole_yen(adapter: OdooAdapter) -> None:
    sent = in_yen("1234.0000")

    result = adapter.submit(OrderDocument(sent), order_reference(a_new_reference()), DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert differences(adapter, sent, result.erp_id) == []


def test_an_amount_that_the_currency_does_not_have_is_refused_before_it_is_rounded(
    odoo: OdooDoors, adapter: OdooAdapter
) -> None:
    reference = a_new_reference()

    result = adapter.submit(OrderDocument(in_yen("1234.2500")), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_INVALID
    assert "rounds to 1" in result.words()
    assert odoo.people.orders(reference) == 0


def test_a_company_that_the_user_may_not_see_is_sent_nothing(odoo: OdooDoors) -> None:
    closed = odoo.people.company("closed", odoo.there.login, is_open=False)
    reference = a_new_reference()
    elsewhere = odoo.adapter(company=closed)

    result = elsewhere.submit(OrderDocument(order(SKUS)), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.NOT_SENT
    assert odoo.people.orders(reference) == 0
    assert any("companies" in problem for problem in elsewhere.probe().problems)


def test_a_record_of_another_company_is_refused_in_the_words_of_odoo(odoo: OdooDoors) -> None:
    second = odoo.people.company("second", odoo.there.login)
    theirs = PRICELIST_OF_SECOND
    columns = {"id": theirs, "name": "Theirs", "currency_id__id": "base.EUR", "company_id__.id": str(second)}
    odoo.people.load("product.pricelist", **columns)
    mixed = odoo.adapter(code_maps={"taxes": TAXES, "pricelists": {"EUR": theirs}})
    reference = a_new_reference()

    result = mixed.submit(OrderDocument(order(SKUS)), order_reference(reference), DEADLINE)

    assert result.outcome is Outcome.REJECTED_BUSINESS
    assert "company" in result.words()
    assert odoo.people.orders(reference) == 0


def test_two_companies_of_one_odoo_know_nothing_of_each_others_orders_and_stock(
    odoo: OdooDoors, adapter: OdooAdapter
) -> None:
    second = odoo.people.company("second", odoo.there.login)
    if not odoo.people.do("stock.warehouse", "search_count", domain=[["code", "=", "two"]]):
        columns = {"id": "sidecar_test.warehouse_two", "name": "Two", "code": "two", "company_id__.id": str(second)}
        odoo.people.load("stock.warehouse", **columns)
    columns = {
        "id": PRICELIST_OF_SECOND,
        "name": "Theirs",
        "currency_id__id": "base.EUR",
        "company_id__.id": str(second),
    }
    odoo.people.load("product.pricelist", **columns)
    pricelists = {"EUR": PRICELIST_OF_SECOND}
    theirs = odoo.adapter(company=second, code_maps={"taxes": {"0": "none"}, "pricelists": pricelists})
    document = payload(SKUS, tax_amount="0.0000", shipping_tax_amount="0.0000", grand_total="28.5000")
    for item in document["items"]:
        item |= {"tax_amount": "0.0000", "tax_percent": "0.0000"}
    ref = order_reference(a_new_reference())

    result = theirs.submit(OrderDocument(order_of(document)), ref, DEADLINE)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert theirs.find([ref], DEADLINE)[ref.idempotency_key].snapshots
    assert not adapter.find([ref], DEADLINE)[ref.idempotency_key].snapshots
    assert {level.warehouse for level in theirs.read_stock(StockQuery(SKUS), None, DEADLINE).levels} == {"two"}
    assert "two" not in {level.warehouse for level in adapter.read_stock(StockQuery(SKUS), None, DEADLINE).levels}


def test_a_right_that_is_missing_is_named_by_the_probe(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    with odoo.people.without_sales(odoo.there.login):
        problems = adapter.probe().problems

    assert any("may not create sale.order" in problem for problem in problems), problems
    assert adapter.probe().problems == ()


def test_a_right_that_is_taken_away_parks_nothing(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    ref = order_reference(a_new_reference())

    with odoo.people.without_sales(odoo.there.login):
        result = adapter.submit(OrderDocument(order(SKUS)), ref, DEADLINE)

    assert result.outcome is Outcome.NOT_SENT
    assert "groups" in result.hint
    assert adapter.submit(OrderDocument(order(SKUS)), ref, DEADLINE).outcome is Outcome.CONFIRMED


def test_250_orders_are_looked_up_in_five_calls(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    ref = order_reference(a_new_reference())
    adapter.submit(OrderDocument(order(SKUS)), ref, DEADLINE)
    refs = [ref, *(order_reference(a_new_reference()) for _ in range(249))]

    calls = odoo.counted(lambda: adapter.find(refs, DEADLINE))

    assert len(calls) <= 5, calls
