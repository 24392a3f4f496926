"""An ERP's stock in Magento: levels of a snapshot become quantities of Magento's sources.

Magento takes from its sources what has been shipped and keeps apart, as reservations, what has been ordered. An ERP
does both at once, at other times. So a level is never copied: what the ERP counted before it knew of an order, and
what left the ERP before Magento shipped it, is put right first (stock_rule.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from sidecar.domain.special_cases import Skus
from sidecar.domain.units import Units

FEED_CHECK: Final = "stock_feed"
"""The name of an import in erp_reconciliation_run."""


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

    WRITTEN · MOVED: the row was not what was expected, or is being changed, and was left alone · REFUSED: Magento will
    not have it · LATER: Magento could not be asked, and nothing was done · UNKNOWN: it may have been done; read before
    going on.
    """

    WRITTEN = "written"
    MOVED = "moved"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Written:
    """A change and what became of it, in Magento's words if it refused; `found`: what a MOVED row holds, if known."""

    change: StockChange
    outcome: Writing
    found: Decimal | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class SourceShare:
    """How much of a warehouse of the ERP one of Magento's sources sells; the shares of a warehouse add up to 1."""

    source: str
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class SafetyStock:
    """So many are kept back in each warehouse; of these SKUs, or of all."""

    quantity: Decimal
    skus: Skus | None = None


@dataclass(frozen=True, slots=True)
class FeedGuards:
    """What is not written before a person has looked.

    A jump is a change of a SKU by more than `jump_share` of what was there, and by at least `jump_at_least`; a share
    of None guards nothing. `missing` is a SKU, or a warehouse of one, that a complete snapshot does not list. A
    snapshot that is older than `oldest` when it is imported is held.
    """

    jump_share: Decimal | None = Decimal("0.5")
    jump_at_least: Decimal = Decimal(20)
    negative: Literal["hold", "zero"] = "hold"
    missing: Literal["keep", "zero"] = "keep"
    oldest: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StockFeedPolicy:
    """How an ERP's stock becomes Magento's.

    `warehouses`: which sources sell what lies in each of the ERP's warehouses. `share`: the part of the ERP's level
    that this channel may sell. `decimals`: places of the quantities written, 0 for whole units. `uncertainty`: how far
    apart the clocks may still be after their skew was taken off. `out_of_stock`: whether a row with nothing left is
    also marked as out of stock (status), or its quantity alone says so, as shops that sell on backorder need it.
    """

    quantity: Quantity
    warehouses: Mapping[str, tuple[SourceShare, ...]]
    every: timedelta = timedelta(minutes=15)
    write: Literal["rest", "sql"] = "rest"
    units: Units = field(default_factory=Units)
    safety_stock: tuple[SafetyStock, ...] = ()
    share: Decimal = Decimal(1)
    decimals: Literal[0, 4] = 4
    out_of_stock: Literal["status", "quantity"] = "status"
    uncertainty: timedelta = timedelta(seconds=2)
    guards: FeedGuards = field(default_factory=FeedGuards)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that is fed, each once, in the blueprint's order."""
        return tuple(dict.fromkeys(part.source for parts in self.warehouses.values() for part in parts))

    def kept_back(self, sku: str) -> Decimal:
        """The safety stock of a SKU: the first entry that is about it."""
        for safety in self.safety_stock:
            if safety.skus is None or safety.skus.have(sku):
                return safety.quantity
        return Decimal(0)


class SnapshotState(StrEnum):
    """How far a reading of an ERP's stock has come.

    READING · COMPLETE: read to its end, nothing written yet · ACCEPTED: a person has taken it as the first one, and it
    is written next · BASELINE: it was that first one · IMPORTED · HELD: not written, and `why` says why · ABANDONED:
    its reader ended before it did.
    """

    READING = "reading"
    COMPLETE = "complete"
    ACCEPTED = "accepted"
    BASELINE = "baseline"
    IMPORTED = "imported"
    HELD = "held"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A reading of all of an ERP's stock; instants by the database's clock, None: the ERP does not say when it read.

    `first` and `last` are the earliest and the latest moment at which the ERP read one of its pages.
    """

    number: int
    state: SnapshotState
    first: datetime | None = None
    last: datetime | None = None
    pages: int = 0
    levels: int = 0
    age: timedelta = timedelta()
    started_ago: timedelta = timedelta()
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReadLevel:
    """What a snapshot says of a SKU in a warehouse, in the ERP's unit, in the quantity that the blueprint names."""

    sku: str
    warehouse: str
    quantity: Decimal
    unit: str
    read_at: datetime | None
