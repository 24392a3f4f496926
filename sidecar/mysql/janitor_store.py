"""What may be deleted, and deleting it: by primary key, in short transactions that lock nothing but their own rows."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sidecar.domain.errors import SchemaError, StorageError
from sidecar.domain.events import OutboxId
from sidecar.domain.reconciliation import RunSummary
from sidecar.domain.retention import AgedEvent, Barrier, BarrierKind, Load, Prefix, Retention
from sidecar.mysql.accounts import Accounts
from sidecar.mysql.fence import DOCUMENTS, intents_of
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.rights import require_rights
from sidecar.mysql.rows import microseconds
from sidecar.mysql.session import Row, Session, Work

_BY_ID: Final = {"revisions": "revisions", "runs": "runs", "actions": "actions"}
"""Tables whose ids grow with their rows' age."""


class JanitorStore:
    """The janitor's side of the tables."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("janitor_store")
        self._accounts = Accounts(session)
        self._runs = ReconciliationStore(session)

    def require_rights(self) -> None:
        """Raise SchemaError, with the grants to give as its hint, unless the user may do all of this."""
        require_rights(self._session, "janitor_store")

    def floor(self) -> OutboxId:
        """Events at or below this id may be gone; the outbox is complete above it."""
        rows = self._session.rows(self._sql["read_floor"])
        return OutboxId(rows[0]["floor_id"] if rows else 0)

    def begin_purge(self) -> OutboxId:
        """The floor, its row made where there is none."""
        self._session.transaction(lambda work: work.run(self._sql["make_floor"]))
        return self.floor()

    def barriers(self) -> Sequence[Barrier]:
        """Everything that keeps the floor down now, per destination and stream.

        The cursors are read first: what they pass meanwhile has a receipt or a delivery row, and is seen there.
        """
        with self._session.reading() as work:
            cursors = self._accounts.cursors(work)
            found = [barrier for cursor in cursors for barrier in _of_cursor(cursor)]
            for destination in sorted({cursor["destination"] for cursor in cursors}):
                found += self._of_deliveries(work, destination)
                windows = work.rows(self._sql["unsettled_windows"], destination=destination)
                found += [_of_window(destination, window) for window in windows]
        return found

    def aged_events(self, after: OutboxId, upto: OutboxId, age: timedelta, limit: int) -> Sequence[AgedEvent]:
        """Up to `limit` events above `after` up to `upto`, ascending; age counts by the database's clock."""
        rows = self._session.rows(
            self._sql["aged_events"], after=after, upto=max(upto, 0), age_us=microseconds(age), limit=limit
        )
        return [AgedEvent(OutboxId(row["id"]), row["payload_bytes"], bool(row["is_over"])) for row in rows]

    def first_unaccounted(self, first: OutboxId, last: OutboxId) -> Barrier | None:
        """The first event of the range that some destination has no receipt for."""
        found = []
        with self._session.reading() as work:
            for cursor in self._accounts.cursors(work):
                if cursor["stream"] == DOCUMENTS:
                    rows = self._accounts.without_receipt(work, cursor["destination"], first, last)
                    found += [_unaccounted(cursor["destination"], row["id"]) for row in rows[:1]]
        return min(found, key=lambda barrier: barrier.first, default=None)

    def whole_events(self, first: OutboxId, last: OutboxId) -> Sequence[Mapping[str, object]]:
        """Every column of the events of a range, ascending."""
        return self._session.rows(self._sql["whole_events"], first=first, last=last)

    def purge_page(self, page: Prefix) -> None:
        """Raise the floor to the page's end and delete its events, in one transaction; StorageError if it moved."""

        def body(work: Work) -> None:
            matched = work.run(self._sql["raise_floor"], first=page.first, last=page.last, events=page.events)
            if matched != 1:
                message = "another purge is at work, or the purge floor was changed by hand"
                raise StorageError(
                    message, hint="wait for it to end; erp-sidecar outbox purge --dry-run shows the floor"
                )
            work.run(self._sql["purge_page"], first=page.first, last=page.last, events=page.events)

        self._session.transaction(body)

    def load(self) -> Load:
        """How busy the server is, and how many events wait for the slowest destination."""
        with self._session.reading() as work:
            (threads,) = work.rows(self._sql["threads_running"])
            (waiting,) = work.rows(self._sql["relay_backlog"])
            try:
                history = [row["entries"] for row in work.rows(self._sql["history_length"])]
            except SchemaError:  # PROCESS is not granted
                history = []
        return Load(int(threads["Value"]), int(history[0]) if history else None, int(waiting["events"]))

    def trimmable(self, retention: Retention) -> Sequence[tuple[str, timedelta]]:
        """The tables of ours that have a retention, and how long it is."""
        ages = {
            "receipts": retention.receipts,
            "windows": retention.windows,
            "runs": retention.runs,
            "revisions": retention.revisions,
            "actions": retention.actions,
        }
        return [(table, age) for table, age in ages.items() if age is not None]

    def trim(self, table: str, age: timedelta, floor: OutboxId, limit: int) -> int:
        """Delete up to `limit` of the table's oldest rows whose retention is over; returns how many.

        A receipt, or a window, goes only when its events are gone.
        """
        binds = {"age_us": microseconds(age), "limit": limit}
        match table:
            case "receipts":
                return self._trim_receipts(floor, binds)
            case "windows":
                return self._trim_windows(floor, binds)
            case _:
                rows = self._session.rows(self._sql[f"old_{_BY_ID[table]}"], **binds)
                return self._trim_range(f"trim_{_BY_ID[table]}", rows)

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        self._runs.record_run(summary)

    def _of_deliveries(self, work: Work, destination: str) -> Iterator[Barrier]:
        for row in work.rows(self._sql["oldest_delivery"], destination=destination):
            words = f"event {row['outbox_id']} ({row['lane']}) is not done at {destination}: it is {row['state']}"
            yield Barrier(OutboxId(row["outbox_id"]), BarrierKind.DELIVERY, words)

    def _trim_receipts(self, floor: OutboxId, binds: Mapping[str, object]) -> int:
        deleted = 0
        with self._session.reading() as work:
            destinations = sorted({cursor["destination"] for cursor in self._accounts.cursors(work)})
        for destination in destinations:
            for kind in ("receipts", "ranges"):
                rows = self._session.rows(self._sql[f"old_{kind}"], destination=destination, floor=floor, **binds)
                deleted += self._trim_range(f"trim_{kind}", rows, destination=destination)
        return deleted

    def _trim_range(self, statement: str, rows: Sequence[Row], **binds: object) -> int:
        """Delete the leading rows whose retention is over."""
        ids = []
        for row in rows:
            if not row["is_over"]:
                break
            ids.append(row["id"])
        if not ids:
            return 0
        binds |= {"first": ids[0], "last": ids[-1], "rows": len(ids)}
        return self._run(lambda work: work.run(self._sql[statement], **binds))

    def _trim_windows(self, floor: OutboxId, binds: Mapping[str, object]) -> int:
        after = 0
        while rows := self._session.rows(self._sql["old_windows"], after=after, floor=floor, **binds):
            ids = [row["id"] for row in rows if row["is_over"] and row["is_done"]]
            if ids:
                return self._run(lambda work: self._delete_windows(work, ids))  # noqa: B023 -- run at once
            if not rows[-1]["is_over"]:
                break
            after = rows[-1]["id"]
        return 0

    def _delete_windows(self, work: Work, ids: Sequence[int]) -> int:
        work.run(self._sql["trim_window_lines"], ids=list(ids))
        return work.run(self._sql["trim_windows"], ids=list(ids))

    def _run(self, body: Callable[[Work], int]) -> int:
        return self._session.transaction(body)


