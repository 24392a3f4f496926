"""What the ERP ought to hold: the demonstration's blueprint said again, by other words, from Magento's rows alone.

Release. Orders paid by `checkmo`, `banktransfer`, `cashondelivery`, `purchaseorder` or `free` may go at once, those
paid by `demo_wallet` two seconds later, all others once the whole base total is authorised or paid; none in
`pending_payment`, `payment_review`, `fraud`, `holded` or `canceled`. Whether an order was ever released is read from
the versions that its events carry, so an order that was cancelled before it was free to go stays unreleased. The shop
cancels a free order only after its acknowledgement, so the answer does not depend on who was faster.

Document. One line per item row that carries money or stock: a configurable and its simple product are one line, under
the parent's id and the simple's SKU; a dynamic bundle's parent only repeats its children and is left out; the children
of a fixed bundle cost nothing. Amounts are Magento's own; discounts are negative
and net of the tax in them.

Status. While an order is new or processing it shows what the ERP's status means: `erp_accepted` for an open one,
`erp_blocked` for one that is blocked there because the shop put it on hold. Other statuses of the ERP do not occur.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ops.demonstration.evidence import Event, Row, ShopOrder

ZERO = Decimal(0)

FREE_TO_GO_AT_ONCE = frozenset({"checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free", "demo_wallet"})
SETTLE_FIRST = frozenset({"demo_wallet"})
NOT_FREE = frozenset({"pending_payment", "payment_review", "fraud", "holded", "canceled"})

FLOWING_REASONS = frozenset({"shipment", "refund", "manual", "correction", "transfer"})
WAREHOUSES: Mapping[str, str] = {"west": "W-WEST", "east": "W-EAST", "eu-hub": "W-EU", "default": "W-MAIN"}

SHOWN: Mapping[str, str] = {"open": "erp_accepted", "blocked": "erp_blocked"}
SHOWN_WHILE = frozenset({"new", "processing"})

TOTALS = ("subtotal", "discount", "shipping", "tax", "grandTotal")

TOLD_OF_ORDERS = (
    *("increment_id", "order_currency_code", "created_at", "customer_id", "customer_email", "customer_taxvat"),
    *("customer_note", "coupon_code", "shipping_method", "shipping_amount", "shipping_tax_amount", "subtotal"),
    *("discount_amount", "discount_tax_compensation_amount", "shipping_discount_tax_compensation_amount"),
    *("tax_amount", "grand_total"),
)
TOLD_OF_ITEMS = (
    *("item_id", "parent_item_id", "product_type", "sku", "name", "qty_ordered", "price", "row_total"),
    *("discount_amount", "tax_amount"),
)
TOLD_OF_PAYMENTS = ("method", "last_trans_id", "po_number")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order, as it ought to be or as it is."""

    sku: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """An order's document, as it ought to be or as it is."""

    increment_id: str
    currency: str
    cancelled: bool
    lines: Mapping[str, Line]
    totals: Mapping[str, Decimal]


def is_free_to_go(event: Event) -> bool:
    """Whether the version that this event carries may go to the ERP."""
    order, payment = event.payload["order"], event.payload["payment"]
    if order["state"] in NOT_FREE or order.get("status") in NOT_FREE:
        return False
    if payment["method"] in FREE_TO_GO_AT_ONCE:
        return True
    secured = max(_amount(payment.get("base_amount_authorized")), _amount(order.get("base_total_paid")))
    return secured >= _amount(order.get("base_grand_total"))


def shows(order: Row, erp_status: str) -> bool:
    """Whether Magento's order shows what the ERP's status means."""
    expected = SHOWN.get(erp_status) if order["state"] in SHOWN_WHILE else None
    return expected is None or order["status"] == expected


def content_of(event: Event) -> Row:
    """What of a version this ERP is told; versions of equal content need not both be sent. Of the state it is told
    whether the order is on hold, or cancelled; of money and goods, what was ordered, and not what has become of it.
    """
    payload = event.payload
    return {
        "state": payload["order"]["state"] if payload["order"]["state"] in ("holded", "canceled") else "",
        "order": _part(payload["order"], TOLD_OF_ORDERS),
        "items": [_part(item, TOLD_OF_ITEMS) for item in payload["items"]],
        "payment": _part(payload["payment"], TOLD_OF_PAYMENTS),
        "addresses": payload.get("addresses"),
        "store": payload.get("store"),
    }


def expected_document(order: ShopOrder) -> Expected:
    """The document that the ERP ought to hold for an order as it is now."""
    row = order.row
    return Expected(
        str(row["increment_id"]),
        str(row["order_currency_code"]),
        row["state"] == "canceled",
        dict(_expected_lines(order.items)),
        {
            "subtotal": _amount(row["subtotal"]),
            "discount": _amount(row["discount_amount"])
            + _amount(row["discount_tax_compensation_amount"])
            + _amount(row["shipping_discount_tax_compensation_amount"]),
            "shipping": _amount(row["shipping_amount"]),
            "tax": _amount(row["tax_amount"]),
            "grandTotal": _amount(row["grand_total"]),
        },
    )


def _expected_lines(items: Sequence[Row]) -> Iterable[tuple[str, Line]]:
    parents = {item["item_id"]: item for item in items}
    for item in items:
        parent = parents.get(item["parent_item_id"])
        if parent is None and item["product_type"] == "configurable":
            simple = next((child for child in items if child["parent_item_id"] == item["item_id"]), item)
            yield _line(item, simple["sku"])
        elif parent is None:
            if not _is_dynamic_bundle(item):
                yield _line(item, item["sku"])
        elif _is_dynamic_bundle(parent):
            yield _line(item, item["sku"])
        elif parent["product_type"] != "configurable":
            yield str(item["item_id"]), Line(item["sku"], _amount(item["qty_ordered"]), ZERO, ZERO, ZERO, ZERO)


def _line(item: Row, sku: str) -> tuple[str, Line]:
    return str(item["item_id"]), Line(
        sku,
        _amount(item["qty_ordered"]),
        _amount(item["price"]),
        _amount(item["discount_tax_compensation_amount"]) - _amount(item["discount_amount"]),
        _amount(item["tax_amount"]),
        _amount(item["row_total"]),
    )


def _is_dynamic_bundle(item: Row) -> bool:
    if item["product_type"] != "bundle":
        return False
    return str(json.loads(item["product_options"] or "{}").get("product_calculations")) == "0"


def booked_document(body: Row, status: str) -> Expected:
    """The document that the ERP does hold, in the same words; a missing amount counts as nothing."""
    lines = {
        str(line["lineReference"]): Line(
            line["sku"],
            _amount(line["quantity"]),
            _amount(line.get("unitPrice")),
            _amount(line.get("discount")),
            _amount(line.get("tax")),
            _amount(line.get("total")),
        )
        for line in body.get("lines", ())
    }
    totals = {
        name: _amount(body["totals"].get(name)) for name in ("subtotal", "discount", "shipping", "tax", "grandTotal")
    }
    return Expected(str(body.get("customerReference")), str(body["currency"]), status == "cancelled", lines, totals)


def _amount(value: object) -> Decimal:
    return ZERO if value is None else Decimal(str(value))


def _part(row: Row, names: Sequence[str]) -> Row:
    return {name: row.get(name) for name in names}
