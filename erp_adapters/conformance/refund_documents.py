"""Credit memos over the suite's small orders: what each unit had cost, and its share of discount and tax."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.delivery import DocumentKind, ErpId, Reference
from sidecar.domain.refund import Refund, refund_of

UNITS: Final[Mapping[int, tuple[Decimal, Decimal, Decimal]]] = {
    881: (Decimal("10.0000"), Decimal("1.0000"), Decimal("1.7100")),
    882: (Decimal("5.5000"), Decimal("0.0000"), Decimal("1.0500")),
}
"""Price, discount and tax of one unit of each line of `documents.order`; two of the first and one of the second."""

SHIPPING: Final = (Decimal("5.0000"), Decimal("0.9500"))


def credit_memo(
    skus: tuple[str, str],
    units: Mapping[int, int],
    *,
    shipping: bool = False,
    more: str = "0.0000",
    less: str = "0.0000",
    restocked: frozenset[int] = frozenset(),
    transaction: str | None = None,
    entity_id: int = 17,
) -> Refund:
    """Give so many units of each line back, shipping if wanted, and an adjustment in either direction."""
    items = [_item(line, skus[line - 881], count, back=line in restocked) for line, count in units.items()]
    subtotal = sum((UNITS[line][0] * count for line, count in units.items()), Decimal(0))
    discount = -sum((UNITS[line][1] * count for line, count in units.items()), Decimal(0))
    tax = sum((UNITS[line][2] * count for line, count in units.items()), Decimal(0))
    freight, freight_tax = SHIPPING if shipping else (Decimal(0), Decimal(0))
    tax += freight_tax
    grand_total = subtotal + discount + freight + tax + Decimal(more) - Decimal(less)
    return refund_of(
        {
            "schema_version": 1,
            "order": {"entity_id": 42, "increment_id": "000000042", "store_id": 1, "order_currency_code": "EUR"},
            "creditmemo": {
                "entity_id": entity_id,
                "increment_id": f"9{entity_id:08d}",
                "order_currency_code": "EUR",
                "created_at": "2026-11-24 11:00:00",
                "transaction_id": transaction,
                "subtotal": _written(subtotal),
                "discount_amount": _written(discount),
                "shipping_amount": _written(freight),
                "tax_amount": _written(tax),
                "adjustment_positive": more,
                "adjustment_negative": less,
                "grand_total": _written(grand_total),
            },
            "items": items,
            "order_items": [
                {"item_id": line, "product_type": "simple", "sku": skus[line - 881], "tax_percent": "19.0000"}
                for line in UNITS
            ],
            "payment": {"method": "checkmo"},
            "extra": {"creditmemo": {}, "items": {}},
        }
    )


def refund_reference(external_ref: str, order: ErpId) -> Reference:
    """The identity of a refund of an order of the ERP's."""
    return Reference(DocumentKind.REFUND, external_ref, 1, "0" * 64, f"event-{external_ref}", order)


def _item(line: int, sku: str, count: int, *, back: bool) -> dict[str, Any]:
    price, discount, tax = UNITS[line]
    return {
        "entity_id": line + 9000,
        "order_item_id": line,
        "sku": sku,
        "qty": _written(Decimal(count)),
        "price": _written(price),
        "row_total": _written(price * count),
        "discount_amount": _written(discount * count),
        "tax_amount": _written(tax * count),
        "role": "both",
        "back_to_stock": back,
    }


def _written(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.0001")))
