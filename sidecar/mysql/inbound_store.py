"""Documents of ERPs on their way into Magento: what is due, what is being made, what became of it.

Every step is a compare-and-set on the row: whoever finds it in another state, or with another count of attempts, writes
nothing. A call is committed before its first byte, and only where no other document of its order is being made.
"""

from collections.abc import Sequence
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import Ask, InboundDocument, InboundEntry, InboundKind, InboundState, Service, Verdict
from sidecar.mysql.findings import Findings
from sidecar.mysql.inbound_rows import ask_as_json, document_row, entry_of
from sidecar.mysql.rows import clip, microseconds
from sidecar.mysql.session import Session, Work

_WORDS: Final = 1024
_KINDS: Final = {
    Service.SHIP: (InboundKind.DELIVERY,),
    Service.INVOICE: (InboundKind.INVOICE,),
    Service.REFUND_ORDER: (InboundKind.CREDIT_MEMO, InboundKind.SHORTAGE),
    Service.REFUND_INVOICE: (InboundKind.CREDIT_MEMO, InboundKind.SHORTAGE),
}


class InboundStore:
    """What the writer of inbound documents reads and writes."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("inbound_store")
        self._findings = Findings(session)

    def due(self, destination: DestinationName, limit: int) -> Sequence[InboundEntry]:
        """What may be worked on now, at most one of each order, and none of an order that a lost call is about."""
        rows = self._session.rows(self._sql["due"], destination=destination, limit=limit)
        return [entry_of(row) for row in rows]

    def doubt_calls(self, destination: DestinationName) -> int:
        """Make UNKNOWN what a process that is gone has left CALLING; returns how many."""
        return self._session.transaction(lambda work: work.run(self._sql["doubt_calls"], destination=destination))

    def begin(self, entry: InboundEntry, ask: Ask) -> InboundEntry | None:
        """Commit that Magento is about to be asked, and count the attempt; None where something stands against it."""

        def body(work: Work) -> InboundEntry | None:
            rows = work.rows(self._sql["lock_order"], entity_id=entry.entity_id)
            if any(row["state"] in ("calling", "unknown") for row in rows if row["id"] != entry.id):
                return None
            begun = work.run(
                self._sql["begin"],
                id=entry.id,
                state=entry.state,
                attempts=entry.attempts,
                version=entry.document.version,
                ask=ask_as_json(ask),
            )
            return entry_of(work.rows(self._sql["document"], id=entry.id)[0]) if begun else None

        return self._session.transaction(body)

    def settle(self, destination: DestinationName, entry: InboundEntry, verdict: Verdict) -> bool:
        """Write what became of it, with findings and a shortage; False where the document has moved on."""

        def body(work: Work) -> bool:
            settled = work.run(
                self._sql["settle"],
                id=entry.id,
                state_before=entry.state,
                attempts=entry.attempts,
                version=entry.document.version,
                state=verdict.state,
                delay_us=None if verdict.delay is None else microseconds(verdict.delay),
                reason=clip(verdict.reason, _WORDS),
                fault=clip(verdict.fault, 15_000),
                hint=clip(verdict.hint.replace("{id}", str(entry.id)), _WORDS),
                ask=None if verdict.ask is None else ask_as_json(verdict.ask),
                magento_id=verdict.magento_id,
                resubmitted=verdict.resubmitted,
                waited=verdict.waited,
            )
            if not settled:
                return False
            self._findings.put(work, verdict.findings)
            if verdict.shortage is not None:
                self._put_shortage(work, destination, entry.entity_id, verdict.shortage)
            if verdict.state is InboundState.DONE:
                work.run(self._sql["wake_shortages"], entity_id=entry.entity_id, id=entry.id)
            return True

        return self._session.transaction(body)

    def confirmed(self, destination: DestinationName, entity_id: int) -> bool:
        """Tell whether the ERP has confirmed this order to us."""
        (row,) = self._session.rows(self._sql["confirmed"], destination=destination, entity_id=entity_id)
        return bool(row["documents"])

    def others(self, destination: DestinationName, entry: InboundEntry) -> Sequence[InboundEntry]:
        """The other documents of the same order and destination, oldest first."""
        binds = {"destination": destination, "entity_id": entry.entity_id, "id": entry.id}
        return [entry_of(row) for row in self._session.rows(self._sql["others"], **binds)]

    def claimed(self, entry: InboundEntry, service: Service) -> frozenset[int]:
        """Magento's documents of this kind that came of other documents of an ERP."""
        kinds = list(_KINDS.get(service, ()))
        rows = self._session.rows(self._sql["claimed"], entity_id=entry.entity_id, id=entry.id, kinds=kinds)
        return frozenset(row["magento_id"] for row in rows)

    def _put_shortage(self, work: Work, destination: str, entity_id: int, shortage: InboundDocument) -> None:
        row = document_row(destination, entity_id, shortage)
        work.run(self._sql["put_shortage"], **row)
