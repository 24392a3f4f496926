"""Intents: how the shop means to serve a line of an order, and from which warehouse.

    stock       from a warehouse, as usual
    backorder   from a warehouse, once it has some: Magento sold more than it had
    pre_order   from a warehouse, once the item is out
    drop_ship   by a supplier; no warehouse has it
    pickup      the customer comes for it

A line has one intent. What the blueprint says of a SKU stands before what Magento says of the order, and that the order
is collected is told of the whole order too, so nothing is lost by it.

Who decides from which warehouse an order is served is a matter of agreement: where the ERP does, the shop's word is
context; where Magento does, the ERP is bound by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Intent(StrEnum):
    """How a line is served."""

    STOCK = "stock"
    BACKORDER = "backorder"
    PRE_ORDER = "pre_order"
    DROP_SHIP = "drop_ship"
    PICKUP = "pickup"


WITHOUT_WAREHOUSE: Final = frozenset({Intent.PRE_ORDER, Intent.DROP_SHIP})
"""Intents of lines that no warehouse can serve now."""


class AllocationOwner(StrEnum):
    """Who decides from which warehouse an order is served."""

    ERP = "erp"
    MAGENTO = "magento"


@dataclass(frozen=True, slots=True)
class Allocation:
    """The ERP's warehouse of a website, or of a store view, which is narrower; `pickup`: of each pickup location."""

    owner: AllocationOwner
    websites: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[int, str] = field(default_factory=dict)
    pickup: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_binding(self) -> bool:
        """Tell whether the ERP is bound by it."""
        return self.owner is AllocationOwner.MAGENTO
