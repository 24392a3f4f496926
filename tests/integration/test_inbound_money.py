"""An ERP's invoices and credit memos become Magento's, and money moves once, where it is said, and never on a guess."""

from dataclasses import replace

import pytest

from sidecar.domain.inbound import InboundState
from sidecar.domain.naming import Epoch, EpochKind
from sidecar.domain.policy import Capture
from tests.support.way_back import INBOUND, POLICY_BACK, WayBack, lines

pytestmark = pytest.mark.needs_php

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
ALL = {FIRST: 2, SECOND: 2}
TRACK = {"carrier": "dhl", "title": "DHL", "number": "00340434"}


def test_an_invoice_of_an_offline_method_takes_no_money_and_one_of_a_card_takes_it_once(way: WayBack) -> None:
    way.erp.invoice(way.place(ORDER))
    way.erp.invoice(way.place(43, method="card"))

    way.carry()

    assert way.states() == [("invoice", "done")] * 2
    assert [kind for kind, _, _ in way.magento.money()] == ["capture"]
    assert way.findings() == []


@pytest.mark.slow
def test_a_payment_method_that_nobody_has_named_parks_its_invoices(way: WayBack) -> None:
    way.erp.invoice(way.place(ORDER))
    way.shop.execute("UPDATE sales_order_payment SET method = 'klarna'")

    way.carry()

    assert way.only().state is InboundState.PARKED
    assert "name klarna in its inbound.capture" in way.only().hint
    assert way.magento.calls() == []


@pytest.mark.slow
def test_a_capture_that_fails_is_a_critical_finding(way: WayBack) -> None:
    way.erp.invoice(way.place(ORDER, method="card"))
    way.magento.fail_next("gateway_declines", on="invoice")

    way.carry()

    assert way.findings() == ["capture_failed"]
    assert way.documents("invoice") == []
    assert way.magento.money() == []


@pytest.mark.slow
def test_money_that_may_have_moved_is_never_moved_again_on_a_guess(way: WayBack) -> None:
    way.erp.invoice(way.place(ORDER, method="card"))
    way.magento.fail_next("save_fails", on="invoice")
    way.carry()
    for _ in range(3):
        way.time_passes()
        way.carry()

    assert way.only().state is InboundState.PARKED
    assert len(way.magento.money()) == len(way.magento.calls("invoice")) == 1


@pytest.mark.slow
def test_an_invoice_that_the_checkout_wrote_already_is_enough(way: WayBack) -> None:
    order = way.place(ORDER)
    entry = replace(POLICY_BACK, inbound=replace(INBOUND, capture={"checkmo": Capture.ELSEWHERE}))
    way.policy = entry
    way.write_anew()
    way.erp.invoice(order)
    way.carry()
    assert way.only().state is InboundState.RETRY

    way.shop.execute("UPDATE sales_order_item SET qty_invoiced = qty_ordered WHERE order_id = %s", ORDER)
    way.time_passes()
    way.carry()

    assert way.only().state is InboundState.DONE
    assert way.magento.calls() == []


@pytest.mark.slow
def test_money_goes_back_at_the_provider_once_and_units_only_where_the_erp_has_them(way: WayBack) -> None:
    order = way.place(ORDER, method="card")
    way.erp.deliver(order)
    way.erp.invoice(order)
    way.carry()
    stock = "SELECT quantity FROM inventory_source_item WHERE source_code = 'west' ORDER BY sku"
    before = way.shop.rows(stock)
    way.erp.credit(order, lines=[*lines((FIRST, "1"), receivedQuantity="1"), *lines((SECOND, "1"))])

    way.carry()

    assert way.states()[-1] == ("credit_memo", "done")
    assert [kind for kind, _, _ in way.magento.money()] == ["capture", "refund"]
    assert way.documents("creditmemo") == [{FIRST: 1, SECOND: 1}]
    after = way.shop.rows(stock)
    assert [a[0] - b[0] for a, b in zip(after, before, strict=True)] == [1, 0]


@pytest.mark.slow
def test_where_the_erp_gives_the_money_back_magento_only_writes_it_down(way: WayBack) -> None:
    way.policy = replace(POLICY_BACK, inbound=replace(INBOUND, refunds="erp"))
    way.write_anew()
    order = way.place(ORDER, method="card")
    way.erp.invoice(order)
    way.carry()
    way.erp.credit(order, lines=lines((FIRST, "1")))

    way.carry()

    assert way.documents("creditmemo") == [{FIRST: 1}]
    assert [kind for kind, _, _ in way.magento.money()] == ["capture"]


@pytest.mark.slow
def test_a_credit_memo_in_another_currency_or_of_another_amount_moves_nothing(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.invoice(order)
    way.carry()
    way.erp.credit(order, lines=lines((FIRST, "1")), currency="USD")
    way.erp.credit(order, lines=lines((FIRST, "1")), amounts={"grandTotal": "99.00"})

    way.carry()

    assert way.states()[1:] == [("credit_memo", "parked")] * 2
    assert way.documents("creditmemo") == []


@pytest.mark.slow
def test_after_a_restore_money_that_the_lost_time_may_have_moved_is_a_persons_business(way: WayBack) -> None:
    way.erp.invoice(way.place(ORDER, method="card"))
    way.erp.invoice(way.place(43))
    way.write_anew(None, None, Epoch(2, EpochKind.RESTORED, 1000, 1000, 0))

    way.carry()
    assert way.states() == [("invoice", "parked"), ("invoice", "done")]
    assert way.magento.money() == []
    way.decisions.retry(way.entries()[0].id, "ann", "the provider has nothing")
    way.carry()

    assert way.states() == [("invoice", "done")] * 2
    assert [kind for kind, _, _ in way.magento.money()] == ["capture"]
