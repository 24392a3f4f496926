"""The importer: an ERP's stock becomes Magento's, a complete reading at a time, by the import rule.

    read all levels ── complete? newer? listed enough? ── a person took the first one? ── write what differs

A reading is worked through in segments of SKUs. Of each segment Magento's rows are read first, and then what bears on
them: a shipment in between has changed a row, and the write, which sets only what is still as it was read, misses it.
Such a row is worked out anew, and so is one whose write may or may not have happened; after a few times it waits for
the next reading. What is held becomes a finding for a person, which closes by itself when the SKU passes again.

Where goods that have left decide about the level (on hand), the ERP is asked for its deliveries once more after its
stock was read: what is not kept yet may have left before or after, so its SKUs wait.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final

from sidecar.domain.errors import IncompleteSnapshot, Retryable
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, FindingKind, RunSummary
from sidecar.domain.stock_feed import (
    FEED_CHECK,
    Snapshot,
    SnapshotState,
    StockChange,
    StockFeedPolicy,
    Writing,
)
from sidecar.domain.stock_rule import Held, Planned, Waits
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_admission import UNREAD_DELIVERIES, Admission
from sidecar.engine.stock_judging import Judged, Judging, SkuLevels
from sidecar.engine.stock_snapshot import SnapshotReader
from sidecar.engine.stock_watch import StockWatch
from sidecar.ports import (
    Clock,
    ErpAdapter,
    FeedFacts,
    Observer,
    ReconciliationStore,
    SnapshotStore,
    SourceItems,
)

BATCH: Final = 200
"""Changes of one call: what Magento's own service saves well within a second."""

ROUNDS: Final = 3
"""How often a row that somebody else has changed is worked out anew in one import."""

MOST_FINDINGS: Final = 500
"""Findings of SKUs that one import writes; of more the run tells how many there are."""

WAITS_TOLD: Final = 3
"""A SKU that waits for so many imports in a row is told."""

LOOK_EVERY: Final = timedelta(minutes=1)
AGAIN_AFTER: Final = timedelta(minutes=1)
"""A reading that a person has taken is tried again until Magento takes it; the word of a person is not lost."""

WRITE_DEADLINE: Final = timedelta(seconds=60)
_DONE: Final = frozenset({SnapshotState.BASELINE, SnapshotState.IMPORTED})


@dataclass
class _Run:
    """What one import has come to."""

    judged: int = 0
    written: int = 0
    held: int = 0
    kept: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    stopped: str = ""


