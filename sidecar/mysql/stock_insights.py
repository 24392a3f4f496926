"""What people look at of stock: windows, their members, and where the units of a SKU went. It changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.domain.stock import WindowState
from sidecar.domain.stock_picture import FrozenWindow
from sidecar.mysql.rows import microseconds
from sidecar.mysql.session import Row, Session

_PAGE: Final = 1000


class StockInsights:
    """Reads of stock windows and of the events behind them; each call has snapshots of its own."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("stock_insights")

    def now(self) -> datetime:
        """The moment by the database's clock, UTC."""
        (row,) = self._session.rows(self._sql["now"])
        return _instant(row["now"])

    def windows_since(self, since: timedelta, destination: DestinationName | None = None) -> Sequence[FrozenWindow]:
        """Windows frozen within this time, newest first, by pages of the primary key: ids grow with the time."""
        found: list[FrozenWindow] = []
        below = None
        with self._session.reading() as work:
            while True:
                page = work.rows(self._sql["windows_below"], below=below, limit=_PAGE)
                recent = [row for row in page if row["age_us"] <= microseconds(since)]
                wanted = {row["id"]: row for row in recent if destination in (None, row["destination"])}
                sums = work.rows(self._sql["line_sums"], window_ids=list(wanted)) if wanted else []
                folded = {row["window_id"]: row for row in sums}
                found += [_frozen_of(row, folded.get(number)) for number, row in wanted.items()]
                if len(page) < _PAGE or not recent:
                    return found
                below = page[-1]["id"]

    def oldest_unfinished(self, destination: DestinationName | None = None) -> Mapping[DestinationName, timedelta]:
        """How long the oldest window that is not done has been frozen, for each destination that has one."""
        rows = self._session.rows(self._sql["oldest_unfinished"])
        return {
            DestinationName(row["destination"]): timedelta(microseconds=max(row["age_us"], 0))
            for row in rows
            if destination in (None, row["destination"])
        }


def _frozen_of(row: Row, lines: Row | None) -> FrozenWindow:
    return FrozenWindow(
        destination=DestinationName(row["destination"]),
        warehouse=row["warehouse"],
        sequence=row["sequence"],
        state=WindowState(row["state"]),
        frozen_at=_instant(row["frozen_at"]),
        deltas=0 if lines is None else int(lines["deltas"]),
        lines=0 if lines is None else int(lines["sent"]),
        calls=row["attempts"],
    )


def _instant(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)
