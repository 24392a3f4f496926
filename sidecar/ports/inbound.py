"""What brings an ERP's doings into Magento reads and writes in Magento's database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import Ask, InboundDocument, InboundEntry, Service, Verdict
from sidecar.domain.order_standing import MagentoDocument, OrderStanding
from sidecar.domain.reconciliation import Finding


@dataclass(frozen=True, slots=True)
class Reading:
    """One page of an ERP's changes, as it is kept: documents and statuses under the order's entity id.

    `lines` maps our line references of an order to the ERP's. `entries` is how many the ERP told, those of other shops
    included.
    """

    kind: ChangeKind
    position: str | None
    entries: int
    documents: Sequence[tuple[int, InboundDocument]] = ()
    statuses: Sequence[tuple[int, str]] = ()
    lines: Sequence[tuple[int, Mapping[str, str]]] = ()
    findings: Sequence[Finding] = ()


class ChangesStore(Protocol):
    """How far an ERP's changes were read, and what was read; written by one reader per destination."""

    def positions(self, destination: DestinationName) -> Mapping[ChangeKind, str | None]:
        """Where to go on, per kind; None: from the beginning."""
        ...

    def statuses(self, destination: DestinationName, entity_ids: Sequence[int]) -> Mapping[int, str]:
        """The last status that the ERP told of these orders; those that it never confirmed are left out."""
        ...

    def record(self, destination: DestinationName, token: int, reading: Reading) -> int:
        """Write a page and the position behind it in one transaction, fenced first; returns how much was news.

        A document that is known in this version is left alone. LeaseLost writes nothing.
        """
        ...


class InboundStore(Protocol):
    """Documents of an ERP on their way into Magento."""

    def due(self, destination: DestinationName, limit: int) -> Sequence[InboundEntry]:
        """What may be worked on now, at most one of each order, and none of an order that a lost call is about."""
        ...

    def doubt_calls(self, destination: DestinationName) -> int:
        """Make UNKNOWN what a process that is gone has left CALLING; returns how many."""
        ...

    def begin(self, entry: InboundEntry, ask: Ask) -> InboundEntry | None:
        """Commit that Magento is about to be asked, and count the attempt.

        None, and nothing written, where the document has moved on or another one of its order is being made.
        """
        ...

    def settle(self, destination: DestinationName, entry: InboundEntry, verdict: Verdict) -> bool:
        """Write what became of it, with findings and a shortage; False where the document has moved on.

        A document that the ERP has changed meanwhile is NEW again instead of done.
        """
        ...

    def confirmed(self, destination: DestinationName, entity_id: int) -> bool:
        """Tell whether the ERP has confirmed this order to us."""
        ...

    def others(self, destination: DestinationName, entry: InboundEntry) -> Sequence[InboundEntry]:
        """The other documents of the same order and destination, oldest first."""
        ...

    def claimed(self, entry: InboundEntry, service: Service) -> frozenset[int]:
        """Magento's documents of this kind that came of other documents of an ERP."""
        ...


class MagentoDocuments(Protocol):
    """Magento's orders as they stand, and the documents that they have."""

    def standing(self, entity_id: int) -> OrderStanding | None:
        """The order as it is now; None where Magento does not have it. Raises Unfit where it cannot be read."""
        ...

    def documents(self, entity_id: int, service: Service) -> Sequence[MagentoDocument]:
        """The order's documents of the kind that a service makes, oldest first; cancelled invoices are left out."""
        ...

    def stock_of(self, source: str, skus: Sequence[str]) -> Mapping[str, Decimal]:
        """What a source holds of these SKUs; what it does not list is left out."""
        ...
