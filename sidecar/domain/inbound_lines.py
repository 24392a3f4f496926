"""Lines of an ERP's document as quantities of Magento's order items: what ships, what is invoiced, what is refunded."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import AlreadyThere, Unfit
from sidecar.domain.inbound import InboundLine
from sidecar.domain.money import ZERO, text_of
from sidecar.domain.order_standing import OrderItem, OrderStanding

PLACES: Final = Decimal("0.0001")
"""Magento keeps quantities with four decimals."""

MOST: Final = Decimal(10) ** 8
"""And with eight digits before them."""

ID_DIGITS: Final = 10
Quantities = Mapping[int, Decimal]
CORRECT_THERE: Final = "correct it in the ERP, or: erp-sidecar inbound skip {id} --reason '...'"
BY_HAND: Final = "do it in Magento by hand, then: erp-sidecar inbound skip {id} --reason '...'"


def asked_for(lines: Iterable[InboundLine], order: OrderStanding) -> Quantities:
    """Quantities per order item as the ERP says them, lines of zero left out; raises Unfit for what cannot be."""
    asked: dict[int, Decimal] = {}
    for line in lines:
        item_id = _item_id(line.line_ref)
        if item_id not in order.items:
            message = f"line {line.line_ref!r} ({line.sku}) is no item of order {order.increment_id}"
            raise Unfit(message, hint=CORRECT_THERE)
        if not (line.quantity.is_finite() and 0 <= line.quantity < MOST):
            message = f"line {line.line_ref} ({line.sku}) has the quantity {line.quantity}"
            raise Unfit(message, hint=CORRECT_THERE)
        if line.quantity:
            asked[item_id] = asked.get(item_id, ZERO) + line.quantity
    for item_id, quantity in asked.items():
        if quantity != quantity.quantize(PLACES):
            message = f"{quantity} of {order.items[item_id].sku} has more decimals than Magento keeps (4)"
            raise Unfit(message, hint=CORRECT_THERE)
    return asked


def shipped_by(asked: Quantities, order: OrderStanding) -> Quantities:
    """What a shipment of this carries; raises Unfit, also for more than is left to ship, and AlreadyThere where nothing
    needs a shipment.
    """
    shipped = rows_shipped(asked, order)
    if not shipped:
        message = "nothing of it needs a shipment"
        raise AlreadyThere(message)
    for item_id, quantity in shipped.items():
        _must_be_shippable(order.items[item_id], quantity, order)
    return shipped


def rows_shipped(asked: Quantities, order: OrderStanding) -> Quantities:
    """The rows that a shipment of this carries, whatever is left of them; virtual items need none.

    Children of what ships together become their parent, and only whole sets do: Unfit otherwise.
    """
    shipped: dict[int, Decimal] = {}
    sets: dict[int, dict[int, Decimal]] = {}
    for item_id, quantity in asked.items():
        item = order.items[item_id]
        parent = order.parent_of(item)
        if order.ships(item):
            if parent is None and order.children_of(item):
                sets.setdefault(item_id, {})[item_id] = quantity
            else:
                shipped[item_id] = quantity
        elif item.is_virtual:
            continue
        elif parent is None:
            shipped |= _spread(item, quantity, asked, order)
        else:
            sets.setdefault(parent.item_id, {})[item_id] = _in_parents(item, parent, quantity)
    for parent_id, told in sets.items():
        shipped[parent_id] = _whole_sets(order.items[parent_id], told, order)
    return shipped


def charged_by(asked: Quantities, order: OrderStanding) -> Quantities:
    """What an invoice or a credit memo of this carries: the rows that have the money. Raises Unfit where none has."""
    charged: dict[int, Decimal] = {}
    for item_id, quantity in asked.items():
        item = order.items[item_id]
        parent = order.parent_of(item)
        if order.is_charged(item):
            charged[item_id] = quantity
        elif parent is not None and parent.product_type == "configurable" and parent.item_id not in asked:
            charged[parent.item_id] = _in_parents(item, parent, quantity)
    if not charged:
        message = f"none of its lines carries money in order {order.increment_id}"
        raise Unfit(message, hint=CORRECT_THERE)
    for item_id, quantity in charged.items():
        _must_be_whole(order.items[item_id], quantity)
    return charged


def must_be_left(wanted: Quantities, order: OrderStanding, left: Callable[[OrderItem], Decimal], deed: str) -> None:
    """Raise Unfit, in plain words, for more than is left."""
    for item_id, quantity in wanted.items():
        item = order.items[item_id]
        if quantity > left(item):
            raise Unfit(_too_much(item, quantity, left(item), deed), hint=CORRECT_THERE)


def leaving(shipped: Quantities, order: OrderStanding) -> Mapping[str, Decimal]:
    """What leaves the shelf per SKU: a bundle's children, and a configurable's simple, whose SKU its parent carries."""
    units: dict[str, Decimal] = {}
    for item_id, quantity in shipped.items():
        item = order.items[item_id]
        children = order.children_of(item)
        if children and item.product_type != "configurable":
            parts = [(child.sku, child.ordered * quantity / item.ordered) for child in children if not child.is_virtual]
        else:
            parts = [(item.sku, quantity)]
        for sku, count in parts:
            units[sku] = units.get(sku, ZERO) + count
    return units


def in_words(quantities: Quantities, order: OrderStanding) -> str:
    """Quantities as a person reads them: 2 x MUG, 1 x PEN."""
    return ", ".join(f"{plainly(quantity)} x {order.items[i].sku}" for i, quantity in quantities.items()) or "nothing"


def plainly(quantity: Decimal) -> str:
    """A quantity without the zeros that a wide column adds."""
    return text_of(quantity.normalize()) if quantity else "0"


def _item_id(line_ref: str) -> int:
    """Magento's item_id; 0, which no row has, for what is none."""
    return int(line_ref) if len(line_ref) <= ID_DIGITS and line_ref.isascii() and line_ref.isdigit() else 0