class StockImporter:
    """Imports one destination's stock. Used by one thread."""

    def __init__(
        self,
        policy: DestinationPolicy,
        feed: StockFeedPolicy,
        names: Names,
        adapter: ErpAdapter,
        governor: Governor,
        store: SnapshotStore,
        facts: FeedFacts,
        items: SourceItems,
        runs: ReconciliationStore,
        lead: Leadership,
        clock: Clock,
        observer: Observer,
        watch: StockWatch | None = None,
    ) -> None:
        """Nothing is read yet; `watch` is told what was written, and looks later whether it is sold. None: nobody."""
        self._policy, self._feed, self._names = policy, feed, names
        self._watch, self._look_at = watch, clock.monotonic()
        self._adapter, self._governor, self._store = adapter, governor, store
        self._facts, self._items, self._runs = facts, items, runs
        self._lead, self._clock, self._observer = lead, clock, observer
        self._reader = SnapshotReader(policy, feed, adapter, governor, store, clock)
        self._judging = Judging(policy, feed, store, facts, items)
        self._admission = Admission(policy, feed, names, adapter, governor, store, facts, items, clock)
        self._work: Iterator[bool] | None = None
        self._due_at: float | None = None
        self._again_at = clock.monotonic()
        self._waited: dict[str, int] = {}
        self._trouble = ""

    def turn(self) -> bool:
        """Read a page, or write a batch; tells whether there may be more at once."""
        if self._work is None:
            self._work = self._next_work()
        if self._work is None:
            self._look_around()
            return False
        try:
            return next(self._work)
        except StopIteration:
            self._work = None
            return True
        except Retryable as error:
            self._work = None
            self._tell_trouble(error)
            return False

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Every turn ends what it began; a reading that is not complete is begun anew by the successor."""

    def close(self) -> None:
        """Nothing is held."""
        self._work = None

    def steps(self) -> Iterator[bool]:
        """Read and import once, whatever the time, step by step; for a person who asks for it. Raises Retryable."""
        return self._read_and_import()

    def import_now(self) -> None:
        """The same in one go, as far as the lease is trusted."""
        for _ in self.steps():
            if not self._lead.trusted():
                return

    # --- what is next ---

    def _next_work(self) -> Iterator[bool] | None:
        """A reading that a person has taken as the first one, the next reading, or a little tidying up."""
        now = self._clock.monotonic()
        accepted = self._store.newest(self._policy.name, {SnapshotState.ACCEPTED}) if now >= self._again_at else None
        if accepted is not None:
            self._again_at = now + AGAIN_AFTER.total_seconds()
            return self._import(accepted, is_baseline=True)
        if self._due_at is None:
            newest = self._store.newest(self._policy.name, set(SnapshotState) - {SnapshotState.ABANDONED})
            ago = self._feed.every if newest is None else newest.started_ago
            self._due_at = now + max(self._feed.every - ago, timedelta()).total_seconds()
        if now < self._due_at:
            return None
        self._due_at = now + self._feed.every.total_seconds()
        return self._read_and_import()

    def _look_around(self) -> None:
        """Look, once a minute, whether the shop sells what was written."""
        if self._watch is not None and self._clock.monotonic() >= self._look_at:
            self._watch.look(self._lead.trusted)
            self._look_at = self._clock.monotonic() + LOOK_EVERY.total_seconds()

    def _read_and_import(self) -> Iterator[bool]:
        try:
            yield from self._reader.read(self._lead.token)
        except IncompleteSnapshot as error:
            self._hold_all(self._reader.number, str(error))
            return
        snapshot = self._store.newest(self._policy.name, {SnapshotState.COMPLETE})
        if snapshot is None or snapshot.number != self._reader.number:
            return
        self._observer.note(
            "stock.read",
            destination=self._policy.name,
            reading=snapshot.number,
            pages=snapshot.pages,
            levels=snapshot.levels,
        )
        previous = self._store.newest(self._policy.name, _DONE)
        if previous is None:
            self._observer.note("stock.baseline_awaited", destination=self._policy.name, reading=snapshot.number)
        else:
            yield from self._import(snapshot, previous=previous)
        while self._store.drop_outdated(self._policy.name, snapshot.number):
            yield True

    # --- one import ---

    def _import(
        self, snapshot: Snapshot, *, previous: Snapshot | None = None, is_baseline: bool = False
    ) -> Iterator[bool]:
        objection = self._admission.objection(snapshot, previous)
        if objection:
            self._hold_all(snapshot.number, objection)
            return
        told = self._admission.deliveries_told()
        problems = UNREAD_DELIVERIES if told is None else "; ".join(self._items.problems())
        if told is None or problems:
            self._hold_all(snapshot.number, problems, keeps=is_baseline)
            return
        run = _Run()
        judging = self._judging.begin(snapshot, told, guards_jumps=not is_baseline)
        for segment in judging.segments():
            yield from self._import_segment(segment, run)
            yield True
            if run.stopped or not self._lead.trusted():
                break
        else:
            state = SnapshotState.BASELINE if is_baseline else SnapshotState.IMPORTED
            self._end(snapshot, run, judging.unknown_skus(), state)
            return
        self._stop(snapshot, run)

    def _import_segment(self, levels: Mapping[str, SkuLevels], run: _Run) -> Iterator[bool]:
        """Judge and write, and again what somebody else has changed meanwhile."""
        left: Mapping[str, SkuLevels] = levels
        for round_ in range(ROUNDS):
            outcome = self._judging.judge(left)
            if round_ == 0:
                run.judged += len(outcome.verdicts)
            changes = self._sort(outcome, run)
            again: set[str] = set()
            for batch in _batches(changes, BATCH):
                if not self._lead.trusted():
                    return
                again |= self._write(batch, run)
                yield True
                if run.stopped:
                    return
            left = {sku: levels[sku] for sku in again}
            if not left:
                return
        run.waiting |= dict.fromkeys(left, "Magento's rows were changed by others again and again")

    def _sort(self, outcome: Judged, run: _Run) -> list[StockChange]:
        changes: list[StockChange] = []
        for sku, verdict in outcome.verdicts.items():
            match verdict:
                case Planned():
                    changes += verdict.changes
                    if sku in outcome.accepted:
                        run.accepted.append(sku)
                case Waits():
                    run.waiting[sku] = verdict.why
                case Held():
                    run.held += 1
                    run.findings.append(self._finding(verdict.kind, f"sku:{sku}", verdict.magento, verdict.erp))
        run.kept += outcome.kept
        return changes

    def _write(self, batch: Sequence[StockChange], run: _Run) -> set[str]:
        """Write a batch; returns the SKUs that are to be worked out anew."""
        again: set[str] = set()
        told = self._items.write(batch, WRITE_DEADLINE.total_seconds())
        if self._watch is not None:
            self._watch.wrote({one.change.sku for one in told if one.outcome is Writing.WRITTEN})
        if all(written.outcome is Writing.LATER for written in told):
            run.stopped = told[0].words or "Magento could not be asked"
            return again
        for written in told:
            change = written.change
            match written.outcome:
                case Writing.WRITTEN:
                    run.written += 1
                case Writing.MOVED | Writing.UNKNOWN | Writing.LATER:
                    again.add(change.sku)
                case Writing.REFUSED:
                    run.held += 1
                    said = f"{change.source}: {change.quantity} is refused: {written.words}"
                    run.findings.append(self._finding(FindingKind.STOCK_REFUSED, f"sku:{change.sku}", said, ""))
        return again

    # --- how it ends ---

    def _end(self, snapshot: Snapshot, run: _Run, unknown: Sequence[str], state: SnapshotState) -> None:
        if unknown:
            self._find_of_all(FindingKind.STOCK_SKU, run, unknown, "that are no products with stock in Magento")
        if run.kept:
            self._find_of_all(FindingKind.STOCK_MISSING, run, run.kept, "that are not listed in every warehouse")
        self._waited = {sku: self._waited.get(sku, 0) + 1 for sku in run.waiting}
        for sku, why in run.waiting.items():
            if self._waited[sku] >= WAITS_TOLD:
                run.findings.append(self._finding(FindingKind.STOCK_WAITS, f"sku:{sku}", why, ""))
        self._store.record_findings(run.findings[:MOST_FINDINGS])
        standing = {finding.fingerprint for finding in run.findings}
        self._store.resolve_findings(self._policy.name, standing, {f"sku:{sku}" for sku in run.waiting})
        self._store.spend_acceptances(self._policy.name, [s for s in run.accepted if s not in run.waiting])
        self._store.settle(snapshot.number, state, run.written)
        self._tell(snapshot, run, complete=True)
        self._trouble = ""

    def _stop(self, snapshot: Snapshot, run: _Run) -> None:
        """What was written stays; the rest is for the next reading."""
        why = run.stopped or "the importer had to end"
        self._store.record_findings(run.findings[:MOST_FINDINGS])
        if snapshot.state is not SnapshotState.ACCEPTED:
            self._store.settle(snapshot.number, SnapshotState.HELD, run.written, why)
        self._tell(snapshot, run, complete=False)

    def _tell(self, snapshot: Snapshot, run: _Run, *, complete: bool) -> None:
        excused = len(run.waiting) + len(run.kept)
        summary = RunSummary(FEED_CHECK, self._policy.name, run.judged, excused, len(run.findings), complete)
        self._runs.record_run(summary)
        self._observer.note(
            "stock.imported",
            destination=self._policy.name,
            reading=snapshot.number,
            skus=run.judged,
            written=run.written,
            held=run.held,
            waiting=len(run.waiting),
            kept=len(run.kept),
            complete=complete,
            stopped=run.stopped,
        )

    def _hold_all(self, number: int, why: str, *, keeps: bool = False) -> None:
        """Write nothing of a reading; one that `keeps` what a person said of it is tried again."""
        if not keeps:
            self._store.settle(number, SnapshotState.HELD, 0, why)
        subject = f"destination:{self._policy.name}"
        self._store.record_findings([self._finding(FindingKind.STOCK_SNAPSHOT, subject, f"reading {number}", why)])
        self._runs.record_run(RunSummary(FEED_CHECK, self._policy.name, 0, 0, 1, complete=False))
        self._observer.note("stock.held", destination=self._policy.name, reading=number, why=why)

    def _find_of_all(self, kind: FindingKind, run: _Run, skus: Sequence[str], which: str) -> None:
        """One finding for what an ERP with other products than the shop's has by the thousand."""
        words = f"{len(skus)} SKUs {which}, such as {', '.join(islice(skus, 5))}"
        run.findings.append(self._finding(kind, f"destination:{self._policy.name}", "", words))

    def _finding(self, kind: FindingKind, subject: str, magento: str, erp: str) -> Finding:
        return Finding(self._policy.name, kind, subject, "stock", magento, erp, FEED_CHECK)

    def _tell_trouble(self, error: Retryable) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            name = self._policy.name
            self._observer.note("stock.unreadable", destination=name, error=self._trouble, hint=error.hint)


def _batches(changes: Sequence[StockChange], size: int) -> Iterator[Sequence[StockChange]]:
    """In the order of rows, so that two writers lock them in one order."""
    ordered = sorted(changes, key=lambda change: (change.source, change.sku))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
