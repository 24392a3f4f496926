"""What bears on an ERP's levels: orders, deliveries, changes of Magento's own, and when the ERP may have counted them.

All of it is read in one snapshot of the database, after the rows that are to be set: what changes a row after it was
read makes the write miss, and what changes no row is counted by its own time. Needs the grants of `stock`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sidecar.domain.delivery import DocumentKind
from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent, Unfit
from sidecar.domain.events import ORDER_TYPES, Event, Lane, OutboxId
from sidecar.domain.inbound import InboundDocument, InboundKind, InboundState
from sidecar.domain.inbound_lines import asked_for, leaving, rows_shipped
from sidecar.domain.inbound_plans import source_of
from sidecar.domain.money import ZERO
from sidecar.domain.order_standing import OrderItem, OrderStanding
from sidecar.domain.order_units import Units, standing_of, units_of
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import Quantity, StockFeedPolicy
from sidecar.domain.stock_rule import LONG_AGO, NEVER, Bearing, Demand, Issue, Movement, Network, Span
from sidecar.mysql.fence import intents_of
from sidecar.mysql.inbound_rows import document_in, key_as_text
from sidecar.mysql.order_items import item_of
from sidecar.mysql.rows import chunks, gaps_of, plain
from sidecar.mysql.session import Row, Session, Work
from sidecar.mysql.source_items import SourceItemRows

LATE_PAGE: Final = 500
CHANGES_PAGE: Final = 2000

_FINISHED: Final = frozenset({InboundState.DONE, InboundState.SKIPPED, InboundState.IGNORED})
_LET_GO: Final = frozenset({InboundKind.CANCELLATION, InboundKind.SHORTAGE, InboundKind.CREDIT_MEMO})
_FOREVER: Final = 2**63


@dataclass
class _Gathered:
    """What was found of each SKU that is asked for."""

    wanted: Collection[str]
    demands: dict[str, list[Demand]] = field(default_factory=lambda: defaultdict(list))
    movements: dict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    issues: dict[str, list[Issue]] = field(default_factory=lambda: defaultdict(list))

    def bearings(self) -> Mapping[str, Bearing]:
        found = {*self.demands, *self.movements, *self.issues}
        return {
            sku: Bearing(self.demands.get(sku, ()), self.movements.get(sku, ()), self.issues.get(sku, ()))
            for sku in found
        }


@dataclass(frozen=True, slots=True)
class _Inbound:
    """A document of the ERP as it is kept, or, with no time, as it was told and not kept yet."""

    entity_id: int
    document: InboundDocument
    is_finished: bool
    seen_at: datetime | None


class FeedFacts:
    """Reads what one destination's feed has to know."""

    def __init__(self, session: Session, policy: DestinationPolicy) -> None:
        """Read through this session."""
        self._session, self._policy = session, policy
        self._sql = session.statements("feed_facts")
        self._rows = SourceItemRows(session)

    def network(self, sources: Sequence[str]) -> Network:
        """Which of these sources each stock sells from, by priority; sources that are switched off sell nothing."""
        stocks: dict[int, list[str]] = defaultdict(list)
        for link in self._rows.links(sources):
            if link.is_enabled:
                stocks[link.stock_id].append(link.source)
        return Network({stock: tuple(names) for stock, names in stocks.items()})

    def products(self, skus: Collection[str]) -> Collection[str]:
        """Those that are products of Magento of which stock can be kept, spelled as they are there."""
        with self._session.reading() as work:
            return {
                row["sku"] for chunk in chunks(sorted(skus)) for row in work.rows(self._sql["products"], skus=chunk)
            }

    def position(self) -> tuple[str | None, bool]:
        """How far the ERP's deliveries were read, and whether they ever were."""
        rows = self._session.rows(self._sql["deliveries_position"], destination=self._policy.name)
        return (rows[0]["position"], rows[0]["read_at"] is not None) if rows else (None, False)

    def unkept(self, documents: Sequence[InboundDocument]) -> Sequence[InboundDocument]:
        """Those of the ERP's deliveries that are not kept yet, or in another version."""
        keys = sorted({key_as_text(document.erp_id) for document in documents})
        with self._session.reading() as work:
            kept = {
                (row["erp_id"], row["version"])
                for chunk in chunks(keys)
                for row in work.rows(self._sql["kept_documents"], destination=self._policy.name, erp_ids=chunk)
            }
        return [d for d in documents if (key_as_text(d.erp_id), key_as_text(d.version)) not in kept]

    def bearing(
        self, skus: Collection[str], since: datetime, told: Sequence[tuple[int, InboundDocument]] = ()
    ) -> Mapping[str, Bearing]:
        """What bears on these SKUs; those on which nothing does are left out.

        `since`: what was over by then is counted in every level. `told`: deliveries that the ERP has told after it
        was read, and nobody has kept.
        """
        gathered = _Gathered(skus if isinstance(skus, set | frozenset) else frozenset(skus))
        with self._session.snapshot() as work:
            inbound = [
                *self._kept(work, since),
                *(_Inbound(entity, d, is_finished=False, seen_at=None) for entity, d in told),
            ]
            self._gather_orders(work, since, inbound, gathered)
            if self._policy.stock is not None and self._policy.stock.reasons:
                self._gather_movements(work, since, gathered)
        return gathered.bearings()

    # --- orders and what ERPs did to them ---

    def _kept(self, work: Work, since: datetime) -> Iterator[_Inbound]:
        """Documents on their way into Magento, and deliveries that were first seen since."""
        if self._policy.inbound is None:
            return
        for row in work.rows(self._sql["inbound_on_the_way"], destination=self._policy.name):
            yield _inbound_of(row)
        if self._feed.quantity is not Quantity.ON_HAND:
            return
        before = _FOREVER
        while rows := work.rows(
            self._sql["inbound_of_late"], destination=self._policy.name, before=before, limit=LATE_PAGE
        ):
            late = [row for row in rows if row["first_seen_at"].replace(tzinfo=UTC) >= since]
            yield from (_inbound_of(row) for row in late if InboundState(row["state"]) in _FINISHED)
            if len(late) < LATE_PAGE:
                return
            before = rows[-1]["id"]

    def _gather_orders(self, work: Work, since: datetime, inbound: Sequence[_Inbound], gathered: _Gathered) -> None:
        by_order: dict[int, list[_Inbound]] = defaultdict(list)
        for one in inbound:
            by_order[one.entity_id].append(one)
        orders = set(by_order) - {0}
        counts_orders = self._feed.quantity is not Quantity.ON_HAND and bool(self._policy.takes & ORDER_TYPES)
        if counts_orders:
            orders |= {row[0] for row in work.tuples(self._sql["orders_that_bear"], since=_naive(since))}
        stocks = dict(work.tuples(self._sql["websites"]))
        doubtful = self._doubtful(work) if counts_orders else frozenset()
        for chunk in chunks(sorted(orders)):
            items = self._items(work, chunk, gathered.wanted)
            for row in work.rows(self._sql["orders"], destination=self._policy.name, orders=sorted(items)):
                entity_id = row["entity_id"]
                order, own = standing_of(entity_id, items[entity_id]), by_order.get(entity_id, ())
                _gather_issues(order, own, self._policy, gathered)
                if counts_orders:
                    span = _span_of(row, is_doubtful=entity_id in doubtful)
                    _gather_demands(order, own, span, stocks.get(row["store_id"]), gathered)

    def _items(
        self, work: Work, orders: Sequence[int], wanted: Collection[str]
    ) -> Mapping[int, Mapping[int, OrderItem]]:
        """The rows of those orders in which a SKU is that is asked for."""
        named = work.tuples(self._sql["named"], orders=orders)
        asked_for = sorted({order for order, sku in named if sku in wanted})
        items: dict[int, dict[int, OrderItem]] = defaultdict(dict)
        for row in work.rows(self._sql["items"], orders=asked_for):
            items[row["order_id"]][row["item_id"]] = item_of(row, _options(row["product_options"]))
        return items

    def _doubtful(self, work: Work) -> frozenset[int]:
        """Orders that may have gone out, and of which no confirmation has been written."""
        lanes = [row[0] for row in work.tuples(self._sql["lanes_in_doubt"], destination=self._policy.name)]
        for row in work.rows(self._sql["document_intents"], destination=self._policy.name):
            lanes += [intent.lane for intent in intents_of(row["intents"]) if intent.kind is DocumentKind.ORDER]
        named = (lane.removeprefix("order:") for lane in lanes if lane.startswith("order:"))
        return frozenset(int(number) for number in named if number.isdecimal())

    # --- changes of Magento's own ---

    def _gather_movements(self, work: Work, since: datetime, gathered: _Gathered) -> None:
        binds = {"destination": self._policy.name}
        for row in work.rows(self._sql["windows_on_the_way"], **binds):
            _move(gathered, row, Span(_aware(row["frozen_at"])) if row["attempts"] else NEVER)
        for row in work.rows(self._sql["standing_lines"], **binds):
            _move(gathered, row, NEVER)
        for row in work.rows(self._sql["windows_of_late"], **binds, since=_naive(since)):
            _move(gathered, row, Span(_aware(row["frozen_at"]), _aware(row["settled_at"])))
        for event, payload in self._unfolded(work):
            self._add_change(event, payload, gathered)

    def _unfolded(self, work: Work) -> Iterator[tuple[Event, str]]:
        """Changes that no window holds: above the cursor, in gaps that have filled, and those that wait, as mended."""
        for row in work.rows(self._sql["changes_that_wait"], destination=self._policy.name):
            yield _event_of(row)
        for cursor in work.rows(self._sql["stock_cursor"], destination=self._policy.name):
            ranges = [*gaps_of(cursor["open_gaps"]), (cursor["accounted_to"] + 1, _FOREVER)]
            for first, last in ranges:
                yield from self._changes_between(work, first, last)

    def _changes_between(self, work: Work, first: int, last: int) -> Iterator[tuple[Event, str]]:
        """Page by page: where a sidecar has been away there may be millions."""
        while rows := work.rows(self._sql["changes_after"], first=first, last=last, limit=CHANGES_PAGE):
            yield from map(_event_of, rows)
            first = rows[-1]["id"] + 1

    def _add_change(self, event: Event, payload: str, gathered: _Gathered) -> None:
        stock = self._policy.stock
        if stock is None or not self._policy.folds(event):
            return
        try:
            delta = delta_in(event, payload, stock)
        except MalformedEvent:
            return  # nobody can tell what it changed: it is parked, and a person looks
        if delta is not None and delta.sku in gathered.wanted:
            gathered.movements[delta.sku].append(Movement(NEVER, delta.warehouse, delta.quantity))

    @property
    def _feed(self) -> StockFeedPolicy:
        if self._policy.stock_feed is None:
            message = f"{self._policy.name} has no stock_feed"
            raise ValueError(message)
        return self._policy.stock_feed


