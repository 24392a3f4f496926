"""Deltas: what an event of the stock stream adds, and to what, as far as a destination takes it.

InventoryAdjusted is a change of what a source holds; it flows by its reason, and belongs to a warehouse by its source.
InventoryReserved is demand; it flows by its stock. A sale reserves, and its shipment, invoice, cancellation or refund
gives back what it took, so all of them add up to the change of what is ordered and not yet delivered.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import SCHEMA_VERSIONS, STOCK_TYPES, Event, EventType, OutboxId
from sidecar.domain.money import ZERO, decimal_of
from sidecar.domain.order import parse_payload
from sidecar.domain.policy import StockPolicy
from sidecar.domain.stock import Delta, WindowKind
from sidecar.domain.warehouses import warehouse_of

LONGEST_SKU: Final = 64
_VERSIONS: Final[Mapping[str, frozenset[int]]] = {str(kind): SCHEMA_VERSIONS[kind] for kind in STOCK_TYPES}
_RESERVED: Final = str(EventType.INVENTORY_RESERVED)
_EDIT: Final = "edit and replay the event, or skip it"
_UPGRADE: Final = "upgrade the sidecar, then retry; or skip the event"


def delta_in(event: Event, payload: str, stock: StockPolicy) -> Delta | None:
    """What an event adds; None where its reason is none of those that flow, or no warehouse has the SKU. Raises
    MalformedEvent where it cannot be counted.
    """
    if event.schema_version not in _VERSIONS[event.type]:
        message = f"{event.type} has schema version {event.schema_version}, which this sidecar cannot read"
        raise MalformedEvent(message, hint=_UPGRADE)
    read = parse_payload(payload)
    if event.type == _RESERVED:
        return _demand(event.id, read, stock)
    return _movement(event.id, read, stock)


def check_delta(event: Event, payload: Mapping[str, Any]) -> None:
    """Raise MalformedEvent where a payload could not be counted, whatever a blueprint says."""
    if event.type in _VERSIONS:
        _sku_and_quantity(payload)
        _stock_id(payload) if event.type == _RESERVED else _source_and_reason(payload)


def _movement(outbox_id: OutboxId, payload: Mapping[str, Any], stock: StockPolicy) -> Delta | None:
    sku, quantity = _sku_and_quantity(payload)
    source, reason = _source_and_reason(payload)
    if stock.leaves_out(sku):
        return None
    try:
        warehouse = warehouse_of(stock.warehouses, source, sku, reason)
    except KeyError as error:
        message = f"source {source!r} has no warehouse in the blueprint"
        raise MalformedEvent(message, hint=f"add stock.warehouses.{source} to the destination's blueprint") from error
    if reason not in stock.reasons:
        return None
    crosses = stock.crossing is not None and "old_quantity" in payload and _crosses(payload, stock.crossing)
    return Delta(outbox_id, sku, warehouse, quantity, crosses=crosses)


def _demand(outbox_id: OutboxId, payload: Mapping[str, Any], stock: StockPolicy) -> Delta | None:
    sku, quantity = _sku_and_quantity(payload)
    stock_id = _stock_id(payload)
    if stock.leaves_out(sku):
        return None
    if stock_id not in stock.demand:
        message = f"stock {stock_id} has no warehouse in the blueprint"
        raise MalformedEvent(message, hint=f"add stock.demand.{stock_id} to the destination's blueprint")
    return Delta(outbox_id, sku, stock.demand[stock_id], quantity, WindowKind.DEMAND)


def _sku_and_quantity(payload: Mapping[str, Any]) -> tuple[str, Decimal]:
    try:
        sku, quantity = payload["sku"], _decimal(payload["quantity"])
    except KeyError as error:
        raise _missing(error) from error
    except ValueError as error:
        message = f"payload field quantity: {error}"
        raise MalformedEvent(message, hint=_EDIT) from error
    if not (isinstance(sku, str) and sku):
        raise MalformedEvent("payload field sku must be text", hint=_EDIT)
    if len(sku) > LONGEST_SKU:
        message = f"payload field sku has {len(sku)} characters; Magento's stock allows {LONGEST_SKU}"
        raise MalformedEvent(message, hint=_EDIT)
    return sku, quantity


def _source_and_reason(payload: Mapping[str, Any]) -> tuple[str, str]:
    try:
        source, reason = payload["source_code"], payload["reason"]
    except KeyError as error:
        raise _missing(error) from error
    if not (isinstance(source, str) and isinstance(reason, str)):
        raise MalformedEvent("payload fields source_code and reason must be text", hint=_EDIT)
    return source, reason


def _stock_id(payload: Mapping[str, Any]) -> int:
    try:
        stock_id = payload["stock_id"]
    except KeyError as error:
        raise _missing(error) from error
    if not isinstance(stock_id, int) or isinstance(stock_id, bool):
        raise MalformedEvent("payload field stock_id must be a whole number", hint=_EDIT)
    return stock_id


def _missing(error: KeyError) -> MalformedEvent:
    return MalformedEvent(f"payload field {error.args[0]} is missing", hint=_EDIT)


def _crosses(payload: Mapping[str, Any], threshold: Decimal) -> bool:
    """Tell whether a source has run out, or holds more again, or its status has flipped.

    A source to which a SKU is not assigned holds nothing of it. Whoever knows the change alone tells no crossing.
    """
    try:
        was, is_now = _held(payload["old_quantity"]), _held(payload["new_quantity"])
    except (KeyError, ValueError):
        return False
    flipped = bool(payload.get("old_status")) != bool(payload.get("new_status"))
    return flipped or (was > threshold) != (is_now > threshold)


def _held(quantity: object) -> Decimal:
    return ZERO if quantity is None else _decimal(quantity)


def _decimal(text: object) -> Decimal:
    return _known_decimal(text) if isinstance(text, str) else decimal_of(text)


@lru_cache(maxsize=4096)
def _known_decimal(text: str) -> Decimal:
    """Few quantities are written again and again."""
    return decimal_of(text)
