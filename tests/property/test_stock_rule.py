"""An ERP and a shop play an afternoon: whatever is under way when stock is read, nothing is deducted or sold twice.

The ERP really keeps books, and Magento really keeps sources apart from open orders, each at its own time. After each
import the shop can sell exactly what the ERP had, less the orders that the ERP did not know; and it never sells what
is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.stock_feed import FeedGuards, Quantity, SourceItem, SourceShare, StockFeedPolicy
from sidecar.domain.stock_rule import (
    LONG_AGO,
    NEVER,
    Bearing,
    Demand,
    Held,
    Issue,
    Levels,
    Movement,
    Network,
    Planned,
    Rule,
    Span,
    Waits,
    Watermark,
)

ZERO = Decimal(0)
SKU = "MUG"
UNCERTAINTY = 2
START = datetime(2026, 11, 27, tzinfo=UTC)
FEED = {"W1": (SourceShare("west"),), "E1": (SourceShare("east"),)}
GUARDS = FeedGuards(jump_share=None, missing="zero")
NETWORK = Network({1: ("west", "east")})


@dataclass
class Order:
    """An order on both sides; times in seconds, None: not yet."""

    quantity: Decimal
    placed: int
    warehouse: str
    sent: int | None = None
    known: int | None = None
    confirmed: int | None = None
    issued: int | None = None
    told: int | None = None
    shipped: bool = False
    cancelled: bool = False
    cancelled_there: bool = False

    @property
    def open(self) -> Decimal:
        """What Magento has still to ship."""
        return ZERO if self.shipped or self.cancelled else self.quantity


@dataclass
class Adjustment:
    """A change that Magento made and tells the ERP."""

    quantity: Decimal
    warehouse: str
    made: int
    sent: int | None = None
    booked: int | None = None
    confirmed: int | None = None


@dataclass
class World:
    """Both sides, and the hands that play them."""

    counts: Quantity
    now: int = 0
    on_hand: dict[str, Decimal] = field(default_factory=lambda: {"W1": Decimal(8), "E1": Decimal(4)})
    sources: dict[str, Decimal] = field(default_factory=lambda: {"west": ZERO, "east": ZERO})
    orders: list[Order] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    imports: int = 0
    refused: int = 0

    # --- the shop ---

    def place(self, size: int) -> None:
        """A shopper buys what Magento says can be sold; the ERP will take it from where it has the most."""
        quantity = Decimal(1 + size % 3)
        if self.salable() >= quantity:
            warehouse = max(self.on_hand, key=lambda name: self.on_hand[name] - self.allocated(name))
            self.orders.append(Order(quantity, self.now, warehouse))

    def cancel(self, which: int) -> None:
        """Magento cancels what has not left; the ERP hears of it later."""
        for order in self._pick(which, lambda o: o.open and o.issued is None):
            order.cancelled = True

    def ship(self, which: int) -> None:
        """A delivery of the ERP's becomes Magento's shipment, as soon as its source has as much."""
        for order in self._pick(which, lambda o: o.told is not None and o.open):
            source = "west" if order.warehouse == "W1" else "east"
            if self.sources[source] < order.quantity:
                self.refused += 1
                continue
            self.sources[source] -= order.quantity
            order.shipped = True

    def adjust(self, size: int) -> None:
        """Somebody counts in Magento and finds more."""
        warehouse, source = (("W1", "west"), ("E1", "east"))[size % 2]
        self.sources[source] += 1
        self.adjustments.append(Adjustment(Decimal(1), warehouse, self.now))

    def salable(self) -> Decimal:
        """What Magento would sell now."""
        return sum(self.sources.values(), ZERO) - sum((order.open for order in self.orders), ZERO)

    # --- between the two ---

    def send(self, which: int) -> None:
        """An order goes out; the ERP takes it in a moment, or has it already."""
        for order in self._pick(which, lambda o: o.sent is None and not o.cancelled):
            order.sent = self.now

    def take(self, which: int) -> None:
        """The ERP books an order; the answer may be lost."""
        for order in self._pick(which, lambda o: o.sent is not None and o.known is None):
            order.known = self.now

    def confirm(self, which: int) -> None:
        """The answer arrives, or the order is found by a look-up."""
        for order in self._pick(which, lambda o: o.known is not None and o.confirmed is None):
            order.confirmed = self.now

    def withdraw(self, which: int) -> None:
        """The ERP hears of a cancellation."""
        for order in self._pick(which, lambda o: o.cancelled and o.known is not None and not o.cancelled_there):
            order.cancelled_there = True

    def issue(self, which: int) -> None:
        """Goods leave the ERP's warehouse."""
        for order in self._pick(which, self._can_leave):
            order.issued = self.now
            self.on_hand[order.warehouse] -= order.quantity

    def tell(self, which: int) -> None:
        """The delivery is read from the ERP."""
        for order in self._pick(which, lambda o: o.issued is not None and o.told is None):
            order.told = self.now

    def book(self, _: int) -> None:
        """A window of changes goes to the ERP and is booked; or its answer is still to come."""
        for adjustment in self.adjustments:
            if adjustment.sent is None:
                adjustment.sent = self.now
            elif adjustment.booked is None:
                adjustment.booked = self.now
                self.on_hand[adjustment.warehouse] += adjustment.quantity
            elif adjustment.confirmed is None:
                adjustment.confirmed = self.now

    def receive(self, size: int) -> None:
        """Goods arrive at the ERP."""
        self.on_hand["W1" if size % 2 else "E1"] += 1 + size % 3

    def allocated(self, warehouse: str) -> Decimal:
        """What the ERP's orders have been promised."""
        return sum(
            (
                order.quantity
                for order in self.orders
                if order.warehouse == warehouse
                and order.known is not None
                and order.issued is None
                and not order.cancelled_there
            ),
            ZERO,
        )

    def level(self, warehouse: str) -> Decimal:
        """What the ERP says of a warehouse."""
        promised = ZERO if self.counts is Quantity.ON_HAND else self.allocated(warehouse)
        return self.on_hand[warehouse] - promised

    # --- the feed ---

    def read_and_import(self, delay: int) -> None:
        """Read the stock, let some time pass in which nothing happens, import it."""
        levels = {name: self.level(name) for name in self.on_hand}
        self.carry_over(levels, self.now, delay)

    def carry_over(self, levels: dict[str, Decimal], read_at: int, delay: int) -> None:
        """Import what was read then, as things stand now."""
        self.now += delay
        mark = Watermark(at(read_at - UNCERTAINTY), at(read_at + UNCERTAINTY))
        rows = {name: SourceItem(name, SKU, quantity, in_stock=True) for name, quantity in self.sources.items()}
        rule = Rule(StockFeedPolicy(self.counts, FEED, guards=GUARDS), NETWORK)
        verdict = rule.judge(SKU, Levels(levels, mark), self.bearing(), rows)
        if isinstance(verdict, Waits | Held):
            return
        assert isinstance(verdict, Planned)
        expected = self.truth(levels, read_at)
        for change in verdict.changes:
            assert change.expected == self.sources[change.source]
            assert change.quantity >= 0
            self.sources[change.source] = change.quantity
        self.imports += 1
        assert self.salable() == expected
        for order in self.orders:
            if order.told is not None and order.told <= read_at - UNCERTAINTY and order.open:
                assert self.sources["west" if order.warehouse == "W1" else "east"] >= order.quantity

    def bearing(self) -> Bearing:
        """What the sidecar knows: times of its own, and none of the ERP's."""
        demands = [
            Demand(self.span(order), order.open, order.quantity if order.shipped else ZERO, stock=1)
            for order in self.orders
        ]
        issues = [
            Issue(Span(LONG_AGO, at(order.told)), order.quantity, source_of(order), order.shipped)
            for order in self.orders
            if order.told is not None
        ]
        issues += [  # what a look at the ERP's deliveries after the reading shows, and nobody has kept yet
            Issue(Span(LONG_AGO, None), order.quantity, source_of(order))
            for order in self.orders
            if order.issued is not None and order.told is None
        ]
        movements = [
            Movement(
                NEVER if one.sent is None else Span(at(one.sent), None if one.confirmed is None else at(one.confirmed)),
                one.warehouse,
                one.quantity,
            )
            for one in self.adjustments
        ]
        return Bearing(demands, movements, issues)

    def span(self, order: Order) -> Span:
        if order.sent is None:
            return NEVER
        return Span(at(order.placed), None if order.confirmed is None else at(order.confirmed))

    def truth(self, levels: dict[str, Decimal], read_at: int) -> Decimal:
        """What could be sold, told by somebody who saw both sides: changes that had not arrived included."""
        total = sum(levels.values(), ZERO)
        for one in self.adjustments:
            total += one.quantity if one.booked is None or one.booked > read_at else 0
        for order in self.orders:
            if self.counts is Quantity.ON_HAND:
                was_there = order.issued is None or order.issued > read_at
                total -= order.quantity if was_there and (order.open or order.shipped) else 0
            elif order.known is None or order.known > read_at:
                total -= ZERO if order.cancelled else order.quantity
        return total

    def owed(self) -> Decimal:
        """What shoppers have bought and the ERP has still to hand out."""
        return sum((o.quantity for o in self.orders if not o.cancelled and o.issued is None), ZERO)

    def _can_leave(self, order: Order) -> bool:
        waits = order.confirmed is not None and order.issued is None and not order.cancelled
        return waits and self.on_hand[order.warehouse] >= order.quantity

    def _pick(self, which: int, fits: Callable[[Order], object]) -> list[Order]:
        fitting = [order for order in self.orders if fits(order)]
        return [fitting[which % len(fitting)]] if fitting else []


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def source_of(order: Order) -> str:
    return "west" if order.warehouse == "W1" else "east"