def _spread(parent: OrderItem, quantity: Decimal, asked: Quantities, order: OrderStanding) -> dict[int, Decimal]:
    """A bundle that ships separately, told as a whole: its children, unless they are told themselves."""
    children = [child for child in order.children_of(parent) if not child.is_virtual]
    if any(child.item_id in asked for child in children):
        return {}
    return {child.item_id: child.ordered * quantity / parent.ordered for child in children}


def _in_parents(item: OrderItem, parent: OrderItem, quantity: Decimal) -> Decimal:
    sets = (quantity * parent.ordered / item.ordered).quantize(PLACES) if item.ordered else ZERO
    if sets * item.ordered != quantity * parent.ordered or not sets:
        message = f"{plainly(quantity)} of {item.sku} is no whole share of {plainly(parent.ordered)} x {parent.sku}"
        raise Unfit(message, hint=CORRECT_THERE)
    return sets


def _whole_sets(parent: OrderItem, told: Mapping[int, Decimal], order: OrderStanding) -> Decimal:
    """How many of a parent its children, and perhaps itself, say: all the same, and each child that is a thing."""
    children = {child.item_id: child for child in order.children_of(parent) if not child.is_virtual}
    by_children = {item_id: count for item_id, count in told.items() if item_id in children}
    counts = set(told.values())
    missing = set(children) - set(by_children) if by_children else set()
    if len(counts) > 1 or missing:
        parts = in_words({i: children[i].ordered * count / parent.ordered for i, count in by_children.items()}, order)
        message = f"{parent.sku} ships together, and only a part of it was told: {parts}"
        raise Unfit(message, hint=BY_HAND)
    (count,) = counts
    return count


def _must_be_shippable(item: OrderItem, quantity: Decimal, order: OrderStanding) -> None:
    must_be_left({item.item_id: quantity}, order, lambda row: row.to_ship, "ship")
    if quantity < 1:
        message = f"Magento makes no shipment of {plainly(quantity)} x {item.sku}: it cuts quantities below 1 down to 0"
        raise Unfit(message, hint=BY_HAND)
    _must_be_whole(item, quantity)


def _must_be_whole(item: OrderItem, quantity: Decimal) -> None:
    """Magento cuts a fraction off in silence where the product is not sold in them."""
    if quantity != quantity.to_integral_value() and not item.is_decimal:
        message = f"{plainly(quantity)} x {item.sku} is no whole number, and the product is not sold in fractions"
        raise Unfit(message, hint=CORRECT_THERE)


def _too_much(item: OrderItem, quantity: Decimal, left: Decimal, deed: str) -> str:
    said = {
        "ordered": item.ordered,
        "shipped": item.shipped,
        "invoiced": item.invoiced,
        "refunded": item.refunded,
        "cancelled": item.canceled,
    }
    stand = ", ".join(f"{name} {plainly(value)}" for name, value in said.items())
    return f"{plainly(quantity)} x {item.sku} to {deed}, of which Magento has {plainly(left)} left ({stand})"
