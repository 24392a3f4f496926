"""Events: one row of the outbox each, immutable, in the order of their ids within a lane."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, NewType

OutboxId = NewType("OutboxId", int)
Lane = NewType("Lane", str)
DestinationName = NewType("DestinationName", str)


class EventType(StrEnum):
    """The event types that this version understands."""

    ORDER_PLACED = "OrderPlaced"
    ORDER_UPDATED = "OrderUpdated"
    ORDER_CANCELLED = "OrderCancelled"
    ORDER_COMMENTED = "OrderCommented"
    INVOICE_CREATED = "InvoiceCreated"
    INVOICE_UPDATED = "InvoiceUpdated"
    SHIPMENT_CREATED = "ShipmentCreated"
    SHIPMENT_UPDATED = "ShipmentUpdated"
    TRACK_ADDED = "TrackAdded"
    TRACK_UPDATED = "TrackUpdated"
    TRACK_REMOVED = "TrackRemoved"
    CREDITMEMO_CREATED = "CreditmemoCreated"
    CREDITMEMO_UPDATED = "CreditmemoUpdated"
    PAYMENT_CAPTURED = "PaymentCaptured"
    PAYMENT_TRANSACTION_SAVED = "PaymentTransactionSaved"
    CUSTOMER_SAVED = "CustomerSaved"
    CUSTOMER_DELETED = "CustomerDeleted"
    PRODUCT_UPDATED = "ProductUpdated"
    PRODUCT_DELETED = "ProductDeleted"
    INVENTORY_ADJUSTED = "InventoryAdjusted"
    INVENTORY_RESERVED = "InventoryReserved"


SCHEMA_VERSIONS: Final[Mapping[EventType, frozenset[int]]] = {kind: frozenset({1}) for kind in EventType}

KNOWN_TYPES: Final = frozenset(str(kind) for kind in EventType)

ORDER_TYPES: Final = frozenset({EventType.ORDER_PLACED, EventType.ORDER_UPDATED, EventType.ORDER_CANCELLED})
"""Types whose payload is a whole order. No other type is ever planned as one, whatever lane it shares with them."""

STOCK_TYPES: Final = frozenset({EventType.INVENTORY_ADJUSTED, EventType.INVENTORY_RESERVED})
"""Types of the stock stream, which carry no lane."""

MAPPED_TYPES: Final = ORDER_TYPES | {
    EventType.CREDITMEMO_CREATED,
    EventType.CUSTOMER_SAVED,
    EventType.INVENTORY_ADJUSTED,
    EventType.INVENTORY_RESERVED,
}
"""Types that become documents of an ERP; all others go as they are, to receivers of events."""

ERP_ORIGIN: Final = "erp"
"""The origin of what an ERP has caused in the shop."""


class Event(NamedTuple):
    """An outbox row. The payload is there only where it was read along; else it is read when it is due."""

    id: OutboxId
    event_id: str
    type: str
    schema_version: int
    lane: Lane
    aggregate_id: str
    store_id: int | None
    occurred_at_us: int
    trace_parent: str | None = None
    origin: str = ""
    aggregate_type: str = ""
    payload: str | None = None

    @property
    def is_stock(self) -> bool:
        """Tell whether the event belongs to the stock stream and not to a lane of documents."""
        return self.type in STOCK_TYPES


def lane_of(lane: str | None, outbox_id: int) -> Lane:
    """Give an event without a lane one of its own: nothing waits for it, it waits for nothing."""
    return Lane(lane) if lane is not None else Lane(f"#{outbox_id}")
