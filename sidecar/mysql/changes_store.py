"""How far an ERP's changes were read, and what was read: one fenced transaction per page; nothing is lost or doubled.

The token lies on the cursor row of each kind, and whoever takes the lease raises it there: a reader that lost it finds
no row to move, and its page is undone whole. The successor asks the ERP for the same page again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.errors import LeaseLost
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundState
from sidecar.mysql.documents import Documents
from sidecar.mysql.findings import Findings
from sidecar.mysql.inbound_rows import document_row
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Session, Work
from sidecar.ports.inbound import Reading


class ChangesStore:
    """What the reader of one destination's changes keeps."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("changes_store")
        self._documents, self._findings = Documents(session), Findings(session)

    def positions(self, destination: DestinationName) -> Mapping[ChangeKind, str | None]:
        """Where to go on, per kind; None: from the beginning."""
        rows = self._session.rows(self._sql["positions"], destination=destination)
        return {ChangeKind(row["kind"]): row["position"] for row in rows}

    def statuses(self, destination: DestinationName, entity_ids: Sequence[int]) -> Mapping[int, str]:
        """The last status that the ERP told of these orders; those that it never confirmed are left out."""
        with self._session.reading() as work:
            return {
                row["entity_id"]: row["erp_status"]
                for chunk in chunks(entity_ids)
                for row in work.rows(self._sql["statuses"], destination=destination, entity_ids=chunk)
            }

    def record(self, destination: DestinationName, token: int, reading: Reading) -> int:
        """Write a page and the position behind it in one transaction, fenced first; returns how much was news."""

        def body(work: Work) -> int:
            moved = work.run(
                self._sql["move_on"],
                destination=destination,
                kind=reading.kind,
                token=token,
                position=reading.position,
                entries=reading.entries,
            )
            if moved != 1:
                message = f"another process reads the changes of {destination} now"
                raise LeaseLost(message, hint="only one reader per destination is active; this one waits for its turn")
            news = self._put(work, destination, reading.documents)
            for entity_id, status in reading.statuses:
                news += self._documents.record_status(work, destination, entity_id, status)
            for entity_id, lines in reading.lines:
                self._documents.record_lines(work, destination, entity_id, lines)
            self._findings.put(work, reading.findings)
            return news

        return self._session.transaction(body)

    def _put(self, work: Work, destination: str, documents: Sequence[tuple[int, InboundDocument]]) -> int:
        by_kind: dict[InboundKind, dict[str, Mapping[str, object]]] = defaultdict(dict)
        for entity_id, document in documents:
            row = document_row(destination, entity_id, document)
            by_kind[document.kind][str(row["erp_id"])] = row  # told twice in a page: the later one counts
        return sum(self._put_kind(work, destination, kind, rows) for kind, rows in sorted(by_kind.items()))

    def _put_kind(
        self, work: Work, destination: str, kind: InboundKind, rows: Mapping[str, Mapping[str, object]]
    ) -> int:
        known = {
            row["erp_id"]: row
            for row in work.rows(self._sql["known_documents"], destination=destination, kind=kind, erp_ids=sorted(rows))
        }
        new = [{**row, "state": InboundState.NEW, "fault": ""} for key, row in rows.items() if key not in known]
        work.run_many(self._sql["put_documents"], new)
        changed = [
            (known[key]["id"], row)
            for key, row in rows.items()
            if key in known and known[key]["version"] != row["version"]
        ]
        for document_id, row in changed:
            work.run(
                self._sql["change_document"],
                id=document_id,
                erp_number=row["erp_number"],
                version=row["version"],
                document=row["document"],
            )
        return len(new) + len(changed)
