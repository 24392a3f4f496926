"""Documents for the suite: small orders whose amounts add up, and whose taxes an ERP that computes them finds too."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sidecar.domain.delivery import DocumentKind, ErpId, Reference
from sidecar.domain.documents import StockCount, StockMovement
from sidecar.domain.order import Order, order_of
from sidecar.domain.stock import WindowLine

_ADDRESS = {
    "firstname": "Ada",
    "middlename": None,
    "lastname": "Example",
    "company": "",
    "street": ["1 Example Street", "Floor 2"],
    "city": "Example City",
    "region": None,
    "postcode": "10115",
    "country_id": "DE",
    "telephone": "555-0100",
    "vat_id": None,
}


PAYMENT_METHODS: Final = ("checkmo", "free", "purchaseorder", "creditcard")
"""Magento's names of the ways in which the suite's orders are paid: on account, nothing due, on account, prepaid."""


@dataclass(frozen=True)
class Sold:
    """One row of an order; `total` is what Magento made of quantity and price, before discount and without tax."""

    sku: str
    quantity: str
    price: str
    total: str
    discount: str = "0"
    percent: str = "0"


def sale(*rows: Sold, shipping: str = "0", percent: str = "0", places: int = 2, **changes: object) -> dict[str, Any]:
    """The payload of an order of these rows; `percent` is the tax on shipping, `changes` replace the order's columns.

    Taxes are rounded row by row to so many places, as Magento does.
    """
    taxes = [_share(Decimal(row.total) - Decimal(row.discount), row.percent, places) for row in rows]
    shipping_tax = _share(Decimal(shipping), percent, places)
    subtotal = _sum(row.total for row in rows)
    discount = -_sum(row.discount for row in rows)
    tax = sum(taxes, shipping_tax)
    document = payload((rows[0].sku, rows[0].sku))
    document["order"] |= {
        "subtotal": _written(subtotal),
        "discount_amount": _written(discount),
        "shipping_amount": _written(Decimal(shipping)),
        "shipping_tax_amount": _written(shipping_tax),
        "tax_amount": _written(tax),
        "grand_total": _written(subtotal + discount + Decimal(shipping) + tax),
        **changes,
    }
    document["items"] = [_row(881 + place, row, tax) for place, (row, tax) in enumerate(zip(rows, taxes, strict=True))]
    return document


def virtual(document: dict[str, Any]) -> dict[str, Any]:
    """The same order without anything to ship; it must be sold without shipping."""
    order = {**document["order"], "shipping_method": None, "is_virtual": 1}
    addresses = {**document["addresses"], "shipping": None}
    return {**document, "order": order, "addresses": addresses}


def paid(document: dict[str, Any], method: str, transaction: str | None = None) -> dict[str, Any]:
    """The same order, paid so: with a transaction it has been captured, all of it."""
    captured = document["order"]["grand_total"] if transaction else None
    payment = {**document["payment"], "method": method, "last_trans_id": transaction, "amount_paid": captured}
    return {**document, "payment": payment}


def living(document: dict[str, Any], use: str, **columns: object) -> dict[str, Any]:
    """The same order with other columns in its billing or shipping address."""
    return {**document, "addresses": {**document["addresses"], use: {**document["addresses"][use], **columns}}}


def put(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The same document with another value at a path such as items.0.name."""
    changed: dict[str, Any] = _put(document, path.split("."), value)
    return changed


def order(skus: tuple[str, str], quantity: int = 2, **changes: object) -> Order:
    """Make an order of two lines, with discount, shipping and tax; `changes` replace columns of the order's row."""
    return order_of(payload(skus, quantity, **changes))


