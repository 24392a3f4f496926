"""Lineage: which changes a line of a stock window is made of, and what became of a change at a destination."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import DestinationName, Event, EventType, OutboxId
from sidecar.domain.order import parse_payload
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock import LineState, Membership, WindowKind, WindowState


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a window; `members` are the ids of its changes, None where it was frozen before ids were kept.

    `carried_to` is the number of the window that goes on with it.
    """

    destination: DestinationName
    warehouse: str
    sequence: int
    kind: WindowKind
    window_state: WindowState
    erp_number: str
    line: int
    sku: str
    quantity: Decimal
    deltas: int
    state: LineState
    fault: str
    members: Sequence[OutboxId] | None
    carried_to: int | None = None
    membership: Membership | None = field(default=None, repr=False)

    @property
    def counts(self) -> bool:
        """Tell whether its changes count here; those of a line that was carried count where it went."""
        return self.state is not LineState.CARRIED

    @property
    def name(self) -> str:
        """How people name its window."""
        return f"window {self.warehouse} {self.sequence}"

    def has(self, event: OutboxId) -> bool:
        """Tell whether a change is in it; of an old line, whether it lies in the range that its window took."""
        if self.members is not None:
            return event in self.members
        taken = self.membership
        if taken is None:
            return False
        in_range = taken.after < event <= taken.upto and not any(first <= event <= last for first, last in taken.holes)
        return in_range or event in taken.late


@dataclass(frozen=True, slots=True)
class ShownWindow:
    """One window, whole."""

    destination: DestinationName
    warehouse: str
    sequence: int
    kind: WindowKind
    state: WindowState
    frozen_at: datetime
    settled_at: datetime | None
    blueprint_version: str
    calls: int
    erp_number: str
    fault: str
    hint: str
    lines: Sequence[PlacedLine]


@dataclass(frozen=True, slots=True)
class StreamStanding:
    """How far a destination's stock stream is; `gaps` are ids that may still appear."""

    started_after: OutboxId
    accounted_to: OutboxId
    gaps: Sequence[tuple[OutboxId, OutboxId]] = ()

    def is_open(self, event: OutboxId) -> bool:
        """Tell whether a change is yet to be frozen."""
        return event > self.accounted_to or any(first <= event <= last for first, last in self.gaps)


class Fate(StrEnum):
    """What became of a change at one destination."""

    SENT = "sent"
    NET_ZERO = "net_zero"
    WAITS = "waits"
    REFUSED = "refused"
    HELD = "held"
    GIVEN_UP = "given_up"
    OPEN = "open"
    PARKED = "parked"
    SKIPPED = "skipped"
    ECHO = "echo"
    DOCUMENT = "document"
    NOT_TAKEN = "not_taken"
    DROP_SHIPPED = "drop_shipped"
    UNREADABLE = "unreadable"
    BEFORE_START = "before_start"
    UNKNOWN = "unknown"


ON_ITS_WAY = frozenset({Fate.WAITS, Fate.OPEN, Fate.REFUSED, Fate.HELD, Fate.PARKED, Fate.UNREADABLE})
"""The ERP does not have it yet, and may get it."""

NEVER = frozenset({Fate.GIVEN_UP, Fate.SKIPPED, Fate.NOT_TAKEN, Fate.DROP_SHIPPED, Fate.BEFORE_START})
"""The ERP was not told, and will not be."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What became of one change at one destination, and why, in words; `line` where it is in a window."""

    destination: DestinationName
    event: OutboxId
    fate: Fate
    why: str
    line: PlacedLine | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a destination's tables say about some changes; parked and skipped ones by id, with the words."""

    stream: StreamStanding | None = None
    lines: Sequence[PlacedLine] = ()
    parked: Mapping[OutboxId, str] = field(default_factory=dict)
    skipped: Mapping[OutboxId, str] = field(default_factory=dict)


_DOCUMENTS = {
    "shipment": {EventType.SHIPMENT_CREATED},
    "refund": {EventType.CREDITMEMO_CREATED},
    "invoice": {EventType.INVOICE_CREATED},
    "order": {EventType.ORDER_PLACED},
}
"""Which events say the same as a change of such a reason."""

