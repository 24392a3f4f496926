"""Which confirmed documents Magento does not show: new changes, and numbers that a stale save overwrote.

Magento writes whole order rows, so a process that loaded an order before its acknowledgement and saves it afterwards
puts an empty number back. Such a save moves `updated_at`: orders changed lately are looked at in every turn. The rest
is looked at a page a turn, around and around, for what was overwritten while nobody looked. What is due goes around
in the same way, oldest first, so that orders which cannot be written hold up no others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.domain.reconciliation import KnownDocument
from sidecar.mysql.rows import document_of
from sidecar.mysql.session import Row, Session, Work

PAGE: Final = 200
"""How many documents of the past are looked at in one turn."""

_THE_OLDEST: Final[Row] = {"confirmed_at": datetime(1970, 1, 1), "entity_id": 0}  # noqa: DTZ001 -- as the column is


class ProjectionStore:
    """What the projector of one destination has to carry into Magento. Used by one thread."""

    def __init__(self, session: Session, destination: DestinationName) -> None:
        """Read and write through this session; the round through the past begins at its start."""
        self._session, self._destination = session, destination
        self._sql = session.statements("projection_store")
        self._looked_at_upto = 0
        self._due_after = _THE_OLDEST

    def unprojected(self, limit: int) -> Sequence[tuple[KnownDocument, bool]]:
        """Documents with a change that was not projected, or whose order lost its number.

        The flag says that this order was never projected before.
        """
        with self._session.reading() as work:
            rows = [*self._next_due(work, limit), *self._rows(work, "overwritten_lately", limit=limit)]
            rows += self._next_page(work)
        chosen: dict[int, Row] = {}
        for row in rows:
            chosen.setdefault(row["entity_id"], row)
        return [(_due_of(row), row["projected_change"] == 0) for row in list(chosen.values())[:limit]]

    def mark_projected(self, entity_id: int, change: int) -> None:
        """Record that Magento shows this change."""
        binds = {"destination": self._destination, "entity_id": entity_id, "change": change}
        self._session.transaction(lambda work: work.run(self._sql["mark_projected"], **binds))

    def _next_due(self, work: Work, limit: int) -> Sequence[Row]:
        page = self._rows(work, "due_documents", **self._due_after, limit=limit)
        full = len(page) == limit
        self._due_after = {name: page[-1][name] for name in _THE_OLDEST} if full else _THE_OLDEST
        return page

    def _next_page(self, work: Work) -> Sequence[Row]:
        after = self._looked_at_upto
        page = self._rows(work, "next_documents", after=after, limit=PAGE)
        self._looked_at_upto = page[-1]["entity_id"] if len(page) == PAGE else 0
        if not page:
            return ()
        return self._rows(work, "overwritten_between", after=after, upto=page[-1]["entity_id"], limit=PAGE)

    def _rows(self, work: Work, name: str, **binds: object) -> Sequence[Row]:
        return work.rows(self._sql[name], destination=self._destination, **binds)


def _due_of(row: Row) -> KnownDocument:
    return replace(document_of(row), change=row["change_count"])
