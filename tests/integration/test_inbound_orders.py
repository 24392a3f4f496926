"""What becomes of an order in the ERP is shown in Magento, or asked a person; nothing that is told is left out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from sidecar.daemon import SystemClock
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


@pytest.mark.slow
def test_an_erp_that_cannot_be_read_is_told_once_and_read_on_where_it_stood(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.plan({"operation": "delivery.changes", "nth": 1, "count": 2, "kind": "http_500_before_commit"})
    way.erp.deliver(order)

    for _ in range(3):
        way.carry()

    assert len(way.rig.notes.named("changes.unreadable")) == 1
    assert way.documents("shipment") == [ALL]


class HandClock(SystemClock):
    """A clock that goes on when the test says so."""

    now_at = 0.0

    def monotonic(self) -> float:
        return self.now_at


@pytest.mark.slow
def test_an_erp_in_which_nothing_happens_is_asked_ever_less_often_and_often_again_when_something_does(
    way: WayBack,
) -> None:
    order = way.place(ORDER)
    clock = HandClock()
    way.policy = replace(way.policy, inbound=replace(way.inbound, every=timedelta(seconds=30)))
    reader = way.read_anew(clock)

    def looks_until(end: float) -> list[float]:
        looked = []
        while clock.now_at < end:
            before = asked(way)
            reader.turn()
            if asked(way) > before:
                looked.append(clock.now_at)
            clock.now_at += 5
        return looked

    quiet = looks_until(1000)
    way.erp.deliver(order)
    way.erp.deliver(order, lines=[])
    busy = looks_until(2000)

    pauses = [later - earlier for earlier, later in pairwise(quiet)]
    assert pauses[0] >= 30
    assert pauses == sorted(pauses)
    assert pauses[-1] > 100
    assert busy[1] - busy[0] <= 35


def asked(way: WayBack) -> int:
    """How often the ERP was asked for deliveries."""
    requests = way.erp.control("GET", "requests").body["requests"]
    return sum(requests.get("delivery.changes", {}).values())
