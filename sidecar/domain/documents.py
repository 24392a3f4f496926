"""Documents: what is asked of an ERP, and what it says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from sidecar.domain.contract import digest_of
from sidecar.domain.customer import Customer
from sidecar.domain.delivery import EntityType, Result, Snapshot, Subject
from sidecar.domain.events import Event
from sidecar.domain.inbound import InboundDocument
from sidecar.domain.order import Order
from sidecar.domain.refund import Refund
from sidecar.domain.stock import WindowKind, WindowLine


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """An order in the version that goes out: to be created, or to replace what the ERP holds."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderCancellation:
    """The wish to cancel an order that the ERP holds."""

    order: Order


@dataclass(frozen=True, slots=True)
class RefundDocument:
    """A credit memo of Magento's, for the order that the reference's target names."""

    refund: Refund


@dataclass(frozen=True, slots=True)
class CustomerDocument:
    """A customer with all addresses: to be made, or to replace what the ERP holds of ours."""

    customer: Customer


@dataclass(frozen=True, slots=True)
class StockMovement:
    """A window's lines for one warehouse, net-zero lines left out; of kind DEMAND, negative is what was sold."""

    warehouse: str
    lines: tuple[WindowLine, ...]
    kind: WindowKind = WindowKind.MOVEMENT


@dataclass(frozen=True, slots=True)
class StockCount:
    """A window for an ERP that takes no changes: each line has the level that is expected, and the target."""

    warehouse: str
    lines: tuple[WindowLine, ...]


@dataclass(frozen=True, slots=True)
class EventDocument:
    """An event as it is, for a destination that takes events and not documents."""

    event: Event
    payload: str


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe found; `problems` are sentences for an operator, empty when all is well.

    `terms` is what our calls rest on in the ERP's interface, such as a field's name and its type: a change of theirs
    is told by these names. Empty where the ERP tells nothing of its interface, or could not be asked.
    """

    reachable: bool
    product: str = ""
    clock_skew: timedelta | None = None
    problems: tuple[str, ...] = field(default=())
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def contract(self) -> str:
        """The name of those terms; '' where there are none."""
        return digest_of(self.terms)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a listing: orders, or documents that followed them.

    `next_cursor` is where to go on, at the end as well; None: where this page began. `more`: there is more now.
    """

    snapshots: tuple[Snapshot, ...] = ()
    next_cursor: str | None = None
    more: bool = False
    documents: tuple[InboundDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class StockQuery:
    """Whose stock is read: these SKUs, or all where there are none, in these warehouses of the ERP, or in all."""

    skus: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockLevel:
    """What an ERP holds of one SKU in one of its warehouses, in its own unit; None: it does not say."""

    sku: str
    warehouse: str
    on_hand: Decimal
    reserved: Decimal | None = None
    available: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class StockPage:
    """Part of a reading of stock; `next_cursor` None: this was the last. `as_of`: the ERP's clock when it read."""

    levels: tuple[StockLevel, ...] = ()
    next_cursor: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreviewedRequest:
    """A request as it would be sent, without its credential; `body` is the text of it."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What `submit` would send, in order; `refusal` is why it would send nothing, or nothing more.

    `notes` are sentences on what is not known before something was sent, such as the key that the ERP will give.
    """

    requests: tuple[PreviewedRequest, ...] = ()
    refusal: Result | None = None
    notes: tuple[str, ...] = ()


Document = (
    OrderDocument | OrderCancellation | RefundDocument | CustomerDocument | StockMovement | StockCount | EventDocument
)


def subject_of(document: Document) -> Subject | None:
    """What of Magento's a document is about; None for those that are about no one thing."""
    match document:
        case OrderDocument(order) | OrderCancellation(order):
            return Subject(EntityType.ORDER, order.entity_id)
        case RefundDocument(refund):
            return Subject(EntityType.REFUND, refund.entity_id)
        case CustomerDocument(customer):
            return Subject(EntityType.CUSTOMER, customer.entity_id)
        case StockMovement() | StockCount() | EventDocument():
            return None
        case _:
            assert_never(document)
