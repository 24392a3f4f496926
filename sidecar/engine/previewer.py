"""The previewer: what an ERP would be told of an event now. It sends nothing, writes nothing, asks no release gate."""

from datetime import datetime
from typing import Final, assert_never

from sidecar.domain.customer import Customer
from sidecar.domain.delivery import Capabilities, DocumentKind, EntityType, ErpId, Reference
from sidecar.domain.documents import (
    CustomerDocument,
    Document,
    EventDocument,
    OrderCancellation,
    OrderDocument,
    RefundDocument,
)
from sidecar.domain.errors import NotPossible, SchemaError
from sidecar.domain.events import DestinationName, Event, EventType, Lane, OutboxId
from sidecar.domain.naming import Names
from sidecar.domain.order import Order, parse_payload
from sidecar.domain.order_event import envelope_of
from sidecar.domain.previewed import Told
from sidecar.domain.reconciliation import KnownDocument
from sidecar.domain.refund import Refund
from sidecar.domain.subjects import SUBJECTS, told_in
from sidecar.engine.hydrator import Hydrator
from sidecar.ports import ErpAdapter, OutboxStore, ReceiptStore, WholeOrders

BUILT: Final = "the outbox holds no event of this order any more: it was built from Magento's tables as it is now"
_NOBODY: Final = {"type": "unknown", "id": None}
_GRANT: Final = "name one of its events with --event; or let a DBA run what erp-sidecar schema grants hydration prints"
_BUILT_ID: Final = "00000000-0000-0000-0000-000000000000"


class Previewer:
    """Serves one destination."""

    def __init__(
        self,
        destination: DestinationName,
        names: Names,
        adapter: ErpAdapter,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        orders: WholeOrders,
    ) -> None:
        """Bind it to the adapter, whose blueprint need not be the one in force."""
        self._destination, self._names, self._adapter = destination, names, adapter
        self._outbox, self._receipts, self._orders = outbox, receipts, orders
        self._hydrator = Hydrator(destination, outbox, orders)

    def of_event(self, event_id: OutboxId, deadline: float) -> Told:
        """What would go out of an event, with what people have edited in it.

        Raises NotPossible for an event that is not there or makes no document, MalformedEvent for one that cannot be
        read, Retryable where what the ERP is asked for first cannot be read now.
        """
        found = self._outbox.read_events([event_id])
        if not found:
            message = f"the outbox has no event {event_id}"
            raise NotPossible(message, hint="erp-sidecar event list shows the ids")
        return self._told(found[0], self._payload(found[0]), (), deadline)

    def of_order(self, entity_id: int, now: datetime, deadline: float) -> Told:
        """What would go out of an order of which no event can be found: as Magento's tables have it, which is now.

        Raises NotPossible where there is no such order, or this user may not read it whole; and as above.
        """
        envelope = envelope_of(_BUILT_ID, EventType.ORDER_PLACED, now, "preview", _NOBODY)
        try:
            payload = self._orders.build(entity_id, envelope)
        except SchemaError as error:
            message = f"no event of order {entity_id} was found, and this user may not read its tables: {error}"
            raise NotPossible(message, hint=_GRANT) from error
        if payload is None:
            message = f"Magento has no order {entity_id}"
            raise NotPossible(message, hint="name an order by its number or its entity id")
        lane, kind = Lane(f"order:{entity_id}"), EventType.ORDER_PLACED
        event = Event(OutboxId(0), _BUILT_ID, kind, 1, lane, str(entity_id), None, round(now.timestamp() * 1_000_000))
        return self._told(event, payload, (BUILT,), deadline)

    def _payload(self, event: Event) -> str:
        edited = self._outbox.read_edits(self._destination, [event.id]).get(event.id)
        payload = edited or self._outbox.read_payloads([event.id]).get(event.id, "")
        hydrated = None if edited else self._hydrator.whole(event, payload)
        return payload if hydrated is None else hydrated.after

    def _told(self, event: Event, payload: str, notes: tuple[str, ...], deadline: float) -> Told:
        caps = self._adapter.capabilities()
        if caps.takes_events:
            ref = Reference(DocumentKind.EVENT, event.event_id, event.id, "", event.event_id)
            document: Document = EventDocument(event, payload)
            return Told(event, document, ref, self._adapter.preview(document, ref, deadline), notes)
        if event.type not in SUBJECTS:
            message = f"no document of this ERP is made of {event.type}"
            raise NotPossible(message, hint="name an event of an order, a credit memo or a customer")
        subject = told_in(event, parse_payload(payload))
        ref, more = self._reference(event, subject, caps)
        document = _document_of(subject, ref.kind)
        return Told(event, document, ref, self._adapter.preview(document, ref, deadline), (*notes, *more))

    def _reference(
        self, event: Event, subject: Order | Refund | Customer, caps: Capabilities
    ) -> tuple[Reference, tuple[str, ...]]:
        notes: tuple[str, ...] = ()
        match subject:
            case Order():
                known = self._known(EntityType.ORDER, subject.entity_id)
                is_cancelled = event.type == EventType.ORDER_CANCELLED
                kind = DocumentKind.ORDER if known is None else _next(is_cancelled=is_cancelled)
                name = self._names.order(subject.entity_id) if known is None else known.external_ref
                target = None if known is None else ErpId(known.erp_id)
                if known is None and is_cancelled:
                    notes = (
                        "the ERP was never told of this order, and is not told now: this is what it would have been",
                    )
            case Refund():
                known, order = (
                    self._known(EntityType.REFUND, subject.entity_id),
                    self._known(EntityType.ORDER, subject.order_entity_id),
                )
                kind, target = DocumentKind.REFUND, None if order is None else ErpId(order.erp_id)
                name = self._names.refund(subject.entity_id, event.id) if known is None else known.external_ref
                if order is None:
                    notes = ("the ERP has not confirmed the order that the credit memo is for: it is not told before",)
            case Customer():
                known = self._known(EntityType.CUSTOMER, subject.entity_id)
                kind, target = DocumentKind.CUSTOMER, None if known is None else ErpId(known.erp_id)
                name = self._names.customer(subject.entity_id, event.id) if known is None else known.external_ref
            case _:
                assert_never(subject)
        if kind not in caps.accepts:
            notes = (*notes, f"this ERP takes no {kind.replace('_', ' ')}: nothing would be sent")
        ref = Reference(
            kind, name, self._names.revision(event.id), subject.content_sha256, event.event_id, target=target
        )
        return ref, notes

    def _known(self, kind: EntityType, entity_id: int) -> KnownDocument | None:
        return self._receipts.known_documents(self._destination, [entity_id], kind).get(entity_id)


def _next(*, is_cancelled: bool) -> DocumentKind:
    return DocumentKind.ORDER_CANCEL if is_cancelled else DocumentKind.ORDER_CHANGE


def _document_of(subject: Order | Refund | Customer, kind: DocumentKind) -> Document:
    match subject:
        case Order():
            return OrderCancellation(subject) if kind is DocumentKind.ORDER_CANCEL else OrderDocument(subject)
        case Refund():
            return RefundDocument(subject)
        case Customer():
            return CustomerDocument(subject)
        case _:
            assert_never(subject)
