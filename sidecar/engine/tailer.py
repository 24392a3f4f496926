"""The tailer: every committed event once, in id order within each poll.

The tail is read first; the gaps below it are read in a later snapshot and merged by id. The other way round, an
event that commits between the two reads could be overtaken by its successor in the same lane. So nothing of the tail
is handed out before the gaps were read after it; where so many are open that this is dear, the tail waits for it.
"""

from collections.abc import Sequence
from typing import Final, Literal, assert_never

from sidecar.domain.events import Event, OutboxId
from sidecar.domain.gaps import Gap, missing_between
from sidecar.engine.gaps import GapTracker
from sidecar.ports import OutboxStore

WHOLE_BYTES: Final = 8 * 1024 * 1024
"""How much payload comes along with one read, at most; one payload always does."""


class Tailer:
    """Follows the outbox from a cursor on."""

    def __init__(
        self,
        outbox: OutboxStore,
        gaps: GapTracker,
        after: OutboxId,
        payloads: Literal["none", "small", "stock", "all"] = "none",
    ) -> None:
        """Begin behind `after`; of payloads, a read may bring none along, the small ones, those of stock, or all."""
        self._outbox, self._gaps = outbox, gaps
        self._newest = self._read_to = after
        self._payloads = payloads
        self._waiting: list[Event] = []

    @property
    def newest(self) -> OutboxId:
        """The highest id handed out."""
        return self._newest

    def poll(self, limit: int, *, with_payloads: bool = True) -> list[Event]:
        """Read what has become visible: up to `limit` events of the tail, and everything that filled a gap."""
        tail = self._read_tail(limit - len(self._waiting), with_payloads=with_payloads)
        if tail:
            self._gaps.open(missing_between(self._read_to, [event.id for event in tail]))
            self._read_to = tail[-1].id
            self._waiting.extend(tail)
        if self._gaps.may_wait() or not (self._waiting or self._gaps.is_due()):
            return []
        late = self._gaps.reread()
        events, self._waiting = self._waiting, []
        self._newest = self._read_to
        return sorted([*events, *late]) if late else events

    def gaps_upto(self, outbox_id: OutboxId) -> tuple[Gap, ...]:
        """The open gaps at or below an id, cut off there: what a cursor at that id has to list."""
        gaps = self._gaps.gaps()
        if not gaps or gaps[-1].last <= outbox_id:
            return gaps
        return tuple(Gap(gap.first, min(gap.last, outbox_id)) for gap in gaps if gap.first <= outbox_id)

    def _read_tail(self, limit: int, *, with_payloads: bool) -> Sequence[Event]:
        if limit <= 0:
            return []
        match self._payloads if with_payloads else "none":
            case "all":
                return self._outbox.read_whole(self._read_to, limit, WHOLE_BYTES)
            case "small":
                return self._outbox.read_fresh(self._read_to, limit)
            case "stock":
                return self._outbox.read_stock(self._read_to, limit)
            case "none":
                return self._outbox.read_tail(self._read_to, limit)
            case _ as never:
                assert_never(never)
