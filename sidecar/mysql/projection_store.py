"""Which confirmed documents Magento does not show: new revisions, and numbers that a stale save overwrote.

Magento writes whole order rows, so a process that loaded an order before its acknowledgement and saves it afterwards
puts an empty number back. Such a save moves `updated_at`: orders changed lately are looked at in every turn. The rest
is looked at a page a turn, around and around, for what was overwritten while nobody looked. What is due goes around
in the same way, oldest first, so that orders which cannot be written hold up no others.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.domain.reconciliation import KnownDocument
from sidecar.mysql.rows import document_of
from sidecar.mysql.session import Row, Session, Work

PAGE: Final = 200
"""How many documents of the past are looked at in one turn."""

_THE_OLDEST: Final[Row] = {"confirmed_at": datetime(1970, 1, 1), "destination": "", "entity_id": 0}  # noqa: DTZ001 -- as the column is


class ProjectionStore:
    """What the projector has to carry into Magento. Used by one thread."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session; the round through the past begins at its start."""
        self._session = session
        self._sql = session.statements("projection_store")
        self._looked_at_upto = 0
        self._due_after = _THE_OLDEST

    def unprojected(
        self, limit: int, destinations: Collection[DestinationName] | None = None
    ) -> Sequence[tuple[KnownDocument, DestinationName, bool]]:
        """Documents whose revision is newer than what was projected, or whose order lost its number.

        The flag says that this order was never projected before. Where several destinations confirm the same
        orders, name those that own the number, or each would overwrite the other's.
        """
        with self._session.reading() as work:
            due = self._next_due(work, limit)
            overwritten = [*work.rows(self._sql["overwritten_lately"], limit=limit), *self._next_page(work)]
        chosen: dict[tuple[str, int], Row] = {}
        for row in [*due, *overwritten]:
            if destinations is None or row["destination"] in destinations:
                chosen.setdefault((row["destination"], row["entity_id"]), row)
        return [
            (document_of(row), DestinationName(row["destination"]), row["projected_revision"] == 0)
            for row in list(chosen.values())[:limit]
        ]

    def mark_projected(self, destination: DestinationName, entity_id: int, revision: int) -> None:
        """Record that this revision is in Magento."""
        self._session.transaction(
            lambda work: work.run(
                self._sql["mark_projected"], destination=destination, entity_id=entity_id, revision=revision
            )
        )

    def _next_due(self, work: Work, limit: int) -> Sequence[Row]:
        page = work.rows(self._sql["due_documents"], **self._due_after, limit=limit)
        full = len(page) == limit
        self._due_after = {name: page[-1][name] for name in _THE_OLDEST} if full else _THE_OLDEST
        return page

    def _next_page(self, work: Work) -> Sequence[Row]:
        after = self._looked_at_upto
        page = work.rows(self._sql["next_documents"], after=after, limit=PAGE)
        self._looked_at_upto = page[-1]["entity_id"] if len(page) == PAGE else 0
        if not page:
            return ()
        return work.rows(self._sql["overwritten_between"], after=after, upto=page[-1]["entity_id"], limit=PAGE)
