"""The gap tracker: which missing ids may still appear, and when they no longer can.

Invariant: a gap is dropped only after (1) every transaction that could hold one of its ids, seen alive at a moment
after the gap was noticed, has ended, and (2) a read begun after that found nothing. Gaps noticed between two looks
at the server have the same witnesses and close together.

Without the PROCESS privilege nobody can say who is alive; then a gap stays for `patience`, and is given up: grant
PROCESS.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sidecar.domain.events import Event, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.ports import Clock, OutboxStore

SNAPSHOT_INTERVAL: Final = 0.5
"""Seconds between looks at the alive transactions: the server's buffer freezes for those who ask more often."""

READ_LIMIT: Final = 5000
CHEAP: Final = 0.005
"""Seconds; a read of the gaps that costs no more is made as often as the tail brings something."""

SHARE: Final = 9
"""A dearer one rests for so many times its own cost, so that gaps take at most a tenth of the time."""

LONGEST_REST: Final = 5.0
YOUNG_REST: Final = 0.003
OLD_REST: Final = 0.25
OLD_AFTER: Final = 2.0
"""Seconds between two reads while the tail is silent: of gaps noticed lately, of gaps open for longer than the last."""


@dataclass(slots=True, eq=False)
class _Cohort:
    """Gaps noticed between two looks; `witnesses` are the transactions that may still fill them, once known."""

    noticed_at: float
    witnesses: frozenset[AliveTransaction] | None = None
    ended: bool = False


@dataclass(slots=True)
class _Open:
    gap: Gap
    cohort: _Cohort


class GapTracker:
    """Keeps the open gaps of one stream, ascending."""

    def __init__(
        self,
        outbox: OutboxStore,
        clock: Clock,
        gaps: Iterable[Gap] = (),
        patience: timedelta = timedelta(days=1),
    ) -> None:
        """Start with the gaps of a loaded cursor; they are witnessed anew."""
        self._outbox, self._clock, self._patience = outbox, clock, patience.total_seconds()
        self._newest_cohort = _Cohort(clock.monotonic())
        self._open = [_Open(gap, self._newest_cohort) for gap in sorted(gaps)]
        self._next_look_at = self._read_at = self._cost = 0.0
        self._looked_at = float("-inf")
        self._listed: tuple[Gap, ...] | None = None
        self._some_ended = False

    def open(self, gaps: Iterable[Gap]) -> None:
        """List newly noticed gaps, all above those that are open."""
        fresh = list(gaps)
        if not fresh:
            return
        if self._newest_cohort.witnesses is not None or not self._open:
            self._newest_cohort = _Cohort(self._clock.monotonic())
        self._newest_cohort.noticed_at = self._clock.monotonic()
        self._open.extend(_Open(gap, self._newest_cohort) for gap in fresh)
        self._listed = None

    def gaps(self) -> tuple[Gap, ...]:
        """The open gaps, ascending."""
        if self._listed is None:
            self._listed = tuple(entry.gap for entry in self._open)
        return self._listed

    def may_wait(self) -> bool:
        """Tell whether a read of the gaps was so dear that the next one, and what came in the tail, has to wait."""
        if not self._open or self._cost <= CHEAP:
            return False
        return self._clock.monotonic() < self._read_at + min(SHARE * self._cost, LONGEST_REST)

    def is_due(self) -> bool:
        """Tell whether the gaps are to be read although the tail is silent."""
        if not self._open:
            return False
        now = self._clock.monotonic()
        is_young = now - self._newest_cohort.noticed_at < OLD_AFTER
        return now >= self._read_at + max(YOUNG_REST if is_young else OLD_REST, SHARE * self._cost)

    def reread(self) -> list[Event]:
        """Read all open gaps in a snapshot of their own, take out what appeared, close what cannot appear."""
        if not self._open:
            return []
        began_at = self._clock.monotonic()
        appeared: list[Event] = []
        while True:
            found = self._outbox.read_gaps(self.gaps(), READ_LIMIT)
            appeared.extend(found)
            self._take_out([event.id for event in found])
            if len(found) < READ_LIMIT:
                break
        self._close_ended()
        self._read_at = self._clock.monotonic()
        self._cost = self._read_at - began_at
        self._look_for_ended()
        return appeared

    def _take_out(self, ids: Sequence[OutboxId]) -> None:
        for outbox_id in ids:
            at = bisect_right(self._open, outbox_id, key=lambda entry: entry.gap.first) - 1
            if at >= 0 and outbox_id <= self._open[at].gap.last:
                cohort = self._open[at].cohort
                self._open[at : at + 1] = [_Open(part, cohort) for part in self._open[at].gap.without(outbox_id)]
                self._listed = None

    def _close_ended(self) -> None:
        if self._some_ended:
            self._open = [entry for entry in self._open if not entry.cohort.ended]
            self._listed, self._some_ended = None, False

    def _look_for_ended(self) -> None:
        now = self._clock.monotonic()
        if not self._open or now < self._next_look_at:
            return
        self._next_look_at = now + SNAPSHOT_INTERVAL
        alive = self._outbox.alive_transactions(max(self._looked_at, self._newest_cohort.noticed_at))
        self._looked_at = self._clock.monotonic()
        for cohort in dict.fromkeys(entry.cohort for entry in self._open):
            _judge(cohort, alive, now, self._patience)
            self._some_ended = self._some_ended or cohort.ended
        self._join_cohorts()

    def _join_cohorts(self) -> None:
        """One long transaction would leave a cohort for every look of its time: those that wait for the same join."""
        first: dict[object, _Cohort] = {}
        for entry in self._open:
            if entry.cohort.witnesses is not None and not entry.cohort.ended:
                entry.cohort = first.setdefault(entry.cohort.witnesses, entry.cohort)


def _judge(cohort: _Cohort, alive: frozenset[AliveTransaction] | None, now: float, patience: float) -> None:
    if alive is None:
        cohort.ended = cohort.ended or (cohort.witnesses is None and now - cohort.noticed_at > patience)
    elif cohort.witnesses is None:
        cohort.witnesses = alive
    else:
        cohort.witnesses &= alive
        cohort.ended = not cohort.witnesses
