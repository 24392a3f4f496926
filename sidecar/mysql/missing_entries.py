"""What is parked for an entry that is missing, and letting all of it go once the entry is there."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.overview import AwaitedEntry
from sidecar.mysql.rows import CHUNK, clip
from sidecar.mysql.session import Session, Work

_EVERY_STORE: Final = -1
_RELEASE: Final = "release"


class MissingEntries:
    """Reads and releases what is parked for them. The relay carries it out, as it does what a person has decided."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("missing_entries")
        self._operators = session.statements("operator_store")

    def awaited(self, destinations: Collection[DestinationName], limit: int) -> Sequence[AwaitedEntry]:
        """Entries that something waits for, those with the most events first."""
        bounds = {"destinations": list(destinations), "limit": limit}
        return [
            AwaitedEntry(
                DestinationName(row["destination"]),
                row["missing"],
                row["events"],
                OutboxId(row["first"]),
                timedelta(microseconds=row["age_us"]),
            )
            for row in self._session.rows(self._sql["awaited_entries"], **bounds)
        ]

    def release(self, destination: DestinationName, key: str, stores: Collection[int], actor: str, reason: str) -> int:
        """Make all that waits for an entry RETRYING, in these stores or in all; returns how many events that were.

        So many at a time as one transaction should have, each recorded in it. What is parked for another reason, and
        what a person decides meanwhile, stays as it is.
        """
        where = {"destination": destination, "missing": key}

        def body(work: Work) -> tuple[int, bool]:
            bounds = {"stores": sorted(stores) or [_EVERY_STORE], "most": CHUNK}
            ids = [row["outbox_id"] for row in work.rows(self._sql["waiting_for"], **where, **bounds)]
            if not ids:
                return 0, False
            words = clip(f"released by {actor}: {key} is there", 512)
            count = work.run(self._sql["release_waiting"], **where, ids=ids, reason=words)
            if count:
                self._record(work, destination, key, count, actor, reason)
            return count, len(ids) == CHUNK

        released, goes_on = 0, True
        while goes_on:
            count, goes_on = self._session.transaction(body)
            released += count
        return released

    def _record(self, work: Work, destination: DestinationName, key: str, count: int, actor: str, reason: str) -> None:
        work.run(
            self._operators["record_decision"],
            action=_RELEASE,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=destination,
            event=None,
            lane=None,
            state="parked",
            fault=None,
            detail=f"{count} events that waited for {key}",
        )
