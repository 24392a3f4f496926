"""What the engine needs from the world.

Stores speak to Magento's database, one transaction per method unless it says otherwise, READ COMMITTED, UTC.
They raise StorageUnavailable (forget memory, back off), TransactionConflict (already retried a few times) and,
where a token is quoted, LeaseLost. ERP adapters never raise for what an ERP did: they classify it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sidecar.domain.audit import Unaccounted, Walked
from sidecar.domain.delivery import (
    Capabilities,
    Delivery,
    ErpId,
    Found,
    Receipt,
    Reference,
    Result,
    Snapshot,
)
from sidecar.domain.documents import Document, Health, Page
from sidecar.domain.erasure import Matched, Person, StillDue
from sidecar.domain.events import DestinationName, Event, Lane, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.domain.identity import Instance, Memory, Observation, Place, StreamMark
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.lifecycle import Acknowledgement
from sidecar.domain.naming import Epoch
from sidecar.domain.overview import Backlog, ParkedEvent, WaitingOrder
from sidecar.domain.reconciliation import Finding, KnownDocument, LastRun, OrderFacts, RunSummary
from sidecar.domain.release import ReleaseFacts
from sidecar.domain.restore import Unfinished
from sidecar.domain.retention import AgedEvent, Barrier, Load, Prefix, Retention
from sidecar.domain.step import Cursor, Step
from sidecar.domain.stock import FrozenFold, Membership, UnfinishedWindow, Window, WindowState


class Clock(Protocol):
    """Time that passes here, and chance; instants of the world come from the database."""

    def now(self) -> datetime:
        """The time on the wall, aware, by this host's clock: for hours that people agreed on, and nothing else."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    def worked(self) -> float:
        """Seconds of processor time that the calling thread has used so far."""
        ...

    def jitter(self) -> float:
        """A random number in 0..1."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        ...


class Observer(Protocol):
    """Is told what happened; logs, metrics and tests hang on it. It must not fail and must not wait."""

    def note(self, event: str, **facts: object) -> None:
        """Take notice of `event`, such as 'event.parked'; facts carry no personal data and no secret."""
        ...


class OutboxStore(Protocol):
    """Reads the outbox; every call has a snapshot of its own."""

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """Up to `limit` events above `after`, ascending."""
        ...

    def read_fresh(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same, with those payloads that are small."""
        ...

    def read_whole(self, after: OutboxId, limit: int, max_bytes: int) -> Sequence[Event]:
        """Events above `after` with their payloads, ascending: up to `limit`, and no more than fit into `max_bytes`.

        One always fits, whatever its size.
        """
        ...

    def read_gaps(self, gaps: Sequence[Gap], limit: int) -> Sequence[Event]:
        """Events that now exist inside the gaps, ascending, up to `limit`."""
        ...

    def read_events(self, ids: Sequence[OutboxId]) -> Sequence[Event]:
        """The events with these ids, ascending; missing ones are left out."""
        ...

    def read_payloads(self, ids: Sequence[OutboxId]) -> Mapping[OutboxId, str]:
        """The payloads of these events, as text."""
        ...

    def read_edits(
        self, destination: DestinationName, ids: Sequence[OutboxId], *, by_people: bool = False
    ) -> Mapping[OutboxId, str]:
        """The payloads that stand in the place of these events' own, for this destination, the latest of each.

        People put them there, or the sidecar, where Magento could not tell an order; `by_people` leaves its own out.
        """
        ...

    def alive_transactions(self, since: float) -> frozenset[AliveTransaction] | None:
        """Every transaction that was alive at a moment after `since` and may hold an id, our own left out.

        `since` is an instant of the monotonic clock. None when it cannot be known now: the PROCESS privilege is
        missing, the last look was a moment ago, or the server answered from a stale buffer (our own marked query
        must show up in the answer). A transaction that has changed nothing and runs no statement holds no id.
        """
        ...


