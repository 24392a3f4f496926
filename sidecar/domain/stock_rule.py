"""The import rule: which quantities Magento's sources get from an ERP's levels, so that nothing is deducted twice.

Magento sells `sources - reservations`. A reservation stands from the order to its shipment. So, at a watermark W, the
moment at which the ERP read its level:

    on hand      source = OH(W) + issued by W and not shipped in Magento yet
    available    source = AV(W) + still open in Magento, of the orders that the ERP knew at W
                                - shipped in Magento since, of the orders that it did not know at W

and to both is added what Magento changed by itself and the ERP had not booked at W. What Magento can sell then is what
the ERP had, less the orders that it did not know. Of an order that the ERP has given up by itself (a cancellation or a
shortage on its way into Magento) nothing is open there, so nothing of it is added.

Whether something was counted at W is a question of two clocks. Something that happened between two instants was
counted if both lie before W, was not if both lie after it, and else nobody knows: then the SKU waits for the next
snapshot. Nothing here reads a clock or a database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final

from sidecar.domain.money import ZERO, text_of
from sidecar.domain.reconciliation import FindingKind
from sidecar.domain.stock_feed import Quantity, SourceItem, SourceShare, StockChange, StockFeedPolicy

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
MOST: Final = Decimal(10) ** 8
"""Magento keeps eight digits before the point."""


class Counted(StrEnum):
    """Whether an ERP's level counts something already."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """Something happened at the ERP not before `since`, and by `until`, both by the database's clock.

    `since` None: it has not been begun. `until` None: whether it has happened is not known.
    """

    since: datetime | None
    until: datetime | None = None


NEVER: Final = Span(None)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Between which two instants of the database's clock the ERP has read: the clocks' uncertainty is in it."""

    first: datetime
    last: datetime

    def counts(self, span: Span) -> Counted:
        """Tell whether what was read then counts what happened in this span."""
        if span.until is not None and span.until <= self.first:
            return Counted.YES
        if span.since is None or span.since >= self.last:
            return Counted.NO
        return Counted.UNKNOWN


@dataclass(frozen=True, slots=True)
class Demand:
    """What an order bears on a SKU; `span` is when the ERP came to know it.

    `open` is what Magento has still to ship, `shipped` what it has shipped. `let_go`: so many of the open ones the ERP
    has given up by itself. `stock` is Magento's stock that sold it; None: that cannot be told any more.
    """

    span: Span
    open: Decimal
    shipped: Decimal = ZERO
    let_go: Decimal = ZERO
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of Magento's own on its way to the ERP's warehouse; `span` is when the ERP has booked it."""

    span: Span
    warehouse: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Issue:
    """Goods that left the ERP for one of our orders; `is_shipped`: Magento has its shipment, or needs none.

    `source` is the one that Magento's shipment leaves from; None: whichever has priority.
    """

    span: Span
    quantity: Decimal
    source: str | None = None
    is_shipped: bool = False


@dataclass(frozen=True, slots=True)
class Bearing:
    """All that bears on one SKU besides its level."""

    demands: Sequence[Demand] = ()
    movements: Sequence[Movement] = ()
    issues: Sequence[Issue] = ()


@dataclass(frozen=True, slots=True)
class Levels:
    """What the ERP has of one SKU: per warehouse, in Magento's units; and when it read that, None: it does not say."""

    quantities: Mapping[str, Decimal]
    mark: Watermark | None


@dataclass(frozen=True, slots=True)
class Network:
    """Which of the fed sources each of Magento's stocks sells from, by priority."""

    stocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def ordered(self, sources: Sequence[str]) -> tuple[str, ...]:
        """The sources by priority, those of the first stock first; what no stock sells comes last."""
        linked = [source for _, line in sorted(self.stocks.items()) for source in line if source in sources]
        return tuple(dict.fromkeys([*linked, *sources]))

    def neighbours(self, source: str) -> tuple[str, ...]:
        """Other sources that sell to the same stocks, by priority."""
        lines = [line for _, line in sorted(self.stocks.items()) if source in line]
        return tuple(dict.fromkeys(other for line in lines for other in line if other != source))


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be written, perhaps nothing; `before` and `after` are the SKU's totals over the fed sources."""

    changes: tuple[StockChange, ...]
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Waits:
    """It cannot be told now what the level counts; the next snapshot can."""

    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """Not written: a person looks. `after` is the total that would be written, of a jump."""

    kind: FindingKind
    magento: str
    erp: str
    after: Decimal | None = None


