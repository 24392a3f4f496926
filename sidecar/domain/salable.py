"""What a stock can sell of a SKU, beside what the shop shows of it: written stock is not sold stock.

Magento sells what lies in the sources of a stock that are enabled and whose rows are in stock, less the least quantity
that is kept, less what is reserved. Its pages show what an index says, which lags, stands still, or was never told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sidecar.domain.money import text_of
from sidecar.domain.reconciliation import Finding, FindingKind

SALABLE_KINDS: Final = (FindingKind.STOCK_OVERSOLD, FindingKind.STOCK_INDEX_BEHIND, FindingKind.STOCK_NOT_SALABLE)
SOURCE: Final = "stock watch"
_CONSUMER: Final = "inventory.reservations.updateSalabilityStatus"


@dataclass(frozen=True, slots=True)
class Salable:
    """One SKU in one stock, all of it read at one moment.

    `on_hand` lies in enabled sources whose rows are in stock, `hidden` in those whose rows are not; `reserved` is below
    zero where something is. `least`, `backorders` and `managed` are the product's own, None where the shop's settings
    decide. `indexed` and `is_salable` are the index's, None where it has no row.
    """

    stock_id: int
    sku: str
    on_hand: Decimal
    hidden: Decimal
    reserved: Decimal
    least: Decimal | None
    backorders: bool | None
    managed: bool | None
    indexed: Decimal | None
    is_salable: bool | None

    @property
    def quantity(self) -> Decimal:
        """What can still be sold; where the shop's settings say how much is kept, that is taken for nothing."""
        return self.on_hand + self.reserved - (self.least or Decimal(0))

    def same_index(self, other: "Salable") -> bool:
        """Tell whether the index has not moved between two looks."""
        return (self.indexed, self.is_salable) == (other.indexed, other.is_salable)


def subject_of(sku: str) -> str:
    """How findings name a SKU."""
    return f"sku:{sku}"


def differences(destination: str, seen: Salable, *, backorders: bool) -> list[Finding]:
    """What is not as it should be, a while after a write; `backorders` is what the shop's settings say."""
    return list(_differences(destination, seen, allowed=backorders if seen.backorders is None else seen.backorders))


def _differences(destination: str, seen: Salable, *, allowed: bool) -> Iterator[Finding]:
    def differ(kind: FindingKind, path: str, shown: str, due: str) -> Finding:
        return Finding(destination, kind, subject_of(seen.sku), f"stock:{seen.stock_id}{path}", shown, due, SOURCE)

    left = text_of(seen.quantity)
    is_bounded = seen.managed is not False and not allowed
    if is_bounded and seen.quantity < 0:
        shown = f"{text_of(seen.on_hand)} on hand, {text_of(seen.reserved)} reserved"
        yield differ(FindingKind.STOCK_OVERSOLD, "", shown, f"{left} left: more was sold than there is")
    if seen.hidden > 0:
        shown = f"{text_of(seen.hidden)} in sources that are marked as out of stock"
        yield differ(FindingKind.STOCK_NOT_SALABLE, ".status", shown, "Magento sells none of them: set their status")
    if seen.indexed is None or seen.indexed != seen.on_hand:
        shown = "the index has no row" if seen.indexed is None else f"the index says {text_of(seen.indexed)}"
        due = f"{text_of(seen.on_hand)} on hand: bin/magento indexer:status, then indexer:reindex inventory"
        yield differ(FindingKind.STOCK_INDEX_BEHIND, "", shown, due)
    elif seen.quantity > 0 and not seen.is_salable:
        due = f"{left} left: look at the product's stock status, and whether the consumer {_CONSUMER} runs"
        yield differ(FindingKind.STOCK_NOT_SALABLE, "", "the shop shows it as out of stock", due)
    elif is_bounded and seen.quantity <= 0 and seen.is_salable:
        due = f"{left} left: see whether the consumer {_CONSUMER} runs"
        yield differ(FindingKind.STOCK_INDEX_BEHIND, ".salable", "the shop shows it as in stock", due)
