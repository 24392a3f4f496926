"""What Magento's services are asked, as JSON: nothing is left to a default of theirs.

Three of those defaults do harm. A request without items means all of them; a refund without a shipping amount gives
all the shipping back; an invoice without `capture` is paid and takes no money. So items must be there, and amount and
flag are always said. The mark is a comment that the shopper does not see and no e-mail quotes.
"""

import json
from collections.abc import Mapping
from decimal import Decimal

from sidecar.domain.inbound import DocumentRequest, InboundTrack

Json = Mapping[str, "Json"] | list["Json"] | Decimal | str | int | bool | None


def ship_body(request: DocumentRequest) -> Json:
    """Of ShipOrderInterface; the source is left out only in a shop that has none."""
    body: dict[str, Json] = {**_common(request), "tracks": [_track(track) for track in request.tracks]}
    if request.source is None:
        return body
    return {**body, "arguments": {"extension_attributes": {"source_code": request.source}}}


def track_body(shipment_id: int, order_id: int, track: InboundTrack) -> Json:
    """Of ShipmentTrackRepositoryInterface."""
    return {"entity": {"order_id": order_id, "parent_id": shipment_id, **_track(track)}}


def invoice_body(request: DocumentRequest) -> Json:
    """Of InvoiceOrderInterface."""
    return {"capture": request.capture, **_common(request)}


def refund_order_body(request: DocumentRequest) -> Json:
    """Of RefundOrderInterface, which knows no way to the payment provider."""
    return {**_common(request), "arguments": _amounts(request)}


def refund_invoice_body(request: DocumentRequest) -> Json:
    """Of RefundInvoiceInterface."""
    return {"isOnline": request.online, **_common(request), "arguments": _amounts(request)}


def encoded(value: Json) -> bytes:
    """The body's bytes: a Decimal is a number with exactly its digits, which no float stands between."""
    return _written(value).encode()


def _common(request: DocumentRequest) -> dict[str, Json]:
    return {
        "items": [{"order_item_id": line.item_id, "qty": line.quantity} for line in request.lines],
        "notify": request.notify,
        "appendComment": False,
        "comment": {"comment": request.mark, "is_visible_on_front": 0},
    }


def _track(track: InboundTrack) -> dict[str, Json]:
    return {"track_number": track.number, "title": track.title, "carrier_code": track.carrier}


def _amounts(request: DocumentRequest) -> Json:
    amounts: dict[str, Json] = {
        "shipping_amount": request.shipping or Decimal(0),
        "adjustment_positive": request.adjustment_positive or Decimal(0),
        "adjustment_negative": request.adjustment_negative or Decimal(0),
    }
    # A shop without inventory modules knows no such attribute and refuses it: only said where there is something to.
    back: list[Json] = [line.item_id for line in request.lines if line.back_to_stock]
    return {**amounts, "extension_attributes": {"return_to_stock_items": back}} if back else amounts


def _written(value: Json) -> str:
    match value:
        case Decimal():
            return f"{value:f}"
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(key)}: {_written(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(_written(part) for part in value) + "]"
        case _:
            return json.dumps(value)
