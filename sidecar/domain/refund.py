"""Refunds as an ERP needs them: a credit memo of Magento's, line by line, with what came back to stock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What is given back of one line of the order, which `line_ref` names. Amounts as in `OrderLine`: `total` is
    before discount and without tax. `restocked` is how many units Magento puts back on sale.
    """

    line_ref: str
    sku: str
    quantity: Decimal
    total: Decimal
    discount: Decimal
    tax: Decimal
    tax_percent: Decimal
    restocked: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """A credit memo in the order's currency; `source` is the payload as Magento wrote it, for mappings.

    `totals`: subtotal, discount (negative, net), shipping, adjustment (positive: more is given back), tax, grand_total.
    They add up: grand_total = subtotal + discount + shipping + adjustment + tax. `online`: the money went back by the
    payment provider; else somebody has yet to pay it out, or the shop gave store credit.
    """

    entity_id: int
    increment_id: str
    order_entity_id: int
    order_increment_id: str
    store_id: int
    currency: str
    created_at: str
    payment_method: str
    online: bool
    lines: tuple[RefundLine, ...]
    totals: Mapping[str, Decimal]
    source: Row = field(repr=False)
