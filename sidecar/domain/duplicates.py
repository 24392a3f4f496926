"""Duplicates that Magento itself made: one cart, ordered more than once.

Parallel submits of one cart all succeed: each becomes an order of its own, and all of them carry the cart's quote id.
A checkout to several addresses makes several orders of one quote, too, and those are meant. What tells them apart is
the purchase: siblings of such a checkout differ in the address, in the lines or in what they cost.

| two orders of one quote                     | differ in                | here                                   |
|---------------------------------------------|--------------------------|----------------------------------------|
| a button pressed twice, a request repeated  | nothing                  | one purchase                           |
| an order for each of several addresses      | address, lines or amount | meant                                  |
| a cart given back after a failed payment    | perhaps nothing          | one purchase, if both are to be sent   |
| one is cancelled, or refunded in full       |                          | the other goes                         |

An address is told by the ids under which the quote and the customer keep it, so nobody's name is read for this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sidecar.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class PurchasedLine:
    """One row of an order, as far as two purchases are compared by it."""

    sku: str
    quantity: Decimal
    row_total: Decimal


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought, by whom and for where; ids are None where Magento keeps none. Amounts as Magento holds them."""

    entity_id: int
    increment_id: str
    quote_id: int
    customer_id: int | None
    quote_address_id: int | None
    customer_address_id: int | None
    currency: str
    grand_total: Decimal
    lines: tuple[PurchasedLine, ...]
    placed_at: datetime

    def is_the_same_as(self, other: "Purchase") -> bool:
        """Tell whether both are one purchase, made twice."""
        return self.what == other.what

    @property
    def what(self) -> tuple[object, ...]:
        """All that two orders of one purchase have in common; lines in any order."""
        lines = sorted((line.sku, line.quantity, line.row_total) for line in self.lines)
        who, where = self.customer_id, (self.quote_address_id, self.customer_address_id)
        return self.quote_id, who, where, self.currency, self.grand_total, lines

    def __str__(self) -> str:
        """The number and what it costs, as a finding tells it."""
        quantity = sum((line.quantity for line in self.lines), ZERO)
        return f"{self.increment_id}: {quantity.normalize():f} units, {self.grand_total} {self.currency}"


def twins_of(purchase: Purchase, others: Sequence[Purchase], window: timedelta) -> list[Purchase]:
    """Those of the others that are the same purchase, placed within the window of it, the oldest first."""
    twins = [
        other
        for other in others
        if other.entity_id != purchase.entity_id
        and abs(other.placed_at - purchase.placed_at) <= window
        and other.is_the_same_as(purchase)
    ]
    return sorted(twins, key=lambda twin: twin.entity_id)
