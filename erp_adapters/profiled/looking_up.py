"""Looking effects up: what is there under our references, and what the documents that we changed hold.

REST and SOAP ask in ways of their own; what an answer means is the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from erp_adapters.mapping import Expression
from erp_adapters.profiled.documents import found, snapshot_of
from erp_adapters.profiled.readings import Header
from sidecar.domain.delivery import DocumentKind, ErpId, Found, Presence, Reference, Snapshot
from sidecar.domain.errors import Retryable


class Searching(Protocol):
    """An operation that looks documents up by our references."""

    @property
    def batch(self) -> int:
        """How many references one call may ask for."""
        ...

    @property
    def documents(self) -> Expression:
        """Where the list of documents is."""
        ...


class Reading(Protocol):
    """An operation that reads one document by the ERP's key."""

    @property
    def document(self) -> Expression:
        """Where the document is."""
        ...


S = TypeVar("S", bound=Searching)
R = TypeVar("R", bound=Reading)
S_contra = TypeVar("S_contra", bound=Searching, contravariant=True)
R_contra = TypeVar("R_contra", bound=Reading, contravariant=True)


class Asks(Protocol[S_contra, R_contra]):
    """Asks one ERP. Raises Retryable for whatever is no answer."""

    def documents(self, search: S_contra, references: Sequence[str], ends_at: float) -> object:
        """The answer to a search by these references, as plain data."""
        ...

    def document(self, read: R_contra, erp_id: ErpId, ends_at: float) -> object:
        """The answer to the reading of a document, as plain data; None where the ERP says that it has none."""
        ...

    def unexpected(self, called: S_contra | R_contra, what: str) -> Retryable:
        """The error of an answer that does not suit the profile."""
        ...


@dataclass(frozen=True, slots=True)
class Places(Generic[S, R]):
    """Where a profile says that things can be looked up, and how they are read; None: they cannot.

    `strays`: a search may find what was not asked for. `cancelled`: the statuses of what is cancelled.
    """

    product: str
    strays: bool
    cancelled: frozenset[str]
    order: Header
    find: S | None = None
    read: R | None = None
    refund: Header | None = None
    refund_find: S | None = None
    customer: Header | None = None
    customer_find: S | None = None
    movement: Header | None = None
    stock_find: S | None = None
    demand: Header | None = None
    stock_demand_find: S | None = None


