"""The audit: what should be there and is not, found by looking at everything that is.

An event at or below a cursor is *accounted for* when it has a receipt, a delivery row, a call under way or lies in an
open gap. One that has none of these appeared after its gap was given up; it would never be sent. An order of the shop
without an OrderPlaced was written past the module: while it was off, by raw SQL, or into a shop without the table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.reconciliation import Finding, FindingKind

_BLOCK: Final = 8192
"""Ids of one block; orders are numbered densely, so a block of bits stands for many of them."""


class EntityIds:
    """A set of entity ids that takes a bit for each: a million orders are some hundred kilobytes."""

    def __init__(self) -> None:
        """Nothing is in it."""
        self._blocks: dict[int, bytearray] = {}

    def add(self, entity_id: int) -> None:
        """Put one in."""
        block, bit = divmod(entity_id, _BLOCK)
        self._blocks.setdefault(block, bytearray(_BLOCK // 8))[bit // 8] |= 1 << bit % 8

    def discard(self, entity_id: int) -> None:
        """Take one out, if it is in."""
        block, bit = divmod(entity_id, _BLOCK)
        if block in self._blocks:
            self._blocks[block][bit // 8] &= ~(1 << bit % 8)

    def __iter__(self) -> Iterator[int]:
        """Ascending."""
        for block in sorted(self._blocks):
            for place, byte in enumerate(self._blocks[block]):
                if byte:
                    yield from (block * _BLOCK + place * 8 + bit for bit in range(8) if byte >> bit & 1)


@dataclass(frozen=True, slots=True)
class Walked:
    """An event as the audit passes it."""

    id: OutboxId
    type: str
    aggregate_id: str


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """An event that no one would ever send to this destination."""

    destination: DestinationName
    id: OutboxId
    event_id: str
    type: str
    lane: str
    stream: str = "documents"

    @property
    def finding(self) -> Finding:
        """What a person is told."""
        there = "no receipt, not waiting, in no gap: erp-sidecar audit repair"
        path = f"event {self.id}"
        return Finding(self.destination, FindingKind.UNACCOUNTED_EVENT, self.lane, path, self.type, there, "audit")


def order_without_event(entity_id: int) -> Finding:
    """What a person is told of an order that was written past the module."""
    there = "no OrderPlaced in the outbox: erp-sidecar audit synthesise"
    return Finding("", FindingKind.ORDER_WITHOUT_EVENT, f"order:{entity_id}", "", "placed", there, "audit")


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What one audit saw; `walked_to` is the last event that it passed."""

    events: int
    orders: int
    unaccounted: Sequence[Unaccounted]
    without_event: Sequence[int]
    walked_to: int
    stopped_by: str

    @property
    def complete(self) -> bool:
        """Tell whether it came to the end of the outbox."""
        return not self.stopped_by
