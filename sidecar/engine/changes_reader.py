"""The reader of an ERP's changes: what it did on its own is kept here before anything is made of it.

Each page and the position behind it are written in one fenced transaction, so a reader that dies reads the page again,
and what it had kept already is recognised. An ERP's listing may hold everybody's documents: those whose reference is
not ours are counted and not kept.

Of an order that changed its status is recorded, which makes it due for the projector; a step that the lifecycle map
forbids is a finding and is not recorded. An order cancelled there becomes a CANCELLATION, rejected lines a SHORTAGE.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import ChangeKind, ErpId, Snapshot
from sidecar.domain.documents import Page
from sidecar.domain.errors import Retryable
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundLine
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy, InboundPolicy
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.ports import ChangesStore, Clock, ErpAdapter, Observer, Reading

PAGES_IN_A_TURN: Final = 20
"""Then the other kinds have their turn; an ERP that has more is gone on with at once."""

QUIETEST: Final = 10
"""An ERP in which nothing happens is asked ever less often, down to once in so many times `every`."""

SOURCE: Final = "changes"


class ChangesReader:
    """Reads what one ERP tells of by itself. Used by one thread."""

    def __init__(
        self,
        policy: DestinationPolicy,
        inbound: InboundPolicy,
        names: Names,
        adapter: ErpAdapter,
        governor: Governor,
        store: ChangesStore,
        lead: Leadership,
        clock: Clock,
        observer: Observer,
    ) -> None:
        """Nothing is read yet; positions are taken from the store."""
        self._policy, self._inbound, self._names = policy, inbound, names
        self._adapter, self._governor, self._store = adapter, governor, store
        self._lead, self._clock, self._observer = lead, clock, observer
        self._kinds = sorted(inbound.takes & adapter.capabilities().changes)
        self._positions = dict(store.positions(policy.name))
        self._due_at = dict.fromkeys(self._kinds, clock.monotonic())
        self._pause = dict.fromkeys(self._kinds, inbound.every)
        self._trouble: dict[ChangeKind, str] = {}

    def turn(self) -> bool:
        """Read the kinds whose time has come; tells whether anything was news."""
        news = 0
        for kind in self._kinds:
            if self._clock.monotonic() >= self._due_at[kind]:
                news += self._read(kind)
        return news > 0

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Every turn ends what it began."""

    def close(self) -> None:
        """Nothing is held."""

    def _read(self, kind: ChangeKind) -> int:
        news = 0
        for _ in range(PAGES_IN_A_TURN):
            if not self._lead.trusted() or self._governor.capacity(0) == 0:
                return news  # at its next turn
            page = self._page(kind)
            if page is None:
                return news
            before = self._positions.get(kind)
            position = before if page.next_cursor is None else page.next_cursor
            news += self._store.record(self._policy.name, self._lead.token, self._reading(kind, page, position))
            self._positions[kind] = position
            if not page.more or position == before:
                self._pause_after(kind, news)
                break
        if news:
            self._observer.note("changes.read", destination=self._policy.name, kind=str(kind), news=news)
        return news

    def _page(self, kind: ChangeKind) -> Page | None:
        """One page of the ERP's; None, and a pause, when it cannot be read now."""
        began = self._clock.monotonic()
        self._governor.began()
        try:
            page = self._adapter.changes(kind, self._positions.get(kind), self._policy.call_deadline.total_seconds())
        except Retryable as error:
            self._governor.failed(error)
            self._pause_after(kind, 0)
            if self._trouble.get(kind) != str(error):
                self._trouble[kind] = str(error)
                self._observer.note(
                    "changes.unreadable",
                    destination=self._policy.name,
                    kind=str(kind),
                    error=str(error),
                    hint=error.hint,
                )
            return None
        self._governor.succeeded(timedelta(seconds=self._clock.monotonic() - began))
        self._trouble.pop(kind, None)
        return page

    def _pause_after(self, kind: ChangeKind, news: int) -> None:
        longest = self._inbound.every * QUIETEST
        self._pause[kind] = self._inbound.every if news else min(self._pause[kind] * 1.5, longest)
        self._due_at[kind] = self._clock.monotonic() + self._pause[kind].total_seconds()

    def _reading(self, kind: ChangeKind, page: Page, position: str | None) -> Reading:
        documents = [(self._entity(document), document) for document in page.documents]
        ours = [(self._names.entity_of(s.external_ref), s) for s in page.snapshots]
        snapshots = [(entity_id, snapshot) for entity_id, snapshot in ours if entity_id is not None]
        statuses = dict(self._store.statuses(self._policy.name, [entity_id for entity_id, _ in snapshots]))
        kept = [(entity_id, document) for entity_id, document in documents if entity_id is not None]
        told: list[tuple[int, str]] = []
        findings: list[Finding] = []
        lines = [(entity_id, snapshot.erp_lines) for entity_id, snapshot in snapshots if snapshot.erp_lines]
        for entity_id, snapshot in snapshots:
            before = statuses.get(entity_id, "")
            refusal = self._policy.lifecycle.refusal(before, snapshot.status) if snapshot.status else ""
            if refusal:
                findings.append(self._forbidden(entity_id, before, snapshot, refusal))
                continue
            statuses[entity_id] = snapshot.status or before
            told.append((entity_id, snapshot.status))
            kept += [(entity_id, document) for document in _documents_of(snapshot)]
        return Reading(kind, position, len(documents) + len(ours), kept, told, lines, findings)

    def _entity(self, document: InboundDocument) -> int | None:
        """The order that a document is about. What cannot be read may be ours: it is kept under none."""
        entity_id = self._names.entity_of(document.order_ref)
        return 0 if entity_id is None and document.unreadable else entity_id

    def _forbidden(self, entity_id: int, before: str, snapshot: Snapshot, refusal: str) -> Finding:
        return Finding(
            destination=self._policy.name,
            kind=FindingKind.FORBIDDEN_TRANSITION,
            subject=f"order:{entity_id}",
            path=f"status {before} to {snapshot.status}",
            magento=before,
            erp=f"{snapshot.status} ({snapshot.erp_number}): {refusal}",
            source=SOURCE,
        )


def _documents_of(snapshot: Snapshot) -> list[InboundDocument]:
    """What an order's own change asks of Magento: its cancellation, or an answer to lines that were rejected."""
    if snapshot.cancelled:
        return [_of(snapshot, InboundKind.CANCELLATION, snapshot.erp_id, "cancelled")]
    rejected = tuple(
        InboundLine(line.line_ref, line.sku, line.quantity, line.quantity, reason=line.rejected)
        for line in snapshot.lines
        if line.rejected
    )
    if not rejected:
        return []
    said = {line.line_ref: f"{line.quantity} {line.reason}" for line in rejected}
    return [_of(snapshot, InboundKind.SHORTAGE, f"{snapshot.erp_id}:rejected", version_of(said), rejected)]


def _of(
    snapshot: Snapshot, kind: InboundKind, key: str, version: str, lines: tuple[InboundLine, ...] = ()
) -> InboundDocument:
    return InboundDocument(
        kind=kind,
        erp_id=ErpId(key),
        erp_number=snapshot.erp_number,
        version=version,
        order_ref=snapshot.external_ref,
        lines=lines,
        currency=snapshot.currency,
    )


def version_of(said: Mapping[str, str]) -> str:
    """A version made of what is said: it changes whenever that does."""
    text = "\x1e".join(f"{name}\x1f{value}" for name, value in sorted(said.items()))
    return hashlib.sha256(text.encode()).hexdigest()
