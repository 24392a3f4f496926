"""What an order's rows mean for stock: how much of each SKU Magento has still to hand out, and has handed out.

The SKU is the one that stock is kept under: of a configurable the simple's, of a bundle its children's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sidecar.domain.inbound_lines import leaving
from sidecar.domain.inbound_plans import still_to_come
from sidecar.domain.money import ZERO
from sidecar.domain.order_standing import OrderItem, OrderStanding

Units = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class OrderUnits:
    """Quantities per SKU; `open` is ordered and neither shipped, cancelled nor refunded."""

    open: Units
    shipped: Units


def standing_of(entity_id: int, items: Mapping[int, OrderItem]) -> OrderStanding:
    """An order of which only the rows count; a configurable carries the SKU of its simple."""
    simple = {item.parent_id: item.sku for item in items.values() if item.parent_id is not None}
    named = {
        key: replace(item, sku=simple[key]) if item.product_type == "configurable" and key in simple else item
        for key, item in items.items()
    }
    return OrderStanding(entity_id, str(entity_id), "", "", "", "", named)


def units_of(order: OrderStanding) -> OrderUnits:
    """What is open of an order, and what has left."""
    shipped = {key: item.shipped for key, item in order.items.items() if order.ships(item) and item.shipped}
    invoiced = _virtual(order, lambda item: item.invoiced)
    to_invoice = _virtual(order, lambda item: max(item.to_invoice - item.refunded, ZERO))
    return OrderUnits(_sum(leaving(still_to_come(order), order), to_invoice), _sum(leaving(shipped, order), invoiced))


def _virtual(order: OrderStanding, quantity: Callable[[OrderItem], Decimal]) -> Units:
    """Of what is no thing Magento takes the stock with the invoice."""
    units: dict[str, Decimal] = {}
    for item in order.items.values():
        parent = order.parent_of(item)
        is_part = parent is not None and parent.product_type == "configurable"
        is_set = item.product_type == "bundle"
        if item.is_virtual and not is_part and not is_set and quantity(item):
            units[item.sku] = units.get(item.sku, ZERO) + quantity(item)
    return units


def _sum(ones: Units, others: Units) -> Units:
    return {sku: ones.get(sku, ZERO) + others.get(sku, ZERO) for sku in {**ones, **others}}
