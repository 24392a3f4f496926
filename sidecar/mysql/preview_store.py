"""Which orders a number names, and the latest event of an order that can be found without an index on lanes."""

from collections.abc import Collection, Sequence
from typing import Final

from sidecar.domain.events import ORDER_TYPES, DestinationName, OutboxId
from sidecar.domain.previewed import NumberedOrder
from sidecar.mysql.session import Session

NEWEST: Final = 20_000
"""Rows at the outbox's end that are looked through for an order's events."""

_NUMBERS: Final = 10


class PreviewStore:
    """Reads with the relay's own rights; changes nothing."""

    def __init__(self, session: Session) -> None:
        """Read through this session."""
        self._session = session
        self._sql = session.statements("preview_store")

    def orders(self, number: str) -> Sequence[NumberedOrder]:
        """The orders with this number; where there is none, the one with this entity id."""
        with self._session.reading() as work:
            rows = work.rows(self._sql["orders_numbered"], number=number)
            if not rows and number.isascii() and number.isdecimal() and len(number) <= _NUMBERS:
                rows = work.rows(self._sql["order_with_id"], entity_id=int(number))
        return [NumberedOrder(row["entity_id"], row["increment_id"] or "") for row in rows]

    def latest_event(self, entity_id: int, destinations: Collection[DestinationName]) -> OutboxId | None:
        """An order's latest event among the outbox's newest rows and what the sidecar knows; None: it found none."""
        lane = {"lane": f"order:{entity_id}", "types": sorted(ORDER_TYPES)}
        known = {"destinations": list(destinations)}
        with self._session.reading() as work:
            rows = [
                *work.rows(self._sql["newest_events"], most=NEWEST, **lane),
                *work.rows(self._sql["standing_event"], **lane, **known),
                *work.rows(self._sql["confirmed_event"], entity_id=entity_id, **known),
            ]
        return max((OutboxId(row["outbox_id"]) for row in rows), default=None)
