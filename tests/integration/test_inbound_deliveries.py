"""What an ERP delivers becomes Magento's shipments, and what it does not deliver a person's question."""

import pytest

from sidecar.domain.inbound import Decision, InboundState
from tests.support.rig import turn_until
from tests.support.way_back import WayBack, lines

pytestmark = pytest.mark.needs_php

ORDER = 42
FIRST, SECOND = ORDER * 10 + 1, ORDER * 10 + 2
ALL = {FIRST: 2, SECOND: 2}
TRACK = {"carrier": "dhl", "title": "DHL", "number": "00340434"}


def test_a_delivery_becomes_a_shipment_with_its_tracks_and_source_and_is_not_told_to_the_erp_again(
    way: WayBack,
) -> None:
    order = way.place(ORDER, stock=5)
    delivery = way.erp.deliver(order, tracks=[TRACK], warehouse="other", final=True)

    way.carry()

    assert way.states() == [("delivery", "done")]
    assert way.documents("shipment") == [ALL]
    assert way.shop.rows("SELECT carrier_code, title, track_number FROM sales_shipment_track") == [
        ("dhl", "DHL", "00340434")
    ]
    assert way.shop.rows("SELECT comment FROM sales_shipment_comment") == [(f"delivery {delivery} of erp",)]
    stock = "SELECT source_code, quantity FROM inventory_source_item WHERE sku = 'sku-1' ORDER BY source_code"
    assert way.shop.rows(stock) == [("east", 3), ("west", 5)]
    assert way.shop.rows("SELECT DISTINCT origin FROM erp_outbox WHERE type <> 'OrderPlaced'") == [("erp",)]
    told = dict(way.shop.rows("SELECT id, type FROM erp_outbox WHERE type <> 'OrderPlaced' AND lane IS NOT NULL"))
    assert "ShipmentCreated" in told.values()
    turn_until(way.relay, lambda: told.keys() <= way.rig.receipts_by_event().keys())
    assert {way.rig.receipts_by_event()[event] for event in told} == {"unrouted"}
    assert len(way.rig.accepted(ORDER)) == 1 + len(
        way.erp.rows("SELECT 1 FROM order_revisions WHERE kind IN ('status', 'lines')")
    )


