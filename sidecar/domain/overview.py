"""The overview: how a destination stands, as an operator sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sidecar.domain.delivery import Delivery
from sidecar.domain.events import DestinationName, Event, Lane, OutboxId
from sidecar.domain.release import ReleaseFacts

MOST_FOLLOWERS: Final = 1000
"""A lane may hold a million events behind its head; nobody needs to know exactly, and counting them would take long."""


MOST_HELD: Final = 10_000
"""The same for all that is held at one destination."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How a destination stands.

    What is held is counted up to MOST_HELD, one more means that there is more. `held_because` is what its governor
    said last, empty when it holds nothing back.
    """

    destination: DestinationName
    accounted_to: int
    newest: int
    states: Mapping[str, int]
    open_gaps: int
    intents: int
    held_because: str = ""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that awaits a person, or waits for something, as an operator sees it.

    `followers` counts what is held behind it, up to MOST_FOLLOWERS; one more means that there are more.
    """

    destination: DestinationName
    delivery: Delivery
    type: str
    aggregate_id: str
    followers: int


@dataclass(frozen=True, slots=True)
class AwaitedEntry:
    """An entry that is missing in the mapping or in the ERP, such as payment_methods.checkmo, and what waits for it.

    `first` is the oldest event that does, `age` how long the longest of them has been parked.
    """

    destination: DestinationName
    key: str
    events: int
    first: OutboxId
    age: timedelta


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for its release: why the gate held it when it was judged last, and Magento's word now."""

    destination: DestinationName
    event: OutboxId
    increment_id: str
    reason: str
    facts: ReleaseFacts


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that waits for another one's sake, and what a person can do; its amount in the order's currency."""

    destination: DestinationName
    event: OutboxId
    increment_id: str
    amount: str
    age: timedelta
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class RejectedOrder:
    """An order that the ERP refuses: its words, what a person can do, and whether the order in Magento says so."""

    destination: DestinationName
    event: OutboxId
    increment_id: str
    state: str
    status: str
    reason: str
    words: str
    hint: str
    attempts: int
    age: timedelta
    is_shown: bool


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """A lane that stands: paused by a person, or blocked by its head, or both; ages by the database's clock."""

    destination: DestinationName
    lane: Lane
    head: ParkedEvent | None
    paused_by: str = ""
    paused_because: str = ""
    paused_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class EventStanding:
    """Where an event stands at one destination."""

    destination: DestinationName
    state: str
    erp_number: str | None
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class EditRecord:
    """One edit of an event's payload for one destination; `payload` is what it made of it."""

    destination: DestinationName
    edited_by: str
    edited_at: datetime
    sha256_before: str
    sha256_after: str
    payload: str


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """What a person did about an event."""

    destination: DestinationName
    action: str
    actor: str
    reason: str
    detail: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event with all that became of it; `payload` is what Magento wrote, and may hold personal data."""

    event: Event
    origin: str
    payload: str
    standings: Sequence[EventStanding]
    edits: Sequence[EditRecord]
    actions: Sequence[ActionRecord]