_OF_LINES: Mapping[LineState, tuple[Fate, str]] = {
    LineState.BOOKED: (Fate.SENT, "booked"),
    LineState.NET_ZERO: (Fate.NET_ZERO, "adds up to nothing with others, and is not sent"),
    LineState.PARKED: (Fate.REFUSED, "refused by the ERP"),
    LineState.RETRYING: (Fate.REFUSED, "refused by the ERP, and about to go again"),
    LineState.SKIPPING: (Fate.REFUSED, "refused by the ERP, and about to be given up"),
    LineState.HELD: (Fate.HELD, "held behind a refused line of the SKU"),
    LineState.SKIPPED: (Fate.GIVEN_UP, "given up by a person"),
    LineState.CARRIED: (Fate.WAITS, "carried into a later window"),
}


_OF_WINDOWS: Mapping[WindowState, tuple[Fate, str]] = {
    WindowState.UNKNOWN: (Fate.WAITS, "sent, and it is unknown whether it was booked"),
    WindowState.PARKED: (Fate.REFUSED, "its window is parked"),
    WindowState.SKIPPED: (Fate.GIVEN_UP, "its window was given up by a person"),
}
"""Of lines that go with their window."""


def whereabouts(policy: DestinationPolicy, around: Surroundings, event: Event, payload: str) -> Whereabouts:
    """What became of a change; where no table says it, what the blueprint says about it now."""
    here = [line for line in around.lines if line.has(event.id)]
    counting = [line for line in here if line.counts]
    if here:
        line = (counting or here)[-1]
        fate, words = fate_of(line)
        fault = f": {line.fault}" if line.fault else ""
        return Whereabouts(policy.name, event.id, fate, f"{line.name}, line {line.line}: {words}{fault}", line)
    fate, why = _without_line(policy, around, event, payload)
    return Whereabouts(policy.name, event.id, fate, why)


def fate_of(line: PlacedLine) -> tuple[Fate, str]:
    """What became of a line, and so of its changes."""
    return _OF_LINES.get(line.state) or _OF_WINDOWS.get(line.window_state, (Fate.WAITS, "not booked yet"))


def _without_line(policy: DestinationPolicy, around: Surroundings, event: Event, payload: str) -> tuple[Fate, str]:
    if event.id in around.parked:
        return Fate.PARKED, f"parked: {around.parked[event.id]}"
    if event.id in around.skipped:
        return Fate.SKIPPED, f"skipped by {around.skipped[event.id]}"
    stock, stream = policy.stock, around.stream
    if stock is None:
        return Fate.NOT_TAKEN, "the destination takes no stock changes"
    if event.type == EventType.INVENTORY_ADJUSTED and policy.is_echo(event):
        return Fate.ECHO, "the ERP caused it, and knows it"
    if not policy.folds(event):
        return Fate.NOT_TAKEN, f"the destination takes no {event.type}"
    if stream is not None and event.id <= stream.started_after and not stream.is_open(event.id):
        return Fate.BEFORE_START, "before the destination's start"
    try:
        delta = delta_in(event, payload, stock)
    except MalformedEvent as error:
        return Fate.UNREADABLE, str(error)
    if delta is None:
        return _left_out(policy, stock.reasons, payload)
    if stream is None or stream.is_open(event.id):
        return Fate.OPEN, f"to be frozen with the next window of {delta.warehouse}"
    return Fate.UNKNOWN, "it was accounted for and is in no window: the blueprint was another, or the window is purged"


def _left_out(policy: DestinationPolicy, reasons: Collection[str], payload: str) -> tuple[Fate, str]:
    reason = str(parse_payload(payload).get("reason"))
    if reason in reasons:
        return Fate.DROP_SHIPPED, "drop-shipped: no warehouse of the ERP has it"
    document = sorted(_DOCUMENTS.get(reason, set()) & policy.takes)
    if document:
        return Fate.DOCUMENT, f"it goes as a document: {document[0]}"
    return Fate.NOT_TAKEN, f"stock.reasons does not name {reason}"
