"""Rows of erp_delivery and erp_receipt, written the same way for documents, for stock, and for operators."""

from collections.abc import Sequence
from datetime import datetime

from sidecar.domain.delivery import Delivery, Receipt, ReceiptRange
from sidecar.domain.events import DestinationName, Lane, OutboxId
from sidecar.mysql.rows import chunks, clip, compact
from sidecar.mysql.session import Row, Session, Work


class Deliveries:
    """Writes inside a transaction that somebody else has opened and fenced."""

    def __init__(self, session: Session, stream: str) -> None:
        """Write rows of this stream."""
        self._sql = session.statements("deliveries")
        self._stream = stream

    def put(self, work: Work, destination: DestinationName, deliveries: Sequence[Delivery]) -> None:
        """Insert or replace by id; delays count from the database's clock now."""
        if not deliveries:
            return
        now = work.rows(self._sql["read_now"])[0]["now"]
        work.run_many(self._sql["put_deliveries"], [self._row(destination, delivery, now) for delivery in deliveries])

    def settle(self, work: Work, destination: DestinationName, ids: Sequence[OutboxId]) -> None:
        """Delete the rows of events that are done."""
        for chunk in chunks(ids):
            work.run(self._sql["settle_deliveries"], destination=destination, ids=chunk)

    def promote(self, work: Work, destination: DestinationName, lane: Lane) -> None:
        """Make the oldest held event of a lane its head."""
        work.run(self._sql["promote_lane"], destination=destination, lane=lane)

    def receipt(self, work: Work, receipts: Sequence[Receipt]) -> None:
        """Append receipts; one that exists already is a defect of the caller and fails loudly."""
        work.run_many(
            self._sql["put_receipts"],
            [
                {
                    "destination": receipt.destination,
                    "outbox_id": receipt.id,
                    "outcome": receipt.outcome,
                    "erp_number": receipt.erp_number,
                    "attempts": receipt.attempts,
                    "call_ms": round(receipt.call_duration.total_seconds() * 1000),
                    "actor": clip(receipt.actor, 128),
                    "detail": clip(receipt.detail, 1024),
                }
                for receipt in receipts
            ],
        )

    def receipt_ranges(self, work: Work, ranges: Sequence[ReceiptRange]) -> None:
        """Append receipts of whole ranges."""
        work.run_many(
            self._sql["put_receipt_ranges"],
            [
                {
                    "destination": one.destination,
                    "first_id": one.first,
                    "last_id": one.last,
                    "holes": compact(one.holes),
                    "events": one.events,
                    "outcome": one.outcome,
                    "actor": clip(one.actor, 128),
                    "detail": clip(one.detail, 1024),
                }
                for one in ranges
            ],
        )

    def _row(self, destination: DestinationName, delivery: Delivery, now: datetime) -> Row:
        return {
            "destination": destination,
            "outbox_id": delivery.id,
            "stream": self._stream,
            "lane": delivery.lane,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "next_attempt_at": None if delivery.delay is None else now + delivery.delay,
            "reason": clip(delivery.reason, 512),
            "fault": clip(delivery.fault, 15_000),
            "hint": clip(delivery.hint, 1024),
            "absents": delivery.absents,
            "resubmitted": delivery.resubmitted,
            "handle": delivery.handle,
            "revision": delivery.revision,
            "pending_since": None if delivery.pending_for is None else now - delivery.pending_for,
            "overdue": delivery.overdue,
            "missing": delivery.missing or None,
            "mapping": delivery.mapping,
        }
