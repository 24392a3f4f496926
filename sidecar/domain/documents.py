"""Documents: what is asked of an ERP, and what it says about itself."""

from dataclasses import dataclass, field
from datetime import timedelta

from sidecar.domain.delivery import Snapshot
from sidecar.domain.events import Event
from sidecar.domain.order import Order
from sidecar.domain.stock import WindowLine


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """An order in the version that goes out: to be created, or to replace what the ERP holds."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderCancellation:
    """The wish to cancel an order that the ERP holds."""

    order: Order


@dataclass(frozen=True, slots=True)
class StockMovement:
    """A window's lines for one warehouse, net-zero lines left out."""

    warehouse: str
    lines: tuple[WindowLine, ...]


@dataclass(frozen=True, slots=True)
class EventDocument:
    """An event as it is, for a destination that takes events and not documents."""

    event: Event
    payload: str


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe found; `problems` are sentences for an operator, empty when all is well."""

    reachable: bool
    product: str = ""
    clock_skew: timedelta | None = None
    problems: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a listing; `next_cursor` None at the end."""

    snapshots: tuple[Snapshot, ...]
    next_cursor: str | None


Document = OrderDocument | OrderCancellation | StockMovement | EventDocument
