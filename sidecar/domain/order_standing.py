"""How an order stands in Magento: which of its items ship, are invoiced and refunded, and how much of each is left.

Magento writes a configurable and a bundle as a parent with children, and each document takes some of these rows and not
the others, which it calls dummies:

| item | ships | is invoiced and refunded |
|---|---|---|
| simple | itself | itself |
| configurable | the parent | the parent |
| bundle that ships together | the parent | the children where they carry the prices, else the parent |
| bundle that ships separately | the children | the same |

An ERP's line carries our reference, the item_id of the row that its order line was made of: the parent of a
configurable, each child of a bundle, and the parent of a bundle with a fixed price too. (Sales/Model/Order/Item.php,
isDummy, getSimpleQtyToShip, getQtyToInvoice, getQtyToRefund.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sidecar.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One row of sales_order_item; `amount` is what the shopper pays for all of it, discount and tax included."""

    item_id: int
    sku: str
    ordered: Decimal
    parent_id: int | None = None
    product_type: str = "simple"
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    refunded: Decimal = ZERO
    canceled: Decimal = ZERO
    amount: Decimal = ZERO
    is_virtual: bool = False
    is_decimal: bool = False
    ships_separately: bool = False
    children_calculated: bool = False

    @property
    def to_ship(self) -> Decimal:
        """What Magento would still ship of it, were it no dummy."""
        return max(self.ordered - self.shipped - self.refunded - self.canceled, ZERO)

    @property
    def to_invoice(self) -> Decimal:
        """What Magento would still invoice of it, were it no dummy."""
        return max(self.ordered - self.invoiced - self.canceled, ZERO)

    @property
    def to_refund(self) -> Decimal:
        """What Magento would still refund of it, were it no dummy."""
        return max(self.invoiced - self.refunded, ZERO)

    def worth(self, quantity: Decimal) -> Decimal:
        """The share of its amount that falls on a quantity of it."""
        return self.amount * quantity / self.ordered if self.ordered else ZERO


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """An order as Magento's tables hold it now; `shipping_to_refund` in the base currency."""

    entity_id: int
    increment_id: str
    state: str
    currency: str
    base_currency: str
    payment_method: str
    items: Mapping[int, OrderItem]
    shipping_to_refund: Decimal = ZERO

    def children_of(self, item: OrderItem) -> list[OrderItem]:
        """The rows below a parent."""
        return [other for other in self.items.values() if other.parent_id == item.item_id]

    def parent_of(self, item: OrderItem) -> OrderItem | None:
        """The row above a child."""
        return None if item.parent_id is None else self.items.get(item.parent_id)

    def ships(self, item: OrderItem) -> bool:
        """Tell whether shipments carry this row: isDummy(true) is false, and it is a thing."""
        if item.is_virtual:
            return False
        parent = self.parent_of(item)
        if parent is not None:
            return parent.ships_separately
        return not (item.ships_separately and self.children_of(item))

    def is_charged(self, item: OrderItem) -> bool:
        """Tell whether invoices and credit memos carry this row: isDummy() is false."""
        parent = self.parent_of(item)
        if parent is not None:
            return parent.children_calculated
        return not (item.children_calculated and self.children_of(item))


@dataclass(frozen=True, slots=True)
class MagentoDocument:
    """A shipment, invoice or credit memo of an order; `age` by the database's clock.

    `is_paid` and `has_transaction` are for invoices: state 2, and a payment provider's transaction.
    """

    entity_id: int
    increment_id: str
    age: timedelta
    lines: Mapping[int, Decimal]
    comments: tuple[str, ...] = ()
    grand_total: Decimal | None = None
    is_paid: bool = False
    has_transaction: bool = False
    tracks: frozenset[str] = field(default=frozenset())
