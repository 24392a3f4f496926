"""Retention: how long rows stay, and what keeps the purge floor from rising.

The *floor* is an outbox id: events at or below it may be gone, above it the outbox is complete. It rises by whole
prefixes, never past a *barrier*: the first id that somebody still needs. So a purged id can never be taken for a
gap, and an event that is not done is never passed, however old it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sidecar.domain.events import OutboxId


class BarrierKind(StrEnum):
    """What an id may still be needed for."""

    CURSOR = "not accounted for yet"
    GAP = "open gap"
    INTENT = "call under way"
    DELIVERY = "not done"
    WINDOW = "stock window not settled"
    UNACCOUNTED = "no receipt"
    NOBODY = "no destination"


@dataclass(frozen=True, slots=True)
class Barrier:
    """`first` is the lowest id that must stay; `words` say why, and of whom, in one sentence."""

    first: OutboxId
    kind: BarrierKind
    words: str


@dataclass(frozen=True, slots=True)
class AgedEvent:
    """An event as the purge sees it: how big it is, and whether its retention is over."""

    id: OutboxId
    payload_bytes: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Prefix:
    """Events that may go in one transaction: `first` is the id after the floor, so that ids in between count too."""

    first: OutboxId
    last: OutboxId
    events: int
    payload_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the database is; None where it does not say."""

    threads_running: int
    history_length: int | None
    backlog: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows of each kind stay; None: for ever. Events also wait for their receipts."""

    events: timedelta = timedelta(days=30)
    receipts: timedelta | None = timedelta(days=366)
    windows: timedelta | None = timedelta(days=366)
    runs: timedelta | None = timedelta(days=366)
    revisions: timedelta | None = None
    actions: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PurgeSummary:
    """What one purge did, or, as a preview, would do; `floor` is where the outbox begins afterwards."""

    events: int
    floor: int
    stopped_by: str
    complete: bool
    archives: Sequence[str] = ()
    trimmed: dict[str, int] = field(default_factory=dict)


def lowest(barriers: Sequence[Barrier]) -> Barrier:
    """The barrier that counts; where nobody has ever read the outbox, everything stays."""
    nobody = Barrier(OutboxId(0), BarrierKind.NOBODY, "no destination has read the outbox yet: start the sidecar once")
    return min(barriers, key=lambda barrier: barrier.first, default=nobody)
