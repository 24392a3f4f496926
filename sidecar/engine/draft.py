"""A step of the relay while it is being written."""

from dataclasses import dataclass, field

from sidecar.domain.delivery import Delivery, DeliveryState, Receipt
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.reconciliation import Finding
from sidecar.domain.step import ConfirmedDocument, Cursor, Step
from sidecar.engine.planner import Call


@dataclass(slots=True)
class Draft:
    """What one turn wants written, the calls that may begin once it is, and what is to be told then."""

    receipts: list[Receipt] = field(default_factory=list)
    deliveries: dict[OutboxId, Delivery] = field(default_factory=dict)
    settled: list[OutboxId] = field(default_factory=list)
    promoted: set[Lane] = field(default_factory=set)
    documents: list[ConfirmedDocument] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Tell whether nothing is to be written."""
        return not (self.receipts or self.deliveries or self.settled or self.promoted or self.findings or self.calls)

    def write(self, delivery: Delivery) -> None:
        """Write a row; a head that gets one needs no promotion of its lane any more."""
        self.deliveries[delivery.id] = delivery
        if delivery.state is not DeliveryState.HELD:
            self.promoted.discard(delivery.lane)

    def note(self, event: str, **facts: object) -> None:
        """Tell the observer once the step is committed."""
        self.notes.append((event, facts))

    def step(self, cursor: Cursor) -> Step:
        """The step that is to be committed."""
        return Step(
            cursor,
            receipts=tuple(self.receipts),
            deliveries=tuple(self.deliveries.values()),
            settled=tuple(self.settled),
            promoted=tuple(self.promoted),
            documents=tuple(self.documents),
            findings=tuple(self.findings),
        )
