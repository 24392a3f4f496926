"""Plans: what may become of a lane's head now. It is called about, finished without a call, or held.

A planner decides which; what a call does to the head's own row, and which call its state needs, is the same for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sidecar.domain.delivery import Delivery, DeliveryState, ReceiptOutcome, Reference, Subject
from sidecar.domain.documents import Document, subject_of
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.hydration import Hydrated
from sidecar.domain.reconciliation import Finding
from sidecar.ports import OutboxStore

_OPEN: Final = frozenset({DeliveryState.UNKNOWN, DeliveryState.PENDING, DeliveryState.CONFIRMING})
"""States in which the ERP may hold what was sent."""

FOREIGN: Final = "it belongs to the shop that this one is a copy of"


class Action(StrEnum):
    """The call to make."""

    SUBMIT = "submit"
    FIND = "find"
    POLL = "poll"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the ERP on behalf of a head; `absorbs` are later events of the lane that go with it. `delivery`
    counts the attempt that the call makes. `hydrated` says that Magento could not tell the payload, and what goes in
    its place. `resolved` are findings that no longer hold.
    """

    event: Event
    delivery: Delivery
    action: Action
    ref: Reference
    document: Document
    absorbs: tuple[OutboxId, ...] = ()
    hydrated: Hydrated | None = None
    resolved: tuple[str, ...] = ()

    @property
    def content_id(self) -> OutboxId:
        """The event whose content goes out."""
        return self.absorbs[-1] if self.absorbs else self.event.id

    @property
    def subject(self) -> Subject | None:
        """What of Magento's it is about, where that is one thing."""
        return subject_of(self.document)


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is to be sent."""

    event: Event
    outcome: ReceiptOutcome
    detail: str = ""
    attempts: int = 0
    actor: str = "relay"
    resolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """The head cannot go now; `findings` are for whoever has to see to it."""

    event: Event
    delivery: Delivery
    findings: tuple[Finding, ...] = ()


Plan = Call | Finish | Hold


def is_open(delivery: Delivery) -> bool:
    """Tell whether an attempt may have had its effect: then its content and its key stay as they were."""
    decided = delivery.state in (DeliveryState.RETRYING, DeliveryState.SKIPPING) and delivery.attempts > 0
    return decided or delivery.resubmitted or delivery.state in _OPEN


def action_of(delivery: Delivery) -> Action:
    """The call that a head in this state needs."""
    match delivery.state:
        case DeliveryState.UNKNOWN | DeliveryState.CONFIRMING:
            return Action.FIND
        case DeliveryState.RETRYING | DeliveryState.SKIPPING if delivery.attempts > 0:
            return Action.FIND
        case DeliveryState.PENDING:
            return Action.POLL
        case _:
            return Action.SUBMIT


def counted(delivery: Delivery, action: Action, revision: OutboxId) -> Delivery:
    """The head as it stands once a call for it is about to begin: what is sent is an attempt, what is asked is none."""
    if action is not Action.SUBMIT:
        return replace(delivery, revision=revision)
    attempts = delivery.attempts + 1
    if delivery.attempts == 0 and delivery.state is DeliveryState.READY:
        return Delivery(delivery.id, delivery.lane, DeliveryState.READY, attempts, revision=revision)
    begun = replace(delivery, state=DeliveryState.READY, attempts=attempts, delay=None, revision=revision)
    return replace(begun, missing="")


def call_of(
    event: Event,
    delivery: Delivery,
    ref: Reference,
    document: Document,
    absorbs: tuple[OutboxId, ...] = (),
    hydrated: Hydrated | None = None,
) -> Call:
    """The call that a head in this state needs; while a time is in doubt, no content is bound to it."""
    action = action_of(delivery)
    content = absorbs[-1] if absorbs else event.id
    begun = counted(delivery, action, OutboxId(0) if ref.in_doubt else content)
    return Call(event, begun, action, ref, document, absorbs, hydrated)


def skipped(event: Event, delivery: Delivery) -> Finish:
    """The receipt of what a person gave up."""
    return Finish(event, ReceiptOutcome.SKIPPED, delivery.reason, delivery.attempts, actor="operator")


def payloads_of(outbox: OutboxStore, events: Sequence[Event]) -> dict[OutboxId, str]:
    """The payloads of these events; what was not read along with the tail is read now."""
    payloads = {event.id: event.payload for event in events if event.payload is not None}
    if len(payloads) == len(events):
        return payloads
    missing = sorted({event.id for event in events} - payloads.keys())
    return {**payloads, **outbox.read_payloads(missing)}
