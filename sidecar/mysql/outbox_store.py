"""The outbox as the relay reads it: the tail, open gaps, events by id, payloads, and who is writing now."""

import secrets
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from sidecar.domain.errors import SchemaError
from sidecar.domain.events import STOCK_TYPES, DestinationName, Event, OutboxId, lane_of
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.domain.hydration import BY_THE_SIDECAR
from sidecar.mysql.rows import chunks
from sidecar.mysql.session import Row, Session, Work

_FEW: Final = 64
"""Gaps up to this wide are read by key, many in one statement; a wider one is read as a range of its own."""

_SMALL_PAYLOAD: Final = 16_384
"""Bytes; payloads up to this come along with a short tail."""

_STOCK_PAYLOAD: Final = 4096
"""Bytes; a change of stock has a tenth of that."""

_STOCK: Final = sorted(STOCK_TYPES)

_LOOK_INTERVAL: Final = 0.4
"""Seconds between two looks at the server's transactions, whoever asks."""


class OutboxStore:
    """Reads the outbox; every call has a snapshot of its own. One instance serves all streams of a process."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("outbox_store")
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._alive: frozenset[AliveTransaction] | None = None

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """Up to `limit` events above `after`, ascending."""
        return _events(self._session.tuples(self._sql["read_tail"], after=after, limit=limit))

    def read_fresh(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same, with those payloads that are small."""
        statement = self._sql["read_fresh"]
        return _events(self._session.tuples(statement, after=after, limit=limit, payload_limit=_SMALL_PAYLOAD))

    def read_stock(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same, as the stock stream needs them: its own with their payloads, of all others little more than ids."""
        rows = self._session.tuples(
            self._sql["read_stock"], after=after, limit=limit, types=_STOCK, payload_limit=_STOCK_PAYLOAD
        )
        return [
            Event(number, event_id, kind, version, lane_of(None, number), "", None, 0, None, origin, "", payload)
            for number, event_id, kind, version, origin, payload in rows
        ]

    def read_whole(self, after: OutboxId, limit: int, max_bytes: int) -> Sequence[Event]:
        """Events above `after` with their payloads, ascending: up to `limit`, and no more than fit into `max_bytes`."""
        with self._session.reading() as work:
            ((events, upto, size),) = work.tuples(self._sql["read_extent"], after=after, limit=limit)
            if not events:
                return []
            if size > max_bytes:
                sizes = work.tuples(self._sql["read_sizes"], after=after, limit=events)
                fitting = bisect_right(list(accumulate(one for _, one in sizes)), max_bytes)
                upto, _ = sizes[max(fitting, 1) - 1]
            return _events(work.tuples(self._sql["read_whole"], after=after, upto=upto))

    def read_gaps(self, gaps: Sequence[Gap], limit: int) -> Sequence[Event]:
        """Events that now exist inside the gaps, ascending, up to `limit`."""
        narrow = [gap for gap in gaps if gap.last - gap.first < _FEW]
        ids = [outbox_id for gap in narrow for outbox_id in range(gap.first, gap.last + 1)]
        with self._session.reading() as work:
            rows = self._rows_of(work, ids, limit)
            for gap in gaps:
                if gap.last - gap.first >= _FEW:
                    rows += work.tuples(self._sql["read_gap"], first=gap.first, last=gap.last, limit=limit)
        return _events(sorted(rows)[:limit])

    def read_events(self, ids: Sequence[OutboxId]) -> Sequence[Event]:
        """The events with these ids, ascending; missing ones are left out."""
        with self._session.reading() as work:
            return _events(self._rows_of(work, sorted(ids), len(ids)))

    def read_payloads(self, ids: Sequence[OutboxId]) -> Mapping[OutboxId, str]:
        """The payloads of these events, as text."""
        with self._session.reading() as work:
            return {
                outbox_id: payload
                for chunk in chunks(ids)
                for outbox_id, payload in work.tuples(self._sql["read_payloads"], ids=chunk)
            }

    def read_edits(
        self, destination: DestinationName, ids: Sequence[OutboxId], *, by_people: bool = False
    ) -> Mapping[OutboxId, str]:
        """The payloads that stand in the place of these events' own, the latest of each."""
        left_out = BY_THE_SIDECAR if by_people else ""
        with self._session.reading() as work:
            return {
                OutboxId(row["outbox_id"]): row["payload_after"]
                for chunk in chunks(ids)
                for row in work.rows(self._sql["read_edits"], destination=destination, ids=chunk, left_out=left_out)
            }

    def alive_transactions(self, since: float) -> frozenset[AliveTransaction] | None:
        """Every transaction alive now that may hold an id, our own left out; None when it cannot be known now.

        The server answers from a buffer that it refreshes only when nobody has read it for 0.1 s. So one look serves
        everybody who asks about a moment before it, and looks are kept apart.
        """
        with self._looking:
            if self._alive is None or self._looked_at <= since:
                now = time.monotonic()
                if now - self._looked_at < _LOOK_INTERVAL:
                    return None
                self._looked_at, self._alive = now, self._look()
            return self._alive

    def _look(self) -> frozenset[AliveTransaction] | None:
        """Ask the server; the query carries a mark that was never used before, and an answer without it is stale."""
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
            AliveTransaction(row["thread_id"], row["started"])
            for row in rows
            if row["may_hold_an_id"] and row["thread_id"] != row["own_id"]
        )

    def _rows_of(self, work: Work, ids: Sequence[int], limit: int) -> list[tuple[object, ...]]:
        return [row for chunk in chunks(ids) for row in work.tuples(self._sql["read_events"], ids=chunk, limit=limit)]


def _events(rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    return [Event._make(row) for row in rows]
