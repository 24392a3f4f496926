"""The story of a SKU: what Magento has of it, what changed, and what of that each ERP was told; sums, and what is left.

Nothing here is an estimate. A sum of events foots with what a source holds, or says by how much it does not; an ERP's
level is compared with what it was told, and what neither side's evidence explains is named as not explained.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.money import ZERO
from sidecar.domain.stock import WindowKind
from sidecar.domain.stock_events import StockEvent
from sidecar.domain.stock_lineage import NEVER, ON_ITS_WAY, Fate, PlacedLine, Whereabouts, fate_of
from sidecar.domain.units import Units, UnknownUnitError
from sidecar.domain.warehouses import Warehouses, sources_of

ON_THE_WAY: Final = "on its way to the ERP, or kept back"
WITHOUT_EVENT: Final = "changed in Magento without an event"


@dataclass(frozen=True, slots=True)
class SourceLevel:
    """What one source holds now, and which stocks sell from it."""

    source: str
    quantity: Decimal
    in_stock: bool
    enabled: bool
    stocks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MagentoStock:
    """A SKU in Magento now; reservations by stock, below zero where something is reserved, and by order.

    `orders` are those of the newest reservations that have not come to nothing; `is_whole`: there are no others.
    """

    sources: tuple[SourceLevel, ...] = ()
    reserved: Mapping[int, Decimal] = field(default_factory=dict)
    orders: Sequence[tuple[str, Decimal]] = ()
    is_whole: bool = True

    @property
    def salable(self) -> Mapping[int, Decimal]:
        """What each stock can still sell, but for what the shop keeps back of it (its out-of-stock threshold)."""
        stocks = sorted({stock for level in self.sources for stock in level.stocks} | set(self.reserved))
        return {
            stock: sum(
                (
                    level.quantity
                    for level in self.sources
                    if stock in level.stocks and level.in_stock and level.enabled
                ),
                self.reserved.get(stock, ZERO),
            )
            for stock in stocks
        }


@dataclass(frozen=True, slots=True)
class Break:
    """Between two events of a source it went from one quantity to another, and nobody told."""

    source: str
    after: OutboxId
    before: OutboxId
    since: datetime
    until: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Footing:
    """One source: opening and changes make what it should hold. None: the events do not tell what it held."""

    source: str
    opening: Decimal | None
    changes: Decimal
    now: Decimal | None
    breaks: tuple[Break, ...] = ()

    @property
    def expected(self) -> Decimal | None:
        """What it holds by its events."""
        return None if self.opening is None else self.opening + self.changes

    @property
    def difference(self) -> Decimal | None:
        """What was changed without an event; None where that cannot be said."""
        return None if self.expected is None or self.now is None else self.now - self.expected


@dataclass(frozen=True, slots=True)
class Movement:
    """Changes of one place with the same reason and kind of document."""

    where: str
    reason: str
    cause: str
    quantity: Decimal
    events: int
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Changes that are in no line of a window, and why."""

    fate: Fate
    why: str
    quantity: Decimal
    events: tuple[OutboxId, ...]


@dataclass(frozen=True, slots=True)
class ErpLevel:
    """What an ERP holds of the SKU in one warehouse, in its own unit."""

    warehouse: str
    on_hand: Decimal
    unit: str
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One warehouse of the ERP beside the sources that it stands for; `problem` says why they cannot be compared."""

    level: ErpLevel
    sources: tuple[str, ...] = ()
    in_magento: Decimal = ZERO
    in_erp: Decimal = ZERO
    explained: Mapping[str, Decimal] = field(default_factory=dict)
    problem: str = ""

    @property
    def difference(self) -> Decimal:
        """How much more the ERP has, in Magento's unit."""
        return self.in_erp - self.in_magento

    @property
    def not_explained(self) -> Decimal:
        """What is left of that."""
        return self.difference - sum(self.explained.values(), ZERO)


@dataclass(frozen=True, slots=True)
class DestinationStory:
    """What one ERP was told; `silence` says why its own levels are not here."""

    destination: DestinationName
    lines: tuple[PlacedLine, ...]
    kept_back: tuple[KeptBack, ...]
    comparisons: tuple[Comparison, ...] = ()
    silence: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """All of it; events above `after` up to `upto`, of those at or below `floor` none is there any more."""

    sku: str
    moment: datetime
    after: OutboxId
    upto: OutboxId
    floor: OutboxId
    events: int
    unreadable: tuple[tuple[OutboxId, str], ...]
    magento: MagentoStock | None
    silence: str
    movements: tuple[Movement, ...]
    footings: tuple[Footing, ...]
    destinations: tuple[DestinationStory, ...]


def footings_of(events: Iterable[StockEvent], magento: MagentoStock | None) -> tuple[Footing, ...]:
    """How each source foots; without Magento's tables only what its events add up to."""
    held = None if magento is None else {level.source: level.quantity for level in magento.sources}
    by_source: dict[str, list[StockEvent]] = defaultdict(list)
    for event in events:
        if not event.is_reservation and not event.problem:
            by_source[event.where].append(event)
    for source in held or ():
        by_source.setdefault(source, [])
    return tuple(
        Footing(
            source,
            _opening(of_source, None if held is None else held.get(source)),
            sum((event.quantity for event in of_source), ZERO),
            None if held is None else held.get(source, ZERO),
            tuple(_breaks(source, of_source)),
        )
        for source, of_source in sorted(by_source.items())
    )