class ReceiptStore(Protocol):
    """Cursor, intents, receipts and deliveries of one destination's document stream."""

    def load_cursor(self, destination: DestinationName) -> Cursor:
        """The cursor as last committed."""
        ...

    def commit_step(self, destination: DestinationName, token: int, step: Step) -> None:
        """Write one step. The first statement updates the cursor row WHERE token matches; LeaseLost if not."""
        ...

    def receipted_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a receipt, of their own or in a range."""
        ...

    def receipted_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a receipt, of their own or in a range."""
        ...

    def delivery_ids_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a delivery row."""
        ...

    def delivery_ids_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a delivery row."""
        ...

    def load_heads(self, destination: DestinationName) -> Sequence[Delivery]:
        """Every delivery that is not HELD: at most one per lane. Never reads the held ones."""
        ...

    def load_ready(self, destination: DestinationName) -> Sequence[Delivery]:
        """The heads that may go at once: those that an operator has decided on, and PAUSED ones whose lane is not
        paused any more.
        """
        ...

    def load_pauses(self, destination: DestinationName) -> Mapping[Lane, str]:
        """The lanes that people have paused, with who and why."""
        ...

    def load_lane(self, destination: DestinationName, lane: Lane, after: OutboxId, limit: int) -> Sequence[Event]:
        """The events of a lane that have a delivery row, whatever its state, above `after`, ascending."""
        ...

    def known_documents(self, destination: DestinationName, entity_ids: Sequence[int]) -> Mapping[int, KnownDocument]:
        """What the ERP has confirmed for these orders."""
        ...

    def count_documents(self, destination: DestinationName, blueprint_version: str) -> int:
        """How many documents were confirmed under this version of the blueprint."""
        ...


class LeaseStore(Protocol):
    """Ownership, judged by the database's clock alone. Uses a connection of its own."""

    def acquire(self, role: str, scope: str, owner: str, terms: LeaseTerms) -> int | None:
        """Take the lease if it is free, expired or ours, and return a token larger than every one before.

        For the roles 'relay' and 'stock' (scope = destination) the token is raised on the destination's cursor row
        of the stream 'documents' or 'stock' in the same transaction, and the row is made if absent, where the
        destination begins. None when somebody else owns it. Raises ConfigurationError where nothing says where a
        new destination begins beside others.
        """
        ...

    def renew(self, role: str, scope: str, owner: str, token: int, terms: LeaseTerms) -> bool:
        """Extend the lease; False when it is lost."""
        ...

    def release(self, role: str, scope: str, owner: str, token: int) -> None:
        """Give the lease up, if it is still ours, so that a successor need not wait."""
        ...


class InstanceStore(Protocol):
    """Which shop the database is, and what shows whether time went back in it."""

    def observe(self, mark: int) -> Observation:
        """What the database says now, and the event id under the outbox id `mark`."""
        ...

    def epochs(self) -> Sequence[Epoch]:
        """Every declaration, ascending."""
        ...

    def make(self, instance: Instance) -> Instance:
        """Make the database's own row if there is none; returns the one that is there then."""
        ...

    def settle_in(self, place: Place) -> None:
        """Write that the database belongs where it is."""
        ...


class RestoreStore(Protocol):
    """What a declaration about the database reads and changes; each change is one transaction, and recorded."""

    def live_leases(self) -> Sequence[str]:
        """Who owns a role now, by the database's clock."""
        ...

    def ends_of_the_past(self, until: datetime | None) -> tuple[int, int]:
        """The newest outbox id and the newest order that are not younger than an instant (UTC); None: of all."""
        ...

    def unfinished(self, destinations: Sequence[DestinationName], after_id: int) -> Sequence[Unfinished]:
        """What each destination has not finished of the events up to an id."""
        ...

    def settle_in(self, place: Place, actor: str, reason: str) -> None:
        """Write that the database belongs where it is."""
        ...

    def begin_restored(
        self,
        epoch: Epoch,
        place: Place,
        streams: Mapping[str, StreamMark],
        kept_out: Sequence[Receipt],
        findings: Sequence[Finding],
        actor: str,
        reason: str,
    ) -> None:
        """Begin an epoch after a restore; raises the tokens of `streams` first, so that others write nothing."""
        ...

    def begin_copied(
        self, epoch: Epoch, instance: Instance, streams: Mapping[str, StreamMark], actor: str, reason: str
    ) -> None:
        """Make a copy a shop of its own: nothing from before is ever sent."""
        ...