def _gather_demands(
    order: OrderStanding, own: Sequence[_Inbound], span: Span, stock: int | None, gathered: _Gathered
) -> None:
    units = units_of(order)
    given_up = _given_up(order, units.open, own)
    for sku in {**units.open, **units.shipped}:
        if sku in gathered.wanted:
            is_open, let_go = units.open.get(sku, ZERO), given_up.get(sku, ZERO)
            demand = Demand(span, is_open, units.shipped.get(sku, ZERO), min(let_go, is_open), stock)
            gathered.demands[sku].append(demand)


def _given_up(order: OrderStanding, is_open: Units, own: Sequence[_Inbound]) -> Units:
    """What the ERP has let go by itself and Magento still holds open."""
    let_go: dict[str, Decimal] = {}
    for one in own:
        if one.document.kind not in _LET_GO or one.is_finished:
            continue
        if one.document.kind is InboundKind.CANCELLATION:
            return is_open
        for sku, quantity in _units_in(one.document, order).items():
            let_go[sku] = let_go.get(sku, ZERO) + quantity
    return let_go


def _gather_issues(
    order: OrderStanding, own: Sequence[_Inbound], policy: DestinationPolicy, gathered: _Gathered
) -> None:
    """Deliveries: surely issued when they were first seen. What was told and not kept may have left at any time.

    What Magento has not open any more needs no shipment, whoever made it.
    """
    is_open = dict(units_of(order).open) if own else {}
    for one in own:
        document = one.document
        if document.kind is not InboundKind.DELIVERY or (document.reversed and not one.is_finished):
            continue
        for sku, quantity in _units_in(document, order).items():
            if sku in gathered.wanted:
                left = ZERO if one.is_finished else min(quantity, is_open.get(sku, ZERO))
                is_open[sku] = is_open.get(sku, ZERO) - left
                source = _source_of(document, policy)
                gathered.issues[sku].append(Issue(Span(LONG_AGO, one.seen_at), left, source, is_shipped=not left))


