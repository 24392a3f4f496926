"""Canonical documents: what a template's paths start from, the same for every ERP.

    reference      kind, external_ref, revision, event_id, idempotency_key
    order          entity_id, increment_id, store_id, state, status, currency, placed_at, payment_method,
                   shipping_method, pickup_location, pickup_warehouse
    lines          line_ref, role, sku, name, quantity, unit_price, total, discount, tax, tax_percent, intent,
                   backordered, warehouse, warehouse_is_binding
    totals         subtotal, discount, shipping, tax, grand_total
    custom_fields  what the blueprint's expressions found in the source
    constants      what the blueprint says once for all documents, or for those of a store; the adapter adds them
    source         the payload as Magento wrote it: order, items, addresses, payment, taxes, ...

For a refund:

    reference      as above
    refund         entity_id, increment_id, store_id, currency, refunded_at, payment_method, online
    order          entity_id, increment_id, erp_id: the order that the ERP holds
    lines          line_ref, sku, quantity, total, discount, tax, tax_percent, restocked
    totals         subtotal, discount, shipping, adjustment, tax, grand_total
    tenders        type (gift_card, store_credit, reward_points), amount: the part that went back so, and not in money
    custom_fields, source

For a customer:

    reference      as above
    customer       entity_id, email, name, store_id, website, group, vat_number
    addresses      address_ref, name, company, street (a list), city, region, postcode, country, telephone, vat_number,
                   is_billing, is_shipping
    custom_fields, source

And for stock: reference, warehouse, lines (sku, quantity, unit, deltas); a count has expected and target instead of
quantity. All are in the ERP's unit, whose name is empty where the blueprint names none.

Amounts and quantities are decimal strings. `lines[].total` is before discount and without tax. Discounts are
negative and net: Magento's tax-inclusive ones are reduced by the tax in them. `backordered`, warehouses and the pickup
location are empty where there is nothing to say; a line's `intent` is never (intents.py has the words).
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.fulfilment import Fulfilment, LineFulfilment
from erp_adapters.mapping.render import MappingError
from sidecar.domain.customer import Customer
from sidecar.domain.delivery import Reference
from sidecar.domain.documents import StockCount, StockMovement
from sidecar.domain.fields import Row
from sidecar.domain.money import ZERO, decimal_of, text_of
from sidecar.domain.order import Order, OrderLine
from sidecar.domain.refund import Refund
from sidecar.domain.stock import WindowLine

Canonical = dict[str, Any]

AS_USUAL: Final = Fulfilment()
"""Where the blueprint says nothing about it."""


def canonical_order(
    order: Order, ref: Reference, custom_fields: Mapping[str, Expression], fulfilment: Fulfilment = AS_USUAL
) -> Canonical:
    """Write an order down for templates; raise MappingError where it cannot be."""
    items = {str(row.get("item_id")): row for row in order.source.get("items") or ()}
    served = fulfilment.of(order)
    return {
        "reference": _reference(ref),
        "order": {
            "entity_id": order.entity_id,
            "increment_id": order.increment_id,
            "store_id": order.store_id,
            "state": order.state,
            "status": order.status,
            "currency": order.currency,
            "placed_at": _instant(order.created_at, "order.created_at"),
            "payment_method": order.payment_method,
            "shipping_method": order.shipping_method,
            "pickup_location": order.pickup_location,
            "pickup_warehouse": served.pickup_warehouse,
        },
        "lines": [
            _line(line, items.get(line.line_ref, {}), one) for line, one in zip(order.lines, served.lines, strict=True)
        ],
        "totals": {name: text_of(amount) for name, amount in order.totals.items()},
        "custom_fields": custom_fields_of(order.source, custom_fields),
        "source": order.source,
    }


def canonical_refund(refund: Refund, ref: Reference, custom_fields: Mapping[str, Expression]) -> Canonical:
    """Write a refund down for templates; raise MappingError where it cannot be."""
    items = {str(row.get("order_item_id")): row for row in refund.source.get("items") or ()}
    return {
        "reference": _reference(ref),
        "refund": {
            "entity_id": refund.entity_id,
            "increment_id": refund.increment_id,
            "store_id": refund.store_id,
            "currency": refund.currency,
            "refunded_at": _instant(refund.created_at, "creditmemo.created_at"),
            "payment_method": refund.payment_method,
            "online": refund.online,
        },
        "order": {
            "entity_id": refund.order_entity_id,
            "increment_id": refund.order_increment_id,
            "erp_id": ref.target,
        },
        "lines": [
            {
                "line_ref": line.line_ref,
                "sku": line.sku,
                "quantity": text_of(line.quantity),
                "total": text_of(line.total),
                "discount": text_of(_net(line.discount, items.get(line.line_ref, {}))),
                "tax": text_of(line.tax),
                "tax_percent": text_of(line.tax_percent),
                "restocked": text_of(line.restocked),
            }
            for line in refund.lines
        ],
        "totals": {name: text_of(amount) for name, amount in refund.totals.items()},
        "tenders": [{"type": name, "amount": text_of(amount)} for name, amount in refund.tenders.items()],
        "custom_fields": custom_fields_of(refund.source, custom_fields),
        "source": refund.source,
    }


def canonical_customer(customer: Customer, ref: Reference, custom_fields: Mapping[str, Expression]) -> Canonical:
    """Write a customer down for templates; raise MappingError where that cannot be."""
    return {
        "reference": _reference(ref),
        "customer": {
            "entity_id": customer.entity_id,
            "email": customer.email,
            "name": customer.name,
            "store_id": customer.store_id,
            "website": customer.website,
            "group": customer.group,
            "vat_number": customer.vat_number,
        },
        "addresses": [{**asdict(address), "street": list(address.street)} for address in customer.addresses],
        "custom_fields": custom_fields_of(customer.source, custom_fields),
        "source": customer.source,
    }


def canonical_stock(document: StockMovement | StockCount, ref: Reference) -> Canonical:
    """Write a window down for templates."""
    told = _count if isinstance(document, StockCount) else _movement
    lines = [{"sku": line.sku, "unit": line.unit, "deltas": line.deltas, **told(line)} for line in document.lines]
    return {"reference": _reference(ref), "warehouse": document.warehouse, "lines": lines}


def _movement(line: WindowLine) -> dict[str, str]:
    return {"quantity": text_of(line.quantity)}


def _count(line: WindowLine) -> dict[str, str]:
    if line.expected is None or line.target is None:
        raise MappingError("lines", f"the level of {line.sku} has not been read", hint="erp-sidecar window retry")
    return {"expected": text_of(line.expected), "target": text_of(line.target)}


def custom_fields_of(source: Row, custom_fields: Mapping[str, Expression]) -> dict[str, str]:
    """Evaluate the blueprint's expressions over the payload; what is empty is left out."""
    found = {}
    for name, expression in custom_fields.items():
        try:
            value = expression.search(source)
        except ValueError as error:
            raise _wrong_field(name, str(error)) from error
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _wrong_field(name, f"{expression.text} is {type(value).__name__}, not text or a whole number")
        found[name] = str(value)
    return found


