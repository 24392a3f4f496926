"""Rows of erp_document: what the relay's receipts and the reader of an ERP's changes both write, in one SQL.

Each change raises `change_count`, which makes an order due for the projector, and leaves a row in the trail. Of refunds
and customers Magento shows nothing: they are never due.
"""

from collections.abc import Mapping, Sequence

from sidecar.domain.delivery import EntityType
from sidecar.domain.events import DestinationName
from sidecar.domain.step import ConfirmedDocument
from sidecar.mysql.rows import clip, compact
from sidecar.mysql.session import Row, Session, Work

STATUS_LIMIT = 64


class Documents:
    """Writes inside a fenced transaction that somebody else has opened."""

    def __init__(self, session: Session) -> None:
        """Use this session's table prefix."""
        self._sql = session.statements("documents")

    def put(self, work: Work, destination: DestinationName, documents: Sequence[ConfirmedDocument]) -> None:
        """Keep what the ERP has confirmed, and a row of the trail for each."""
        rows = [_document_row(destination, document) for document in documents]
        work.run_many(self._sql["put_documents"], rows)
        work.run_many(self._sql["put_document_revisions"], rows)

    def record_status(self, work: Work, destination: DestinationName, entity_id: int, erp_status: str) -> bool:
        """Keep the status that the ERP tells of an order which it has confirmed before.

        False, and nothing written, where that is its status already, where the ERP tells none, or where no document
        of the order is known.
        """
        if not erp_status:
            return False
        key = {"destination": destination, "entity_id": entity_id}
        if not work.run(self._sql["record_status"], **key, erp_status=clip(erp_status, STATUS_LIMIT)):
            return False
        work.run(self._sql["keep_revision"], **key)
        return True

    def record_lines(self, work: Work, destination: DestinationName, entity_id: int, lines: Mapping[str, str]) -> bool:
        """Keep the ERP's keys of an order's lines; False, and nothing written, where they are known already."""
        key = {"destination": destination, "entity_id": entity_id}
        return bool(work.run(self._sql["record_lines"], **key, erp_lines=_lines(lines)))


def _lines(lines: Mapping[str, str]) -> str:
    """In one order, so that the same lines are the same text."""
    return compact(dict(sorted(lines.items())))


def _document_row(destination: DestinationName, document: ConfirmedDocument) -> Row:
    return {
        "destination": destination,
        "entity_type": document.entity_type,
        "entity_id": document.entity_id,
        "external_ref": document.external_ref,
        "erp_id": document.erp_id,
        "erp_number": document.erp_number,
        "erp_status": clip(document.erp_status, STATUS_LIMIT),
        "revision": document.revision,
        "payload_sha256": document.payload_sha256,
        "blueprint_version": document.blueprint_version,
        "erp_lines": _lines(document.lines) if document.lines else None,
        "projected_change": 0 if document.entity_type is EntityType.ORDER else 1,
    }
