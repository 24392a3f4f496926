"""The eraser: takes one person out of the outbox, its edits, the trail's words and the archives.

Everything is looked for first; if one event is still to be sent, nothing is erased at all. What is erased is recorded
without the person. Each part may be done twice: after a crash the same command ends what it began.
"""

from collections.abc import Callable
from typing import Any, Protocol

from sidecar.domain.erasure import ErasureSummary, Person, erased
from sidecar.ports import ErasureStore, Observer


class ErasableArchive(Protocol):
    """Archive files that can be rewritten."""

    def rewrite(
        self, change: Callable[[dict[str, Any]], dict[str, Any] | None], *, dry_run: bool
    ) -> tuple[dict[str, int], list[str]]:
        """Put each row's change in its place; returns how many rows changed per file, and files nobody could read."""
        ...


class Eraser:
    """Erases one person's data; refuses while something of it is unfinished."""

    def __init__(self, store: ErasureStore, archive: ErasableArchive | None, observer: Observer) -> None:
        """Nothing is read yet."""
        self._store, self._archive, self._observer = store, archive, observer

    def erase(self, person: Person, actor: str, reason: str, *, dry_run: bool) -> ErasureSummary:
        """Erase, or tell what would be; `unfinished` is not empty where nothing was erased because of it."""
        self._store.require_rights()
        orders, events = self._store.find(person)
        unfinished = self._store.unfinished(events)
        lanes = {*person.lanes, *(f"order:{order}" for order in orders), *(str(event.lane) for event in events)}
        if dry_run or unfinished:
            trails = self._store.count_trails(sorted(lanes))
        else:
            trails = self._store.erase(events, sorted(lanes), actor, reason)
        archives, unreadable = self._in_archives(person, lanes, dry_run=dry_run or bool(unfinished))
        count = sum(lane.startswith("order:") for lane in lanes)
        summary = ErasureSummary(count, len(events), trails, archives, unreadable, unfinished)
        if not dry_run and not unfinished:
            self._observer.note(
                "customer.erased", orders=count, events=len(events), archives=len(archives), trails=trails
            )
        return summary

    def _in_archives(self, person: Person, lanes: set[str], *, dry_run: bool) -> tuple[dict[str, int], list[str]]:
        if self._archive is None:
            return {}, []

        def change(row: dict[str, Any]) -> dict[str, Any] | None:
            payload = str(row["payload"])
            if row["lane"] not in lanes and not person.is_in(payload):
                return None
            without = erased(payload)
            return None if without == payload else {**row, "payload": without, "payload_bytes": len(without)}

        return self._archive.rewrite(change, dry_run=dry_run)
