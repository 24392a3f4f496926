"""The planner: what to do with a head, decided from its event, Magento's current row and what the ERP has.

An order that the ERP does not have yet passes the release gate and goes out in its current version, absorbing the
edits that follow it in its lane. One that the ERP has is changed or cancelled. A save that changed nothing that this
ERP is told of sends nothing: an invoice, say, changes what Magento's order has been paid.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    DocumentKind,
    ErpId,
    NamedDocument,
    ReceiptOutcome,
    Reference,
)
from sidecar.domain.documents import OrderCancellation, OrderDocument
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import KNOWN_TYPES, ORDER_TYPES, Event, EventType, Lane, OutboxId
from sidecar.domain.hydration import TOLD, Hydrated, untold
from sidecar.domain.naming import Names
from sidecar.domain.order import Order, order_of, parse_payload
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import KnownDocument
from sidecar.domain.rejection import UNREADABLE_HERE
from sidecar.domain.release import Verdict
from sidecar.domain.subjects import WRONG_SHAPES, order_in
from sidecar.engine.beside import Beside
from sidecar.engine.doubt import doubted, only_asks
from sidecar.engine.followers import Followers
from sidecar.engine.gate import SHORTEST_WAIT, Judged, Judgement, ReleaseGate
from sidecar.engine.hydrator import Hydrator
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import FOREIGN, Call, Finish, Hold, Plan, call_of, is_open, payloads_of, skipped
from sidecar.engine.settlement import park
from sidecar.ports import ErpAdapter, OutboxStore, ReceiptStore

_LANE: Final = re.compile(r"order:\d{1,18}\Z")

_NO_ORDERS: Final = KNOWN_TYPES - ORDER_TYPES
"""Types that are known, and of which no order can be read. A type that nobody knows is parked for a person instead."""

_NOT_TOLD: Final[Mapping[str, str]] = {
    EventType.CREDITMEMO_UPDATED: "a refund is made once, of the credit memo as it was written",
    EventType.CUSTOMER_DELETED: "an ERP keeps its customers; erasure has its own way",
}


@dataclass(frozen=True, slots=True)
class _Head:
    event: Event
    delivery: Delivery
    entity_id: int | None
    known: KnownDocument | None
    content: Event
    absorbs: tuple[OutboxId, ...]
    versions: frozenset[str] = frozenset()
    edited: str | None = None
    hydrated: Hydrated | None = None


class Planner:
    """Plans heads of one destination, several at once so that each store is asked once."""

    def __init__(
        self,
        policy: DestinationPolicy,
        names: Names,
        adapter: ErpAdapter,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        gate: ReleaseGate,
        hydrator: Hydrator | None = None,
    ) -> None:
        """Bind the policy to the stores; without a hydrator a payload that Magento could not tell is parked at once."""
        self._hydrator = hydrator
        self._policy, self._names = policy, names
        self._adapter, self._caps = adapter, adapter.capabilities()
        self._outbox, self._receipts, self._gate = outbox, receipts, gate
        self._followers = Followers(policy.name, receipts)
        self._beside = Beside(policy, names, self._caps, outbox, receipts)

    def plan(self, queues: Sequence[LaneQueue]) -> list[Plan]:
        """One plan per lane, in the same order."""
        beside = [queue for queue in queues if self._beside.makes_document_of(queue.items[0].event)]
        if not beside:
            return self._plan_orders(queues)
        plans = dict(zip((queue.lane for queue in beside), self._beside.plan(beside), strict=True))
        orders = [queue for queue in queues if queue.lane not in plans]
        plans |= zip((queue.lane for queue in orders), self._plan_orders(orders), strict=True)
        return [plans[queue.lane] for queue in queues]

    def _plan_orders(self, queues: Sequence[LaneQueue]) -> list[Plan]:
        heads = self._heads(queues)
        gated = {h.entity_id: h.delivery for h in heads if h.entity_id is not None and h.known is None}
        judged = self._gate.judge(gated)
        payloads = payloads_of(self._outbox, [event for head in heads for event in (head.event, head.content)])
        return [self._plan_one(head, judged, payloads) for head in heads]

    def still_waiting(self, heads: Sequence[Delivery]) -> dict[Lane, timedelta]:
        """Of heads that wait for their release, those whose reason is the same as before, and for how long still."""
        entities = {head.lane: int(head.lane.partition(":")[2]) for head in heads if _LANE.match(head.lane)}
        judged = self._gate.judge({entities[head.lane]: head for head in heads if head.lane in entities})
        waiting = {}
        for head in heads:
            now = judged.get(entities.get(head.lane, 0))
            if now is not None and (now.verdict, now.why) == (Verdict.WAITING, head.reason):
                waiting[head.lane] = now.pause
        return waiting

    def _heads(self, queues: Sequence[LaneQueue]) -> list[_Head]:
        entities = {q.lane: _entity_of(q.items[0].event) for q in queues}
        known = self._receipts.known_documents(
            self._policy.name, [entity for entity in entities.values() if entity is not None]
        )
        edits = self._edits([q.items[0].delivery for q in queues if q.items[0].delivery is not None])
        heads = []
        for queue in queues:
            item = queue.items[0]
            entity = entities[queue.lane]
            document = known.get(entity) if entity is not None else None
            delivery = item.delivery or Delivery(item.event.id, queue.lane, DeliveryState.READY)
            edited = edits.get(item.event.id)
            absorbed = self._absorbed(queue, delivery) if document is None and edited is None else []
            content = absorbed[-1] if absorbed else item.event
            absorbs, versions = tuple(e.id for e in absorbed), self._versions(queue, delivery)
            heads.append(_Head(item.event, delivery, entity, document, content, absorbs, versions, edited))
        return heads

    def _edits(self, heads: Sequence[Delivery]) -> dict[OutboxId, str]:
        """What goes in the place of these events' payloads.

        What the sidecar has built itself binds it only where the ERP may hold it. Where it was refused, the ERP holds
        nothing, and the order is built anew, with what has been mended since.
        """
        edits = dict(self._outbox.read_edits(self._policy.name, [head.id for head in heads])) if heads else {}
        free = [
            one.id for one in heads if one.id in edits and one.revision == 0 and not self._names.is_in_doubt(one.id)
        ]
        by_people = self._outbox.read_edits(self._policy.name, free, by_people=True) if free else {}
        return {one: edit for one, edit in edits.items() if one not in free or one in by_people}

    def _absorbed(self, queue: LaneQueue, delivery: Delivery) -> list[Event]:
        """Edits that directly follow a creation."""
        if queue.items[0].event.type == EventType.ORDER_CANCELLED:
            return []
        return self._followers.going_with(queue, delivery, EventType.ORDER_UPDATED)

    def _versions(self, queue: LaneQueue, delivery: Delivery) -> frozenset[str]:
        """Later contents that a lost time may have sent under the same reference."""
        if not only_asks(delivery, self._names):
            return frozenset()
        return frozenset(event.event_id for event in self._followers.of(queue) if self._names.is_in_doubt(event.id))

    def _plan_one(self, head: _Head, judged: Judged, payloads: Mapping[OutboxId, str]) -> Plan:
        if head.event.type in _NO_ORDERS:
            return _no_document(head)
        if head.entity_id is not None and self._names.is_foreign(head.entity_id):
            return Finish(head.event, ReceiptOutcome.UNROUTED, FOREIGN)
        if head.delivery.state is DeliveryState.SKIPPING and not _may_be_there(head):
            return doubted(head.event, head.delivery, self._names) or skipped(head.event, head.delivery)
        if is_open(head.delivery) and head.delivery.revision not in (0, head.content.id):
            # What was sent is not all in memory yet; with other content the look-up would compare apples with pears.
            return Hold(head.event, replace(head.delivery, delay=SHORTEST_WAIT))
        if _never_begun(head):
            return Finish(head.event, *_left_alone(head, judged), attempts=head.delivery.attempts)
        try:
            head, order = self._understood(head, payloads)
        except MalformedEvent as error:
            return Hold(head.event, park(head.delivery, UNREADABLE_HERE, str(error), error.hint))
        if head.known is None:
            return self._create(head, order, judged.get(order.entity_id))
        return self._revise(head, order, head.known)

    def _understood(self, head: _Head, payloads: Mapping[OutboxId, str]) -> tuple[_Head, Order]:
        """Read the content; a follower that cannot be read is not absorbed, so that it is read, or parks, alone."""
        try:
            return self._edited_untold(head, payloads), _order_in(head, payloads)
        except MalformedEvent:
            if head.absorbs:
                return self._understood(replace(head, content=head.event, absorbs=()), payloads)
            hydrated = None
            if self._hydrator is not None and head.edited is None:
                hydrated = self._hydrator.whole(head.event, payloads.get(head.event.id), anew=True)
            if hydrated is None:
                raise
            whole = replace(head, edited=hydrated.after, hydrated=hydrated)
            return whole, _order_in(whole, payloads)

    def _edited_untold(self, head: _Head, payloads: Mapping[OutboxId, str]) -> _Head:
        """The same, saying so where what goes out was put in the place of what Magento could not tell."""
        payload = payloads.get(head.event.id, "")
        if head.edited is None or untold(head.event, payload) is None:
            return head
        return replace(head, hydrated=Hydrated(head.event.id, head.event.lane, payload, head.edited, is_new=False))

    def _create(self, head: _Head, order: Order, judgement: Judgement | None) -> Plan:
        if is_open(head.delivery):
            return self._call(head, order, DocumentKind.ORDER, NamedDocument.of(head.delivery.handle))
        if in_doubt := doubted(head.event, head.delivery, self._names):
            return in_doubt
        if judgement is None:
            missing = park(head.delivery, "the order is not in Magento", "", "skip the event if the order was deleted")
            return Hold(head.event, missing)
        why, attempts = judgement.why, head.delivery.attempts
        match judgement.verdict:
            case Verdict.RELEASED:
                call = self._call(head, order, DocumentKind.ORDER, None)
                return replace(call, resolved=judgement.resolved) if isinstance(call, Call) else call
            case Verdict.CANCELLED:
                outcome = ReceiptOutcome.CANCELLED_BEFORE_RELEASE
                return Finish(head.event, outcome, why, attempts=attempts, resolved=judgement.resolved)
            case Verdict.WAITING:
                waiting = replace(head.delivery, state=DeliveryState.WAITING, delay=judgement.pause)
                return Hold(head.event, replace(waiting, reason=why, hint=judgement.hint), judgement.findings)
            case Verdict.OVERDUE:
                return Hold(head.event, park(head.delivery, why, "", "decide in Magento, then retry or skip"))
            case _:
                assert_never(judgement.verdict)

    def _revise(self, head: _Head, order: Order, known: KnownDocument) -> Plan:
        if head.event.id <= known.revision:
            return Finish(head.event, ReceiptOutcome.ABSORBED, f"part of {known.erp_number}")
        is_cancelled = head.event.type == EventType.ORDER_CANCELLED
        if not is_cancelled and not is_open(head.delivery) and self._is_told(order, known):
            return Finish(head.event, ReceiptOutcome.UNCHANGED, TOLD if head.hydrated else "")
        if in_doubt := doubted(head.event, head.delivery, self._names):
            return in_doubt
        kind = DocumentKind.ORDER_CANCEL if is_cancelled else DocumentKind.ORDER_CHANGE
        return self._call(head, order, kind, known)

    def _is_told(self, order: Order, known: KnownDocument) -> bool:
        """Whether the ERP was told all of this with the version that it has confirmed."""
        if order.content_sha256 == known.payload_sha256:
            return True
        confirmed = self._confirmed(known)
        return confirmed is not None and not self._adapter.tells_apart(confirmed, order)

    def _confirmed(self, known: KnownDocument) -> Order | None:
        """The version that the ERP has confirmed; None where it was purged, erased or edited since."""
        version = OutboxId(known.revision)
        edits = self._outbox.read_edits(self._policy.name, [version])
        payload = edits.get(version) or self._outbox.read_payloads([version]).get(version)
        try:
            order = order_of(parse_payload(payload or ""))
            is_it = order.content_sha256 == known.payload_sha256
        except (MalformedEvent, *WRONG_SHAPES):
            return None
        return order if is_it else None

    def _call(
        self, head: _Head, order: Order, kind: DocumentKind, document: KnownDocument | NamedDocument | None
    ) -> Plan:
        if kind not in self._caps.accepts:
            return Finish(head.event, ReceiptOutcome.UNROUTED, f"this ERP takes no {kind.replace('_', ' ')}")
        ref = Reference(
            kind=kind,
            external_ref=self._reference(order.entity_id, document),
            revision=self._names.revision(head.content.id),
            payload_sha256=order.content_sha256,
            event_id=head.content.event_id,
            target=ErpId(document.erp_id) if document is not None else None,
            in_doubt=only_asks(head.delivery, self._names),
            versions=head.versions,
        )
        content = OrderCancellation(order) if kind is DocumentKind.ORDER_CANCEL else OrderDocument(order)
        return call_of(head.event, head.delivery, ref, content, head.absorbs, head.hydrated)

    def _reference(self, entity_id: int, document: KnownDocument | NamedDocument | None) -> str:
        """A document that the ERP has confirmed keeps the reference under which it did."""
        return document.external_ref if isinstance(document, KnownDocument) else self._names.order(entity_id)


def _no_document(head: _Head) -> Finish:
    """An invoice, a shipment: it waits its turn in a lane and ends there, and is never sent as an order."""
    if head.delivery.state is DeliveryState.SKIPPING:
        return skipped(head.event, head.delivery)
    detail = _NOT_TOLD.get(head.event.type, f"no document of this ERP is made of {head.event.type}")
    return Finish(head.event, ReceiptOutcome.UNROUTED, detail, head.delivery.attempts)


def _may_be_there(head: _Head) -> bool:
    """Tell whether the ERP may hold an effect that nobody has confirmed to us."""
    return head.delivery.attempts > 0


def _never_begun(head: _Head) -> bool:
    """Tell whether this is a later event of an order that the ERP was not given when it was placed.

    The head of a lane is its oldest unfinished event, so its OrderPlaced is finished, and left no document: it was
    before the destination's start, not taken, skipped by a person, or cancelled before its release.
    """
    if head.known is not None or head.entity_id is None or is_open(head.delivery):
        return False
    return head.event.type in (EventType.ORDER_UPDATED, EventType.ORDER_CANCELLED)


def _left_alone(head: _Head, judged: Judged) -> tuple[ReceiptOutcome, str]:
    order = judged.get(head.entity_id or 0)
    if head.event.type == EventType.ORDER_CANCELLED or (order is not None and order.verdict is Verdict.CANCELLED):
        return ReceiptOutcome.CANCELLED_BEFORE_RELEASE, ""
    return ReceiptOutcome.UNROUTED, "this ERP was not given the order when it was placed"


def _entity_of(event: Event) -> int | None:
    is_about_an_order = event.type not in _NO_ORDERS and event.aggregate_id.isdecimal()
    return int(event.aggregate_id) if is_about_an_order else None


def _order_in(head: _Head, payloads: Mapping[OutboxId, str]) -> Order:
    if head.entity_id is None and head.event.type in ORDER_TYPES:
        message = f"aggregate_id {head.event.aggregate_id!r} is not an order's id"
        raise MalformedEvent(message, hint="skip the event")
    # The event tells what it is, also where the content is that of a later one: only edits are absorbed.
    return order_in(head.event, payloads.get(head.content.id, "") if head.edited is None else head.edited)