@pytest.mark.slow
def test_partial_deliveries_become_one_shipment_each_and_what_the_last_leaves_is_asked_a_person(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.deliver(order, lines=lines((FIRST, "1")))
    way.erp.deliver(order, lines=lines((FIRST, "1"), (SECOND, "1"), reason="damaged"), final=True)

    way.carry()

    assert way.documents("shipment") == [{FIRST: 1}, {FIRST: 1, SECOND: 1}]
    assert way.states() == [("delivery", "done"), ("delivery", "done"), ("shortage", "parked")]
    shortage = way.entries()[2]
    assert shortage.reason == (
        "the ERP will not deliver 1 x sku-2 (damaged); none of it is invoiced, so there is nothing to give back"
    )
    assert shortage.hint == f"erp-sidecar inbound decide {shortage.id} refund|wait|ignore --reason '...'"
    assert way.findings() == ["short_pick"]

    way.decisions.decide(shortage.id, Decision.WAIT, "ann", "tomorrow")
    way.erp.deliver(order, lines=lines((SECOND, "1")))
    way.carry()

    assert way.states()[2] == ("shortage", "done")


@pytest.mark.slow
def test_a_shortage_that_is_paid_is_refunded_when_a_person_says_so(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.invoice(order)
    way.erp.deliver(order, lines=lines((FIRST, "2"), (SECOND, "1")), final=True)
    way.carry()
    shortage = way.entries()[-1]
    assert "refunding 1 x sku-2 gives back 10.00 EUR" in shortage.reason

    way.decisions.decide(shortage.id, Decision.REFUND, "ann", "sold out for good")
    way.carry()

    assert way.entries()[-1].state is InboundState.DONE
    assert way.documents("creditmemo") == [{SECOND: 1}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((FIRST, "3"), "3 x sku-1 to ship, of which Magento has 2 left"),
        ((999, "1"), "is no item of order 000000042"),
        ((FIRST, "-1"), "has the quantity -1"),
        ((FIRST, "0.5"), "cuts quantities below 1"),
    ],
)
def test_a_delivery_that_does_not_fit_is_parked_and_magento_is_not_even_asked(
    way: WayBack, told: tuple[int, str], words: str
) -> None:
    way.erp.deliver(way.place(ORDER), lines=lines(told))

    way.carry()

    assert way.only().state is InboundState.PARKED
    assert words in way.only().reason
    assert way.magento.calls() == []


@pytest.mark.slow
def test_a_source_that_holds_too_little_is_told_with_its_numbers_and_waited_for(way: WayBack) -> None:
    way.erp.deliver(way.place(ORDER, stock=1))
    way.carry()
    assert way.only().state is InboundState.RETRY
    assert "west has 1 x sku-1 and 2 leave" in way.only().reason
    assert way.magento.calls() == []

    way.put_in_stock(2)
    way.time_passes()
    way.carry()

    assert way.documents("shipment") == [ALL]


@pytest.mark.slow
def test_tracks_that_come_later_are_added_once_to_the_shipment(way: WayBack) -> None:
    delivery = way.erp.deliver(way.place(ORDER))
    way.carry()
    way.erp.amend(delivery, tracks=[TRACK, {**TRACK, "number": "00340435"}])

    way.carry()
    way.erp.amend(delivery, again=True)
    way.carry()

    numbers = way.shop.rows("SELECT track_number FROM sales_shipment_track ORDER BY entity_id")
    assert numbers == [("00340434",), ("00340435",)]
    assert way.only().state is InboundState.DONE
    assert len(way.documents("shipment")) == 1


@pytest.mark.slow
def test_a_delivery_that_the_erp_takes_back_is_a_finding_and_undoes_nothing(way: WayBack) -> None:
    delivery = way.erp.deliver(way.place(ORDER))
    way.carry()
    way.erp.amend(delivery, reversed=True)

    way.carry()

    assert way.only().state is InboundState.PARKED
    assert "reversed_document" in way.findings()
    assert way.documents("shipment") == [ALL]


@pytest.mark.slow
def test_the_documents_of_other_shops_are_passed_over(way: WayBack) -> None:
    order = way.place(ORDER)
    way.erp.deliver(order, orderReference="M9-42")
    way.erp.deliver(order, orderReference="M1-42x")

    way.carry()

    assert way.entries() == []


@pytest.mark.slow
def test_an_order_that_is_gone_parks_its_documents(way: WayBack) -> None:
    order = way.place(ORDER)
    way.shop.execute("DELETE FROM sales_order WHERE entity_id = %s", ORDER)
    way.erp.deliver(order)

    way.carry()

    assert way.only().reason == "order 42 is not in Magento any more"


@pytest.mark.slow
def test_configurables_and_bundles_ship_and_are_invoiced_in_the_rows_that_magento_takes(way: WayBack) -> None:
    order = way.place(ORDER)
    together, apart = (
        '{"product_calculations": 1, "shipment_type": 0}',
        '{"product_calculations": 0, "shipment_type": 1}',
    )
    in_set = '{"bundle_selection_attributes": "{\\"qty\\": 2}", "product_calculations": 1, "shipment_type": 0}'
    shirt, its_simple, kit, its_cup, box, its_lid = range(501, 507)
    for item, parent, kind, sku, quantity, price, options in (
        (shirt, None, "configurable", "SHIRT-M", 2, 30, "{}"),
        (its_simple, shirt, "simple", "SHIRT-M", 2, 0, "{}"),
        (kit, None, "bundle", "KIT", 1, 40, together),
        (its_cup, kit, "simple", "CUP", 2, 0, in_set),
        (box, None, "bundle", "BOX", 1, 9, apart),
        (its_lid, box, "simple", "LID", 3, 3, apart),
    ):
        way.shop.execute(
            "INSERT INTO sales_order_item (item_id, order_id, parent_item_id, product_type, sku, name, qty_ordered,"
            " price, base_price, row_total, base_row_total, product_options)"
            " VALUES (%s, %s, %s, %s, %s, 'Thing', %s, %s, %s, %s, %s, %s)",
            *(item, ORDER, parent, kind, sku, quantity, price, price, price * quantity, price * quantity, options),
        )
    way.shop.execute(
        "INSERT INTO inventory_source_item (source_code, sku, quantity, status)"
        " VALUES ('west', 'SHIRT-M', 9, 1), ('west', 'CUP', 9, 1), ('west', 'LID', 9, 1)"
    )

    way.erp.deliver(order, lines=lines((shirt, "1"), (its_cup, "2"), (its_lid, "2")), final=False)
    way.erp.invoice(order, lines=lines((shirt, "1"), (kit, "1"), (its_cup, "2"), (its_lid, "2")))
    way.carry()

    assert way.states() == [("delivery", "done"), ("invoice", "done")], [entry.reason for entry in way.entries()]
    shipped = way.documents("shipment")[0]
    assert {item: shipped.get(item) for item in (shirt, kit, its_lid)} == {shirt: 1, kit: 1, its_lid: 2}
    invoiced = way.documents("invoice")[0]
    assert {item: invoiced.get(item) for item in (shirt, kit, its_lid)} == {shirt: 1, kit: 1, its_lid: 2}
    assert way.shop.rows("SELECT sku, quantity FROM inventory_source_item WHERE sku IN ('CUP', 'LID', 'SHIRT-M')") == [
        ("CUP", 7),
        ("LID", 7),
        ("SHIRT-M", 8),
    ]
    differs = way.shop.rows("SELECT path FROM erp_finding WHERE path NOT LIKE '%%.grand_total'")  # unknown to this ERP
    assert differs == []
