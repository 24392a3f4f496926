"""Replacements: an order that is edited in Magento's admin is cancelled, and a successor takes its place.

Magento commits the successor first, with the predecessor's id in `relation_parent_id`, and cancels the predecessor
afterwards, in a transaction of its own. For a moment both stand, and where the cancellation is refused or the process
dies, both go on standing. The ERP must not get the second while it still means to deliver the first.

| the predecessor                                                  | its successor                           |
|------------------------------------------------------------------|-----------------------------------------|
| is gone, or was never sent and never will be                     | goes                                    |
| was refused by the ERP, and is cancelled in Magento              | goes: the ERP has nothing of it         |
| stands in the ERP, its cancellation not confirmed                | waits                                   |
| is not cancelled in Magento                                      | waits                                   |
| is invoiced, complete or closed: such an order cannot be edited  | goes: it is a reorder, and no successor |

Since Magento 2.4.7 a reorder from the admin carries the same columns as an edit (magento/magento2#37028), and leaves
the first order as it is. Where the first order can still be edited, nothing in the database tells the two apart: then
a person does, once the deadline has passed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FINISHED: Final = frozenset({"complete", "closed"})
CANCELED: Final = "canceled"


class AtTheErp(StrEnum):
    """Where an order stands at a destination.

    NOTHING: it holds nothing of it, and nothing is under way · NOT_YET: its events are not done, and none may have had
    an effect · PERHAPS: a call may have had its effect · THERE: it is confirmed · CANCELLED: and cancelled again.
    """

    NOTHING = "nothing"
    NOT_YET = "not_yet"
    PERHAPS = "perhaps"
    THERE = "there"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The order that another one replaces, as Magento holds it; `predecessor` is the one that it replaces itself."""

    entity_id: int
    increment_id: str
    state: str
    is_invoiced: bool
    predecessor: int = 0

    @property
    def can_be_edited(self) -> bool:
        """Tell whether Magento would let anybody edit it; a cancelled one has been."""
        return not self.is_invoiced and self.state not in FINISHED


def waits_for(predecessor: Predecessor, stands: AtTheErp) -> str:
    """What the successor has to wait for, in words that an operator reads; empty when it may go."""
    is_done_with = stands in (AtTheErp.NOTHING, AtTheErp.CANCELLED)
    if is_done_with or not predecessor.can_be_edited:
        return ""
    if predecessor.state != CANCELED:
        return "it is not cancelled in Magento"
    match stands:
        case AtTheErp.NOT_YET:
            return ""
        case AtTheErp.PERHAPS:
            return "whether the ERP has it is being found out"
        case _:
            return "its cancellation is not confirmed by the ERP"
