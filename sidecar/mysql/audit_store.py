"""What the audit reads, chunk by chunk; and the way back for an event that nobody has accounted for."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from sidecar.domain.audit import Unaccounted, Walked
from sidecar.domain.events import ERP_ORIGIN, STOCK_TYPES, DestinationName, EventType, OutboxId, lane_of
from sidecar.domain.reconciliation import Finding, RunSummary
from sidecar.domain.retention import Load
from sidecar.domain.special_cases import Skus
from sidecar.mysql.accounts import Accounts
from sidecar.mysql.actions import Actions
from sidecar.mysql.fence import DOCUMENTS, STOCK, intents_of
from sidecar.mysql.janitor_store import JanitorStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.rows import chunks, compact
from sidecar.mysql.session import Row, Session, Work

_ORDERS: Final = 1000


class AuditStore:
    """The audit's side of the tables."""

    def __init__(
        self,
        session: Session,
        reasons: Mapping[str, frozenset[str]] | None = None,
        withholding: Collection[str] = (),
        demanding: Collection[str] = (),
        nowhere: Mapping[str, Skus] | None = None,
    ) -> None:
        """`reasons`: which stock deltas each destination takes; of others no window needs to know.

        Nor, at the destinations that are `withholding` echoes, of what the ERP has caused. Those that are `demanding`
        take every reservation. `nowhere`: SKUs that no warehouse of a destination has, and of which it is told nothing.
        """
        self._reasons, self._withholding = reasons or {}, frozenset(withholding)
        self._demanding, self._nowhere = frozenset(demanding), nowhere or {}
        self._session = session
        self._sql, self._fence_sql = session.statements("audit_store"), session.statements("fence")
        self._accounts, self._actions = Accounts(session), Actions(session)
        self._runs, self._janitor = ReconciliationStore(session), JanitorStore(session)

    def load(self) -> Load:
        """How busy the server is."""
        return self._janitor.load()

    def complete_since(self, margin: timedelta) -> datetime | None:
        """From when on every order must have an event in the outbox; None while there is none at all."""
        rows = self._session.rows(self._sql["oldest_event"])
        if not rows:
            return None
        oldest = datetime.fromtimestamp(rows[0]["occurred_at_us"] // 1_000_000, UTC)
        return oldest + margin if rows[0]["floor_id"] else oldest

    def events_page(self, after: OutboxId, limit: int) -> Sequence[Walked]:
        """Up to `limit` events above `after`, ascending."""
        rows = self._session.rows(self._sql["events_page"], after=after, limit=limit)
        return [Walked(OutboxId(row["id"]), row["type"], row["aggregate_id"]) for row in rows]

    def orders_since(self, since: datetime) -> Iterator[Sequence[int]]:
        """The entity ids of orders created since then, page by page."""
        created_at, after = since.replace(tzinfo=None), 0
        while rows := self._session.rows(self._sql["orders_page"], since=created_at, after=after, limit=_ORDERS):
            yield [row["entity_id"] for row in rows]
            created_at, after = rows[-1]["created_at"], rows[-1]["entity_id"]

    def orders_never_sent(self, entity_ids: Sequence[int]) -> Sequence[int]:
        """Those of the orders that still exist and that no ERP has confirmed."""
        found: list[int] = []
        with self._session.reading() as work:
            for chunk in chunks(entity_ids):
                known = {row["entity_id"] for row in work.rows(self._sql["with_document"], entity_ids=chunk)}
                there = {row["entity_id"] for row in work.rows(self._sql["still_there"], entity_ids=chunk)}
                found += [entity_id for entity_id in chunk if entity_id in there - known]
        return found

    def unaccounted(self, first: OutboxId, last: OutboxId) -> Sequence[Unaccounted]:
        """Events of the range that have no receipt, no delivery row, no call and no gap, at some destination.

        Looked at twice: an event that moves from one of them to the other may be missed by one look.
        """
        with self._session.reading() as work:
            once = self._look(work, first, last)
            return [one for one in self._look(work, first, last) if one in once] if once else []

    def open_gaps_again(self, events: Sequence[Unaccounted], actor: str, reason: str) -> Sequence[Unaccounted]:
        """Give events that are still unaccounted for to the relay, as ids that appeared in a gap; returns which.

        Each destination's cursor is locked, looked at once more, and fenced, so that its relay reads it anew.
        """
        done: list[Unaccounted] = []
        for destination, stream in sorted({(event.destination, event.stream) for event in events}):
            mine = [event for event in events if (event.destination, event.stream) == (destination, stream)]
            open_again = partial(self._open_again, events=mine, actor=actor, reason=reason)
            done += self._session.transaction(open_again)
        return done

    def forgotten_deltas(self) -> Sequence[Unaccounted]:
        """Stock deltas in the hole of a window that no later window has taken in, though the destination takes them."""
        with self._session.reading() as work:
            return [
                one
                for cursor in self._accounts.cursors(work)
                if cursor["stream"] == STOCK
                for one in self._forgotten(work, cursor)
            ]

    def record_findings(self, findings: Sequence[Finding]) -> int:
        """Insert new findings, count known ones as seen again; returns how many were new."""
        return self._runs.record_findings(findings)

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        self._runs.record_run(summary)

    def _open_again(self, work: Work, events: list[Unaccounted], actor: str, reason: str) -> list[Unaccounted]:
        key = {"destination": events[0].destination, "stream": events[0].stream}
        (cursor,) = work.rows(self._fence_sql["lock_stream"], **key)
        if cursor["stream"] == STOCK:
            still = [one for one in self._forgotten(work, cursor) if one in events]
        else:
            still = [one for event in events for one in self._missing(work, cursor, event.id, event.id)]
        if not still:
            return []
        gaps = sorted([*json.loads(cursor["open_gaps"]), *([one.id, one.id] for one in still)])
        work.run(self._fence_sql["open_again"], **key, open_gaps=compact(gaps))
        for one in still:
            self._actions.record(
                work, "repair", actor, reason, destination=one.destination, event=one.id, lane=one.lane
            )
        work.run(self._sql["close_findings"], fingerprints=[one.finding.fingerprint for one in still])
        return still

    def _look(self, work: Work, first: int, last: int) -> list[Unaccounted]:
        return [
            one
            for cursor in self._accounts.cursors(work)
            if cursor["stream"] == DOCUMENTS
            for one in self._missing(work, cursor, first, last)
        ]

    def _missing(self, work: Work, cursor: Row, first: int, last: int) -> list[Unaccounted]:
        destination = DestinationName(cursor["destination"])
        upto = min(last, cursor["accounted_to"])
        rows = self._accounts.without_receipt(work, destination, first, upto) if first <= upto else []
        if not rows:
            return []
        excused = _in_flight(cursor)
        for chunk in chunks([row["id"] for row in rows]):
            found = work.rows(self._sql["delivery_rows"], destination=destination, ids=chunk)
            excused |= {row["outbox_id"] for row in found}
        gaps = json.loads(cursor["open_gaps"])
        return [
            Unaccounted(destination, row["id"], row["event_id"], row["type"], lane_of(row["lane"], row["id"]))
            for row in rows
            if row["id"] not in excused and not any(start <= row["id"] <= end for start, end in gaps)
        ]

    def _forgotten(self, work: Work, cursor: Row) -> list[Unaccounted]:
        destination = DestinationName(cursor["destination"])
        holes, taken = self._holes(work, destination)
        gaps = json.loads(cursor["open_gaps"])
        return [
            Unaccounted(destination, row["id"], row["event_id"], row["type"], lane_of(row["lane"], row["id"]), STOCK)
            for first, last in sorted(holes)
            for row in self._deltas(work, destination, first, last)
            if row["id"] not in taken
            and not any(start <= row["id"] <= end for start, end in gaps)
            and self._flows(destination, row)
        ]

    def _flows(self, destination: str, row: Row) -> bool:
        told, left_out = _told(row["payload"]), self._nowhere.get(destination)
        if left_out is not None and left_out.have(str(told.get("sku"))):
            return False
        if row["type"] == EventType.INVENTORY_RESERVED:
            return destination in self._demanding
        is_echo = destination in self._withholding and row["origin"] == ERP_ORIGIN
        return not is_echo and str(told.get("reason")) in self._reasons.get(destination, frozenset())

    def _deltas(self, work: Work, destination: str, first: int, last: int) -> Iterator[Row]:
        """The stock deltas of a hole that nobody parked or skipped, read page by page."""
        binds = {"destination": destination, "last": last, "types": sorted(STOCK_TYPES), "limit": _ORDERS}
        while rows := work.rows(self._sql["deltas_in_hole"], first=first, **binds):
            yield from rows
            first = rows[-1]["id"] + 1

    def _holes(self, work: Work, destination: str) -> tuple[set[tuple[int, int]], set[int]]:
        """Every id range that some window left out, and every id that one took in late."""
        holes: set[tuple[int, int]] = set()
        taken: set[int] = set()
        after = 0
        while rows := work.rows(self._sql["windows_page"], destination=destination, after=after, limit=_ORDERS):
            for row in rows:
                holes.update((first, last) for first, last in json.loads(row["holes"]))
                taken.update(json.loads(row["late_ids"]))
            after = rows[-1]["id"]
        return holes, taken


def _told(payload: str) -> Mapping[str, object]:
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _in_flight(cursor: Row) -> set[int]:
    intents = intents_of(cursor["intents"])
    return {outbox_id for intent in intents for outbox_id in (intent.id, intent.revision, *intent.absorbs)}
