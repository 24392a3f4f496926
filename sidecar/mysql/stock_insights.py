"""What people look at of stock: windows, their members, and the changes of a SKU. It changes nothing."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sidecar.domain.errors import NotPossible, SchemaError
from sidecar.domain.events import DestinationName, Event, OutboxId
from sidecar.domain.money import ZERO, decimal_of
from sidecar.domain.stock import LineState, Membership, WindowKind, WindowState
from sidecar.domain.stock_lineage import PlacedLine, ShownWindow, StreamStanding, Surroundings
from sidecar.domain.stock_picture import FrozenWindow
from sidecar.domain.stock_story import MagentoStock, SourceLevel
from sidecar.mysql.rows import chunks, gaps_of, microseconds, plain
from sidecar.mysql.session import Row, Session

_DOCUMENTS: Final = frozenset({"shipment", "invoice", "creditmemo"})

STRETCH: Final = 50_000
"""How many ids of the outbox one statement looks through."""

MOST_EVENTS: Final = 200_000
"""Changes of one SKU, with their payloads, are kept in memory; nobody reads more of them."""

NEWEST_RESERVATIONS: Final = 2_000
"""How many reservations of a SKU are looked at one by one."""

FURTHEST: Final = 20_000
"""How many events above a cursor are looked through for the oldest one that is still open."""


class StockInsights:
    """Reads of stock windows and of the events behind them; each statement has a snapshot of its own."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("stock_insights")
        self._now = session.statements("stock_now")
        self._numbers = session.statements("document_numbers")

    # -- pictures --------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The moment by the database's clock, UTC."""
        (row,) = self._session.rows(self._sql["now"])
        return _instant(row["now"])

    def windows_since(self, since: timedelta, destination: DestinationName | None = None) -> Sequence[FrozenWindow]:
        """Windows frozen within this time, of one destination or of all that have any, oldest first for each."""
        with self._session.reading() as work:
            known = [row["destination"] for row in work.rows(self._sql["destinations"])]
            return [
                _frozen_of(row)
                for name in known
                if destination in (None, name)
                for row in work.rows(self._sql["windows_since"], destination=name, since=microseconds(since))
            ]

    def oldest_unfinished(self, destination: DestinationName | None = None) -> Mapping[DestinationName, timedelta]:
        """How long the oldest window that is not done has been frozen, for each destination that has one."""
        rows = self._session.rows(self._sql["oldest_unfinished"])
        return {
            DestinationName(row["destination"]): timedelta(microseconds=max(row["age_us"], 0))
            for row in rows
            if destination in (None, row["destination"])
        }

    def accounted_to(self, destination: DestinationName) -> OutboxId:
        """How far a destination's stock stream is; 0 where it has not begun."""
        rows = self._session.rows(self._sql["stream"], destination=destination)
        return OutboxId(rows[0]["accounted_to"] if rows else 0)

    def stock_above(self, after: OutboxId) -> Sequence[Event]:
        """Events of the stock stream above an id, ascending, as far as FURTHEST events of any kind reach."""
        return _events(self._session.tuples(self._sql["stock_above"], after=after, most=FURTHEST))

    # -- lineage ---------------------------------------------------------------------------------------------

    def window(self, destination: DestinationName, warehouse: str, sequence: int) -> ShownWindow | None:
        """One window with its lines; None where there is none of this number."""
        key = {"destination": destination, "warehouse": warehouse, "sequence": sequence}
        with self._session.reading() as work:
            rows = work.rows(self._sql["window"], **key)
            if not rows:
                return None
            (row,) = rows
            lines = work.rows(self._sql["lines_of_window"], window_id=row["id"])
        return ShownWindow(
            destination=destination,
            warehouse=warehouse,
            sequence=sequence,
            kind=WindowKind(row["kind"]),
            state=WindowState(row["state"]),
            frozen_at=_instant(row["frozen_at"]),
            settled_at=None if row["settled_at"] is None else _instant(row["settled_at"]),
            blueprint_version=row["blueprint_version"],
            calls=row["attempts"],
            erp_number=row["erp_number"],
            fault=row["fault"],
            hint=row["hint"],
            lines=[_placed_of(line) for line in lines],
        )

    def surroundings(
        self, destination: DestinationName, events: Sequence[OutboxId], skus: Iterable[str], after: OutboxId
    ) -> Surroundings:
        """What a destination's tables say about these changes, which are of these SKUs and above an id; of windows all
        that took any above it, and those that are not done.
        """
        with self._session.reading() as work:
            standing = work.rows(self._sql["stream"], destination=destination)
            lines = work.rows(self._sql["lines_of_skus"], destination=destination, skus=sorted(set(skus)), after=after)
            parked: dict[OutboxId, str] = {}
            skipped: dict[OutboxId, str] = {}
            for ids in chunks(events):
                for row in work.rows(self._sql["parked"], destination=destination, ids=ids):
                    parked[OutboxId(row["outbox_id"])] = f"{row['reason']}: {row['fault']}".removesuffix(": ")
                for row in work.rows(self._sql["skipped"], destination=destination, ids=ids):
                    skipped[OutboxId(row["outbox_id"])] = f"{row['actor']}: {row['detail']}".removesuffix(": ")
        stream = None if not standing else _stream_of(standing[0])
        return Surroundings(stream, [_placed_of(row) for row in lines], parked, skipped)

    # -- a SKU -----------------------------------------------------------------------------------------------

    def ends(self) -> tuple[OutboxId, OutboxId, datetime]:
        """The id up to which events may be purged, the newest id, and the moment by the database's clock."""
        (row,) = self._session.rows(self._sql["ends"])
        return OutboxId(int(row["floor"])), OutboxId(int(row["newest"])), _instant(row["now"])

    def first_since(self, moment: datetime, floor: OutboxId, newest: OutboxId) -> OutboxId:
        """The last id before a moment, by halving: ids are handed out roughly in time's order."""
        since_us = int(moment.timestamp() * 1_000_000)
        low, high = floor + 1, newest + 1
        with self._session.reading() as work:
            while low < high:
                middle = (low + high) // 2
                rows = work.rows(self._sql["event_from"], id=middle)
                if not rows or rows[0]["occurred_at_us"] >= since_us:
                    high = middle
                else:
                    low = rows[0]["id"] + 1
        return OutboxId(low - 1)

    def events_of(
        self, sku: str, after: OutboxId, upto: OutboxId, progress: Callable[[int, int], None]
    ) -> Sequence[Event]:
        """The stock events of a SKU in a range of ids, with payloads, ascending; a stretch of ids at a time.

        As Magento compares SKUs: `a-1` and `A-1` are one.
        """
        found: list[Event] = []
        with self._session.reading() as work:
            for start in range(after, upto, STRETCH):
                end = min(start + STRETCH, upto)
                found += _events(work.tuples(self._sql["events_of_sku"], after=start, upto=end, sku=sku))
                progress(end - after, upto - after)
                if len(found) > MOST_EVENTS:
                    message = f"{sku} has more than {MOST_EVENTS} changes and reservations in that time"
                    raise NotPossible(message, hint="name a shorter time, such as --since 1d")
        return found

    def numbers_of(self, kind: str, ids: Sequence[int]) -> Mapping[str, str]:
        """The numbers of documents of a kind, by their keys as text; none where they may not be read."""
        if kind == "order":
            statement = self._sql["order_numbers"]
        elif kind in _DOCUMENTS:
            statement = self._numbers[f"{kind}_numbers"]
        else:
            return {}
        try:
            rows = [row for chunk in chunks(ids) for row in self._session.rows(statement, ids=chunk)]
        except SchemaError:
            return {}
        return {str(row["entity_id"]): row["increment_id"] for row in rows if row["increment_id"]}

    def magento(self, sku: str) -> MagentoStock:
        """A SKU in Magento at one moment; raises SchemaError where that may not be read, or is not there."""
        with self._session.snapshot() as work:
            levels = work.rows(self._now["source_levels"], sku=sku)
            links = work.rows(self._now["links_of_sources"], sources=[row["source_code"] for row in levels])
            stocks = sorted({int(row["stock_id"]) for row in links})
            reserved = work.rows(self._now["reserved"], stocks=stocks, sku=sku)
            newest = work.rows(self._now["newest_reservations"], stocks=stocks, sku=sku, most=NEWEST_RESERVATIONS)
        return MagentoStock(
            sources=tuple(
                SourceLevel(
                    row["source_code"],
                    decimal_of(row["quantity"]),
                    bool(row["status"]),
                    bool(row["enabled"]),
                    tuple(int(link["stock_id"]) for link in links if link["source_code"] == row["source_code"]),
                )
                for row in levels
            ),
            reserved={int(row["stock_id"]): decimal_of(row["quantity"]) for row in reserved},
            orders=_by_order(newest),
            is_whole=sum(row["reservations"] for row in reserved) <= NEWEST_RESERVATIONS,
        )


