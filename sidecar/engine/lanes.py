"""Lanes in memory: one head each, at most one in flight, and nothing kept that does not move.

A lane whose head waits, retries, is unknown or parked is *blocked*: its followers are HELD rows in `erp_delivery`
and not in memory, so a lane parked for weeks with a million followers costs one entry here. A lane that moves
again reads its held followers back page by page.

Invariants: an event is in memory without a row, in memory with a row, or a row alone, never nowhere; a lane that
has rows has exactly one that is not HELD, its head.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.events import Event, Lane, OutboxId


@dataclass(slots=True)
class Item:
    """An event in memory; `delivery` is its row in `erp_delivery`, where it has one."""

    event: Event
    admitted_at: float
    delivery: Delivery | None = None


@dataclass(slots=True)
class LaneQueue:
    """One lane: its head first. `rows_below` says that HELD rows follow which are not in memory."""

    lane: Lane
    items: deque[Item] = field(default_factory=deque)
    blocked: Delivery | None = None
    blocked_at: float = 0.0
    due_at: float | None = None
    busy: bool = False
    rows_below: bool = False

    @property
    def idle(self) -> bool:
        """Tell whether the head may be planned."""
        return not self.busy and self.blocked is None


class Lanes:
    """All lanes of one destination that have something unfinished."""

    def __init__(self) -> None:
        """No lanes."""
        self._lanes: dict[Lane, LaneQueue] = {}
        self._ready: deque[Lane] = deque()
        self._moved_on: list[Lane] = []
        self._timers: list[tuple[float, Lane]] = []
        self._unaccounted: list[OutboxId] = []
        self._in_memory: set[OutboxId] = set()
        self._only_here: set[OutboxId] = set()
        self._late: set[OutboxId] = set()
        self._to_load: set[Lane] = set()

    def __len__(self) -> int:
        """How many events are in memory."""
        return len(self._in_memory)

    @property
    def ready(self) -> int:
        """How many heads wait to be planned, at most."""
        return len(self._ready)

    def get(self, lane: Lane) -> LaneQueue | None:
        """The lane, if it has anything unfinished."""
        return self._lanes.get(lane)

    def admit(self, event: Event, now: float, *, is_late: bool = False) -> bool:
        """Take a new event in; False means that its lane cannot move, and that it needs a HELD row.

        A late one has appeared below the cursor: until it is done or has a row, `late_only_here` names it.
        """
        queue = self._lanes.get(event.lane)
        if queue is None:
            queue = self._lanes[event.lane] = LaneQueue(event.lane)
            self._ready.append(event.lane)
        elif queue.blocked is not None or queue.rows_below:
            queue.rows_below = True
            return False
        queue.items.append(Item(event, now))
        self._in_memory.add(event.id)
        self._only_here.add(event.id)
        if is_late:
            self._late.add(event.id)
        else:
            heapq.heappush(self._unaccounted, event.id)
        return True

    def restore(self, delivery: Delivery, now: float) -> None:
        """Take a head in that has a row; whether rows follow it is found out when it is done."""
        self._lanes[delivery.lane] = LaneQueue(delivery.lane, rows_below=True)
        self.block(delivery, now)

    def block(self, delivery: Delivery, now: float) -> list[Item]:
        """Block a lane at its head; returns followers that were only in memory and need HELD rows."""
        queue = self._lanes[delivery.lane]
        queue.blocked, queue.blocked_at, queue.busy = delivery, now, False
        followers = [item for item in queue.items if item.event.id != delivery.id]
        queue.items.clear()
        queue.rows_below = queue.rows_below or bool(followers)
        self._forget([delivery.id, *(item.event.id for item in followers)])
        self._set_timer(queue, None if delivery.delay is None else now + delivery.delay.total_seconds())
        return [item for item in followers if item.delivery is None]

    def unblock(self, head: Event, delivery: Delivery, now: float) -> None:
        """Let the head be planned again."""
        queue = self._lanes[delivery.lane]
        queue.blocked = queue.due_at = None
        queue.items.appendleft(Item(head, now, delivery))
        self._in_memory.add(head.id)
        self._ready.append(delivery.lane)

    def nudge(self, lane: Lane, now: float) -> None:
        """Look at a blocked head at the next turn: a new event of its lane may have changed the matter."""
        queue = self._lanes[lane]
        if queue.blocked is not None:
            self._set_timer(queue, now)

    def postpone(self, lane: Lane, due_at: float) -> None:
        """Let a blocked head wait until then."""
        self._set_timer(self._lanes[lane], due_at)

    def _set_timer(self, queue: LaneQueue, due_at: float | None) -> None:
        """Each block has one time; a timer that rings at another belongs to an earlier one and is ignored."""
        queue.due_at = due_at
        if due_at is not None:
            heapq.heappush(self._timers, (due_at, queue.lane))

    def due(self, now: float) -> list[Delivery]:
        """Heads whose time has come, each once."""
        heads = []
        while self._timers and self._timers[0][0] <= now:
            due_at, lane = heapq.heappop(self._timers)
            queue = self._lanes.get(lane)
            if queue is not None and queue.blocked is not None and queue.due_at == due_at:
                queue.due_at = None
                heads.append(_older(queue.blocked, now - queue.blocked_at))
        return heads

    def take_ready(self, limit: int) -> list[LaneQueue]:
        """Lanes whose heads may be planned now, in the order in which they became ready; they become busy."""
        taken: list[LaneQueue] = []
        while self._ready and len(taken) < limit:
            queue = self._lanes.get(self._ready.popleft())
            if queue is not None and queue.idle and queue.items:
                queue.busy = True
                taken.append(queue)
        return taken

    def finish(self, lane: Lane, ids: Sequence[OutboxId]) -> bool:
        """Drop finished events from a lane's front; True when the lane has rows, whose oldest becomes head."""
        queue = self._lanes[lane]
        queue.busy = False
        done = set(ids)
        while queue.items and queue.items[0].event.id in done:
            queue.items.popleft()
        self._forget(done)
        has_rows = queue.rows_below or any(item.delivery is not None for item in queue.items)
        if queue.rows_below and not queue.items:
            self._to_load.add(lane)
        else:
            self._moved_on.append(lane)
        return has_rows

    def step_committed(self) -> None:
        """Let lanes that moved on be planned: only now does the database say what the ERP holds for them."""
        for lane in self._moved_on:
            if self._lanes[lane].items:
                self._ready.append(lane)
            else:
                del self._lanes[lane]
        self._moved_on.clear()

    def put_back(self, lane: Lane) -> None:
        """Let a head that was planned, and whose call has not begun, be planned again before all others."""
        self._lanes[lane].busy = False
        self._ready.appendleft(lane)

    def _forget(self, ids: Iterable[OutboxId]) -> None:
        for outbox_id in ids:
            self._in_memory.discard(outbox_id)
            self._only_here.discard(outbox_id)

    def lanes_to_load(self) -> list[Lane]:
        """Lanes whose held followers have to be read; call after the step that finished their heads."""
        lanes = list(self._to_load)
        self._to_load.clear()
        return lanes

    def load(self, lane: Lane, events: Sequence[Event], *, more: bool, now: float) -> None:
        """Take held followers in; `more` says that others follow them."""
        queue = self._lanes[lane]
        queue.rows_below = more
        for event in events:
            queue.items.append(Item(event, now, Delivery(event.id, lane, DeliveryState.HELD)))
            self._in_memory.add(event.id)
        if queue.items:
            self._ready.append(lane)
        else:
            del self._lanes[lane]

    def overstayed(self, now: float, limit: timedelta) -> Iterator[tuple[Item, bool]]:
        """Events in memory for longer than `limit` that have no row yet, and whether each is its lane's head."""
        oldest = now - limit.total_seconds()
        for queue in self._lanes.values():
            for position, item in enumerate(queue.items):
                if item.delivery is None and item.admitted_at <= oldest:
                    yield item, position == 0

    def spilled(self, item: Item, delivery: Delivery) -> None:
        """Record that an event in memory has a row now; the cursor may pass it."""
        item.delivery = delivery
        self._only_here.discard(item.event.id)

    def late_only_here(self) -> list[OutboxId]:
        """Events below the cursor that depend on memory alone, ascending: it has to list them as gaps."""
        self._late &= self._only_here
        return sorted(self._late)

    def accounted_to(self, newest: OutboxId) -> OutboxId:
        """The highest id at or below which nothing but what came late depends on memory alone."""
        while self._unaccounted and self._unaccounted[0] not in self._only_here:
            heapq.heappop(self._unaccounted)
        return OutboxId(self._unaccounted[0] - 1) if self._unaccounted else newest


def _older(head: Delivery, seconds: float) -> Delivery:
    """The head as it would be read now: the ERP has worked on a pending one for longer."""
    if head.pending_for is None:
        return head
    return replace(head, pending_for=head.pending_for + timedelta(seconds=seconds))