def _of_cursor(cursor: Row) -> Iterator[Barrier]:
    of = f"the {cursor['stream']} of {cursor['destination']}"
    upto = cursor["accounted_to"]
    yield Barrier(OutboxId(upto + 1), BarrierKind.CURSOR, f"{of} are accounted for up to event {upto}")
    for first, last in json.loads(cursor["open_gaps"]):
        words = f"an id from {first} to {last} may still appear: an open gap in {of}"
        yield Barrier(OutboxId(first), BarrierKind.GAP, words)
    for intent in intents_of(cursor["intents"]):
        first = min(intent.id, intent.revision or intent.id)
        yield Barrier(OutboxId(first), BarrierKind.INTENT, f"a call for event {intent.id} is under way in {of}")


def _of_window(destination: str, window: Row) -> Barrier:
    first = min([window["after_id"] + 1, *json.loads(window["late_ids"])])
    name = f"{window['warehouse']}.{window['sequence']}"
    words = f"stock window {name} of {destination} is not settled: it is {window['state']}"
    return Barrier(OutboxId(first), BarrierKind.WINDOW, words)


def _unaccounted(destination: str, outbox_id: int) -> Barrier:
    words = f"event {outbox_id} has no receipt of {destination} although it is accounted for: erp-sidecar audit run"
    return Barrier(OutboxId(outbox_id), BarrierKind.UNACCOUNTED, words)
