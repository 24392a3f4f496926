"""Refunds and customers as tests of an Odoo send them."""

from decimal import Decimal

from sidecar.domain.customer import Customer, CustomerAddress
from sidecar.domain.delivery import DocumentKind, ErpId, Reference
from sidecar.domain.refund import Refund, RefundLine

LINE = RefundLine(
    "881", "TG11", Decimal(1), Decimal(10), Decimal("1.00"), Decimal("1.71"), Decimal(19), restocked=Decimal(1)
)
"""One of the two units in the first line of the suite's order."""


def refund(*lines: RefundLine, shipping: str = "0", adjustment: str = "0", tax: str, total: str) -> Refund:
    """A credit memo in euros; its discount is that of its lines."""
    totals = {
        "subtotal": sum((line.total for line in lines), Decimal(0)),
        "discount": -sum((line.discount for line in lines), Decimal(0)),
        "shipping": Decimal(shipping),
        "adjustment": Decimal(adjustment),
        "tax": Decimal(tax),
        "grand_total": Decimal(total),
    }
    source: dict[str, object] = {"order": {}, "creditmemo": {}, "items": []}
    return Refund(
        entity_id=17,
        increment_id="100000017",
        order_entity_id=42,
        order_increment_id="000000042",
        store_id=1,
        currency="EUR",
        created_at="2026-11-24 10:00:00",
        payment_method="checkmo",
        online=True,
        lines=lines,
        totals=totals,
        source=source,
    )


def refund_reference(external_ref: str, order: ErpId, number: int = 17) -> Reference:
    """The identity of a refund of an order."""
    name = f"{external_ref}-R-{number}"
    return Reference(DocumentKind.REFUND, name, 5, "0" * 64, f"event-{name}", target=order)


def address(city: str = "Köln", *, billing: bool = True, shipping: bool = True, company: str = "") -> CustomerAddress:
    """An address of the book."""
    lines = ("Straße 1", "Etage 2")
    return CustomerAddress(
        "7", "Ada Ünal", company, lines, city, "Nowhere", "50667", "DE", "+49 221 1", "", billing, shipping
    )


def customer(
    key: int, name: str = "Ada Ünal", *addresses: CustomerAddress, vat: str = "", group: str = "1"
) -> Customer:
    """A customer with an account."""
    source = {"customer": {"group_id": group}}
    return Customer(key, "ada@example.com", name, 1, "base", group, vat, addresses, "0" * 64, source)


def customer_reference(key: int, revision: int) -> Reference:
    """The identity of one version of a customer."""
    return Reference(DocumentKind.CUSTOMER, f"test-C-{key}", revision, "0" * 64, f"event-{key}-{revision}")
