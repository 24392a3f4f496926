"""Credit memos of Magento's in an Odoo: each a credit note once, to the cent, and never told back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.odoo import OdooAdapter
from sidecar.domain.delivery import ChangeKind, ErpId, Outcome, Presence, Reference, Result
from sidecar.domain.documents import OrderDocument, RefundDocument
from sidecar.domain.refund import Refund
from tests.support.odoo import SKUS, a_new_reference
from tests.support.odoo_doors import DEADLINE, OdooDoors
from tests.support.odoo_papers import LINE, refund, refund_reference

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.support.odoo_fixtures"]

ONE = refund(LINE, tax="1.71", total="10.71")
_DONE = {Outcome.CONFIRMED, Outcome.ALREADY_EXISTS}


def placed(adapter: OdooAdapter) -> tuple[str, ErpId]:
    reference = a_new_reference()
    made = adapter.submit(OrderDocument(order(SKUS)), order_reference(reference), DEADLINE)
    assert made.erp_id is not None, made.words()
    return reference, made.erp_id


def give_back(adapter: OdooAdapter, ref: Reference, what: Refund = ONE) -> Result:
    return adapter.submit(RefundDocument(what), ref, DEADLINE)


def presence(adapter: OdooAdapter, ref: Reference) -> Presence:
    return adapter.find([ref], DEADLINE)[ref.idempotency_key].presence


def notes(odoo: OdooDoors, ref: Reference) -> int:
    count: int = odoo.people.do("account.move", "search_count", domain=[["ref", "=", ref.external_ref]])
    return count


@pytest.fixture
def sold(odoo: OdooDoors, adapter: OdooAdapter) -> Reference:
    """The first refund of an order that Odoo has invoiced."""
    reference, key = placed(adapter)
    odoo.people.invoice(int(key))
    return refund_reference(reference, key)


def test_a_refund_is_a_posted_credit_note_of_the_orders_invoice(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    result = give_back(adapter, sold)

    assert (result.outcome, result.status) == (Outcome.CONFIRMED, "posted"), result.words()
    assert (result.erp_number or "").startswith("RINV/")
    snapshot = adapter.read_back(result.erp_id or ErpId(""), DEADLINE)
    assert snapshot.totals["grand_total"] == Decimal("10.71")
    assert (snapshot.totals["discount"], snapshot.totals["tax"]) == (Decimal(-1), Decimal("1.71"))
    assert [(line.line_ref, line.sku, line.quantity) for line in snapshot.lines] == [("881", "TG11", Decimal(1))]
    key = int((result.erp_id or "").rpartition(",")[2])
    (note,) = odoo.people.do("account.move", "read", ids=[key], fields=["reversed_entry_id", "invoice_date"])
    assert note["reversed_entry_id"]
    assert note["invoice_date"] == "2026-11-24"
    lines = odoo.people.do(
        "sale.order.line", "search_read", domain=[["order_id", "=", int(sold.target or "")]], fields=["qty_invoiced"]
    )
    assert lines[0]["qty_invoiced"] == 1


@pytest.mark.parametrize("method", ["account.move/load", "account.move/action_post"])
@pytest.mark.parametrize("is_done", [True, False])
def test_whatever_is_lost_a_refund_that_comes_again_is_one_credit_note(
    odoo: OdooDoors,
    adapter: OdooAdapter,
    sold: Reference,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    odoo.lose(method, done=is_done)

    lost = give_back(adapter, sold)

    posted = is_done and method.endswith("action_post")
    assert lost.outcome is (Outcome.CONFIRMED if posted else Outcome.UNKNOWN)
    assert presence(adapter, sold) is (Presence.ONE if posted else Presence.ABSENT)
    assert give_back(adapter, sold).outcome in _DONE
    assert notes(odoo, sold) == 1
    assert presence(adapter, sold) is Presence.ONE


def test_eight_who_send_one_refund_at_once_make_one_credit_note(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: give_back(adapter, sold), range(8)))

    assert {result.outcome for result in results} <= _DONE | {Outcome.RETRY_LATER}
    assert give_back(adapter, sold).outcome in _DONE
    assert notes(odoo, sold) == 1


def test_the_rest_of_an_order_is_given_back_by_a_second_refund(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    give_back(adapter, sold)
    second = LINE, replace(LINE, line_ref="882", sku="TG12", total=Decimal("5.50"), discount=Decimal(0))
    rest = refund(second[0], replace(second[1], tax=Decimal("1.05")), shipping="5", tax="3.71", total="23.21")
    ref = refund_reference(sold.external_ref, sold.target or ErpId(""), 18)

    result = give_back(adapter, ref, rest)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    fields = ["qty_invoiced", "product_id"]
    domain = [["order_id", "=", int(sold.target or "")]]
    lines = odoo.people.do("sale.order.line", "search_read", domain=domain, fields=fields)
    assert [line["qty_invoiced"] for line in lines[:2]] == [0, 0]


def test_shipping_and_an_adjustment_are_given_back_without_a_line(adapter: OdooAdapter, sold: Reference) -> None:
    result = give_back(adapter, sold, refund(shipping="5", adjustment="-1.50", tax="0.95", total="4.45"))

    assert result.outcome is Outcome.CONFIRMED, result.words()
    totals = adapter.read_back(result.erp_id or ErpId(""), DEADLINE).totals
    assert (totals["shipping"], totals["adjustment"], totals["grand_total"]) == (
        Decimal(5),
        Decimal("-1.5"),
        Decimal("4.45"),
    )


def test_a_total_that_odoo_computes_differently_stays_a_draft_and_is_taken_once_people_have_posted_it(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    other = refund(replace(LINE, tax=Decimal("1.72")), tax="1.72", total="10.72")

    result = give_back(adapter, sold, other)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "OTHER_TOTAL")
    assert "10.71" in result.words()
    assert presence(adapter, sold) is Presence.ABSENT
    drafts = odoo.people.do("account.move", "search", domain=[["ref", "=", sold.external_ref]])
    odoo.people.do("account.move", "action_post", ids=drafts)
    assert give_back(adapter, sold, other).outcome is Outcome.ALREADY_EXISTS


def test_what_odoo_has_not_invoiced_is_credited_beside_the_orders_line(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    reference, key = placed(adapter)

    result = give_back(adapter, refund_reference(reference, key))

    assert result.outcome is Outcome.CONFIRMED, result.words()
    lines = odoo.people.do(
        "sale.order.line", "search_read", domain=[["order_id", "=", int(key)]], fields=["qty_invoiced"]
    )
    assert {line["qty_invoiced"] for line in lines} == {0}


def test_a_credit_note_is_left_to_people_where_the_blueprint_says_so(odoo: OdooDoors, sold: Reference) -> None:
    careful = odoo.adapter(post_refunds=False)

    result = give_back(careful, sold)

    assert (result.outcome, result.status) == (Outcome.CONFIRMED, "draft")
    assert presence(careful, sold) is Presence.ONE
    assert give_back(careful, sold).outcome is Outcome.ALREADY_EXISTS


def test_a_refund_of_an_order_that_odoo_does_not_have_is_refused(odoo: OdooDoors, adapter: OdooAdapter) -> None:
    ref = refund_reference(a_new_reference(), ErpId("2000000000"))

    result = give_back(adapter, ref)

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "NO_SUCH_ORDER")
    assert notes(odoo, ref) == 0


def test_a_refund_in_another_currency_than_its_order_is_refused(adapter: OdooAdapter, sold: Reference) -> None:
    result = give_back(adapter, sold, replace(ONE, currency="USD"))

    assert (result.outcome, result.messages[0].code) == (Outcome.REJECTED_BUSINESS, "OTHER_CURRENCY")


def test_a_refund_that_gives_nothing_back_is_refused(adapter: OdooAdapter, sold: Reference) -> None:
    result = give_back(adapter, sold, refund(tax="0", total="0"))

    assert result.outcome is Outcome.REJECTED_INVALID
    assert "nothing back" in result.words()


def test_a_refund_of_magentos_is_not_told_back_and_one_of_odoos_own_is(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    page = adapter.changes(ChangeKind.CREDIT_MEMOS, None, DEADLINE)
    while page.more:
        page = adapter.changes(ChangeKind.CREDIT_MEMOS, page.next_cursor, DEADLINE)
    end = page.next_cursor
    ours = give_back(adapter, sold)
    _, key = placed(adapter)
    theirs = odoo.people.credit(odoo.people.invoice(int(key)))

    told: set[str] = set()
    more = True
    while more:
        page = adapter.changes(ChangeKind.CREDIT_MEMOS, end, DEADLINE)
        told |= {document.erp_id for document in page.documents}
        end, more = page.next_cursor, page.more

    assert str(theirs) in told
    assert (ours.erp_id or "").rpartition(",")[2] not in told


def quantities(odoo: OdooDoors, order: ErpId | None) -> list[float]:
    domain = [["order_id", "=", int(order or "")]]
    lines = odoo.people.do("sale.order.line", "search_read", domain=domain, fields=["qty_delivered", "sequence"])
    return [line["qty_delivered"] for line in lines][:2]


def returns(odoo: OdooDoors, ref: Reference) -> int:
    domain = [["origin", "=", ref.external_ref], ["state", "=", "done"]]
    count: int = odoo.people.do("stock.picking", "search_count", domain=domain)
    return count


@pytest.mark.parametrize(
    "method", ["stock.picking/load", "stock.picking/button_validate", "account.move/load", "account.move/action_post"]
)
@pytest.mark.parametrize("is_done", [True, False])
def test_goods_that_come_back_are_taken_in_once_before_the_credit_note_whatever_is_lost(
    odoo: OdooDoors,
    sold: Reference,
    method: str,
    is_done: bool,  # noqa: FBT001 -- a case
) -> None:
    taking_in = odoo.adapter(restock=True)
    odoo.people.deliver(int(sold.target or ""))
    odoo.lose(method, done=is_done)
    give_back(taking_in, sold)

    again = give_back(taking_in, sold)

    assert again.outcome in _DONE, again.words()
    assert quantities(odoo, sold.target) == [1, 1]
    assert (returns(odoo, sold), notes(odoo, sold)) == (1, 1)


def test_goods_that_have_never_left_odoo_do_not_come_back_to_it(odoo: OdooDoors, sold: Reference) -> None:
    result = give_back(odoo.adapter(restock=True), sold)

    assert result.outcome is Outcome.CONFIRMED, result.words()
    assert (returns(odoo, sold), notes(odoo, sold)) == (0, 1)


def test_goods_are_left_to_people_where_the_blueprint_does_not_say_otherwise(
    odoo: OdooDoors, adapter: OdooAdapter, sold: Reference
) -> None:
    odoo.people.deliver(int(sold.target or ""))

    assert give_back(adapter, sold).outcome is Outcome.CONFIRMED

    assert returns(odoo, sold) == 0
    assert quantities(odoo, sold.target) == [2, 1]
