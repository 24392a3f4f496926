"""The janitor: lets the outbox begin later, one small prefix at a time, and never past what somebody still needs.

A run asks once what keeps the floor down: what lies below can never be needed again, so the answer holds for the whole
run. Then, for each chunk: wait until the database is quiet; read the next events, narrow; take those whose retention
is over and whose receipts are there; raise the floor and delete them in one short transaction. Where an archive is
kept, a file is complete and on disk before the first of its events goes. Killed at any moment, the next run begins at
the floor: what was archived and not deleted is archived again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sidecar.domain.events import OutboxId
from sidecar.domain.reconciliation import RunSummary
from sidecar.domain.retention import AgedEvent, Barrier, Prefix, PurgeSummary, Retention, lowest
from sidecar.engine.pace import Pace, Terms
from sidecar.ports import Archive, Clock, JanitorStore, Observer

PURGE: Final = "purge"
PAGE_BYTES: Final = 8_000_000
"""Payload bytes of one chunk, and so of one transaction."""

FILE_EVENTS: Final = 20_000
FILE_BYTES: Final = 64_000_000
"""What one archive file may hold before compression."""

STOPPED: Final = "it was told to stop, or its hours are over"


@dataclass(slots=True)
class _Run:
    """How far a purge has come."""

    floor: OutboxId
    proceed: Callable[[], bool]
    left: int | None
    barrier: Barrier
    events: int = 0
    archives: list[str] = field(default_factory=list)
    stopped_by: str = ""
    complete: bool = False

    def stop(self, why: str, *, complete: bool = False) -> None:
        """Begin no further chunk."""
        self.stopped_by, self.complete = why, complete


class Janitor:
    """Purges the outbox by age and by receipt, and trims what the sidecar keeps for itself."""

    def __init__(
        self,
        store: JanitorStore,
        archive: Archive | None,
        clock: Clock,
        observer: Observer,
        retention: Retention,
        terms: Terms | None = None,
    ) -> None:
        """Nothing is read yet."""
        self._store, self._archive, self._clock, self._observer = store, archive, clock, observer
        self._retention, self._terms = retention, terms or Terms()

    def preview(self, proceed: Callable[[], bool] = lambda: True, limit: int | None = None) -> PurgeSummary:
        """What a purge would delete now, and where and why it would stop; changes nothing."""
        run = _Run(self._store.floor(), proceed, limit, lowest(self._store.barriers()))
        while run.proceed() and not run.stopped_by:
            page = self._next_page(run, self._terms.largest)
            if page is not None:
                self._count(run, page)
        return self._summary(run)

    def purge(self, proceed: Callable[[], bool] = lambda: True, limit: int | None = None) -> PurgeSummary:
        """Delete what may go, up to `limit` events, giving way to the shop; leaves a row among the runs."""
        self._store.require_rights()
        run = _Run(self._store.begin_purge(), proceed, limit, lowest(self._store.barriers()))
        pace = Pace(self._terms, self._store.load, self._clock.sleep)
        while not run.stopped_by:
            pages = self._next_pages(run, pace)
            self._keep(run, pages)
            self._delete(run, pages, pace)
        trimmed = self._trim(run, pace)
        summary = self._summary(run, trimmed)
        self._store.record_run(RunSummary(PURGE, "", run.events, 0, 0, run.complete))
        self._observer.note(
            "purge.finished",
            events=summary.events,
            floor=summary.floor,
            stopped_by=summary.stopped_by,
            archives=len(summary.archives),
            trimmed=sum(trimmed.values()),
        )
        return summary

    # -- which events ------------------------------------------------------------------------------------------

    def _next_pages(self, run: _Run, pace: Pace) -> list[Prefix]:
        """One page; or, for an archive, as many as one file holds."""
        pages: list[Prefix] = []
        ahead = _Run(run.floor, run.proceed, run.left, run.barrier)
        most = FILE_EVENTS if self._archive is not None else 1
        while not ahead.stopped_by and ahead.events < most and sum(p.payload_bytes for p in pages) < FILE_BYTES:
            if not run.proceed():
                ahead.stop(STOPPED)
            elif why := pace.wait_for_quiet(run.proceed):
                ahead.stop(why)
            elif (page := self._next_page(ahead, pace.size)) is not None:
                self._count(ahead, page)
                pages.append(page)
        if ahead.stopped_by:
            run.stop(ahead.stopped_by, complete=ahead.complete)
        return pages

    def _next_page(self, run: _Run, size: int) -> Prefix | None:
        """The next events that may go; None, and the run stopped, when there are none."""
        wanted = size if run.left is None else min(size, run.left)
        if not wanted:
            run.stop("the limit is reached")
            return None
        rows = self._store.aged_events(run.floor, OutboxId(run.barrier.first - 1), self._retention.events, wanted)
        taken = _within_bytes([row for row in rows if row.id < _first_young(rows)])
        if not taken:
            run.stop(self._why_nothing(rows, run.barrier), complete=True)
            return None
        first, last = OutboxId(run.floor + 1), taken[-1].id
        missing = self._store.first_unaccounted(first, last)
        if missing is None:
            return _prefix(first, taken)
        kept = [row for row in taken if row.id < missing.first]
        if not kept:
            run.stop(missing.words, complete=True)
            return None
        return _prefix(first, kept)

    def _why_nothing(self, rows: Sequence[AgedEvent], barrier: Barrier) -> str:
        if rows:
            return f"event {rows[0].id} is younger than {_in_words(self._retention.events)}"
        return barrier.words

    def _count(self, run: _Run, page: Prefix) -> None:
        run.floor = page.last
        run.events += page.events
        if run.left is not None:
            run.left -= page.events

    # -- letting them go ---------------------------------------------------------------------------------------

    def _keep(self, run: _Run, pages: Sequence[Prefix]) -> None:
        if self._archive is None or not pages:
            return
        first, last = pages[0].first, pages[-1].last
        rows = (row for page in pages for row in self._store.whole_events(page.first, page.last))
        run.archives.append(self._archive.keep(first, last, rows))

    def _delete(self, run: _Run, pages: Sequence[Prefix], pace: Pace) -> None:
        for page in pages:
            if not run.proceed():
                run.stop(STOPPED)
                return
            began = self._clock.monotonic()
            self._store.purge_page(page)
            took = self._clock.monotonic() - began
            self._count(run, page)
            self._observer.note("purge.chunk", floor=page.last, events=page.events, milliseconds=round(took * 1000, 1))
            pace.took(took)

    def _trim(self, run: _Run, pace: Pace) -> dict[str, int]:
        """Delete what is older than its own retention, chunk by chunk, table by table."""
        trimmed: dict[str, int] = {}
        for table, age in self._store.trimmable(self._retention):
            while run.proceed() and not pace.wait_for_quiet(run.proceed):
                began = self._clock.monotonic()
                deleted = self._store.trim(table, age, run.floor, pace.size)
                if not deleted:
                    break
                trimmed[table] = trimmed.get(table, 0) + deleted
                pace.took(self._clock.monotonic() - began)
        return trimmed

    def _summary(self, run: _Run, trimmed: dict[str, int] | None = None) -> PurgeSummary:
        stopped_by = run.stopped_by or STOPPED
        return PurgeSummary(run.events, run.floor, stopped_by, run.complete, tuple(run.archives), trimmed or {})


def _prefix(first: OutboxId, rows: Sequence[AgedEvent]) -> Prefix:
    return Prefix(first, rows[-1].id, len(rows), sum(row.payload_bytes for row in rows))


def _first_young(rows: Sequence[AgedEvent]) -> float:
    return next((row.id for row in rows if not row.is_over), float("inf"))


def _within_bytes(rows: Sequence[AgedEvent]) -> list[AgedEvent]:
    """As many as one transaction may hold; one event always fits."""
    taken: list[AgedEvent] = []
    room = PAGE_BYTES
    for row in rows:
        room -= row.payload_bytes
        if taken and room < 0:
            break
        taken.append(row)
    return taken


def _in_words(age: timedelta) -> str:
    return f"{age.days} days" if age.days else f"{age.total_seconds():g} seconds"
