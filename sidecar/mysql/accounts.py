"""Which events of a chunk a destination has no receipt for: one answer for the purge and for the audit."""

from collections.abc import Sequence

from sidecar.domain.events import STOCK_TYPES
from sidecar.mysql.rows import covers
from sidecar.mysql.session import Row, Session, Work


class Accounts:
    """Reads cursors and receipts; a chunk costs its own rows, however long the outbox is."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._sql = session.statements("accounts")

    def cursors(self, work: Work) -> Sequence[Row]:
        """The cursor row of every stream."""
        return work.rows(self._sql["stream_cursors"])

    def without_receipt(self, work: Work, destination: str, first: int, last: int) -> Sequence[Row]:
        """Events of documents from `first` to `last` without a receipt, of their own or in a range, ascending."""
        binds = {"destination": destination, "first": first, "last": last}
        rows = work.rows(self._sql["without_receipt"], **binds, stock_types=sorted(STOCK_TYPES))
        if not rows:
            return []
        limit = rows[-1]["id"] - rows[0]["id"] + 2
        ranges = work.tuples(self._sql["ranges_from"], destination=destination, first=rows[0]["id"], limit=limit)
        return [row for row in rows if not any(covers(one, row["id"]) for one in ranges)]
