"""Fulfilment: what the blueprint says about how the lines of an order are served, applied to one order.

Nothing is guessed: where Magento decides from which warehouse an order is served and the blueprint does not name it, or
where a customer collects at a place that it does not know, the order waits for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from erp_adapters.mapping.expression import Expression
from erp_adapters.mapping.render import MappingError
from sidecar.domain.fields import Row
from sidecar.domain.intents import WITHOUT_WAREHOUSE, Allocation, Intent
from sidecar.domain.money import ZERO
from sidecar.domain.order import Order, OrderLine
from sidecar.domain.special_cases import Skus


@dataclass(frozen=True, slots=True)
class IntentRule:
    """Which lines have an intent: those of some SKUs, and in whose item's row an expression finds something."""

    skus: Skus | None = None
    item: Expression | None = None

    def holds(self, line: OrderLine, item: Row, at: str) -> bool:
        """Tell whether a line is meant; raises MappingError where the row does not suit the expression."""
        if self.skus is not None and not self.skus.have(line.sku):
            return False
        if self.item is None:
            return True
        try:
            return bool(self.item.search(item))
        except ValueError as error:
            raise MappingError(at, f"{at}: {error}", hint="correct the blueprint, then retry the event") from error


@dataclass(frozen=True, slots=True)
class LineFulfilment:
    """How one line is served; an empty `warehouse` is none that the shop would name."""

    intent: Intent = Intent.STOCK
    backordered: Decimal = ZERO
    warehouse: str = ""
    is_binding: bool = False


@dataclass(frozen=True, slots=True)
class OrderFulfilment:
    """How an order is served; one entry for each of its lines, in their order."""

    lines: tuple[LineFulfilment, ...]
    pickup_warehouse: str = ""

    @property
    def warehouse(self) -> str:
        """The one warehouse that serves what a warehouse serves; empty where the shop names none."""
        return next((line.warehouse for line in self.lines if line.warehouse), "")

    @property
    def is_binding(self) -> bool:
        """Tell whether the ERP is bound by it."""
        return any(line.is_binding for line in self.lines)


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """The blueprint's word on all orders of a destination."""

    intents: Mapping[Intent, IntentRule] = field(default_factory=dict)
    allocation: Allocation | None = None

    def of(self, order: Order) -> OrderFulfilment:
        """How an order is served; raises MappingError naming what the blueprint lacks."""
        intents = self._intents(order)
        pickup = self._pickup_warehouse(order)
        warehouse = ""
        if not WITHOUT_WAREHOUSE.issuperset(intents):
            warehouse = pickup or self._warehouse(order)
        is_binding = bool(warehouse) and self.allocation is not None and self.allocation.is_binding
        usual = LineFulfilment(Intent.STOCK, ZERO, warehouse, is_binding)  # most lines are, and share it
        lines = (
            usual
            if intent is Intent.STOCK
            else LineFulfilment(intent, line.backordered)
            if intent in WITHOUT_WAREHOUSE
            else LineFulfilment(intent, line.backordered, warehouse, is_binding)
            for line, intent in zip(order.lines, intents, strict=True)
        )
        return OrderFulfilment(tuple(lines), pickup)

    def _intents(self, order: Order) -> list[Intent]:
        if not self.intents:
            return [_told_by_magento(order, line) for line in order.lines]
        items = {str(row.get("item_id")): row for row in order.source.get("items") or ()}
        return [self._intent(order, line, items.get(line.line_ref, {})) for line in order.lines]

    def _intent(self, order: Order, line: OrderLine, item: Row) -> Intent:
        for intent, rule in self.intents.items():
            if rule.holds(line, item, f"intents.{intent}.item"):
                return intent
        return _told_by_magento(order, line)

    def _pickup_warehouse(self, order: Order) -> str:
        if self.allocation is None or not order.is_collected:
            return ""
        if not order.pickup_location:
            message = "the order is collected, and its event does not tell where"
            raise MappingError("order.pickup_location", message, hint="save the order in Magento, then skip this event")
        return _named(self.allocation.pickup, order.pickup_location, "allocation.pickup")

    def _warehouse(self, order: Order) -> str:
        if self.allocation is None:
            return ""
        store = order.source.get("store")
        website = str(store.get("website_code") or "") if isinstance(store, Mapping) else ""
        named = self.allocation.stores.get(order.store_id) or self.allocation.websites.get(website, "")
        if not named and self.allocation.is_binding:
            return _named(
                self.allocation.websites, website or f"(the website of store {order.store_id})", "allocation.websites"
            )
        return named


def _told_by_magento(order: Order, line: OrderLine) -> Intent:
    if order.is_collected:
        return Intent.PICKUP
    return Intent.BACKORDER if line.backordered else Intent.STOCK


def _named(warehouses: Mapping[str, str], key: str, at: str) -> str:
    if key in warehouses:
        return warehouses[key]
    message = f"{key!r} has no warehouse in {at}"
    raise MappingError(
        f"{at}.{key}", message, hint=f"add {at}.{key} to the destination's blueprint, restart, then retry the event"
    )
