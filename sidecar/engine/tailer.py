"""The tailer: every committed event once, in id order within each poll.

The tail is read first; the gaps below it are read in a later snapshot and merged by id. The other way round, an
event that commits between the two reads could be overtaken by its successor in the same lane.
"""

from sidecar.domain.events import Event, OutboxId
from sidecar.domain.gaps import Gap, missing_between
from sidecar.engine.gaps import GapTracker
from sidecar.ports import OutboxStore


class Tailer:
    """Follows the outbox from a cursor on."""

    def __init__(self, outbox: OutboxStore, gaps: GapTracker, after: OutboxId) -> None:
        """Begin behind `after`."""
        self._outbox = outbox
        self._gaps = gaps
        self._newest = after

    @property
    def newest(self) -> OutboxId:
        """The highest id seen."""
        return self._newest

    def poll(self, limit: int) -> list[Event]:
        """Read what has become visible: up to `limit` events of the tail, and everything that filled a gap."""
        tail = self._outbox.read_tail(self._newest, limit)
        if tail:
            self._gaps.open(missing_between(self._newest, [event.id for event in tail]))
            self._newest = tail[-1].id
        late = self._gaps.reread()
        return sorted([*tail, *late], key=lambda event: event.id) if late else list(tail)

    def gaps_upto(self, outbox_id: OutboxId) -> tuple[Gap, ...]:
        """The open gaps at or below an id, cut off there: what a cursor at that id has to list."""
        return tuple(Gap(gap.first, min(gap.last, outbox_id)) for gap in self._gaps.gaps() if gap.first <= outbox_id)
