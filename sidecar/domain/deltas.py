"""Deltas: what an event of the stock stream adds, and to what, as far as a destination takes it.

InventoryAdjusted is a change of what a source holds; it flows by its reason, and belongs to a warehouse by its source.
InventoryReserved is demand; it flows by its stock. A sale reserves, and its shipment, invoice, cancellation or refund
gives back what it took, so all of them add up to the change of what is ordered and not yet delivered.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import SCHEMA_VERSIONS, Event, EventType, OutboxId
from sidecar.domain.money import ZERO, decimal_of
from sidecar.domain.order import parse_payload
from sidecar.domain.policy import StockPolicy
from sidecar.domain.stock import Delta, WindowKind
from sidecar.domain.warehouses import warehouse_of

LONGEST_SKU: Final = 64
_EDIT: Final = "edit and replay the event, or skip it"
_UPGRADE: Final = "upgrade the sidecar, then retry; or skip the event"


def delta_in(event: Event, payload: str, stock: StockPolicy) -> Delta | None:
    """What an event adds; None where its reason is none of those that flow, or no warehouse has the SKU. Raises
    MalformedEvent where it cannot be counted.
    """
    if event.schema_version not in SCHEMA_VERSIONS[EventType(event.type)]:
        message = f"{event.type} has schema version {event.schema_version}, which this sidecar cannot read"
        raise MalformedEvent(message, hint=_UPGRADE)
    read = parse_payload(payload)
    if event.type == EventType.INVENTORY_RESERVED:
        return _demand(event.id, read, stock)
    return _movement(event.id, read, stock)


def check_delta(event: Event, payload: Mapping[str, Any]) -> None:
    """Raise MalformedEvent where a payload could not be counted, whatever a blueprint says."""
    if event.type == EventType.INVENTORY_ADJUSTED:
        _moved(payload)
    if event.type == EventType.INVENTORY_RESERVED:
        _reserved(payload)


def _movement(outbox_id: OutboxId, payload: Mapping[str, Any], stock: StockPolicy) -> Delta | None:
    sku, quantity, source, reason = _moved(payload)
    if stock.leaves_out(sku):
        return None
    try:
        warehouse = warehouse_of(stock.warehouses, source, sku, reason)
    except KeyError as error:
        message = f"source {source!r} has no warehouse in the blueprint"
        raise MalformedEvent(message, hint=f"add stock.warehouses.{source} to the destination's blueprint") from error
    if reason not in stock.reasons:
        return None
    crosses = stock.crossing is not None and _crosses(payload, stock.crossing)
    return Delta(outbox_id, sku, warehouse, quantity, WindowKind.MOVEMENT, crosses)


def _demand(outbox_id: OutboxId, payload: Mapping[str, Any], stock: StockPolicy) -> Delta | None:
    sku, quantity, stock_id = _reserved(payload)
    if stock.leaves_out(sku):
        return None
    if stock_id not in stock.demand:
        message = f"stock {stock_id} has no warehouse in the blueprint"
        raise MalformedEvent(message, hint=f"add stock.demand.{stock_id} to the destination's blueprint")
    return Delta(outbox_id, sku, stock.demand[stock_id], quantity, WindowKind.DEMAND)


def _moved(payload: Mapping[str, Any]) -> tuple[str, Decimal, str, str]:
    sku, quantity = _sku_and_quantity(payload)
    source, reason = _field(payload, "source_code"), _field(payload, "reason")
    if not (isinstance(source, str) and isinstance(reason, str)):
        raise MalformedEvent("payload fields source_code and reason must be text", hint=_EDIT)
    return sku, quantity, source, reason


def _reserved(payload: Mapping[str, Any]) -> tuple[str, Decimal, int]:
    sku, quantity = _sku_and_quantity(payload)
    stock_id = _field(payload, "stock_id")
    if not isinstance(stock_id, int) or isinstance(stock_id, bool):
        raise MalformedEvent("payload field stock_id must be a whole number", hint=_EDIT)
    return sku, quantity, stock_id


def _sku_and_quantity(payload: Mapping[str, Any]) -> tuple[str, Decimal]:
    sku = _field(payload, "sku")
    try:
        quantity = decimal_of(_field(payload, "quantity"))
    except ValueError as error:
        message = f"payload field quantity: {error}"
        raise MalformedEvent(message, hint=_EDIT) from error
    if not (isinstance(sku, str) and sku):
        raise MalformedEvent("payload field sku must be text", hint=_EDIT)
    if len(sku) > LONGEST_SKU:
        message = f"payload field sku has {len(sku)} characters; Magento's stock allows {LONGEST_SKU}"
        raise MalformedEvent(message, hint=_EDIT)
    return sku, quantity


def _field(payload: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 -- JSON
    try:
        return payload[name]
    except KeyError as error:
        message = f"payload field {name} is missing"
        raise MalformedEvent(message, hint=_EDIT) from error


def _crosses(payload: Mapping[str, Any], threshold: Decimal) -> bool:
    """Tell whether a source has run out, or holds more again, or its status has flipped.

    A source to which a SKU is not assigned holds nothing of it. Whoever knows the change alone tells no crossing.
    """
    if "old_quantity" not in payload:
        return False
    try:
        was, is_now = (_held(payload[name]) > threshold for name in ("old_quantity", "new_quantity"))
    except (KeyError, ValueError):
        return False
    return was != is_now or bool(payload.get("old_status")) != bool(payload.get("new_status"))


def _held(quantity: object) -> Decimal:
    return ZERO if quantity is None else decimal_of(quantity)
