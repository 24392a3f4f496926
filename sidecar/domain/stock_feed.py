"""An ERP's stock in Magento: levels of a snapshot become quantities of Magento's sources.

Magento takes from its sources what has been shipped and keeps apart, as reservations, what has been ordered. An ERP
does both at once, at other times. So a level is never copied: what the ERP counted before it knew of an order, and
what left the ERP before Magento shipped it, is put right first.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Quantity(StrEnum):
    """What a level of the ERP counts.

    ON_HAND: what lies there · AVAILABLE: that, less what its orders have been promised · ATP: available, planned
    receipts included.
    """

    ON_HAND = "on_hand"
    AVAILABLE = "available"
    ATP = "atp"


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A row of `inventory_source_item`: how many of a SKU a source holds, and whether they are sold."""

    source: str
    sku: str
    quantity: Decimal
    in_stock: bool


@dataclass(frozen=True, slots=True)
class StockChange:
    """A row as it should be; `expected` is the quantity that it was computed from, None: there was no row."""

    source: str
    sku: str
    expected: Decimal | None
    quantity: Decimal
    in_stock: bool


class Writing(StrEnum):
    """What became of a change.

    WRITTEN · MOVED: the row was not what was expected, and was left alone · REFUSED: Magento will not have it ·
    LATER: Magento could not be asked, and nothing was done · UNKNOWN: it may have been done; read before going on.
    """

    WRITTEN = "written"
    MOVED = "moved"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Written:
    """A change and what became of it, in Magento's words where it refused; `found` is what a MOVED row holds."""

    change: StockChange
    outcome: Writing
    found: Decimal | None = None
    words: str = ""