DEEDS = ("place", "cancel", "ship", "adjust", "send", "take", "confirm", "withdraw", "issue", "tell", "book", "receive")
AFTERNOON = st.lists(
    st.tuples(st.sampled_from([*DEEDS, "place", "send", "take", "confirm"]), st.integers(0, 7), st.integers(0, 4)),
    max_size=50,
)


@pytest.mark.parametrize("counts", [Quantity.ON_HAND, Quantity.AVAILABLE])
@given(afternoon=AFTERNOON, delays=st.lists(st.integers(0, 9), min_size=1))
def test_after_each_import_the_shop_can_sell_what_the_erp_has_and_never_more(
    counts: Quantity, afternoon: list[tuple[str, int, int]], delays: list[int]
) -> None:
    world = World(counts)
    world.read_and_import(5)
    for number, (deed, which, pause) in enumerate(afternoon):
        getattr(world, deed)(which)
        world.now += pause
        if number % 3 == 0:
            world.read_and_import(delays[number % len(delays)])
        there = sum(world.on_hand.values(), ZERO)
        found = sum((one.quantity for one in world.adjustments if one.booked is None), ZERO)
        assert world.owed() <= there + found


@pytest.mark.parametrize("counts", [Quantity.ON_HAND, Quantity.AVAILABLE])
@given(before=AFTERNOON, between=AFTERNOON)
def test_a_level_that_is_imported_long_after_it_was_read_counts_nothing_twice(
    counts: Quantity, before: list[tuple[str, int, int]], between: list[tuple[str, int, int]]
) -> None:
    world = World(counts)
    world.read_and_import(5)
    for deed, which, pause in before:
        getattr(world, deed)(which)
        world.now += pause
    levels, read_at = {name: world.level(name) for name in world.on_hand}, world.now
    for deed, which, pause in between:
        getattr(world, deed)(which)
        world.now += pause
    world.carry_over(levels, read_at, 0)


@pytest.mark.parametrize("counts", [Quantity.ON_HAND, Quantity.AVAILABLE])
def test_once_everything_has_arrived_on_both_sides_nothing_waits_and_every_shipment_goes_through(
    counts: Quantity,
) -> None:
    world = World(counts)
    world.read_and_import(5)
    for _ in range(6):
        world.place(0)
        for deed in ("send", "take", "confirm", "issue", "tell"):
            getattr(world, deed)(0)
        world.now += 1
    world.now += 10
    world.read_and_import(5)
    while any(order.told is not None and order.open for order in world.orders):
        world.ship(0)
        assert world.refused == 0
    world.now += 10
    world.read_and_import(5)

    assert world.imports == 3
    assert world.salable() == sum(world.on_hand.values(), ZERO) - world.owed()
