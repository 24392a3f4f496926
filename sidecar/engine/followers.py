"""Followers: later events of a lane, and those of them that go together with its head."""

from collections.abc import Sequence
from typing import Final

from sidecar.domain.delivery import Delivery
from sidecar.domain.events import DestinationName, Event, EventType
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import is_open
from sidecar.ports import ReceiptStore

ABSORB_LIMIT: Final = 200


class Followers:
    """Reads them for one destination, from memory or, where they were spilled, from the database."""

    def __init__(self, destination: DestinationName, receipts: ReceiptStore) -> None:
        """Bind it to the store."""
        self._destination, self._receipts = destination, receipts

    def of(self, queue: LaneQueue) -> Sequence[Event]:
        """What follows a lane's head, up to a limit."""
        if queue.rows_below and len(queue.items) == 1:
            return self._receipts.load_lane(self._destination, queue.lane, queue.items[0].event.id, ABSORB_LIMIT)
        return [item.event for item in list(queue.items)[1 : ABSORB_LIMIT + 1]]

    def going_with(self, queue: LaneQueue, delivery: Delivery, kind: EventType) -> list[Event]:
        """Events of a kind that directly follow the head; while an outcome is open, exactly those that went with it."""
        frozen = is_open(delivery)
        absorbed = []
        for event in self.of(queue):
            if event.type != kind or (frozen and event.id > delivery.revision):
                break
            absorbed.append(event)
        return absorbed
