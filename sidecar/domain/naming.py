"""Names of effects: what the ERP knows them by, across every time that the database went back.

An ERP keeps what it was told in a time that the database has forgotten. So whatever is new after a declared restore
gets names that the lost time cannot have used: references carry the epoch, and revisions go on above the lost ones.
What is older keeps its name, and is *in doubt*: the lost time may have sent it, so it is looked up before it is sent.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sidecar.domain.identity import FIRST_EPOCH

ENTITY_DIGITS: Final = 10
"""Magento's order ids are unsigned 32-bit numbers."""


class EpochKind(StrEnum):
    """Why an epoch began: the same shop went back in time, or a copy became a shop of its own."""

    RESTORED = "restored"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One declaration. Events up to `after_id` and orders up to `after_entity` are from before it."""

    number: int
    kind: EpochKind
    after_id: int
    after_entity: int
    revision_shift: int


@dataclass(frozen=True, slots=True)
class Names:
    """How this shop names its effects; `epochs` ascending."""

    instance: str
    epochs: tuple[Epoch, ...] = ()

    def order(self, entity_id: int) -> str:
        """The reference of an order: it never changes, whatever is declared later."""
        began = [epoch.number for epoch in self.epochs if epoch.after_entity < entity_id]
        return f"{tagged(self.instance, max(began, default=FIRST_EPOCH))}-{entity_id}"

    def refund(self, entity_id: int, event: int) -> str:
        """The reference of a credit memo that this event told of.

        A restore gives the ids of credit memos again, and an event's id says on which side of it a credit memo is.
        """
        return f"{self._tag_of(event)}-R-{entity_id}"

    def customer(self, entity_id: int, event: int) -> str:
        """The reference of a customer of whom this event was the first to tell; what is confirmed keeps it."""
        return f"{self._tag_of(event)}-C-{entity_id}"

    def _tag_of(self, event: int) -> str:
        began = [epoch.number for epoch in self.epochs if epoch.after_id < event]
        return tagged(self.instance, max(began, default=FIRST_EPOCH))

    def entity_of(self, reference: str) -> int | None:
        """The order that a reference names; None where it is not one of ours."""
        digits = reference.rpartition("-")[2]
        if not (digits.isascii() and digits.isdigit() and len(digits) <= ENTITY_DIGITS):
            return None
        entity_id = int(digits)
        ours = self.order(entity_id) == reference and not self.is_foreign(entity_id)
        return entity_id if ours else None

    def revision(self, outbox_id: int) -> int:
        """What an ERP is told of an event's place in time; within one order it only grows."""
        shifts = [epoch.revision_shift for epoch in self.epochs if epoch.after_id < outbox_id]
        return outbox_id + max(shifts, default=0)

    def is_in_doubt(self, outbox_id: int) -> bool:
        """Tell whether a lost time may have sent this event, if nothing is known of it."""
        return any(epoch.kind is EpochKind.RESTORED and outbox_id <= epoch.after_id for epoch in self.epochs)

    def may_have_forgotten(self, entity_id: int) -> bool:
        """Tell whether a lost time may have done something about this order: it is older than a declared restore."""
        return any(epoch.kind is EpochKind.RESTORED and entity_id <= epoch.after_entity for epoch in self.epochs)

    def is_foreign(self, entity_id: int) -> bool:
        """Tell whether this order belongs to the shop that this one is a copy of."""
        return any(epoch.kind is EpochKind.COPIED and entity_id <= epoch.after_entity for epoch in self.epochs)


def tagged(instance: str, epoch: int) -> str:
    """The first part of every reference."""
    return instance if epoch == FIRST_EPOCH else f"{instance}.{epoch}"
