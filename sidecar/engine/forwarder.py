"""The forwarder: plans heads for a destination that takes events as they are.

No release gate, no mapping, nothing absorbed: each event of a lane goes under its own id, in its turn. An order that
Magento could not tell is built from its tables where that can be done.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sidecar.domain.delivery import Delivery, DeliveryState, DocumentKind, Reference
from sidecar.domain.documents import EventDocument
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.hydration import Hydrated
from sidecar.domain.policy import DestinationPolicy
from sidecar.engine.hydrator import Hydrator
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import Action, Call, Hold, Plan, action_of, counted, is_open, payloads_of, skipped
from sidecar.engine.settlement import park
from sidecar.ports import OutboxStore


class Forwarder:
    """Plans heads of one destination, several at once."""

    def __init__(self, policy: DestinationPolicy, outbox: OutboxStore, hydrator: Hydrator | None = None) -> None:
        """Bind the policy to the outbox."""
        self._policy, self._outbox, self._hydrator = policy, outbox, hydrator

    def plan(self, queues: Sequence[LaneQueue]) -> list[Plan]:
        """One plan per lane, in the same order."""
        heads = [queue.items[0] for queue in queues]
        rows = [head.event.id for head in heads if head.delivery is not None]
        edits = self._outbox.read_edits(self._policy.name, rows) if rows else {}
        payloads = payloads_of(self._outbox, [head.event for head in heads])
        return [self._plan_one(queue, payloads, edits) for queue in queues]

    def still_waiting(self, heads: Sequence[Delivery]) -> dict[Lane, timedelta]:
        """Nothing waits for a release here."""
        del heads
        return {}

    def _plan_one(self, queue: LaneQueue, payloads: Mapping[OutboxId, str], edits: Mapping[OutboxId, str]) -> Plan:
        item = queue.items[0]
        event = item.event
        went = item.delivery is not None and is_open(item.delivery)
        hydrated = self._hydrated(event, payloads.get(event.id), went=went)
        payload = hydrated.after if hydrated is not None else edits.get(event.id, payloads.get(event.id))
        if item.delivery is None and payload is not None and event.type in self._policy.takes:
            # The plain case, and nearly all of them are.
            first = Delivery(event.id, queue.lane, DeliveryState.READY, attempts=1, revision=event.id)
            return _call(event, first, Action.SUBMIT, payload, hydrated)
        delivery = item.delivery or Delivery(event.id, queue.lane, DeliveryState.READY)
        if delivery.state is DeliveryState.SKIPPING and delivery.attempts == 0:
            return skipped(event, delivery)
        if event.type not in self._policy.takes:
            hint = "upgrade the sidecar, then retry; or skip the event"
            return Hold(event, park(delivery, f"unknown event type {event.type!r}", "", hint))
        if payload is None:
            return Hold(event, park(delivery, "the event is no longer in the outbox", "", "skip the event"))
        action = action_of(delivery)
        return _call(event, counted(delivery, action, event.id), action, payload, hydrated)

    def _hydrated(self, event: Event, payload: str | None, *, went: bool) -> Hydrated | None:
        """What the sidecar could build; what it could not goes as it is, with Magento's reason in it."""
        try:
            return None if self._hydrator is None else self._hydrator.whole(event, payload, went=went)
        except MalformedEvent:
            return None


def _call(event: Event, delivery: Delivery, action: Action, payload: str, hydrated: Hydrated | None) -> Call:
    ref = Reference(DocumentKind.EVENT, event.event_id, event.id, "", event.event_id)
    return Call(event, delivery, action, ref, EventDocument(event, payload), hydrated=hydrated)
