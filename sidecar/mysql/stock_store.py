"""Stock windows of one destination: frozen once, sent under their own name, fenced by the stock cursor row."""

from collections.abc import Sequence
from datetime import timedelta

from sidecar.domain.delivery import Delivery
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FoldedLine, FrozenFold, Membership
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.fence import STOCK, Fence
from sidecar.mysql.rows import chunks, compact
from sidecar.mysql.session import Row, Session, Work


class StockStore:
    """What the stock aggregator has frozen, and what became of it."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("stock_store")
        self._fence = Fence(session, STOCK)
        self._deliveries = Deliveries(session, STOCK)

    def load_stock_cursor(self, destination: DestinationName) -> Cursor:
        """The stock stream's cursor."""
        return self._fence.load(self._session, destination)

    def freeze_windows(
        self,
        destination: DestinationName,
        token: int,
        cursor: Cursor,
        membership: Membership,
        folds: Sequence[FrozenFold],
        blueprint_version: str,
        parked: Sequence[Delivery],
    ) -> None:
        """Freeze a fold in one fenced transaction: cursor, windows, lines, and deltas that cannot be counted.

        Deltas that were parked before and are members now (as late ids) lose their delivery rows.
        """

        def body(work: Work) -> None:
            self._fence.write(work, destination, token, cursor)
            self._deliveries.settle(work, destination, membership.late)
            self._deliveries.put(work, destination, parked)
            for fold in folds:
                self.freeze(work, destination, membership, fold, blueprint_version)

        self._session.transaction(body)

    def since_frozen(self, destination: DestinationName) -> timedelta | None:
        """How old the destination's newest window is, by the database's clock; None where it has none."""
        (row,) = self._session.rows(self._sql["since_frozen"], destination=destination)
        return None if row["age_us"] is None else timedelta(microseconds=row["age_us"])

    def released_deltas(self, destination: DestinationName) -> Sequence[OutboxId]:
        """Parked deltas that an operator made READY, ascending."""
        rows = self._session.rows(self._sql["released_deltas"], destination=destination)
        return [OutboxId(row["outbox_id"]) for row in rows]

    def freeze(
        self,
        work: Work,
        destination: DestinationName,
        membership: Membership,
        fold: FrozenFold,
        blueprint_version: str,
    ) -> int:
        """Make one window inside a fenced transaction; returns its row's key.

        The cursor row is held, so nobody else allocates a number between these two statements.
        """
        (row,) = work.rows(self._sql["next_sequence"], destination=destination, warehouse=fold.warehouse)
        window_id = work.insert(
            self._sql["insert_window"],
            destination=destination,
            warehouse=fold.warehouse,
            sequence=row["sequence"],
            kind=fold.kind,
            state=fold.state,
            after_id=membership.after,
            upto_id=membership.upto,
            holes=compact([list(hole) for hole in membership.holes]),
            late_ids=compact(list(membership.late)),
            blueprint_version=blueprint_version,
        )
        for chunk in chunks(list(enumerate(fold.lines, start=1))):
            work.run_many(self._sql["insert_lines"], [_line_row(window_id, number, line) for number, line in chunk])
        return window_id


def _line_row(window_id: int, number: int, line: FoldedLine) -> Row:
    return {
        "window_id": window_id,
        "line": number,
        "sku": line.sku,
        "quantity": line.quantity,
        "deltas": len(line.members),
        "members": f"[{','.join(map(str, line.members))}]",
        "state": "open" if line.quantity else "net_zero",
        "fault": "",
    }
