"""The intake: what has become visible in the outbox, and what of it this destination takes.

Each event is decided once. What was decided before a restart is known by its receipt or its row in `erp_delivery`;
what is not taken, or is the echo of what the ERP itself has caused, is receipted in ranges, with the version of the
blueprint that said so.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, Literal

from sidecar.domain.delivery import ReceiptOutcome, ReceiptRange
from sidecar.domain.events import STOCK_TYPES, Event, OutboxId
from sidecar.domain.gaps import Gap, coarsened
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.step import Cursor
from sidecar.engine.draft import range_of
from sidecar.engine.gaps import GapTracker
from sidecar.engine.tailer import Tailer
from sidecar.ports import Clock, OutboxStore, ReceiptStore

MOST_GAPS: Final = 1_000
"""How many a cursor lists at most: it is written with every step."""


class Intake:
    """Reads the outbox for the documents of one destination."""

    def __init__(
        self,
        policy: DestinationPolicy,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        clock: Clock,
        cursor: Cursor,
        accounted_for: Iterable[OutboxId],
        gap_patience: timedelta,
        payloads: Literal["small", "all"] = "small",
        *,
        stock_too: bool = False,
    ) -> None:
        """Begin at a loaded cursor; `accounted_for` are ids above it that need no reading.

        `stock_too` is for a destination that takes events as they are: to it, a stock delta is one like any other.
        """
        self._policy, self._receipts = policy, receipts
        gaps = GapTracker(outbox, clock, cursor.gaps, gap_patience)
        self._tailer = Tailer(outbox, gaps, cursor.accounted_to, payloads)
        self._known = set(accounted_for)
        self._elsewhere: frozenset[str] = frozenset() if stock_too else STOCK_TYPES
        self._loaded_to = cursor.accounted_to

    @property
    def newest(self) -> OutboxId:
        """The highest id that was read."""
        return self._tailer.newest

    def gaps_upto(self, outbox_id: OutboxId, late: Iterable[OutboxId]) -> tuple[Gap, ...]:
        """What a cursor at an id has to list: open gaps, and what came late and is not done; joined if too many."""
        return coarsened(sorted([*self._tailer.gaps_upto(outbox_id), *(Gap(one, one) for one in late)]), MOST_GAPS)

    def read(self, limit: int, *, with_payloads: bool = True) -> tuple[list[Event], list[ReceiptRange]]:
        """What this destination takes, ascending, and receipts for what it does not."""
        events = self._unaccounted(self._tailer.poll(limit, with_payloads=with_payloads))
        taken: list[Event] = []
        left: list[OutboxId] = []
        echoes: list[OutboxId] = []
        for event in events:
            if event.type in self._elsewhere:
                continue  # the stock windows account for it
            if not self._policy.routes(event):
                left.append(event.id)
            elif self._policy.is_echo(event):
                echoes.append(event.id)
            else:
                taken.append(event)
        by_whom = f"by blueprint {self._policy.version}"
        unrouted = ((left, f"not taken {by_whom}"), (echoes, f"an echo of the ERP's own change, withheld {by_whom}"))
        return taken, [self._unrouted(ids, detail) for ids, detail in unrouted if ids]

    def _unaccounted(self, events: list[Event]) -> list[Event]:
        if self._known:
            fresh = [event for event in events if event.id not in self._known]
            self._known.difference_update(event.id for event in events)
            events = fresh
        if events and events[0].id <= self._loaded_to:
            # A gap that was read back may cover ids that were done with.
            old = [event.id for event in events if event.id <= self._loaded_to]
            name = self._policy.name
            done = self._receipts.receipted_among(name, old) | self._receipts.delivery_ids_among(name, old)
            events = [event for event in events if event.id not in done]
        return events

    def _unrouted(self, ids: Sequence[OutboxId], detail: str) -> ReceiptRange:
        return range_of(self._policy.name, ids, ReceiptOutcome.UNROUTED, detail)