class HostMemory(Protocol):
    """What this host remembers of the database, whatever happens to that."""

    def read(self) -> Memory | None:
        """What was written last; None on a host that has served no database yet."""
        ...

    def write(self, memory: Memory) -> None:
        """Remember this, durably; raises ConfigurationError where that cannot be."""
        ...


class StockStore(Protocol):
    """Stock windows of one destination, fenced by its stock cursor row."""

    def load_stock_cursor(self, destination: DestinationName) -> Cursor:
        """The stock stream's cursor."""
        ...

    def freeze_windows(
        self,
        destination: DestinationName,
        token: int,
        cursor: Cursor,
        membership: Membership,
        folds: Sequence[FrozenFold],
        blueprint_version: str,
        parked: Sequence[Delivery],
    ) -> None:
        """Freeze a fold in one fenced transaction: cursor, windows, lines, and deltas that cannot be counted."""
        ...

    def released_deltas(self, destination: DestinationName) -> Sequence[OutboxId]:
        """Parked deltas that an operator made READY: they are folded as late ids, which deletes their rows."""
        ...

    def open_windows(self, destination: DestinationName) -> Sequence[Window]:
        """Per warehouse the oldest window that is FROZEN, SENDING or UNKNOWN; parked lines do not block later
        windows, a parked window (refused as a whole) blocks its warehouse.
        """
        ...

    def begin_window(self, window: Window, token: int) -> Window:
        """Mark a window SENDING and count the attempt, fenced; returns it as stored."""
        ...

    def settle_window(
        self,
        window: Window,
        token: int,
        state: WindowState,
        *,
        erp_number: str | None = None,
        rejected: Mapping[str, str] | None = None,
        fault: str = "",
        hint: str = "",
        absents: int = 0,
        resubmitted: bool = False,
        delay: timedelta | None = None,
    ) -> None:
        """Write what became of a window, fenced; `rejected` maps SKUs to the ERP's words, parking those lines.

        `delay` counts from the database's clock; None: nothing to wait for.
        """
        ...


class ProjectionStore(Protocol):
    """Which confirmed documents of the destination that acknowledges have not reached Magento yet."""

    def unprojected(self, limit: int) -> Sequence[tuple[KnownDocument, bool]]:
        """Documents whose revision is newer than what was projected, or whose order lost its number to a stale
        save; the flag says that this order was never projected before.
        """
        ...

    def mark_projected(self, entity_id: int, revision: int) -> None:
        """Record that this revision is in Magento."""
        ...


class MagentoStore(Protocol):
    """Magento's own tables: read current facts, write acknowledgements. Never waits for a row lock."""

    def release_facts(self, entity_ids: Sequence[int]) -> Mapping[int, ReleaseFacts]:
        """The current rows of these orders; absent orders are left out."""
        ...

    def order_facts(self, entity_ids: Sequence[int]) -> Mapping[int, OrderFacts]:
        """Orders with their lines and totals as Magento holds them now; one that cannot be read says why."""
        ...

    def order_states(self, entity_ids: Sequence[int]) -> Mapping[int, str]:
        """The current state of these orders."""
        ...

    def acknowledge_order(self, acknowledgement: Acknowledgement) -> bool:
        """Write ext_order_id, the comment, the status and the grid row of one order in one transaction.

        Idempotent: what is already there is left alone, the comment is written only with the number. False, and
        nothing written, when the order's row is locked by somebody else right now, or when a newer revision is
        confirmed than the one acknowledged.
        Raises ConfigurationError for a status that sales_order_status_state does not pair with the state.
        """
        ...


class WholeOrders(Protocol):
    """Orders with everything that an event tells of them."""

    def build(self, entity_id: int, envelope: Mapping[str, object]) -> str | None:
        """The payload of an order's event from its rows at one moment, behind this envelope; None: there is no order.

        Raises MalformedEvent where the order cannot be told exactly, or is too large to be kept; SchemaError where
        the user may not read all of it.
        """
        ...


