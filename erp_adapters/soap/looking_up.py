"""Looking effects up: what is there under our references, and what the documents that we changed hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from erp_adapters.legacy.answers import found, snapshot_of
from erp_adapters.legacy.profile import Header
from erp_adapters.soap.asking import AbsentError, Asking
from erp_adapters.soap.profile import Profile, Search
from sidecar.domain.delivery import DocumentKind, ErpId, Found, Presence, Reference, Snapshot
from sidecar.domain.errors import Retryable


class LookUps:
    """Looks up at one ERP; deadlines are instants of the monotonic clock."""

    def __init__(self, profile: Profile, asking: Asking) -> None:
        """Read as the profile says."""
        self._profile, self._asking = profile, asking

    def find(self, refs: Sequence[Reference], ends_at: float) -> Mapping[str, Found]:
        """New documents by our reference, changes and cancellations by reading their target, customers by the
        revision that stands under our reference.
        """
        operations, profile = self._profile.operations, self._profile
        of = {kind: [ref for ref in refs if ref.kind is kind] for kind in DocumentKind}
        orders = self._find_orders(of[DocumentKind.ORDER], ends_at)
        refunds = self.search(operations.refund_find, profile.refund, of[DocumentKind.REFUND], ends_at)
        movements = self.search(operations.stock_find, profile.movement, of[DocumentKind.STOCK_MOVEMENT], ends_at)
        changed = (*of[DocumentKind.ORDER_CHANGE], *of[DocumentKind.ORDER_CANCEL])
        targets = {ref.idempotency_key: self._find_revision(ref, ends_at) for ref in changed}
        customers = self._find_customers(of[DocumentKind.CUSTOMER], ends_at)
        return {**orders, **refunds, **movements, **targets, **customers}

    def search(
        self, search: Search | None, reading: Header | None, refs: Sequence[Reference], ends_at: float
    ) -> dict[str, Found]:
        """Documents by our references, so many to a call."""
        if search is None or reading is None:
            return {ref.idempotency_key: Found(Presence.UNSEARCHABLE) for ref in refs}
        result = {}
        for part in _parts(refs, search.batch):
            data = self._asking.answer(search, {"references": [ref.external_ref for ref in part]}, ends_at).data
            documents = found(search.documents, data)
            if not isinstance(documents, list):
                raise self._asking.unexpected(search, f"{search.documents.text} is not a list")
            snapshots = list(self._snapshots(reading, documents))
            asked = {ref.external_ref for ref in part}
            stray = next((snapshot for snapshot in snapshots if snapshot.external_ref not in asked), None)
            if stray is not None and self._profile.promises.find_by_ref != "weak":
                # A search that does not filter would also hide what it was asked for: absence would be a lie.
                raise self._asking.unexpected(search, f"document {stray.erp_number} was not asked for")
            for ref in part:
                result[ref.idempotency_key] = _presence(s for s in snapshots if s.external_ref == ref.external_ref)
        return result

    def _find_orders(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Orders by our reference; one that somebody has named is read under its own key, where that can be done."""
        operations, order = self._profile.operations, self._profile.order
        named = [ref for ref in refs if ref.target is not None]
        if operations.read is not None:
            unnamed = [ref for ref in refs if ref.target is None]
            read = {ref.idempotency_key: self._read_named(ref, ends_at) for ref in named}
            return {**self.search(operations.find, order, unnamed, ends_at), **read}
        searched = self.search(operations.find, order, refs, ends_at)
        missed = [ref.idempotency_key for ref in named if searched[ref.idempotency_key].presence is Presence.ABSENT]
        return {**searched, **dict.fromkeys(missed, Found(Presence.UNSEARCHABLE))}

    def _read_named(self, ref: Reference, ends_at: float) -> Found:
        snapshot = self.read(ref.target or ErpId(""), ends_at)
        return Found(Presence.ABSENT) if snapshot is None else Found(Presence.ONE, (snapshot,))

    def _find_revision(self, ref: Reference, ends_at: float) -> Found:
        if ref.target is None or self._profile.operations.read is None or self._profile.order.revision is None:
            return Found(Presence.UNSEARCHABLE)
        snapshot = self.read(ref.target, ends_at)
        if snapshot is None:
            return Found(Presence.ABSENT)
        cancelled = ref.kind is DocumentKind.ORDER_CANCEL and snapshot.cancelled
        return Found(Presence.ONE, (snapshot,)) if cancelled or _holds(snapshot, ref) else Found(Presence.ABSENT)

    def _find_customers(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """A customer whose revision is older than the one asked for was not told of it."""
        reading = self._profile.customer
        can_tell = reading is not None and reading.revision is not None
        search = self._profile.operations.customer_find if can_tell else None
        there = self.search(search, reading, refs, ends_at)
        for ref in refs:
            one = there[ref.idempotency_key]
            if one.presence is Presence.ONE and not _holds(one.snapshots[0], ref):
                there[ref.idempotency_key] = Found(Presence.ABSENT)
        return there

    def read(self, erp_id: ErpId, ends_at: float) -> Snapshot | None:
        """The order as the ERP holds it; None where it has none. Raises Retryable when it cannot be read now."""
        read = self._profile.operations.read
        if read is None:
            raise Retryable(f"the profile of {self._profile.product} has no operation read")
        try:
            data = self._asking.answer(read, {"id": erp_id}, ends_at).data
        except AbsentError:
            return None
        return next(self._snapshots(self._profile.order, [found(read.document, data)]))

    def _snapshots(self, reading: Header, documents: Iterable[object]) -> Iterator[Snapshot]:
        try:
            for document in documents:
                yield self.snapshot(reading, document)
        except ValueError as error:
            raise Retryable(f"{self._profile.product} answered what the profile does not expect: {error}") from error

    def snapshot(self, reading: Header, document: object) -> Snapshot:
        """A document of theirs in our words; raise ValueError where it does not suit the profile."""
        snapshot = snapshot_of(reading, document)
        return replace(snapshot, cancelled=snapshot.status in self._profile.cancelled)


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
