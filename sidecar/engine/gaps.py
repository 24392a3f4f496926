"""The gap tracker: which missing ids may still appear, and when they no longer can.

Invariant: a gap is dropped only after (1) every transaction seen alive at a moment after the gap was noticed has
ended, and (2) a read begun after that found nothing. Without the PROCESS privilege nobody can say who is alive;
then a gap stays for `patience`, and is given up: grant PROCESS.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sidecar.domain.events import Event, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap, cut
from sidecar.ports import Clock, OutboxStore

SNAPSHOT_INTERVAL: Final = 0.5
"""Seconds between looks at the alive transactions: the server's buffer freezes for those who ask more often."""

READ_LIMIT: Final = 5000


@dataclass(frozen=True, slots=True)
class _Open:
    gap: Gap
    noticed_at: float
    ended: bool = False


class GapTracker:
    """Keeps the open gaps of one stream."""

    def __init__(
        self,
        outbox: OutboxStore,
        clock: Clock,
        gaps: Iterable[Gap] = (),
        patience: timedelta = timedelta(days=1),
    ) -> None:
        """Start with the gaps of a loaded cursor; they are witnessed anew."""
        self._outbox = outbox
        self._clock = clock
        self._patience = patience.total_seconds()
        self._next_snapshot_at = 0.0
        self._open = [_Open(replace(gap, witnesses=None), clock.monotonic()) for gap in gaps]

    def open(self, gaps: Iterable[Gap]) -> None:
        """List newly noticed gaps."""
        now = self._clock.monotonic()
        self._open.extend(_Open(gap, now) for gap in gaps)

    def gaps(self) -> tuple[Gap, ...]:
        """The open gaps, ascending."""
        return tuple(sorted((entry.gap for entry in self._open), key=lambda gap: gap.first))

    def reread(self) -> list[Event]:
        """Read all open gaps in a snapshot of their own, take out what appeared, close what cannot appear."""
        if not self._open:
            return []
        appeared: list[Event] = []
        while True:
            found = self._outbox.read_gaps(self.gaps(), READ_LIMIT)
            appeared.extend(found)
            self._take_out([event.id for event in found])
            if len(found) < READ_LIMIT:
                break
        self._open = [entry for entry in self._open if not entry.ended]
        self._look_for_ended()
        return appeared

    def _take_out(self, ids: Sequence[OutboxId]) -> None:
        if ids:
            self._open = [replace(entry, gap=part) for entry in self._open for part in cut([entry.gap], ids)]

    def _look_for_ended(self) -> None:
        now = self._clock.monotonic()
        if not self._open or now < self._next_snapshot_at:
            return
        self._next_snapshot_at = now + SNAPSHOT_INTERVAL
        alive = self._outbox.alive_transactions()
        self._open = [self._judged(entry, alive, now) for entry in self._open]

    def _judged(self, entry: _Open, alive: frozenset[AliveTransaction] | None, now: float) -> _Open:
        if alive is None:
            nobody_knows = entry.gap.witnesses is None
            return replace(entry, ended=nobody_knows and now - entry.noticed_at > self._patience)
        if entry.gap.witnesses is None:
            return replace(entry, gap=replace(entry.gap, witnesses=alive))
        return replace(entry, ended=entry.gap.witnesses.isdisjoint(alive))
