"""What an import would do, for a person who decides: how many rows change, which the most, and what is held."""

import heapq
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sidecar.domain.money import ZERO
from sidecar.domain.stock_rule import Held, Planned, Waits
from sidecar.engine.stock_judging import Judging

LARGEST: Final = 20
HELD: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """How much a SKU's total over the fed sources would change, and its totals."""

    by: Decimal
    sku: str
    before: Decimal
    after: Decimal


@dataclass
class Outlook:
    """A reading judged and nothing written: counts are of SKUs, `rows` of Magento's source items.

    `largest` are the largest changes, `held` some of those that a person has to look at first; `waiting` cannot be told
    yet, `kept` are not listed whole, `unknown` are no products with stock in Magento.
    """

    skus: int = 0
    rows: int = 0
    unchanged: int = 0
    waiting: int = 0
    kept: int = 0
    unknown: int = 0
    held_count: int = 0
    before: Decimal = ZERO
    after: Decimal = ZERO
    largest: list[Shift] = field(default_factory=list)
    held: list[tuple[str, Held]] = field(default_factory=list)


def outlook_of(judging: Judging) -> Outlook:
    """Judge the reading that `judging` has begun with, to its end."""
    found = Outlook()
    for segment in judging.segments():
        judged = judging.judge(segment)
        found.kept += len(judged.kept)
        for sku, verdict in judged.verdicts.items():
            found.skus += 1
            match verdict:
                case Planned():
                    _count(found, sku, verdict)
                case Waits():
                    found.waiting += 1
                case Held():
                    found.held_count += 1
                    if len(found.held) < HELD:
                        found.held.append((sku, verdict))
    found.unknown = len(judging.unknown_skus())
    found.largest.sort(reverse=True)
    return found


def _count(found: Outlook, sku: str, planned: Planned) -> None:
    found.before += planned.before
    found.after += planned.after
    if not planned.changes:
        found.unchanged += 1
        return
    found.rows += len(planned.changes)
    shift = Shift(abs(planned.after - planned.before), sku, planned.before, planned.after)
    heapq.heappush(found.largest, shift)
    if len(found.largest) > LARGEST:
        heapq.heappop(found.largest)
