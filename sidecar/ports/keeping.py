"""What looks after the books: reconciliation, audit, purge, erasure, and what people see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sidecar.domain.audit import Unaccounted, Walked
from sidecar.domain.contract import Contract, Sighting
from sidecar.domain.erasure import Matched, Person, StillDue
from sidecar.domain.events import DestinationName, Lane, OutboxId
from sidecar.domain.overview import AwaitedEntry, Backlog, ParkedEvent, WaitingOrder
from sidecar.domain.reconciliation import Finding, KnownDocument, LastRun, RunSummary
from sidecar.domain.retention import AgedEvent, Barrier, Load, Prefix, Retention
from sidecar.domain.stock import UnfinishedWindow


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


class MissingEntries(Protocol):
    """What is parked for an entry that is missing in a mapping."""

    def awaited(self, destinations: Collection[DestinationName], limit: int) -> Sequence[AwaitedEntry]:
        """Entries that something waits for."""
        ...

    def release(self, destination: DestinationName, key: str, stores: Collection[int], actor: str, reason: str) -> int:
        """Let all go that waits for an entry, in these stores or, where there are none, in all; says how many did."""
        ...


class ContractStore(Protocol):
    """What ERPs' interfaces were."""

    def saw(self, destination: DestinationName, seen: Contract) -> Sighting:
        """Keep that a contract was met; a change is a finding until it is accepted, or gone again."""
        ...

    def is_open(self, destination: DestinationName) -> bool:
        """Tell whether the latest contract is one that nobody has accepted."""
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
