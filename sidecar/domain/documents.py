"""Documents: what is asked of an ERP, and what it says about itself."""

from dataclasses import dataclass, field
from datetime import timedelta

from sidecar.domain.delivery import Snapshot
from sidecar.domain.events import Event
from sidecar.domain.inbound import InboundDocument
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
    """Part of a listing: orders, or documents that followed them.

    `next_cursor` is where to go on, at the end as well; None: where this page began. `more`: there is more now.
    """

    snapshots: tuple[Snapshot, ...] = ()
    next_cursor: str | None = None
    more: bool = False
    documents: tuple[InboundDocument, ...] = ()


Document = OrderDocument | OrderCancellation | StockMovement | EventDocument
