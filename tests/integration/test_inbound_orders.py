"""What becomes of an order in the ERP is shown in Magento, or asked a person; nothing that is told is left out."""

from decimal import Decimal

import pytest

from tests.support.rig import turn_until
from tests.support.way_back import WayBack, lines

pytestmark = pytest.mark.needs_php

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
ALL = {FIRST: 2, SECOND: 2}
TRACK = {"carrier": "dhl", "title": "DHL", "number": "00340434"}


# -- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_that_the_erp_cancels_is_cancelled_in_magento_and_not_told_to_the_erp_again(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.attend(order, status="cancelled")

    way.carry()

    assert way.states() == [("cancellation", "done")]
    assert way.shop.rows("SELECT state FROM sales_order") == [("canceled",)]
    told = dict(way.shop.rows("SELECT id, origin FROM erp_outbox WHERE type = 'OrderCancelled'"))
    assert list(told.values()) == ["erp"]
    turn_until(way.relay, lambda: told.keys() <= way.rig.receipts_by_event().keys())
    assert {way.rig.receipts_by_event()[event] for event in told} == {"unrouted"}


@pytest.mark.slow
def test_an_order_that_was_invoiced_is_not_cancelled_by_anybody_but_a_person(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.invoice(order)
    way.carry()
    way.erp.attend(order, status="open")
    way.shop.execute("UPDATE erp_document SET erp_status = 'open'")
    way.erp.attend(order, status="cancelled")

    way.carry()

    assert way.states()[-1] == ("cancellation", "parked")
    assert "Magento has 2 x sku-1 invoiced" in way.entries()[-1].reason
    assert way.magento.calls("cancel") == []


def test_a_status_follows_and_a_step_that_the_map_forbids_is_a_finding_and_is_not_shown(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.attend(order, status="posted")
    way.carry()
    assert way.shop.rows("SELECT erp_status, change_count > projected_change FROM erp_document") == [("posted", 1)]

    way.erp.attend(order, status="open")
    way.carry()

    assert way.shop.rows("SELECT erp_status FROM erp_document") == [("posted",)]
    assert way.findings() == ["forbidden_transition"]


@pytest.mark.slow
def test_a_line_that_the_erp_rejects_is_asked_a_person(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.attend(order, lines=[{"lineReference": str(FIRST), "rejectionReason": "out of range"}])

    way.carry()

    assert way.states() == [("shortage", "parked")]
    assert "2 x sku-1 (out of range)" in way.only().reason


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reader_that_dies_between_two_pages_leaves_nothing_out_and_doubles_nothing(way: WayBack) -> None:
    orders = [way.place(entity_id) for entity_id in (42, 43, 44)]
    for order in orders:
        way.erp.deliver(order)
        way.reader.turn()
        way.reader = way.read_anew()
    for order in orders:
        way.erp.deliver(order, lines=[], final=True)

    way.carry()

    assert len(way.documents("shipment")) == 3
    assert len(way.entries()) == 6


@pytest.mark.slow
def test_several_orders_are_made_at_once_and_the_documents_of_one_never(way: WayBack) -> None:
    for entity_id in (42, 43, 44, 45):
        order = way.place(entity_id)
        way.erp.deliver(order, lines=lines((entity_id * 10 + 1, "1")))
        way.erp.deliver(order, lines=lines((entity_id * 10 + 1, "1")))
        way.erp.invoice(order)

    way.carry()

    assert {state for _, state in way.states()} == {"done"}
    assert (len(way.documents("shipment")), len(way.documents("invoice"))) == (8, 4)
    assert way.shop.rows("SELECT DISTINCT qty_shipped FROM sales_order_item WHERE sku = 'sku-1'") == [(Decimal(2),)]
