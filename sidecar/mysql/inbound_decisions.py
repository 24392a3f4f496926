"""What people see of inbound documents, and what they decide: each deed and its record are one transaction.

Nothing here speaks to Magento: the writer carries out what was decided.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import Decision, InboundEntry, InboundKind, InboundState
from sidecar.mysql.inbound_rows import ask_of, entry_of
from sidecar.mysql.rows import clip
from sidecar.mysql.session import Row, Session, Work

OPEN: Final = ("parked", "unknown", "waiting", "calling", "retry", "new")
_SHOW: Final = "erp-sidecar inbound show {id} tells how it stands"
_STATES: Final = {
    Decision.REFUND: InboundState.NEW,
    Decision.WAIT: InboundState.WAITING,
    Decision.IGNORE: InboundState.IGNORED,
}
_RETRIED: Final = (InboundState.PARKED, InboundState.RETRY, InboundState.UNKNOWN)
_SKIPPED: Final = (InboundState.PARKED, InboundState.RETRY, InboundState.NEW, InboundState.WAITING)
_DECIDED: Final = (InboundState.PARKED, InboundState.WAITING)


class InboundDecisions:
    """The table of inbound documents as the command line reads and writes it."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("inbound_store")

    def listed(self, states: Sequence[str], limit: int) -> Sequence[tuple[DestinationName, InboundEntry]]:
        """Documents in these states, parked ones first, then the oldest."""
        rows = self._session.rows(self._sql["open_documents"], states=list(states), limit=limit)
        return [(DestinationName(row["destination"]), entry_of(row)) for row in rows]

    def counts(self) -> Mapping[DestinationName, Mapping[str, int]]:
        """How many documents are on their way, per destination and state."""
        counts: dict[DestinationName, dict[str, int]] = {}
        for row in self._session.rows(self._sql["count_open"], states=list(OPEN)):
            counts.setdefault(DestinationName(row["destination"]), {})[row["state"]] = row["documents"]
        return counts

    def document(self, document_id: int) -> tuple[DestinationName, InboundEntry]:
        """One document; raises NotPossible where there is none of this number."""
        rows = self._session.rows(self._sql["document"], id=document_id)
        if not rows:
            raise _unknown(document_id)
        return DestinationName(rows[0]["destination"]), entry_of(rows[0])

    def retry(self, document_id: int, actor: str, reason: str) -> InboundState:
        """Let a document go again; one that Magento may hold is looked for first. Returns its new state."""

        def body(work: Work) -> InboundState:
            row = self._locked(work, document_id, _RETRIED)
            in_doubt = row["state"] == InboundState.UNKNOWN or _was_lost(row)
            state = InboundState.UNKNOWN if in_doubt else InboundState.NEW
            decision = row["decision"] or Decision.RETRY
            self._write(work, row, state, decision, "retry", actor, reason)
            return state

        return self._session.transaction(body)

    def skip(self, document_id: int, actor: str, reason: str) -> None:
        """Put a document aside: Magento needs nothing of it, or a person has done it."""

        def body(work: Work) -> None:
            row = self._locked(work, document_id, _SKIPPED)
            self._write(work, row, InboundState.SKIPPED, "", "skip", actor, reason)

        self._session.transaction(body)

    def decide(self, document_id: int, decision: Decision, actor: str, reason: str) -> InboundState:
        """Say what becomes of a shortage; raises NotPossible for any other document. Returns its new state."""

        def body(work: Work) -> InboundState:
            row = self._locked(work, document_id, _DECIDED)
            if row["kind"] != InboundKind.SHORTAGE:
                message = f"document {document_id} is a {row['kind']}, and only shortages are decided about"
                raise NotPossible(message, hint="erp-sidecar inbound retry, or inbound skip")
            self._write(work, row, _STATES[decision], decision, "decide", actor, reason)
            return _STATES[decision]

        return self._session.transaction(body)

    def _locked(self, work: Work, document_id: int, allowed: Sequence[InboundState]) -> Row:
        rows = work.rows(self._sql["lock_document"], id=document_id)
        if not rows:
            raise _unknown(document_id)
        if rows[0]["state"] not in allowed:
            message = f"document {document_id} is {rows[0]['state']}"
            raise NotPossible(message, hint=_SHOW.format(id=document_id))
        return rows[0]

    def _write(
        self, work: Work, row: Row, state: InboundState, decision: str, action: str, actor: str, reason: str
    ) -> None:
        said = f"{action} by {actor}: {reason}"
        chosen = decision if action == "decide" else ""
        work.run(self._sql["decide"], id=row["id"], state=state, decision=decision, reason=clip(said, 1024))
        work.run(
            self._sql["record_decision"],
            action=action,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=row["destination"],
            lane=f"order:{row['entity_id']}",
            state=row["state"],
            fault=row["fault"],
            detail=clip(f"inbound {row['id']}: {row['kind']} {row['erp_number']} {chosen}".strip(), 2048),
        )


def _was_lost(row: Row) -> bool:
    """Tell whether Magento was asked for it, and nobody knows what came of that."""
    return row["ask"] is not None and row["magento_id"] is None and not row["fault"] and ask_of(row["ask"]) is not None


def _unknown(document_id: int) -> NotPossible:
    message = f"there is no inbound document {document_id}"
    return NotPossible(message, hint="erp-sidecar inbound list shows them")