def payload(skus: tuple[str, str], quantity: int = 2, **changes: object) -> dict[str, Any]:
    """The payload of such an order."""
    first, second = Decimal("10.0000") * quantity, Decimal("5.5000")
    subtotal, discount, shipping = first + second, Decimal("-2.0000"), Decimal("5.0000")
    taxes = [_tax(base) for base in (first + discount, second, shipping)]
    tax = sum(taxes, Decimal(0))
    return {
        "schema_version": 1,
        "order": {
            "entity_id": 42,
            "increment_id": "000000042",
            "store_id": 1,
            "state": "new",
            "status": "pending",
            "order_currency_code": "EUR",
            "created_at": "2026-11-23 10:15:00",
            "customer_id": 7,
            "customer_email": "customer@example.com",
            "customer_note": "Grüße, bitte ans Tor",
            "shipping_method": "flatrate_flatrate",
            "subtotal": str(subtotal),
            "discount_amount": str(discount),
            "shipping_amount": str(shipping),
            "shipping_tax_amount": str(taxes[2]),
            "tax_amount": str(tax),
            "grand_total": str(subtotal + discount + shipping + tax),
            **changes,
        },
        "items": [
            _item(881, skus[0], str(Decimal(quantity)) + ".0000", "10.0000", str(first), "2.0000", taxes[0]),
            _item(882, skus[1], "1.0000", "5.5000", str(second), "0.0000", taxes[1]),
        ],
        "addresses": {"billing": dict(_ADDRESS), "shipping": dict(_ADDRESS)},
        "payment": {"method": "checkmo", "last_trans_id": None, "po_number": None},
    }


def _put(inside: Any, path: list[str], value: object) -> Any:  # noqa: ANN401 -- whatever a payload holds
    if not path:
        return value
    name, *rest = path
    if isinstance(inside, list):
        place = int(name)
        return [*inside[:place], _put(inside[place], rest, value), *inside[place + 1 :]]
    return {**inside, name: _put(inside.get(name), rest, value)}


def _row(item_id: int, row: Sold, tax: Decimal) -> dict[str, Any]:
    quantity, discount = Decimal(row.quantity), Decimal(row.discount)
    item = _item(item_id, row.sku, _written(quantity), row.price, _written(Decimal(row.total)), _written(discount), tax)
    return {**item, "tax_percent": _written(Decimal(row.percent)), "tax_amount": _written(tax)}


def _share(amount: Decimal, percent: str, places: int) -> Decimal:
    return (amount * Decimal(percent) / 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _sum(amounts: Iterable[str]) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


def _written(amount: Decimal) -> str:
    """Four places, as Magento's columns have them."""
    return str(amount.quantize(Decimal("0.0001")))


def _tax(amount: Decimal) -> Decimal:
    """19 percent, to the cent, as Magento writes it."""
    return (amount * Decimal("0.19")).quantize(Decimal("0.01"), ROUND_HALF_UP).quantize(Decimal("0.0001"))


def _item(item_id: int, sku: str, quantity: str, price: str, total: str, discount: str, tax: Decimal) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "parent_item_id": None,
        "product_type": "simple",
        "role": "both",
        "sku": sku,
        "name": f"Item {sku}",
        "qty_ordered": quantity,
        "price": price,
        "row_total": total,
        "discount_amount": discount,
        "discount_tax_compensation_amount": "0.0000",
        "tax_amount": str(tax),
        "tax_percent": "19.0000",
    }


def order_reference(
    external_ref: str,
    revision: int = 1,
    kind: DocumentKind = DocumentKind.ORDER,
    target: ErpId | None = None,
) -> Reference:
    """The identity of an effect on an order."""
    return Reference(kind, external_ref, revision, "0" * 64, f"event-{external_ref}-{revision}", target)


def movement(*lines: tuple[str, str]) -> StockMovement:
    """A movement in warehouse 'main' of (SKU, quantity) pairs."""
    return StockMovement("main", tuple(WindowLine(sku, Decimal(quantity), 1) for sku, quantity in lines))


def count(*lines: tuple[str, Decimal, Decimal]) -> StockCount:
    """A count in warehouse 'main' of (SKU, expected, target)."""
    return StockCount(
        "main", tuple(WindowLine(sku, target - here, 1, expected=here, target=target) for sku, here, target in lines)
    )


def demand_reference(external_ref: str) -> Reference:
    """The identity of a document of demand."""
    return Reference(DocumentKind.STOCK_DEMAND, external_ref, 1, "0" * 64, f"window-{external_ref}")


def movement_reference(external_ref: str) -> Reference:
    """The identity of a movement."""
    return Reference(DocumentKind.STOCK_MOVEMENT, external_ref, 1, "0" * 64, f"window-{external_ref}")
