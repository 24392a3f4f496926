"""A step of the relay while it is being written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sidecar.domain.delivery import Delivery, DeliveryState, Receipt, ReceiptOutcome, ReceiptRange
from sidecar.domain.events import DestinationName, Lane, OutboxId
from sidecar.domain.gaps import missing_between
from sidecar.domain.hydration import TOLD, Hydrated
from sidecar.domain.reconciliation import Finding
from sidecar.domain.step import ConfirmedDocument, Cursor, Step
from sidecar.engine.plan import Call
from sidecar.engine.settlement import Done


@dataclass(slots=True)
class Draft:
    """What one turn wants written, the calls that may begin once it is, and what is to be told then."""

    receipts: list[Receipt] = field(default_factory=list)
    ranges: list[ReceiptRange] = field(default_factory=list)
    forwarded: list[OutboxId] = field(default_factory=list)
    deliveries: dict[OutboxId, Delivery] = field(default_factory=dict)
    settled: list[OutboxId] = field(default_factory=list)
    promoted: set[Lane] = field(default_factory=set)
    documents: list[ConfirmedDocument] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    hydrated: list[Hydrated] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    effects: int = 0
    slowest: timedelta = timedelta()

    @property
    def empty(self) -> bool:
        """Tell whether nothing is to be written."""
        written = (
            self.receipts
            or self.ranges
            or self.forwarded
            or self.deliveries
            or self.settled
            or self.promoted
            or self.findings
            or self.hydrated
        )
        return not (written or self.calls)

    def write(self, delivery: Delivery) -> None:
        """Write a row; a head that gets one needs no promotion of its lane any more."""
        self.deliveries[delivery.id] = delivery
        if delivery.state is not DeliveryState.HELD:
            self.promoted.discard(delivery.lane)

    def confirm(
        self, destination: DestinationName, blueprint_version: str, call: Call, done: Done, duration: timedelta
    ) -> None:
        """Write that an effect is there: its receipt, those of the edits that went with it, and its document.

        An event that went as it is, at the first try, has nothing to tell but that: a range will receipt it.
        """
        self.effects += 1
        self.slowest = max(self.slowest, duration)
        subject = call.subject
        is_plain = subject is None and call.hydrated is None and done.outcome is ReceiptOutcome.DELIVERED
        if is_plain and call.delivery.attempts == 1:
            self.forwarded.append(call.event.id)
            return
        receipt = Receipt(
            destination,
            call.event.id,
            done.outcome,
            actor="operator" if done.by_a_person else "relay",
            erp_number=done.erp_number,
            attempts=call.delivery.attempts,
            call_duration=duration,
            detail=done.detail if call.hydrated is None else "; ".join(filter(None, (TOLD, done.detail))),
        )
        self.receipts.append(receipt)
        for absorbed in call.absorbs:
            detail = f"went with {call.event.id}"
            went_along = receipt._replace(id=absorbed, outcome=ReceiptOutcome.ABSORBED, attempts=0, detail=detail)
            self.receipts.append(went_along)
        if subject is None:
            return
        self.documents.append(
            ConfirmedDocument(
                entity_id=subject.entity_id,
                external_ref=call.ref.external_ref,
                erp_id=done.erp_id,
                erp_number=done.erp_number,
                erp_status=done.status,
                revision=call.content_id,
                payload_sha256=call.ref.payload_sha256,
                blueprint_version=blueprint_version,
                lines=done.lines,
                entity_type=subject.type,
            )
        )

    def keep(self, destination: DestinationName, hydrated: Hydrated) -> None:
        """Write what goes out in the place of an untold payload; what is kept already stays as it is."""
        if hydrated.is_new:
            self.hydrated.append(hydrated)
            self.note("event.hydrated", destination=destination, id=hydrated.id, lane=str(hydrated.lane))

    def note(self, event: str, **facts: object) -> None:
        """Tell the observer once the step is committed."""
        self.notes.append((event, facts))

    def step(self, destination: DestinationName, cursor: Cursor) -> Step:
        """The step that is to be committed; what it delivers is told in one line."""
        if self.effects:
            slowest_ms = round(self.slowest.total_seconds() * 1000, 1)
            self.note("events.delivered", destination=destination, count=self.effects, slowest_ms=slowest_ms)
        if self.forwarded:
            self.ranges.append(range_of(destination, sorted(self.forwarded), ReceiptOutcome.DELIVERED))
        return Step(
            cursor,
            receipts=tuple(self.receipts),
            ranges=tuple(self.ranges),
            deliveries=tuple(self.deliveries.values()),
            settled=tuple(self.settled),
            promoted=tuple(self.promoted),
            documents=tuple(self.documents),
            findings=tuple(self.findings),
            hydrated=tuple(self.hydrated),
            resolved=tuple(self.resolved),
        )


def range_of(
    destination: DestinationName, ids: Sequence[OutboxId], outcome: ReceiptOutcome, detail: str = ""
) -> ReceiptRange:
    """One receipt for events whose ids ascend: from the first to the last, without what is not among them."""
    holes = tuple((gap.first, gap.last) for gap in missing_between(OutboxId(ids[0] - 1), ids))
    return ReceiptRange(destination, ids[0], ids[-1], outcome, len(ids), holes, detail=detail)