def _units_in(document: InboundDocument, order: OrderStanding) -> Units:
    """A document's quantities per SKU; where its lines fit no order, as the ERP names them."""
    try:
        return leaving(rows_shipped(asked_for(document.lines, order), order), order)
    except Unfit:
        units: dict[str, Decimal] = {}
        for line in document.lines:
            units[line.sku] = units.get(line.sku, ZERO) + line.quantity
        return units


def _source_of(document: InboundDocument, policy: DestinationPolicy) -> str | None:
    try:
        return None if policy.inbound is None else source_of(document.warehouse, policy.inbound)
    except Unfit:
        return None


def _span_of(row: Row, *, is_doubtful: bool) -> Span:
    """When an ERP came to know an order: not before it was placed, and by the time of its first confirmation."""
    if row["confirmed_at"] is not None:
        return Span(_aware(row["created_at"]), _aware(row["confirmed_at"]))
    return Span(_aware(row["created_at"])) if is_doubtful else NEVER


def _move(gathered: _Gathered, row: Row, span: Span) -> None:
    if row["sku"] in gathered.wanted and row["quantity"]:
        gathered.movements[row["sku"]].append(Movement(span, row["warehouse"], plain(row["quantity"])))


def _inbound_of(row: Row) -> _Inbound:
    is_finished = InboundState(row["state"]) in _FINISHED
    return _Inbound(row["entity_id"], document_in(row), is_finished, _aware(row["first_seen_at"]))


def _options(text: str | None) -> Mapping[str, object]:
    """A bundle's options say how it ships; where they cannot be read it is taken as one that ships together."""
    if not text:
        return {}
    try:
        options = json.loads(text)
    except (RecursionError, ValueError):
        return {}
    return options if isinstance(options, dict) else {}


def _event_of(row: Row) -> tuple[Event, str]:
    event = Event(
        id=OutboxId(row["id"]),
        event_id=row["event_id"],
        type=row["type"],
        schema_version=row["schema_version"],
        lane=Lane(f"#{row['id']}"),
        aggregate_id="",
        store_id=None,
        occurred_at_us=0,
        origin=row["origin"],
    )
    return event, row["payload"]


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
