"""The outbox as the relay reads it: the tail, open gaps, events by id, payloads, and who is writing now."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.domain.errors import SchemaError
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.mysql.rows import chunks, event_of
from sidecar.mysql.session import Row, Session, Work

_FEW: Final = 64
"""Gaps up to this wide are read by key, many in one statement; a wider one is read as a range of its own."""


class OutboxStore:
    """Reads the outbox; every call has a snapshot of its own."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("outbox_store")

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """Up to `limit` events above `after`, ascending."""
        rows = self._session.rows(self._sql["read_tail"], after=after, limit=limit)
        return [event_of(row) for row in rows]

    def read_gaps(self, gaps: Sequence[Gap], limit: int) -> Sequence[Event]:
        """Events that now exist inside the gaps, ascending, up to `limit`."""
        narrow = [gap for gap in gaps if gap.last - gap.first < _FEW]
        ids = [outbox_id for gap in narrow for outbox_id in range(gap.first, gap.last + 1)]
        with self._session.reading() as work:
            rows = self._rows_of(work, ids, limit)
            for gap in gaps:
                if gap.last - gap.first >= _FEW:
                    rows += work.rows(self._sql["read_gap"], first=gap.first, last=gap.last, limit=limit)
        return [event_of(row) for row in sorted(rows, key=lambda row: row["id"])[:limit]]

    def read_events(self, ids: Sequence[OutboxId]) -> Sequence[Event]:
        """The events with these ids, ascending; missing ones are left out."""
        with self._session.reading() as work:
            rows = self._rows_of(work, sorted(ids), len(ids))
        return [event_of(row) for row in rows]

    def read_payloads(self, ids: Sequence[OutboxId]) -> Mapping[OutboxId, str]:
        """The payloads of these events, as text."""
        with self._session.reading() as work:
            return {
                OutboxId(row["id"]): row["payload"]
                for chunk in chunks(ids)
                for row in work.rows(self._sql["read_payloads"], ids=chunk)
            }

    def alive_transactions(self) -> frozenset[AliveTransaction] | None:
        """Every transaction alive now, our own left out; None when it cannot be known now.

        The server answers from a buffer that it refreshes only when nobody has read it for 0.1 s. So our own
        query carries a mark that was never used before, and an answer that does not show it is stale.
        """
        mark = f"fresh-{secrets.token_hex(8)}"

        def look(work: Work) -> Sequence[Row]:
            work.rows(self._sql["enter_transaction"])
            try:
                return work.rows(self._sql["alive_transactions"], mark=mark)
            except SchemaError:  # PROCESS is not granted
                return ()

        rows = self._session.transaction(look)
        if not any(row["is_marked"] and row["thread_id"] == row["own_id"] for row in rows):
            return None
        return frozenset(
            AliveTransaction(row["thread_id"], row["started"]) for row in rows if row["thread_id"] != row["own_id"]
        )

    def _rows_of(self, work: Work, ids: Sequence[int], limit: int) -> list[Row]:
        return [row for chunk in chunks(ids) for row in work.rows(self._sql["read_events"], ids=chunk, limit=limit)]