class ReconciliationStore(Protocol):
    """Runs and findings."""

    def documents_page(self, destination: DestinationName, after: int, limit: int) -> Sequence[KnownDocument]:
        """Confirmed orders by ascending entity id above `after`."""
        ...

    def documents_of(self, destination: DestinationName, entity_ids: Sequence[int]) -> Sequence[KnownDocument]:
        """What is confirmed of these orders now, in no order."""
        ...

    def lanes_in_flight(self, destination: DestinationName, lanes: Sequence[Lane]) -> frozenset[Lane]:
        """Those of the lanes that have events which are not yet receipted for the destination."""
        ...

    def record_findings(self, findings: Sequence[Finding]) -> int:
        """Insert new findings, count known ones as seen again; returns how many were new."""
        ...

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        ...

    def last_run(self, check: str, destination: DestinationName) -> LastRun | None:
        """The latest finished run of a check."""
        ...


class Insights(Protocol):
    """What operators look at, and the actions that they may take; every action is recorded."""

    def backlog(self) -> Sequence[Backlog]:
        """One row per destination."""
        ...

    def waiting_events(self, limit: int) -> Sequence[ParkedEvent]:
        """Heads that are not plain, parked ones first."""
        ...

    def waiting_orders(self, limit: int) -> Sequence[WaitingOrder]:
        """Orders that wait for their release, the oldest event first."""
        ...

    def open_findings(self, limit: int) -> Sequence[tuple[Finding, str, int]]:
        """Findings with their state and how often they were seen."""
        ...

    def retry_event(self, destination: DestinationName, event: OutboxId, actor: str, reason: str) -> bool:
        """Make a head RETRYING that is parked, or unknown with nothing scheduled; False when it is neither."""
        ...

    def skip_event(self, destination: DestinationName, event: OutboxId, actor: str, reason: str) -> bool:
        """Make a parked, unknown or paused head SKIPPING, which the relay receipts; False when it is none."""
        ...

    def unfinished_windows(self, limit: int) -> Sequence[UnfinishedWindow]:
        """Stock windows that are not done, parked ones first."""
        ...

    def retry_window(
        self, destination: DestinationName, warehouse: str, sequence: int, actor: str, reason: str
    ) -> bool:
        """Make a parked window UNKNOWN with nothing to wait for, so that it is looked up before it is sent."""
        ...

    def skip_window(self, destination: DestinationName, warehouse: str, sequence: int, actor: str, reason: str) -> bool:
        """Make a parked window SKIPPED: it is not sent, and its warehouse goes on; False when it is not parked."""
        ...


class JanitorStore(Protocol):
    """What may be deleted, and deleting it. Its writes need the janitor's grants."""

    def require_rights(self) -> None:
        """Raise SchemaError, with the grants to give as its hint, unless the user may do all of this."""
        ...

    def floor(self) -> OutboxId:
        """Events at or below this id may be gone; the outbox is complete above it."""
        ...

    def begin_purge(self) -> OutboxId:
        """The floor, its row made where there is none."""
        ...

    def barriers(self) -> Sequence[Barrier]:
        """Everything that keeps the floor down now. What lies below all of them is never needed again."""
        ...

    def aged_events(self, after: OutboxId, upto: OutboxId, age: timedelta, limit: int) -> Sequence[AgedEvent]:
        """Up to `limit` events above `after` up to `upto`, ascending; age counts by the database's clock."""
        ...

    def first_unaccounted(self, first: OutboxId, last: OutboxId) -> Barrier | None:
        """The first event of the range that some destination has no receipt for."""
        ...

    def whole_events(self, first: OutboxId, last: OutboxId) -> Sequence[Mapping[str, object]]:
        """Every column of the events of a range, ascending."""
        ...

    def purge_page(self, page: Prefix) -> None:
        """Raise the floor to the page's end and delete its events, in one transaction.

        Raises StorageError, and deletes nothing, where the floor is not right below the page: somebody else purges.
        """
        ...

    def load(self) -> Load:
        """How busy the server is, and how many events wait for the slowest destination."""
        ...

    def trimmable(self, retention: Retention) -> Sequence[tuple[str, timedelta]]:
        """The tables of ours that have a retention, and how long it is."""
        ...

    def trim(self, table: str, age: timedelta, floor: OutboxId, limit: int) -> int:
        """Delete up to `limit` of the table's oldest rows whose retention is over; returns how many."""
        ...

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        ...