def _line(line: OrderLine, item: Mapping[str, Any], served: LineFulfilment) -> Canonical:
    return {
        "line_ref": line.line_ref,
        "role": line.role,
        "sku": line.sku,
        "name": line.name,
        "quantity": text_of(line.quantity),
        "unit_price": text_of(line.unit_price),
        "total": text_of(line.total),
        "discount": text_of(_net_discount(line, item)),
        "tax": text_of(line.tax),
        "tax_percent": text_of(line.tax_percent),
        "intent": str(served.intent),
        "backordered": text_of(served.backordered) if served.backordered else "",
        "warehouse": served.warehouse,
        "warehouse_is_binding": served.is_binding,
    }


def _net_discount(line: OrderLine, item: Mapping[str, Any]) -> Decimal:
    return ZERO if line.role == "stock" else _net(line.discount, item)


def _net(discount: Decimal, item: Mapping[str, Any]) -> Decimal:
    compensation = item.get("discount_tax_compensation_amount")
    return (ZERO if compensation is None else decimal_of(compensation)) - discount


def _reference(ref: Reference) -> dict[str, Any]:
    return {
        "kind": str(ref.kind),
        "external_ref": ref.external_ref,
        "revision": ref.revision,
        "event_id": ref.event_id,
        "idempotency_key": ref.idempotency_key,
    }


def _instant(text: str, path: str) -> str:
    """Magento writes UTC without saying so: '2026-11-23 10:15:00' becomes '2026-11-23T10:15:00Z'."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{path} is {text!r}, not an instant such as '2026-11-23 10:15:00'"
        raise MappingError(path, message, hint="edit and replay the event, or skip it") from error
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _wrong_field(name: str, what: str) -> MappingError:
    hint = f"correct custom_fields.{name} in the destination's blueprint, then retry the event"
    return MappingError(f"custom_fields.{name}", f"custom_fields.{name}: {what}", hint=hint)
