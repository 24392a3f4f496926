"""What Magento is asked: every flag and amount said, every quantity to its last digit."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.inbound import DocumentLine, DocumentRequest, InboundTrack
from sidecar.magento.bodies import (
    Json,
    encoded,
    invoice_body,
    refund_invoice_body,
    refund_order_body,
    ship_body,
    track_body,
)

TRACK = InboundTrack("ups", "UPS", "1Z9")
LINES = (DocumentLine(421, Decimal("2.5000")), DocumentLine(422, Decimal(1), back_to_stock=True))
REQUEST = DocumentRequest("delivery 8000123 of erp", LINES, tracks=(TRACK,), source="west")


def sent(body: Json) -> object:
    return json.loads(encoded(body), parse_float=Decimal)


COMMON = {
    "items": [{"order_item_id": 421, "qty": Decimal("2.5000")}, {"order_item_id": 422, "qty": 1}],
    "notify": False,
    "appendComment": False,
    "comment": {"comment": "delivery 8000123 of erp", "is_visible_on_front": 0},
}


def test_a_shipment_names_its_items_its_tracks_and_its_source() -> None:
    assert sent(ship_body(REQUEST)) == COMMON | {
        "tracks": [{"track_number": "1Z9", "title": "UPS", "carrier_code": "ups"}],
        "arguments": {"extension_attributes": {"source_code": "west"}},
    }


def test_a_shop_without_sources_is_not_asked_about_them() -> None:
    assert "arguments" not in json.loads(encoded(ship_body(DocumentRequest("mark", LINES))))


def test_an_invoice_says_whether_money_is_taken() -> None:
    flags = [sent(invoice_body(DocumentRequest("mark", LINES, capture=capture))) for capture in (True, False)]

    assert [flag["capture"] for flag in flags if isinstance(flag, dict)] == [True, False]


def test_a_refund_without_a_shipping_amount_gives_no_shipping_back() -> None:
    assert sent(refund_order_body(REQUEST)) == COMMON | {
        "arguments": {
            "shipping_amount": 0,
            "adjustment_positive": 0,
            "adjustment_negative": 0,
            "extension_attributes": {"return_to_stock_items": [422]},
        }
    }


def test_a_refund_of_an_invoice_says_who_gives_the_money_back() -> None:
    request = DocumentRequest(
        "mark",
        LINES[:1],
        online=True,
        shipping=Decimal("4.90"),
        adjustment_positive=Decimal("0.10"),
        adjustment_negative=Decimal(2),
    )

    body = sent(refund_invoice_body(request))

    assert isinstance(body, dict)
    assert body["isOnline"] is True
    assert body["arguments"] == {
        "shipping_amount": Decimal("4.90"),
        "adjustment_positive": Decimal("0.10"),
        "adjustment_negative": 2,
    }


def test_a_track_names_its_shipment_and_its_order() -> None:
    assert sent(track_body(3, 42, TRACK)) == {
        "entity": {"order_id": 42, "parent_id": 3, "track_number": "1Z9", "title": "UPS", "carrier_code": "ups"}
    }


def test_what_people_wrote_stays_a_text() -> None:
    odd = 'Zoë\'s "parcel"\n\u2028 {"qty": 9}'

    body = sent(track_body(3, 42, InboundTrack("ups", odd, "1Z9")))

    assert isinstance(body, dict)
    assert body["entity"]["title"] == odd


@pytest.mark.parametrize("text", ["0.1000", "3.337", "1E+3", "1E-7", "12345678901234567890.1234"])
def test_a_quantity_is_written_with_its_own_digits(text: str) -> None:
    written = encoded(Decimal(text)).decode()

    assert "e" not in written.lower()
    assert Decimal(written) == Decimal(text)


@given(st.decimals(min_value=0, max_value=10**8, places=4))
def test_every_quantity_arrives_as_it_was(quantity: Decimal) -> None:
    assert sent([quantity]) == [quantity]
