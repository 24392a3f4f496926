"""Subjects: which order, credit memo or customer an event tells of, read from its payload."""

from collections.abc import Mapping
from typing import Final

from sidecar.domain.customer import Customer, customer_of
from sidecar.domain.delivery import DocumentKind, EntityType, Subject
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import ORDER_TYPES, SCHEMA_VERSIONS, Event, EventType
from sidecar.domain.fields import EDIT_OR_SKIP
from sidecar.domain.order import Order, order_of, parse_payload
from sidecar.domain.refund import Refund, refund_of

SUBJECTS: Final[Mapping[str, EntityType]] = {
    **dict.fromkeys(ORDER_TYPES, EntityType.ORDER),
    EventType.CREDITMEMO_CREATED: EntityType.REFUND,
    EventType.CUSTOMER_SAVED: EntityType.CUSTOMER,
}
"""Events of which an ERP's document can be made, and what it stands for. A credit memo told again makes none."""

BESIDE: Final[Mapping[str, DocumentKind]] = {
    EventType.CREDITMEMO_CREATED: DocumentKind.REFUND,
    EventType.CUSTOMER_SAVED: DocumentKind.CUSTOMER,
}
"""The documents that are made of events beside an order's own."""

_UPGRADE: Final = "upgrade the sidecar, then retry; or skip the event"
WRONG_SHAPES: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What Python raises for JSON that is well-formed and still nonsense."""


def order_in(event: Event, payload: str) -> Order:
    """Read an order's event; raise MalformedEvent where it cannot be read, or speaks of another order."""
    subject = _read(event, payload)
    if not isinstance(subject, Order):
        message = f"{event.type} tells of no order"
        raise MalformedEvent(message, hint="skip the event")
    return subject


def beside_in(event: Event, payload: str) -> Refund | Customer:
    """Read an event of a credit memo or a customer; raise MalformedEvent as for an order's."""
    subject = _read(event, payload)
    if isinstance(subject, Order):
        message = f"{event.type} tells of an order"
        raise MalformedEvent(message, hint="skip the event")
    return subject


def subject_in(event: Event, payload: str) -> Subject | None:
    """What an event tells of; None where no document is made of it, or where its payload cannot say."""
    kind = SUBJECTS.get(event.type)
    if kind is None or not event.aggregate_id.isdecimal():
        return None
    if kind is not EntityType.REFUND:
        return Subject(kind, int(event.aggregate_id))
    try:
        return Subject(kind, beside_in(event, payload).entity_id)
    except MalformedEvent:
        return None


def told_in(event: Event, told: Mapping[str, object]) -> Order | Refund | Customer:
    """Read the payload of an event that SUBJECTS names; raise MalformedEvent as above."""
    try:
        subject = _subject_of(event.type, told)
        subject.content_sha256  # noqa: B018 -- read here, where a payload that cannot be hashed is one that is malformed
    except WRONG_SHAPES as error:
        message = f"the payload has a shape that cannot be read ({type(error).__name__})"
        raise MalformedEvent(message, hint=EDIT_OR_SKIP) from error
    about = subject.order_entity_id if isinstance(subject, Refund) else subject.entity_id
    if str(about) != event.aggregate_id:
        what = "customer" if isinstance(subject, Customer) else "order"
        message = f"the payload speaks of {what} {about}, the event of {what} {event.aggregate_id}"
        raise MalformedEvent(message, hint="skip the event")
    return subject


def _read(event: Event, payload: str) -> Order | Refund | Customer:
    _require_version(event)
    return told_in(event, parse_payload(payload))


def _subject_of(kind: str, told: Mapping[str, object]) -> Order | Refund | Customer:
    match SUBJECTS[kind]:
        case EntityType.ORDER:
            return order_of(told)
        case EntityType.REFUND:
            return refund_of(told)
        case EntityType.CUSTOMER:
            return customer_of(told)


def _require_version(event: Event) -> None:
    versions = SCHEMA_VERSIONS.get(EventType(event.type)) if event.type in list(EventType) else None
    if versions is None:
        message = f"unknown event type {event.type!r}"
        raise MalformedEvent(message, hint=_UPGRADE)
    if event.schema_version not in versions:
        known = ", ".join(map(str, sorted(versions)))
        message = f"{event.type} has schema version {event.schema_version}; this sidecar reads {known}"
        raise MalformedEvent(message, hint=_UPGRADE)