def _by_order(reservations: Iterable[Row]) -> list[tuple[str, Decimal]]:
    """What orders reserve that has not come to nothing, the newest first; what names no order by its event."""
    sums: dict[str, Decimal] = {}
    for row in reservations:
        order = _order_in(row["metadata"])
        sums[order] = sums.get(order, ZERO) + decimal_of(row["quantity"])
    return [(order, quantity) for order, quantity in sums.items() if quantity]


def _order_in(metadata: str | None) -> str:
    try:
        told = json.loads(metadata or "{}")
    except ValueError:
        told = {}
    named = told if isinstance(told, dict) else {}
    return str(named.get("object_increment_id") or named.get("object_id") or named.get("event_type") or "unknown")


def _events(rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    return [Event._make(row) for row in rows]


def _frozen_of(row: Row) -> FrozenWindow:
    return FrozenWindow(
        destination=DestinationName(row["destination"]),
        warehouse=row["warehouse"],
        sequence=row["sequence"],
        kind=WindowKind(row["kind"]),
        state=WindowState(row["state"]),
        frozen_at=_instant(row["frozen_at"]),
        deltas=int(row["deltas"]),
        lines=int(row["sent"]),
        calls=row["attempts"],
    )


def _placed_of(row: Row) -> PlacedLine:
    holes = tuple((OutboxId(first), OutboxId(last)) for first, last in json.loads(row["holes"]))
    late = tuple(OutboxId(outbox_id) for outbox_id in json.loads(row["late_ids"]))
    members = None if row["members"] is None else [OutboxId(outbox_id) for outbox_id in json.loads(row["members"])]
    return PlacedLine(
        destination=DestinationName(row["destination"]),
        warehouse=row["warehouse"],
        sequence=row["sequence"],
        kind=WindowKind(row["kind"]),
        window_state=WindowState(row["window_state"]),
        erp_number=row["erp_number"],
        line=row["line"],
        sku=row["sku"],
        quantity=plain(row["quantity"]),
        deltas=row["deltas"],
        state=LineState(row["state"]),
        fault=row["fault"],
        members=members,
        carried_to=row["carried_to"],
        membership=Membership(OutboxId(row["after_id"]), OutboxId(row["upto_id"]), holes, late),
    )


def _stream_of(row: Row) -> StreamStanding:
    gaps = [(gap.first, gap.last) for gap in gaps_of(row["open_gaps"])]
    return StreamStanding(OutboxId(row["started_after"]), OutboxId(row["accounted_to"]), gaps)


def _instant(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)
