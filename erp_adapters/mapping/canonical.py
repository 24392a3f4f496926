"""Canonical documents: what a template's paths start from, the same for every ERP.

    reference      kind, external_ref, revision, event_id, idempotency_key
    order          entity_id, increment_id, store_id, state, status, currency, placed_at, payment_method,
                   shipping_method
    lines          line_ref, role, sku, name, quantity, unit_price, total, discount, tax, tax_percent
    totals         subtotal, discount, shipping, tax, grand_total
    custom_fields  what the blueprint's expressions found in the source
    constants      what the blueprint says once for all documents, or for those of a store; the adapter adds them
    source         the payload as Magento wrote it: order, items, addresses, payment, taxes, ...

and for stock: reference, warehouse, lines (sku, quantity, deltas).

Amounts and quantities are decimal strings. `lines[].total` is before discount and without tax. Discounts are
negative and net: Magento's tax-inclusive ones are reduced by the tax in them.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.render import MappingError
from sidecar.domain.delivery import Reference
from sidecar.domain.documents import StockMovement
from sidecar.domain.money import ZERO, decimal_of, text_of
from sidecar.domain.order import Order, OrderLine

Canonical = dict[str, Any]


def canonical_order(order: Order, ref: Reference, custom_fields: Mapping[str, Expression]) -> Canonical:
    """Write an order down for templates; raise MappingError where it cannot be."""
    items = {str(row.get("item_id")): row for row in order.source.get("items") or ()}
    return {
        "reference": _reference(ref),
        "order": {
            "entity_id": order.entity_id,
            "increment_id": order.increment_id,
            "store_id": order.store_id,
            "state": order.state,
            "status": order.status,
            "currency": order.currency,
            "placed_at": _instant(order.created_at),
            "payment_method": order.payment_method,
            "shipping_method": order.shipping_method,
        },
        "lines": [_line(line, items.get(line.line_ref, {})) for line in order.lines],
        "totals": {name: text_of(amount) for name, amount in order.totals.items()},
        "custom_fields": custom_fields_of(order, custom_fields),
        "source": order.source,
    }


def canonical_stock(movement: StockMovement, ref: Reference) -> Canonical:
    """Write a window's movement down for templates."""
    return {
        "reference": _reference(ref),
        "warehouse": movement.warehouse,
        "lines": [
            {"sku": line.sku, "quantity": text_of(line.quantity), "deltas": line.deltas} for line in movement.lines
        ],
    }


def custom_fields_of(order: Order, custom_fields: Mapping[str, Expression]) -> dict[str, str]:
    """Evaluate the blueprint's expressions over the payload; what is empty is left out."""
    found = {}
    for name, expression in custom_fields.items():
        try:
            value = expression.search(order.source)
        except ValueError as error:
            raise _wrong_field(name, str(error)) from error
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _wrong_field(name, f"{expression.text} is {type(value).__name__}, not text or a whole number")
        found[name] = str(value)
    return found


def _line(line: OrderLine, item: Mapping[str, Any]) -> dict[str, str]:
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
    }


def _net_discount(line: OrderLine, item: Mapping[str, Any]) -> Decimal:
    if line.role == "stock":
        return ZERO
    compensation = item.get("discount_tax_compensation_amount")
    return (ZERO if compensation is None else decimal_of(compensation)) - line.discount


def _reference(ref: Reference) -> dict[str, Any]:
    return {
        "kind": str(ref.kind),
        "external_ref": ref.external_ref,
        "revision": ref.revision,
        "event_id": ref.event_id,
        "idempotency_key": ref.idempotency_key,
    }


def _instant(text: str) -> str:
    """Magento writes UTC without saying so: '2026-11-23 10:15:00' becomes '2026-11-23T10:15:00Z'."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"order.created_at is {text!r}, not an instant such as '2026-11-23 10:15:00'"
        raise MappingError("order.created_at", message, hint="edit and replay the event, or skip it") from error
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _wrong_field(name: str, what: str) -> MappingError:
    hint = f"correct custom_fields.{name} in the destination's blueprint, then retry the event"
    return MappingError(f"custom_fields.{name}", f"custom_fields.{name}: {what}", hint=hint)
