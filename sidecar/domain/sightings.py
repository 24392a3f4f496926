"""Looking for what a lost call has made: by our mark, and never by a guess.

Magento writes the comment with the document, in one transaction. So a document with our mark is ours, and without one
there is none of ours; unless something in the shop drops comments, which a document of the same quantities, as young as
the call and claimed by nobody, would show. Whether that is ours a person decides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sidecar.domain.inbound import Ask
from sidecar.domain.money import ZERO
from sidecar.domain.order_standing import MagentoDocument

CLOCK: Final = timedelta(seconds=2)
"""Magento's times are whole seconds."""


class Sighting(StrEnum):
    """What looking ended in."""

    FOUND = "found"
    ABSENT = "absent"
    SEVERAL = "several"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting, and which of Magento's documents it is about."""

    sighting: Sighting
    documents: tuple[MagentoDocument, ...] = ()


def look(ask: Ask, documents: Sequence[MagentoDocument], claimed: Collection[int], called_ago: timedelta) -> Seen:
    """Tell whether one of the order's documents is what `ask` has made; `claimed` came of other documents of an ERP."""
    marked = tuple(d for d in documents if ask.request.mark in d.comments and d.entity_id not in claimed)
    if marked:
        return Seen(Sighting.FOUND if len(marked) == 1 else Sighting.SEVERAL, marked)
    alike = tuple(
        d for d in documents if d.entity_id not in claimed and d.age <= called_ago + CLOCK and carries(d, ask)
    )
    return Seen(Sighting.DOUBTFUL, alike) if alike else Seen(Sighting.ABSENT)


def carries(document: MagentoDocument, ask: Ask) -> bool:
    """Tell whether a document has the quantities asked for; rows that Magento adds beside them are its own."""
    wanted: dict[int, Decimal] = {}
    for line in ask.request.lines:
        wanted[line.item_id] = wanted.get(line.item_id, ZERO) + line.quantity
    return all(document.lines.get(item_id, ZERO) == quantity for item_id, quantity in wanted.items())
