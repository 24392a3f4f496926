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
    INVENTORY_ADJUSTED = "InventoryAdjusted"


SCHEMA_VERSIONS: Final[Mapping[EventType, frozenset[int]]] = {kind: frozenset({1}) for kind in EventType}

KNOWN_TYPES: Final = frozenset(str(kind) for kind in EventType)

STOCK_TYPES: Final = frozenset({EventType.INVENTORY_ADJUSTED, "InventoryReserved"})
"""Types that are folded into stock windows; they carry no lane."""


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
