"""Cursor, intents, receipts, deliveries and documents of one destination, written one fenced step at a time."""

from collections.abc import Mapping, Sequence

from sidecar.domain.delivery import Delivery, EntityType
from sidecar.domain.edits import sha256_of
from sidecar.domain.events import DestinationName, Event, Lane, OutboxId
from sidecar.domain.hydration import BY_THE_SIDECAR, Hydrated
from sidecar.domain.reconciliation import KnownDocument
from sidecar.domain.step import Cursor, Step
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.documents import Documents
from sidecar.mysql.fence import DOCUMENTS, Fence
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import chunks, clip, covers, delivery_of, document_of, ids_in
from sidecar.mysql.session import Row, Session, Work


class ReceiptStore:
    """What the relay knows about one destination's document stream."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("receipt_store")
        self._fence = Fence(session, DOCUMENTS)
        self._deliveries = Deliveries(session, DOCUMENTS)
        self._documents = Documents(session)
        self._findings = Findings(session)

    def load_cursor(self, destination: DestinationName) -> Cursor:
        """The cursor as last committed; gaps come back without witnesses."""
        return self._fence.load(self._session, destination)

    def commit_step(self, destination: DestinationName, token: int, step: Step) -> None:
        """Write one step in one transaction, fenced first; LeaseLost writes nothing."""

        def body(work: Work) -> None:
            self._fence.write(work, destination, token, step.cursor)
            self._deliveries.receipt(work, step.receipts)
            self._deliveries.receipt_ranges(work, step.ranges)
            self._deliveries.put(work, destination, step.deliveries)
            self._deliveries.settle(work, destination, step.settled)
            for lane in step.promoted:
                self._deliveries.promote(work, destination, lane)
            self._documents.put(work, destination, step.documents)
            self._findings.put(work, step.findings)
            self._findings.resolve(work, step.resolved)
            work.run_many(self._sql["keep_hydrated"], [_edit_row(destination, one) for one in step.hydrated])

        self._session.transaction(body)

    def receipted_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a receipt, of their own or in a range."""
        with self._session.reading() as work:
            single = work.tuples(self._sql["receipted_above"], destination=destination, after=after)
            ranges = work.tuples(self._sql["ranges_above"], destination=destination, after=after)
        covered = (i for row in ranges for i in ids_in(*row) if i > after)
        return frozenset(OutboxId(i) for i in (*(i for (i,) in single), *covered))

    def receipted_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a receipt, of their own or in a range."""
        if not ids:
            return frozenset()
        span = {"destination": destination, "first": min(ids), "last": max(ids)}
        with self._session.reading() as work:
            single = {
                outbox_id
                for chunk in chunks(ids)
                for (outbox_id,) in work.tuples(self._sql["receipted_among"], destination=destination, ids=chunk)
            }
            ranges = work.tuples(self._sql["ranges_among"], **span)
        return frozenset(i for i in ids if i in single or any(covers(row, i) for row in ranges))

    def delivery_ids_above(self, destination: DestinationName, after: OutboxId) -> frozenset[OutboxId]:
        """Ids above `after` that have a delivery row."""
        rows = self._session.tuples(self._sql["delivery_ids_above"], destination=destination, after=after)
        return frozenset(OutboxId(outbox_id) for (outbox_id,) in rows)

    def delivery_ids_among(self, destination: DestinationName, ids: Sequence[OutboxId]) -> frozenset[OutboxId]:
        """Those of the ids that have a delivery row."""
        with self._session.reading() as work:
            return frozenset(
                OutboxId(outbox_id)
                for chunk in chunks(ids)
                for (outbox_id,) in work.tuples(self._sql["delivery_ids_among"], destination=destination, ids=chunk)
            )

    def load_heads(self, destination: DestinationName) -> Sequence[Delivery]:
        """Every delivery that is not HELD, ascending; held ones are not even looked at."""
        return [delivery_of(row) for row in self._session.rows(self._sql["load_heads"], destination=destination)]

    def load_ready(self, destination: DestinationName) -> Sequence[Delivery]:
        """The heads that may go at once, ascending."""
        return [delivery_of(row) for row in self._session.rows(self._sql["load_ready"], destination=destination)]

    def load_pauses(self, destination: DestinationName) -> Mapping[Lane, str]:
        """The lanes that people have paused, with who and why."""
        rows = self._session.rows(self._sql["load_pauses"], destination=destination)
        return {Lane(row["lane"]): clip(f"paused by {row['paused_by']}: {row['reason']}", 512) for row in rows}

    def load_lane(self, destination: DestinationName, lane: Lane, after: OutboxId, limit: int) -> Sequence[Event]:
        """The events of a lane that have a delivery row, whatever its state, above `after`, ascending."""
        statement = self._sql["load_lane"]
        rows = self._session.tuples(statement, destination=destination, lane=lane, after=after, limit=limit)
        return [Event._make(row) for row in rows]

    def known_documents(
        self, destination: DestinationName, entity_ids: Sequence[int], entity_type: EntityType = EntityType.ORDER
    ) -> Mapping[int, KnownDocument]:
        """What the ERP has confirmed for these orders, credit memos or customers."""
        key = {"destination": destination, "entity_type": entity_type}
        with self._session.reading() as work:
            return {
                row["entity_id"]: document_of(row)
                for chunk in chunks(entity_ids)
                for row in work.rows(self._sql["known_documents"], **key, entity_ids=chunk)
            }

    def count_documents(
        self, destination: DestinationName, blueprint_version: str, entity_type: EntityType = EntityType.ORDER
    ) -> int:
        """How many documents of a kind were last confirmed under this version of the blueprint."""
        key = {"destination": destination, "entity_type": entity_type}
        rows = self._session.rows(self._sql["count_documents"], **key, blueprint_version=blueprint_version)
        return int(rows[0]["documents"])


def _edit_row(destination: DestinationName, hydrated: Hydrated) -> Row:
    return {
        "destination": destination,
        "event": hydrated.id,
        "lane": hydrated.lane,
        "payload_before": hydrated.before,
        "payload_after": hydrated.after,
        "sha256_before": sha256_of(hydrated.before),
        "sha256_after": sha256_of(hydrated.after),
        "edited_by": BY_THE_SIDECAR,
    }
