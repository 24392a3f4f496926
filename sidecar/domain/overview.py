"""The overview: how a destination stands, as an operator sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.domain.delivery import Delivery
from sidecar.domain.events import DestinationName


@dataclass(frozen=True, slots=True)
class Backlog:
    """How a destination stands."""

    destination: DestinationName
    accounted_to: int
    newest: int
    states: Mapping[str, int]
    open_gaps: int
    intents: int


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that awaits a person, or waits for something, as an operator sees it."""

    destination: DestinationName
    delivery: Delivery
    type: str
    aggregate_id: str
    followers: int
