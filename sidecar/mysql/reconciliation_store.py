"""Reconciliation's own memory: what to compare, what is excused because it is under way, runs and findings."""

from collections.abc import Sequence
from datetime import UTC

from sidecar.domain.events import DestinationName, Lane
from sidecar.domain.reconciliation import Finding, KnownDocument, LastRun, RunSummary
from sidecar.mysql.fence import DOCUMENTS, Fence
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import document_of
from sidecar.mysql.session import Session


class ReconciliationStore:
    """Runs and findings."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("reconciliation_store")
        self._fence = Fence(session, DOCUMENTS)
        self._findings = Findings(session)

    def documents_page(self, destination: DestinationName, after: int, limit: int) -> Sequence[KnownDocument]:
        """Confirmed orders by ascending entity id above `after`."""
        rows = self._session.rows(self._sql["documents_page"], destination=destination, after=after, limit=limit)
        return [document_of(row) for row in rows]

    def documents_of(self, destination: DestinationName, entity_ids: Sequence[int]) -> Sequence[KnownDocument]:
        """What is confirmed of these orders now, in no order; those without a document are left out."""
        if not entity_ids:
            return []
        rows = self._session.rows(self._sql["documents_of"], destination=destination, entity_ids=list(entity_ids))
        return [document_of(row) for row in rows]

    def lanes_in_flight(self, destination: DestinationName, lanes: Sequence[Lane]) -> frozenset[Lane]:
        """Those of the lanes that have events which are not yet receipted for the destination.

        They lie in erp_delivery, above the cursor, or in an id that has filled a gap: nothing else is read, however
        long the outbox is. The cursor is read first; what it passes meanwhile has a receipt or a delivery row.
        """
        if not lanes:
            return frozenset()
        cursor = self._fence.load(self._session, destination)
        binds = {"destination": destination, "lanes": list(lanes)}
        with self._session.reading() as work:
            rows = [*work.rows(self._sql["lanes_above_cursor"], **binds, after=cursor.accounted_to)]
            for gap in cursor.gaps:
                rows += work.rows(self._sql["lanes_in_gap"], **binds, first=gap.first, last=gap.last)
            rows += work.rows(self._sql["lanes_in_delivery"], **binds)
        return frozenset(Lane(row["lane"]) for row in rows)

    def record_findings(self, findings: Sequence[Finding]) -> int:
        """Insert new findings, count known ones as seen again; returns how many were new."""
        return self._session.transaction(lambda work: self._findings.put(work, findings))

    def record_run(self, summary: RunSummary) -> None:
        """Append a finished run."""
        self._session.transaction(
            lambda work: work.run(
                self._sql["record_run"],
                check=summary.check,
                destination=summary.destination,
                compared=summary.compared,
                excused=summary.excused,
                findings=summary.findings,
                complete=summary.complete,
            )
        )

    def last_run(self, check: str, destination: DestinationName) -> LastRun | None:
        """The latest run of a check that read both sides to their ends."""
        rows = self._session.rows(self._sql["last_run"], check=check, destination=destination)
        if not rows:
            return None
        return LastRun(rows[0]["finished_at"].replace(tzinfo=UTC), rows[0]["age_us"] / 1_000_000)
