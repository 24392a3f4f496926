"""Odoo's records in our words, and which of them a person has to look at."""

from decimal import Decimal
from typing import Any

import pytest

from erp_adapters.odoo.reading import (
    OrderLineRecord,
    OrderRecord,
    Surroundings,
    amount,
    delivery_of,
    invoice_of,
    key_of,
    line_record,
    order_record,
)
from sidecar.domain.delivery import Snapshot
from sidecar.domain.inbound import InboundKind

ONE = Decimal(1)


def line(key: int, line_ref: str, quantity: int = 2, subtotal: str = "20", sku: str = "TG11") -> OrderLineRecord:
    zero = Decimal(0)
    return OrderLineRecord(key, line_ref, sku, key + 100, 1, Decimal(quantity), Decimal(subtotal), zero, zero)


def order(
    key: int = 7, *lines: OrderLineRecord, stamp: str = "Magento 000000042 r17 event-1 0123456789ab"
) -> OrderRecord:
    total = Decimal("33.92")
    held = lines or (line(1, "881"), line(2, "shipping", 1, "5"), line(3, "discount-19", 1, "-2"))
    return OrderRecord(key, "S00007", "shop-42", "sale", stamp, "EUR", Decimal("5.42"), total, False, False, held)  # noqa: FBT003 -- flags of a record


def around(*orders: OrderRecord) -> Surroundings:
    codes = {"carriers": {"dhl": "DHL Paket"}}
    return Surroundings({one.order_id: one for one in orders or (order(),)}, {2: "WH"}, codes)


def transfer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    record = {"id": 5, "name": "WH/OUT/00005", "sale_id": [7, "S00007"], "picking_type_id": [2, "Delivery Orders"]}
    return {**record, **changes}


def move(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    record = {
        "product_id": [101, "x"],
        "product_uom": [1, "Units"],
        "quantity": Decimal("1.0"),
        "sale_line_id": [1, "x"],
    }
    return {**record, **changes}


def test_shipping_and_discounts_are_totals_and_no_lines() -> None:
    snapshot = order().snapshot()

    assert isinstance(snapshot, Snapshot)
    assert [(one.line_ref, one.total, one.erp_line) for one in snapshot.lines] == [("881", Decimal(20), "1")]
    assert snapshot.totals == {
        "subtotal": Decimal(20),
        "shipping": Decimal(5),
        "discount": Decimal(-2),
        "tax": Decimal("5.42"),
        "grand_total": Decimal("33.92"),
    }
    assert (snapshot.revision, snapshot.event_id, order().promise) == (17, "event-1", "0123456789ab")


@pytest.mark.parametrize("stamp", ["", "S00003", "Magento 42", "Magento 000000042 r17 event-1 0123456789ab, phoned"])
def test_an_origin_that_people_have_edited_makes_the_revision_unknown(stamp: str) -> None:
    snapshot = order(stamp=stamp).snapshot()

    assert (snapshot.revision, snapshot.event_id) == (None, None)


def test_a_delivery_adds_up_the_moves_of_a_line_and_names_its_parcels() -> None:
    record = transfer(carrier_id=[3, "DHL Paket"], carrier_tracking_ref="111, 222")

    document = delivery_of(record, [move(), move()], around())

    assert [(one.line_ref, one.quantity, one.ordered) for one in document.lines] == [("881", Decimal(2), Decimal(2))]
    assert [(track.carrier, track.title, track.number) for track in document.tracks] == [
        ("dhl", "DHL Paket", "111"),
        ("dhl", "DHL Paket", "222"),
    ]
    assert document.warehouse == "WH"


@pytest.mark.parametrize(
    ("strange", "why"),
    [
        ({"product_id": [999, "a part"]}, "parts of a kit"),
        ({"product_uom": [12, "Dozens"]}, "another unit"),
        ({"sale_line_id": False}, "no line of the order"),
        ({"quantity": "one"}, "quantity is no number"),
    ],
)
def test_goods_that_cannot_be_counted_are_for_a_person(strange: dict[str, Any], why: str) -> None:
    document = delivery_of(transfer(), [move(), move(**strange)], around())

    assert why in document.unreadable
    assert (document.erp_id, document.erp_number) == ("5", "WH/OUT/00005")


def test_an_invoice_of_several_orders_is_for_a_person() -> None:
    other = order(8, line(11, "991"))
    lines = [{"id": n, "quantity": ONE, "price_subtotal": ONE, "sale_line_ids": [n]} for n in (1, 11)]
    record = {"id": 3, "name": "INV/1", "state": "posted", "amount_total": ONE, "currency_id": [1, "EUR"]}

    document = invoice_of(InboundKind.INVOICE, record, lines, around(order(), other))

    assert document is not None
    assert document.unreadable == "it is for several orders"


def test_an_invoice_of_nobody_we_know_is_none() -> None:
    lines = [{"id": 1, "quantity": ONE, "price_subtotal": ONE, "sale_line_ids": [77]}]

    assert invoice_of(InboundKind.INVOICE, {"id": 3, "name": "INV/1"}, lines, around()) is None


@pytest.mark.parametrize(
    ("value", "read"), [(Decimal("3.8000000000000007"), "3.8"), (Decimal("10.0"), "10"), (0, "0"), (-2, "-2")]
)
def test_an_amount_is_without_what_binary_fractions_leave_behind(value: object, read: str) -> None:
    assert str(amount({"x": value}, "x")) == read


@pytest.mark.parametrize("value", [True, None, "1", [1]])
def test_what_is_no_amount_is_not_read_as_one(value: object) -> None:
    with pytest.raises(ValueError, match="x is no number"):
        amount({"x": value}, "x")


def test_a_key_stands_alone_or_with_its_name() -> None:
    assert [key_of(value) for value in (7, [7, "x"], False, None)] == [7, 7, 0, 0]


def test_a_line_that_is_not_ours_has_a_name_of_its_own_and_an_odd_record_is_refused() -> None:
    amounts = ("product_uom_qty", "price_subtotal", "qty_delivered", "qty_invoiced")
    record = {"id": 9, "product_id": [1, "x"], "product_uom_id": [1, "x"], **dict.fromkeys(amounts, ONE)}

    assert line_record(record, None, {1: "TG11"}).line_ref == "odoo:9"
    with pytest.raises(ValueError, match="name is no text"):
        order_record({"id": 9, "name": 5}, "shop-42", ())
