"""Documents beside an order's own: its refunds, and customers.

A refund is made once, under the credit memo's own name, for an order that the ERP has. Its lane is the order's: it goes
when the order and every change before it are done, and needs no release. A customer is told whole with each save: saves
that wait go as one, in the newest version, and one that changes nothing that an ERP could see sends nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

from sidecar.domain.customer import Customer
from sidecar.domain.delivery import (
    Capabilities,
    Delivery,
    DeliveryState,
    EntityType,
    ErpId,
    ReceiptOutcome,
    Reference,
)
from sidecar.domain.documents import CustomerDocument, RefundDocument
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, EventType, OutboxId
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import KnownDocument
from sidecar.domain.refund import Refund
from sidecar.domain.rejection import UNREADABLE_HERE
from sidecar.domain.subjects import BESIDE, beside_in
from sidecar.engine.doubt import doubted, only_asks
from sidecar.engine.followers import Followers
from sidecar.engine.gate import SHORTEST_WAIT
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import FOREIGN, Finish, Hold, Plan, call_of, is_open, payloads_of, skipped
from sidecar.engine.settlement import park
from sidecar.ports import OutboxStore, ReceiptStore


@dataclass(frozen=True, slots=True)
class _Head:
    event: Event
    delivery: Delivery
    content: Event
    absorbs: tuple[OutboxId, ...] = ()
    versions: frozenset[str] = frozenset()
    edited: str | None = None


class _Known(NamedTuple):
    orders: Mapping[int, KnownDocument]
    refunds: Mapping[int, KnownDocument]
    customers: Mapping[int, KnownDocument]


class Beside:
    """Plans such heads of one destination, several at once so that each store is asked once."""

    def __init__(
        self, policy: DestinationPolicy, names: Names, caps: Capabilities, outbox: OutboxStore, receipts: ReceiptStore
    ) -> None:
        """Bind the policy to the stores."""
        self._policy, self._names, self._caps = policy, names, caps
        self._outbox, self._receipts = outbox, receipts
        self._followers = Followers(policy.name, receipts)

    def makes_document_of(self, event: Event) -> bool:
        """Tell whether this destination is told of such an event by a document that its ERP takes."""
        return event.type in self._policy.takes and BESIDE.get(event.type) in self._caps.accepts

    def plan(self, queues: Sequence[LaneQueue]) -> list[Plan]:
        """One plan per lane, in the same order."""
        heads = self._heads(queues)
        payloads = payloads_of(self._outbox, [event for head in heads for event in (head.event, head.content)])
        read = [self._read(head, payloads) for head in heads]
        known = self._known([one for _, one in read if not isinstance(one, MalformedEvent)])
        return [self._plan_one(head, subject, known) for head, subject in read]

    def _heads(self, queues: Sequence[LaneQueue]) -> list[_Head]:
        stopped = [queue.items[0].event.id for queue in queues if queue.items[0].delivery is not None]
        edits = self._outbox.read_edits(self._policy.name, stopped) if stopped else {}
        return [self._head(queue, edits.get(queue.items[0].event.id)) for queue in queues]

    def _head(self, queue: LaneQueue, edited: str | None) -> _Head:
        event = queue.items[0].event
        delivery = queue.items[0].delivery or Delivery(event.id, queue.lane, DeliveryState.READY)
        if event.type != EventType.CUSTOMER_SAVED:
            return _Head(event, delivery, event, edited=edited)
        absorbed = self._followers.going_with(queue, delivery, EventType.CUSTOMER_SAVED) if edited is None else []
        in_doubt = only_asks(delivery, self._names)
        later = self._followers.of(queue) if in_doubt else ()
        return _Head(
            event,
            delivery,
            absorbed[-1] if absorbed else event,
            tuple(one.id for one in absorbed),
            frozenset(one.event_id for one in later if self._names.is_in_doubt(one.id)),
            edited,
        )

    def _read(self, head: _Head, payloads: Mapping[OutboxId, str]) -> tuple[_Head, Refund | Customer | MalformedEvent]:
        """Read the content; a save that cannot be read is not absorbed, so that it is read, or parks, alone."""
        try:
            payload = payloads.get(head.content.id, "") if head.edited is None else head.edited
            return head, beside_in(head.content, payload)
        except MalformedEvent as error:
            if head.absorbs:
                return self._read(replace(head, content=head.event, absorbs=()), payloads)
            return head, error

    def _known(self, subjects: Sequence[Refund | Customer]) -> _Known:
        refunds = [one for one in subjects if isinstance(one, Refund)]
        customers = [one.entity_id for one in subjects if isinstance(one, Customer)]
        orders = [one.order_entity_id for one in refunds]
        return _Known(
            self._documents(EntityType.ORDER, orders),
            self._documents(EntityType.REFUND, [one.entity_id for one in refunds]),
            self._documents(EntityType.CUSTOMER, customers),
        )

    def _documents(self, kind: EntityType, ids: Sequence[int]) -> Mapping[int, KnownDocument]:
        return self._receipts.known_documents(self._policy.name, ids, kind) if ids else {}

    def _plan_one(self, head: _Head, subject: Refund | Customer | MalformedEvent, known: _Known) -> Plan:
        delivery = head.delivery
        if delivery.state is DeliveryState.SKIPPING and delivery.attempts == 0:
            return doubted(head.event, delivery, self._names) or skipped(head.event, delivery)
        if is_open(delivery) and delivery.revision not in (0, head.content.id):
            # What was sent is not all in memory yet; with other content the look-up would compare apples with pears.
            return Hold(head.event, replace(delivery, delay=SHORTEST_WAIT))
        match subject:
            case MalformedEvent():
                return Hold(head.event, park(delivery, UNREADABLE_HERE, str(subject), subject.hint))
            case Refund():
                order, made = known.orders.get(subject.order_entity_id), known.refunds.get(subject.entity_id)
                return self._refund(head, subject, order, made)
            case Customer():
                return self._customer(head, subject, known.customers.get(subject.entity_id))
            case _:
                assert_never(subject)

    def _refund(self, head: _Head, refund: Refund, order: KnownDocument | None, made: KnownDocument | None) -> Plan:
        if self._names.is_foreign(refund.order_entity_id):
            return Finish(head.event, ReceiptOutcome.UNROUTED, FOREIGN)
        if not is_open(head.delivery):
            attempts = head.delivery.attempts
            if made is not None:
                return Finish(head.event, ReceiptOutcome.UNCHANGED, f"the ERP has it as {made.erp_number}", attempts)
            if order is None:
                why = "this ERP was not given the order that the credit memo is for"
                return Finish(head.event, ReceiptOutcome.UNROUTED, why, attempts)
        name = made.external_ref if made is not None else self._names.refund(refund.entity_id, head.event.id)
        target = None if order is None else ErpId(order.erp_id)
        return self._call(head, RefundDocument(refund), refund.content_sha256, name, target)

    def _customer(self, head: _Head, customer: Customer, known: KnownDocument | None) -> Plan:
        if known is not None and head.event.id <= known.revision:
            return Finish(head.event, ReceiptOutcome.ABSORBED, f"part of {known.erp_number}")
        is_same = known is not None and customer.content_sha256 == known.payload_sha256
        if is_same and not is_open(head.delivery):
            return Finish(head.event, ReceiptOutcome.UNCHANGED, attempts=head.delivery.attempts)
        name = known.external_ref if known is not None else self._names.customer(customer.entity_id, head.event.id)
        target = None if known is None else ErpId(known.erp_id)
        return self._call(head, CustomerDocument(customer), customer.content_sha256, name, target)

    def _call(
        self, head: _Head, document: RefundDocument | CustomerDocument, sha256: str, name: str, target: ErpId | None
    ) -> Plan:
        if in_doubt := doubted(head.event, head.delivery, self._names):
            return in_doubt
        ref = Reference(
            kind=BESIDE[head.event.type],
            external_ref=name,
            revision=self._names.revision(head.content.id),
            payload_sha256=sha256,
            event_id=head.content.event_id,
            target=target,
            in_doubt=only_asks(head.delivery, self._names),
            versions=head.versions,
        )
        return call_of(head.event, head.delivery, ref, document, head.absorbs)