class AuditStore(Protocol):
    """What is there, chunk by chunk, for the audit to compare."""

    def load(self) -> Load:
        """How busy the server is."""
        ...

    def complete_since(self, margin: timedelta) -> datetime | None:
        """From when on every order must have an event in the outbox; None while there is none at all."""
        ...

    def events_page(self, after: OutboxId, limit: int) -> Sequence[Walked]:
        """Up to `limit` events above `after`, ascending."""
        ...

    def orders_since(self, since: datetime) -> Iterable[Sequence[int]]:
        """The entity ids of orders created since then, page by page."""
        ...

    def orders_never_sent(self, entity_ids: Sequence[int]) -> Sequence[int]:
        """Those of the orders that still exist and that no ERP has confirmed."""
        ...

    def unaccounted(self, first: OutboxId, last: OutboxId) -> Sequence[Unaccounted]:
        """Events of the range that have no receipt, no delivery row, no call and no gap, at some destination."""
        ...

    def forgotten_deltas(self) -> Sequence[Unaccounted]:
        """Stock deltas in the hole of a window that no later window has taken in."""
        ...

    def record_findings(self, findings: Sequence[Finding]) -> int:
        """Insert new findings, count known ones as seen again; returns how many were new."""
        ...

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        ...


class ErasureStore(Protocol):
    """One person's rows, and overwriting them. Needs the janitor's grants."""

    def require_rights(self) -> None:
        """Raise SchemaError, with the grants to give as its hint, unless the user may do all of this."""
        ...

    def find(self, person: Person) -> tuple[Sequence[int], Sequence[Matched]]:
        """The person's orders in Magento, and every event of these orders, or that says it is about the person."""
        ...

    def unfinished(self, events: Sequence[Matched]) -> Sequence[StillDue]:
        """Those of the events that some destination still has to be sent, or to give up."""
        ...

    def count_trails(self, lanes: Sequence[str]) -> int:
        """How many edits, actions and findings are about these orders."""
        ...

    def erase(self, events: Sequence[Matched], lanes: Sequence[str], actor: str, reason: str) -> int:
        """Overwrite payloads and words, and record it; returns how many of the trail's rows were overwritten."""
        ...


class Archive(Protocol):
    """Where purged events are kept."""

    def keep(self, first: OutboxId, last: OutboxId, rows: Iterable[Mapping[str, object]]) -> str:
        """Write the events of a range; on return they are on disk for good. Returns where."""
        ...


class ErpAdapter(Protocol):
    """One ERP. Thread-safe. Deadlines are seconds that the call may take in all, connecting included."""

    def capabilities(self) -> Capabilities:
        """What this ERP promises; constant while the process lives."""
        ...

    def probe(self) -> Health:
        """Ask the ERP who it is and whether we may; changes nothing there."""
        ...

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        """Make the effect once. Never raises for what the ERP or the network did: UNKNOWN after the first byte
        of a request that got no usable answer, NOT_SENT before it.
        """
        ...

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:
        """Look effects up; the answer is keyed by idempotency key. For changes and cancellations ONE means that
        the target holds this revision or a later one. An order that has a target is that document, if it can be
        read; else it is searched for as any other. Raises Retryable when the look-up itself failed.
        """
        ...

    def poll(self, handle: str, deadline: float) -> Result:
        """Ask what became of an accepted, pending document."""
        ...

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:
        """The document as the ERP holds it. Raises Retryable when it cannot be read now."""
        ...

    def changes(self, cursor: str | None, deadline: float) -> Page:
        """Orders changed since the cursor, oldest first. Raises Retryable when it cannot be read now."""
        ...

    def close(self) -> None:
        """Give connections back; calls in flight end as they may."""
        ...


class BatchSink(Protocol):
    """Somebody who takes events as they are, in batches, and recognises an event that comes again by its id."""

    def accept(self, events: Sequence[Event], deadline: float) -> Result:
        """Hand over a batch in its order, payloads included. CONFIRMED means all of it; a refusal none of it.

        Never raises for what the receiver or the network did. After any other answer the batch comes again.
        """
        ...

    def probe(self) -> Health:
        """Ask whether anybody listens; sends no event."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
