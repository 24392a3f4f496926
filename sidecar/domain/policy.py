"""Policies: what the blueprint says about one destination, ready for the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.events import ERP_ORIGIN, KNOWN_TYPES, DestinationName, Event, EventType
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.numbers import NumberRule
from sidecar.domain.quiet_hours import QuietHours
from sidecar.domain.release import ReleaseRule
from sidecar.domain.special_cases import Skus
from sidecar.domain.start import UNSAID, Start
from sidecar.domain.stock_feed import StockFeedPolicy
from sidecar.domain.units import Units
from sidecar.domain.warehouses import Warehouses

PATIENCE: Final = timedelta(hours=2)
"""How long an ERP may work on what it has accepted, where the blueprint does not say."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with jitter; after `attempts` calls the event is parked."""

    first: timedelta = timedelta(seconds=1)
    factor: float = 2.0
    ceiling: timedelta = timedelta(minutes=10)
    attempts: int = 20

    def delay(self, attempt: int, jitter: float) -> timedelta:
        """The wait after the given attempt (1 is the first); `jitter` in 0..1 takes up to half of it off."""
        grown = self.first.total_seconds() * self.factor ** min(attempt - 1, 64)
        return timedelta(seconds=min(grown, self.ceiling.total_seconds()) * (1 - jitter / 2))


@dataclass(frozen=True, slots=True)
class StockPolicy:
    """Which deltas flow to the ERP, under which warehouse, folded how.

    A window closes by its age, by how many deltas it has, or when a source's quantity goes over `crossing`, in either
    direction, or its status flips; None: not for that. After one that a crossing closed, none is for `crossing_pause`.
    Nothing is frozen sooner than `every` after the destination's last window. `demand` gives the warehouse, or the
    channel, of a stock's reservations. `drop_shipped` are SKUs that no warehouse of the ERP has: what Magento counts of
    them at its sources is no movement, and what it reserves no demand. `units` are those in which the ERP is told.
    """

    reasons: frozenset[str] = frozenset()
    warehouses: Warehouses = field(default_factory=dict)
    window_age: timedelta = timedelta(seconds=60)
    window_deltas: int = 5000
    crossing: Decimal | None = Decimal(0)
    crossing_pause: timedelta = timedelta(seconds=5)
    every: timedelta = timedelta()
    demand: Mapping[int, str] = field(default_factory=dict)
    drop_shipped: Skus | None = None
    units: Units = field(default_factory=Units)

    def leaves_out(self, sku: str) -> bool:
        """Tell whether no change of a SKU concerns the ERP."""
        return self.drop_shipped is not None and self.drop_shipped.have(sku)


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How a feed cuts its batches, and whether it receipts them as ranges or each event by itself."""

    events: int = 2000
    bytes: int = 4 * 1024 * 1024
    receipts: Literal["ranges", "each"] = "ranges"


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """At most so many calls in any stretch of time of this length."""

    calls: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class GovernorTerms:
    """What was agreed with the ERP's owners about when and how often it is called."""

    budgets: tuple[RequestBudget, ...] = ()
    quiet_hours: QuietHours | None = None


class Capture(StrEnum):
    """Who takes the money of a payment method when the ERP invoices.

    ONLINE: Magento asks the provider, with the invoice · NONE: nobody, the money comes without Magento (a transfer, a
    check) · ELSEWHERE: the provider or the checkout, whose own invoice in Magento is all that is needed.
    """

    ONLINE = "online"
    NONE = "none"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class InboundPolicy:
    """What of an ERP's own doing becomes Magento's, and how.

    `sources` gives Magento's source for each of the ERP's warehouses; empty where the shop has no sources. A payment
    method that `capture` does not name parks its invoices. `refunds` names who gives money back at the provider: only
    where that is magento does a credit memo move money. `restock` says when a credit memo puts units back on sale.
    `patience`: how long a call whose answer was lost may still be running in Magento.
    """

    takes: frozenset[ChangeKind]
    every: timedelta = timedelta(seconds=30)
    sources: Mapping[str, str] = field(default_factory=dict)
    capture: Mapping[str, Capture] = field(default_factory=dict)
    refunds: Literal["magento", "erp", "provider"] = "erp"
    restock: Literal["received", "always", "never"] = "received"
    notify: bool = False
    patience: timedelta = timedelta(minutes=5)
    call_deadline: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class QuarantinePolicy:
    """Which orders a person looks at before they go, although their release rule is met.

    `window`: how far apart two orders of one quote may have been placed to be one purchase; zero: nobody looks.
    `deadline`: how long the successor of an edited order may wait for it before a person is asked; zero: it does not
    wait.
    """

    window: timedelta = timedelta(minutes=10)
    deadline: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DestinationPolicy:
    """One destination: what it takes, when an order may go, how failures are met, who is asked.

    `version` names all of the blueprint, `mapping` what decides about the words in which the ERP is told.
    """

    name: DestinationName
    version: str
    takes: frozenset[str]
    release: tuple[ReleaseRule, ...]
    quarantine: QuarantinePolicy = field(default_factory=QuarantinePolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    patience: timedelta = PATIENCE
    acknowledges: bool = True
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    number: NumberRule = field(default_factory=NumberRule)
    stock: StockPolicy | None = None
    batching: BatchPolicy = field(default_factory=BatchPolicy)
    tolerance: Decimal = Decimal(0)
    read_back_first: int = 20
    read_back_every: int = 20
    concurrency: int = 8
    call_deadline: timedelta = timedelta(seconds=30)
    governor: GovernorTerms = field(default_factory=GovernorTerms)
    owners: Mapping[str, str] = field(default_factory=dict)
    stores: frozenset[int] = frozenset()
    start: Start = UNSAID
    withholds_echoes: bool = False
    inbound: InboundPolicy | None = None
    stock_feed: StockFeedPolicy | None = None
    mapping: str = ""

    def routes(self, event: Event) -> bool:
        """Tell whether an event is this destination's business.

        A type that nobody knows is: nothing is dropped in silence. So is an event that belongs to no store.
        """
        if self.stores and event.store_id is not None and event.store_id not in self.stores:
            return False
        return event.type in self.takes or event.type not in KNOWN_TYPES

    def is_echo(self, event: Event) -> bool:
        """Tell whether an event says what this ERP knows already, having caused it, and so is not sent back to it."""
        return self.withholds_echoes and event.origin == ERP_ORIGIN

    def folds(self, event: Event) -> bool:
        """Tell whether an event of the stock stream is one of those that this destination's windows add up.

        A reservation is never an echo: what an ERP's own doing gives back, something else has taken before, and demand
        of which one half is left out would never come to nothing.
        """
        if self.stock is None:
            return False
        if event.type == EventType.INVENTORY_ADJUSTED:
            return bool(self.stock.reasons) and not self.is_echo(event)
        return event.type == EventType.INVENTORY_RESERVED and bool(self.stock.demand)