def _opening(events: Sequence[StockEvent], now: Decimal | None) -> Decimal | None:
    """What the source held before the first event; all along what it holds now, where nothing happened."""
    return events[0].before if events else now


def _breaks(source: str, events: Sequence[StockEvent]) -> Iterable[Break]:
    """Where an event begins with another quantity than the one before it ended with.

    Changes of one source and SKU are told under its row's lock, so their ids are in the order of their commits.
    """
    for one, other in pairwise(events):
        if one.after is not None and other.before is not None and one.after != other.before:
            yield Break(source, one.id, other.id, one.occurred_at, other.occurred_at, other.before - one.after)


def movements_of(events: Iterable[StockEvent], numbers: Mapping[tuple[str, str], str]) -> tuple[Movement, ...]:
    """Changes by place, reason and kind of document; `numbers` are those of documents by kind and key."""
    groups: dict[tuple[str, str, str], list[StockEvent]] = defaultdict(list)
    for event in events:
        if not event.problem:
            groups[event.where, event.reason, event.cause].append(event)
    return tuple(
        Movement(
            where,
            reason,
            cause,
            sum((event.quantity for event in group), ZERO),
            len(group),
            tuple(
                dict.fromkeys(numbers.get((cause, event.document), event.document) for event in group if event.document)
            ),
        )
        for (where, reason, cause), group in sorted(groups.items())
    )


def kept_back_of(events: Mapping[OutboxId, StockEvent], found: Iterable[Whereabouts]) -> tuple[KeptBack, ...]:
    """What is in no line, by why; movements and reservations apart."""
    groups: dict[tuple[Fate, str], list[OutboxId]] = defaultdict(list)
    for one in found:
        if one.line is None:
            groups[one.fate, one.why].append(one.event)
    return tuple(
        KeptBack(fate, why, sum((events[one].quantity for one in ids), ZERO), tuple(ids))
        for (fate, why), ids in groups.items()
    )


Owed = Mapping[str, Mapping[str, Decimal]]
"""By warehouse and by why: what the ERP was not told, or not yet."""


def owed_of(
    warehouses: Warehouses,
    events: Mapping[OutboxId, StockEvent],
    found: Iterable[Whereabouts],
    lines: Iterable[PlacedLine],
) -> Owed:
    """Sums of movements; a line counts whole, also where some of its changes were before the events that are told."""
    owed: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for line in lines:
        fate, words = fate_of(line)
        if line.counts and line.kind is WindowKind.MOVEMENT and fate in (ON_ITS_WAY | NEVER):
            owed[line.warehouse][ON_THE_WAY if fate in ON_ITS_WAY else words] += line.quantity
    for one in found:
        event = events[one.event]
        warehouse = warehouses.get(event.where)
        is_movement = one.line is None and not event.is_reservation
        if is_movement and isinstance(warehouse, str) and one.fate in (ON_ITS_WAY | NEVER):
            owed[warehouse][ON_THE_WAY if one.fate in ON_ITS_WAY else one.why] += event.quantity
    return owed


def compare(
    level: ErpLevel, warehouses: Warehouses, units: Units, sku: str, footings: Iterable[Footing], owed: Owed
) -> Comparison:
    """A level of the ERP beside Magento's sources, and what explains the difference."""
    sources = sources_of(warehouses).get(level.warehouse, ())
    if not sources:
        return Comparison(level, problem="no source of Magento's is this warehouse")
    if any(not isinstance(warehouses[source], str) for source in sources):
        problem = (
            f"{', '.join(sources)} may be this warehouse or another, by reason and SKU: what is whose nobody notes"
        )
        return Comparison(level, tuple(sources), problem=problem)
    try:
        in_erp = units.to_magento(sku, level.on_hand, level.unit)
    except UnknownUnitError as error:
        return Comparison(level, tuple(sources), problem=str(error))
    there = [footing for footing in footings if footing.source in sources]
    if any(footing.now is None for footing in there):
        return Comparison(level, tuple(sources), in_erp=in_erp, problem="Magento's sources cannot be read")
    explained = {why: -quantity for why, quantity in owed.get(level.warehouse, {}).items() if quantity}
    untold = sum((footing.difference or ZERO for footing in there), ZERO)
    if untold:
        explained[WITHOUT_EVENT] = -untold
    in_magento = sum((footing.now or ZERO for footing in there), ZERO)
    return Comparison(level, tuple(sources), in_magento, in_erp, explained)


def beside_feed(level: ErpLevel, sources: Sequence[str]) -> Comparison:
    """A level that Magento's sources follow: by how much they differ, orders say, and the feed."""
    problem = "Magento follows it by the feed, which puts right what orders on their way do; what it held is a finding"
    return Comparison(level, tuple(sources), problem=problem)