Verdict = Planned | Waits | Held


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one feed."""

    policy: StockFeedPolicy
    network: Network

    def judge(
        self,
        sku: str,
        levels: Levels,
        bearing: Bearing,
        rows: Mapping[str, SourceItem],
        accepted: Decimal | None = None,
        *,
        guards_jumps: bool = True,
    ) -> Verdict:
        """What becomes of a SKU. `rows` are its rows in the fed sources, read before what bears on it was.

        `accepted` is the total that a person has taken for right, where the jump from what is there is too far.
        """
        doubt = self._doubt(levels.mark, bearing)
        if doubt:
            return Waits(doubt)
        placed = self._placed(sku, levels, bearing)
        before = sum((row.quantity for row in rows.values()), ZERO)
        after = sum(placed.values(), ZERO)
        told = ", ".join(f"{name} {text_of(quantity)}" for name, quantity in levels.quantities.items())
        if any(quantity < 0 for quantity in placed.values()):
            if self.policy.guards.negative == "hold":
                return Held(FindingKind.STOCK_NEGATIVE, text_of(before), f"{told}; {text_of(after)} would be left")
            placed = {source: max(quantity, ZERO) for source, quantity in placed.items()}
            after = sum(placed.values(), ZERO)
        if after >= MOST:
            return Held(FindingKind.STOCK_JUMP, text_of(before), f"{told}: more than Magento can write down")
        if guards_jumps and self._is_jump(before if accepted is None else accepted, after):
            words = f"{told}; {text_of(after)} would be written"
            return Held(FindingKind.STOCK_JUMP, text_of(before), words, after)
        changes = [self._change(sku, source, quantity, rows.get(source)) for source, quantity in placed.items()]
        return Planned(tuple(change for change in changes if change is not None), before, after)

    def _doubt(self, mark: Watermark | None, bearing: Bearing) -> str:
        """Why it cannot be told what the level counts; empty where it can."""
        counts = Watermark.counts
        if mark is None:
            return "the ERP does not say when it read" if bearing != Bearing() else ""
        if any(counts(mark, movement.span) is Counted.UNKNOWN for movement in bearing.movements):
            return "a change of Magento's own was on its way when the ERP read"
        if self.policy.quantity is Quantity.ON_HAND:
            if any(counts(mark, issue.span) is Counted.UNKNOWN for issue in bearing.issues):
                return "a delivery was under way when the ERP read"
            return ""
        for demand in bearing.demands:
            if (demand.open or demand.shipped) and counts(mark, demand.span) is Counted.UNKNOWN:
                return "an order was on its way when the ERP read"
        return ""

    def _placed(self, sku: str, levels: Levels, bearing: Bearing) -> dict[str, Decimal]:
        """The quantity of each source; a negative one is what no source that sells to the same stock can give."""
        mark = levels.mark
        placed = dict.fromkeys(self.network.ordered(self.policy.sources), ZERO)
        for warehouse, shares in self.policy.warehouses.items():
            offered = self._offered(sku, levels.quantities.get(warehouse, ZERO))
            for movement in bearing.movements:
                if movement.warehouse == warehouse and mark and mark.counts(movement.span) is Counted.NO:
                    offered += movement.quantity
            for source, quantity in self._split(offered, shares):
                placed[source] += quantity
        issued = self._issued(mark, bearing, placed)
        if self.policy.quantity is Quantity.ON_HAND:
            corrections: dict[int | None, Decimal] = {}
        else:
            corrections = _corrections(mark, bearing)
            _take_from(corrections, issued)
        for source, quantity in issued.items():
            placed[source] += quantity
        for stock, quantity in corrections.items():
            target = self._priority_of(stock, placed)
            if target is not None:
                placed[target] += quantity
        self._level_out(placed)
        return placed

    def _offered(self, sku: str, level: Decimal) -> Decimal:
        """What this channel may sell of a level: its share, less the safety stock, and not a fraction more."""
        if level > 0:
            level = max(self._floored(level * self.policy.share) - self.policy.kept_back(sku), ZERO)
        return self._floored(level)

    def _floored(self, quantity: Decimal) -> Decimal:
        return quantity.quantize(self._place, rounding=ROUND_FLOOR)

    @property
    def _place(self) -> Decimal:
        return Decimal(1).scaleb(-self.policy.decimals)

    def _split(self, quantity: Decimal, shares: Sequence[SourceShare]) -> Iterator[tuple[str, Decimal]]:
        """By the largest remainder: the parts add up to the quantity exactly; of equal remainders the first gets it."""
        if len(shares) == 1:
            yield shares[0].source, quantity
            return
        whole = [self._floored(quantity * part.share) for part in shares]
        left = int((quantity - sum(whole, ZERO)) / self._place)
        remainders = [quantity * part.share - part_of for part, part_of in zip(shares, whole, strict=True)]
        for index in sorted(range(len(shares)), key=lambda i: -remainders[i])[:left]:
            whole[index] += self._place
        yield from ((part.source, part_of) for part, part_of in zip(shares, whole, strict=True))

    def _issued(self, mark: Watermark | None, bearing: Bearing, placed: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """What left the ERP and Magento has still to ship, by the source that it will leave from."""
        issued: dict[str, Decimal] = {}
        for issue in bearing.issues:
            counted = mark is None or mark.counts(issue.span) is not Counted.NO
            source = issue.source if issue.source in placed else next(iter(placed))
            if source is not None and counted and not issue.is_shipped:
                issued[source] = issued.get(source, ZERO) + issue.quantity
        return issued

    def _priority_of(self, stock: int | None, placed: Mapping[str, Decimal]) -> str | None:
        """The source that a correction goes to; None for orders of a stock that sells from none of the fed sources."""
        if stock is None or not self.network.stocks:
            return next(iter(placed))
        return next((source for source in self.network.stocks.get(stock, ()) if source in placed), None)

    def _level_out(self, placed: dict[str, Decimal]) -> None:
        """No source below zero while another one that sells to the same stock has something; the sum stays."""
        for source in list(placed):
            for other in self.network.neighbours(source):
                taken = min(max(placed.get(other, ZERO), ZERO), max(-placed[source], ZERO))
                if taken:
                    placed[other] -= taken
                    placed[source] += taken

    def _is_jump(self, before: Decimal, after: Decimal) -> bool:
        guards, change = self.policy.guards, abs(after - before)
        return guards.jump_share is not None and change >= guards.jump_at_least and change > before * guards.jump_share

    def _change(self, sku: str, source: str, quantity: Decimal, row: SourceItem | None) -> StockChange | None:
        """The row as it should be; None where it is. A row is made only where there is something to sell."""
        in_stock = quantity > 0 or self.policy.out_of_stock == "quantity"
        if row is None:
            return StockChange(source, sku, None, quantity, in_stock) if quantity > 0 else None
        if (row.quantity, row.in_stock) == (quantity, in_stock):
            return None
        return StockChange(source, sku, row.quantity, quantity, in_stock)


def _corrections(mark: Watermark | None, bearing: Bearing) -> dict[int | None, Decimal]:
    """What is added to an available level, by the stock that has sold it."""
    corrections: dict[int | None, Decimal] = {}
    for demand in bearing.demands:
        known = mark is not None and mark.counts(demand.span) is Counted.YES
        quantity = max(demand.open - demand.let_go, ZERO) if known else -demand.shipped
        corrections[demand.stock] = corrections.get(demand.stock, ZERO) + quantity
    return corrections


def _take_from(corrections: dict[int | None, Decimal], issued: dict[str, Decimal]) -> None:
    """An order whose goods have left is one of the open ones: it is placed where they left from, and not twice."""
    for source, quantity in issued.items():
        left = quantity
        for stock, correction in corrections.items():
            taken = min(max(correction, ZERO), left)
            corrections[stock] -= taken
            left -= taken
        issued[source] = quantity - left
