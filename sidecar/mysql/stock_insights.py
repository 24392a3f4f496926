"""What people look at of stock: windows, their members, and the changes of a SKU. It changes nothing."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sidecar.domain.events import DestinationName, Event, OutboxId
from sidecar.domain.stock import LineState, Membership, WindowKind, WindowState
from sidecar.domain.stock_lineage import PlacedLine, ShownWindow, StreamStanding, Surroundings
from sidecar.domain.stock_picture import FrozenWindow
from sidecar.mysql.rows import chunks, gaps_of, microseconds, plain
from sidecar.mysql.session import Row, Session

STRETCH: Final = 50_000
"""How many ids of the outbox one statement looks through."""

FURTHEST: Final = 20_000
"""How many events above a cursor are looked through for the oldest one that is still open."""


class StockInsights:
    """Reads of stock windows and of the events behind them; each statement has a snapshot of its own."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("stock_insights")

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
        self, destination: DestinationName, events: Sequence[OutboxId], skus: Iterable[str]
    ) -> Surroundings:
        """What a destination's tables say about these changes, which are of these SKUs."""
        after = min(events, default=OutboxId(0)) - 1
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
        return found

    def order_numbers(self, ids: Sequence[int]) -> Mapping[str, str]:
        """The numbers of orders, by their keys as text."""
        return {
            str(row["entity_id"]): row["increment_id"]
            for chunk in chunks(ids)
            for row in self._session.rows(self._sql["order_numbers"], ids=chunk)
            if row["increment_id"]
        }


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