class LookUps(Generic[S, R]):
    """Looks up at one ERP; deadlines are instants of the monotonic clock."""

    def __init__(self, places: Places[S, R], asks: Asks[S, R]) -> None:
        """Read as the profile says."""
        self._places, self._asks = places, asks

    def find(self, refs: Sequence[Reference], ends_at: float) -> Mapping[str, Found]:
        """New documents by our reference, changes and cancellations by reading their target, customers by the
        revision that stands under our reference.
        """
        places, of = self._places, {kind: [ref for ref in refs if ref.kind is kind] for kind in DocumentKind}
        changed = (*of[DocumentKind.ORDER_CHANGE], *of[DocumentKind.ORDER_CANCEL])
        return {
            **self._find_orders(of[DocumentKind.ORDER], ends_at),
            **self.search(places.refund_find, places.refund, of[DocumentKind.REFUND], ends_at),
            **self.search(places.stock_find, places.movement, of[DocumentKind.STOCK_MOVEMENT], ends_at),
            **self.search(places.stock_demand_find, places.demand, of[DocumentKind.STOCK_DEMAND], ends_at),
            **{ref.idempotency_key: Found(Presence.UNSEARCHABLE) for ref in of[DocumentKind.STOCK_COUNT]},
            **{ref.idempotency_key: self._find_revision(ref, ends_at) for ref in changed},
            **self._find_customers(of[DocumentKind.CUSTOMER], ends_at),
        }

    def read(self, erp_id: ErpId, ends_at: float) -> Snapshot | None:
        """The order as the ERP holds it; None where it has none. Raises Retryable when it cannot be read now."""
        read = self._places.read
        if read is None:
            raise Retryable(f"the profile of {self._places.product} has no operation read")
        answer = self._asks.document(read, erp_id, ends_at)
        return None if answer is None else next(self._snapshots(self._places.order, [found(read.document, answer)]))

    def snapshot(self, reading: Header, document: object) -> Snapshot:
        """A document of theirs in our words; raise ValueError where it does not suit the profile."""
        snapshot = snapshot_of(reading, document)
        return replace(snapshot, cancelled=snapshot.status in self._places.cancelled)

    def search(
        self, search: S | None, reading: Header | None, refs: Sequence[Reference], ends_at: float
    ) -> dict[str, Found]:
        """Documents by our references, so many to a call."""
        if search is None or reading is None:
            return {ref.idempotency_key: Found(Presence.UNSEARCHABLE) for ref in refs}
        result = {}
        for part in _parts(refs, search.batch):
            answer = self._asks.documents(search, [ref.external_ref for ref in part], ends_at)
            documents = found(search.documents, answer)
            if not isinstance(documents, list):
                raise self._asks.unexpected(search, f"{search.documents.text} is not a list")
            snapshots = list(self._snapshots(reading, documents))
            asked = {ref.external_ref for ref in part}
            stray = next((snapshot for snapshot in snapshots if snapshot.external_ref not in asked), None)
            if stray is not None and not self._places.strays:
                # A search that does not filter would also hide what it was asked for: absence would be a lie.
                raise self._asks.unexpected(search, f"document {stray.erp_number} was not asked for")
            for ref in part:
                result[ref.idempotency_key] = _presence(s for s in snapshots if s.external_ref == ref.external_ref)
        return result

    def _snapshots(self, reading: Header, documents: Iterable[object]) -> Iterator[Snapshot]:
        try:
            for document in documents:
                yield self.snapshot(reading, document)
        except ValueError as error:
            raise Retryable(f"{self._places.product} answered what the profile does not expect: {error}") from error

    def _find_orders(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Orders by our reference; one that somebody has named is read under its own key, where that can be done."""
        places = self._places
        named = [ref for ref in refs if ref.target is not None]
        if places.read is not None:
            unnamed = [ref for ref in refs if ref.target is None]
            read = {ref.idempotency_key: self._read_named(ref, ends_at) for ref in named}
            return {**self.search(places.find, places.order, unnamed, ends_at), **read}
        searched = self.search(places.find, places.order, refs, ends_at)
        missed = [ref.idempotency_key for ref in named if searched[ref.idempotency_key].presence is Presence.ABSENT]
        return {**searched, **dict.fromkeys(missed, Found(Presence.UNSEARCHABLE))}

    def _read_named(self, ref: Reference, ends_at: float) -> Found:
        snapshot = self.read(ref.target or ErpId(""), ends_at)
        return Found(Presence.ABSENT) if snapshot is None else Found(Presence.ONE, (snapshot,))

    def _find_revision(self, ref: Reference, ends_at: float) -> Found:
        if ref.target is None or self._places.read is None or self._places.order.revision is None:
            return Found(Presence.UNSEARCHABLE)
        snapshot = self.read(ref.target, ends_at)
        if snapshot is None:
            return Found(Presence.ABSENT)
        cancelled = ref.kind is DocumentKind.ORDER_CANCEL and snapshot.cancelled
        return Found(Presence.ONE, (snapshot,)) if cancelled or _holds(snapshot, ref) else Found(Presence.ABSENT)

    def _find_customers(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """A customer whose revision is older than the one asked for was not told of it."""
        reading = self._places.customer
        can_tell = reading is not None and reading.revision is not None
        there = self.search(self._places.customer_find if can_tell else None, reading, refs, ends_at)
        for ref in refs:
            one = there[ref.idempotency_key]
            if one.presence is Presence.ONE and not _holds(one.snapshots[0], ref):
                there[ref.idempotency_key] = Found(Presence.ABSENT)
        return there


def _holds(snapshot: Snapshot, ref: Reference) -> bool:
    """Tell whether a document holds this revision, or a later one."""
    return snapshot.revision is not None and snapshot.revision >= ref.revision


def _presence(snapshots: Iterable[Snapshot]) -> Found:
    match tuple(snapshots):
        case ():
            return Found(Presence.ABSENT)
        case (only,):
            return Found(Presence.ONE, (only,))
        case many:
            return Found(Presence.MANY, many)


def _parts(refs: Sequence[Reference], size: int) -> Iterator[Sequence[Reference]]:
    return (refs[start : start + size] for start in range(0, len(refs), size))
