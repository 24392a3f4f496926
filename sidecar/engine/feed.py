"""The feed: one loop per destination that takes events as they are, in batches.

One turn reads what is new, commits which events are about to go together with the receipts of the batch before, and
hands the batch over. Batches go one after the other and each in the order of the outbox, so the events of a lane keep
theirs. A batch whose answer was lost goes again: the receiver has promised to recognise an event by its id.

A batch that is refused is halved until the event that nobody wants stands alone. That one is parked and holds its own
lane; the events behind it rest in `erp_delivery`, and everything else goes on.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    DocumentKind,
    Intent,
    Outcome,
    Receipt,
    ReceiptOutcome,
    Result,
)
from sidecar.domain.errors import MalformedEvent
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.hydration import MARK, TOLD, untold
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.step import Cursor
from sidecar.engine.draft import Draft, range_of
from sidecar.engine.governor import Governor
from sidecar.engine.hydrator import Hydrator
from sidecar.engine.intake import Intake
from sidecar.engine.leadership import Leadership
from sidecar.engine.pauses import held
from sidecar.engine.settlement import park
from sidecar.ports import BatchSink, Clock, Observer, OutboxStore, ReceiptStore, WholeOrders

HELD_PAGE: Final = 500
HOUSEKEEPING: Final = 1.0
"""Seconds between two looks at what people have decided, and between two cursors that are written alone."""

PACE: Final = 0.0038
"""Seconds from one turn to the next, at least, while batches are small: what comes in meanwhile goes along."""


class Feed:
    """Feeds one destination. Used by one thread, inside one lease; discarded on any storage error."""

    def __init__(
        self,
        policy: DestinationPolicy,
        sink: BatchSink,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        leadership: Leadership,
        clock: Clock,
        observer: Observer,
        gap_patience: timedelta = timedelta(days=1),
        governor: Governor | None = None,
        orders: WholeOrders | None = None,
        housekeeping: float = HOUSEKEEPING,
    ) -> None:
        """Load everything that the database knows; without a governor nothing but the receiver limits the calls.

        `orders` is where payloads are built from that Magento could not tell; without it they go as they are.
        """
        self._hydrator = None if orders is None else Hydrator(policy.name, outbox, orders)
        self._built: set[OutboxId] = set()
        self._governor = governor or Governor(clock, 1)
        self._policy, self._name, self._batching = policy, policy.name, policy.batching
        self._sink, self._outbox, self._receipts = sink, outbox, receipts
        self._leadership, self._clock, self._observer = leadership, clock, observer
        cursor = self._committed = receipts.load_cursor(self._name)
        after = cursor.accounted_to
        done = receipts.receipted_above(self._name, after) | receipts.delivery_ids_above(self._name, after)
        self._intake = Intake(
            policy, outbox, receipts, clock, cursor, done, gap_patience, payloads="all", stock_too=True
        )
        self._blocked = {head.lane for head in receipts.load_heads(self._name)}
        self._paused: Mapping[Lane, str] = {}
        self._pending: deque[Event] = deque()
        self._late: set[OutboxId] = set()
        self._draft = Draft()
        self._batch: Sequence[Event] = ()
        self._limit, self._failures = self._batching.events, 0
        self._housekeeping = housekeeping
        self._began_at = self._housekeeping_at = self._cursor_at = self._retry_at = 0.0
        self._as_they_are: set[OutboxId] = set()  # untold, and could not be built: the receiver may hold them so
        self._perhaps_went_to = OutboxId(0)
        if cursor.intents:
            self._perhaps_went_to = OutboxId(cursor.intents[-1].revision)
            self._observer.note("feed.resumed", destination=self._name, first=cursor.intents[0].id)

    @property
    def newest(self) -> OutboxId:
        """The highest id that was read."""
        return self._intake.newest

    def turn(self) -> bool:
        """Hand over at most one batch; tells whether anything was done."""
        now = self._began_at = self._clock.monotonic()
        if now >= self._housekeeping_at:
            self._housekeeping_at = now + self._housekeeping
            self._carry_out_decisions()
        arrived = self._read()
        self._batch = self._next_batch() if self._may_begin(now) else ()
        written = self._commit(now)
        if self._batch and self._leadership.trusted():
            self._settle(self._accept(self._batch))
            self._batch = ()
        return written or arrived

    def rest(self, seconds: float) -> None:
        """Sleep, at most so long; not at all while a backlog waits."""
        if len(self._pending) >= self._limit and self._may_begin(self._clock.monotonic()):
            return
        self._clock.sleep(max(0.0, min(seconds, PACE) + self._began_at - self._clock.monotonic()))
        if seconds > PACE:
            self._clock.sleep(seconds - PACE)

    def finish(self, grace: timedelta) -> None:
        """Write what is done."""
        del grace
        self._batch = ()
        self._commit(self._clock.monotonic())

    def close(self) -> None:
        """Forget everything; what has no receipt goes again."""

    # -- reading ---------------------------------------------------------------------------------------------

    def _read(self) -> bool:
        if len(self._pending) >= self._batching.events:
            return False
        events, unrouted = self._intake.read(self._batching.events)
        self._draft.ranges.extend(unrouted)
        if not events:
            return bool(unrouted)
        floor = self._committed.accounted_to
        self._late.update(event.id for event in events if event.id <= floor)
        if self._blocked or self._paused:
            events = self._unstopped(events)
        overtaken = bool(self._pending) and bool(events) and events[0].id < self._pending[-1].id
        self._pending.extend(events)
        if overtaken:
            self._pending = deque(sorted(self._pending))
        return True

    def _unstopped(self, events: Iterable[Event]) -> list[Event]:
        """Those of the events that may go; the others rest in rows, the first of a paused lane as its head."""
        going = []
        for event in events:
            if event.lane in self._blocked:
                self._hold([event])
            elif event.lane in self._paused:
                head = Delivery(event.id, event.lane, DeliveryState.READY)
                self._late.discard(event.id)
                self._blocked.add(event.lane)
                self._draft.write(held(head, self._paused[event.lane]))
            else:
                going.append(event)
        return going

    def _hold(self, events: Iterable[Event]) -> None:
        for event in events:
            self._late.discard(event.id)
            self._draft.write(Delivery(event.id, event.lane, DeliveryState.HELD))

    def _next_batch(self) -> Sequence[Event]:
        batch: list[Event] = []
        size = 0
        for event in self._with_payloads(self._limit):
            size += len(event.payload or "")
            if len(batch) == self._limit or (batch and size > self._batching.bytes):
                break
            batch.append(event)
        return batch

    def _with_payloads(self, limit: int) -> list[Event]:
        """The next events; what filled a gap was read without its payload."""
        events = list(islice(self._pending, limit))
        bare = [event.id for event in events if event.payload is None]
        if not bare:
            return self._told(events)
        payloads = self._outbox.read_payloads(bare)
        return self._told(
            [event._replace(payload=payloads.get(event.id, "")) if event.payload is None else event for event in events]
        )

    def _told(self, events: list[Event]) -> list[Event]:
        if not any(MARK in (event.payload or "") for event in events):
            return events
        return [self._whole(event) if untold(event, event.payload) is not None else event for event in events]

    def _whole(self, event: Event) -> Event:
        """An order that Magento could not tell, as the sidecar has built it; as it is, where that cannot be done."""
        try:
            went = event.id in self._as_they_are or event.id <= self._perhaps_went_to
            hydrated = None if self._hydrator is None else self._hydrator.whole(event, event.payload, went=went)
        except MalformedEvent:
            hydrated = None
        if hydrated is None:
            self._as_they_are.add(event.id)
            return event
        self._draft.keep(self._name, hydrated)
        self._built.add(event.id)
        return event._replace(payload=hydrated.after)

    def _may_begin(self, now: float) -> bool:
        return now >= self._retry_at and self._governor.capacity(0) > 0

    def _accept(self, events: Sequence[Event]) -> Result:
        self._governor.began()
        result = self._sink.accept(events, self._policy.call_deadline.total_seconds())
        self._governor.heard(result)
        return result

    # -- settling --------------------------------------------------------------------------------------------

    def _settle(self, result: Result) -> None:
        match result.outcome:
            case Outcome.CONFIRMED | Outcome.ALREADY_EXISTS:
                for _ in self._batch:
                    self._pending.popleft()
                self._receipt(self._batch)
                self._limit, self._failures = min(self._limit * 2, self._batching.events), 0
            case Outcome.REJECTED_BUSINESS | Outcome.REJECTED_INVALID:
                self._refused(result)
            case Outcome.RETRY_LATER | Outcome.NOT_SENT | Outcome.UNKNOWN | Outcome.ACCEPTED_PENDING:
                self._come_back_later(result)
            case _:
                assert_never(result.outcome)

    def _receipt(self, events: Sequence[Event]) -> None:
        """What came late, or was built here, is receipted by itself, everything else as one range without its holes."""
        apart = self._late | self._built
        single = [event.id for event in events if event.id in apart] if apart else []
        ids = [event.id for event in events if event.id not in apart] if single else [event.id for event in events]
        self._late.difference_update(single)
        if self._as_they_are:
            self._as_they_are.difference_update(event.id for event in events)
        self._draft.receipts += self._receipts_of([*single, *ids] if self._batching.receipts == "each" else single)
        if ids and self._batching.receipts == "ranges":
            self._draft.ranges.append(range_of(self._name, ids, ReceiptOutcome.DELIVERED))

    def _receipts_of(self, ids: Sequence[OutboxId]) -> list[Receipt]:
        told = dict.fromkeys(self._built.intersection(ids), TOLD)
        self._built.difference_update(ids)
        return [Receipt(self._name, one, ReceiptOutcome.DELIVERED, attempts=1, detail=told.get(one, "")) for one in ids]

    def _refused(self, result: Result) -> None:
        if len(self._batch) > 1:
            self._limit = len(self._batch) // 2
            return
        event = self._pending.popleft()
        self._park(event, result)
        followers = [other for other in self._pending if other.lane == event.lane]
        if followers:
            self._hold(followers)
            self._pending = deque(other for other in self._pending if other.lane != event.lane)

    def _park(self, event: Event, result: Result) -> None:
        self._late.discard(event.id)
        self._as_they_are.discard(event.id)
        self._blocked.add(event.lane)
        head = Delivery(event.id, event.lane, DeliveryState.READY, attempts=1)
        hint = result.hint or "mend the cause at the receiver, then retry; or skip the event"
        self._draft.write(park(head, "the receiver refused it", result.words(), hint))
        self._draft.note("event.parked", destination=self._name, id=event.id, lane=str(event.lane), attempts=1)

    def _come_back_later(self, result: Result) -> None:
        self._failures += 1
        delay = self._policy.retry.delay(self._failures, self._clock.jitter())
        wait = max(delay, result.retry_after or timedelta())
        self._retry_at = self._clock.monotonic() + wait.total_seconds()
        self._observer.note("feed.waits", destination=self._name, seconds=wait.total_seconds(), fault=result.codes())

    # -- what people decide ----------------------------------------------------------------------------------

    def _carry_out_decisions(self) -> None:
        self._paused = self._receipts.load_pauses(self._name)
        if any(event.lane in self._paused for event in self._pending):
            self._pending = deque(self._unstopped(self._pending))
        for head in self._receipts.load_ready(self._name):
            if head.lane not in self._blocked:
                continue
            match head.state:
                case DeliveryState.SKIPPING:
                    self._decided(head, ReceiptOutcome.SKIPPED)
                case DeliveryState.CONFIRMING:
                    self._decided(head, ReceiptOutcome.ALREADY_THERE)
                case _ if head.lane not in self._paused and self._clock.monotonic() >= self._retry_at:
                    self._drain(head.lane)

    def _decided(self, head: Delivery, outcome: ReceiptOutcome) -> None:
        """A person says that it need not go, or that it is there."""
        self._draft.receipts.append(Receipt(self._name, head.id, outcome, actor="operator", detail=head.reason))
        self._done_with([head.id], head.lane)
        if not self._receipts.load_lane(self._name, head.lane, OutboxId(0), 1):
            self._blocked.discard(head.lane)

    def _drain(self, lane: Lane) -> None:
        """Hand over the rows of a lane, its head first; when none is left, the lane moves with the others again."""
        while self._leadership.trusted() and self._governor.capacity(0):
            page = self._receipts.load_lane(self._name, lane, OutboxId(0), HELD_PAGE)
            if not page:
                self._blocked.discard(lane)
                return
            ids = [event.id for event in page]
            payloads = {**self._outbox.read_payloads(ids), **self._outbox.read_edits(self._name, ids)}
            events = self._told([event._replace(payload=payloads.get(event.id, "")) for event in page])
            if self._draft.hydrated:
                self._commit(self._clock.monotonic())
            if not self._hand_over(events) and not (len(events) > 1 and self._hand_over(events[:1])):
                return

    def _hand_over(self, events: Sequence[Event]) -> bool:
        result = self._accept(events)
        match result.outcome:
            case Outcome.CONFIRMED | Outcome.ALREADY_EXISTS:
                ids = [event.id for event in events]
                self._draft.receipts += self._receipts_of(ids)
                self._done_with(ids, events[0].lane)
                return True
            case Outcome.REJECTED_BUSINESS | Outcome.REJECTED_INVALID:
                if len(events) == 1:
                    self._park(events[0], result)
                    self._commit(self._clock.monotonic())
                return False
            case _:
                self._come_back_later(result)
                return False

    def _done_with(self, ids: Sequence[OutboxId], lane: Lane) -> None:
        self._as_they_are.difference_update(ids)
        self._draft.settled.extend(ids)
        self._draft.promoted.add(lane)
        self._commit(self._clock.monotonic())

    # -- writing ---------------------------------------------------------------------------------------------

    def _commit(self, now: float) -> bool:
        upto = max(self._done_to(), self._committed.accounted_to)
        gaps = self._intake.gaps_upto(upto, self._late)
        cursor = Cursor(upto, gaps, _intents(self._batch), self._governor.closed_because())
        moved = replace(cursor, intents=()) != replace(self._committed, intents=())
        if self._draft.empty and not self._batch and not (moved and now >= self._cursor_at):
            return False
        self._receipts.commit_step(self._name, self._leadership.token, self._draft.step(self._name, cursor))
        for event, facts in self._draft.notes:
            self._observer.note(event, **facts)
        self._committed, self._draft, self._cursor_at = cursor, Draft(), now + self._housekeeping
        return True

    def _done_to(self) -> OutboxId:
        """Everything up to here, but for what came late, is done or has a row."""
        first = next((event.id for event in self._pending if event.id not in self._late), None)
        return self._intake.newest if first is None else OutboxId(first - 1)


def _intents(batch: Sequence[Event]) -> tuple[Intent, ...]:
    """A batch is one intent: from its first event to the last."""
    if not batch:
        return ()
    return (Intent(batch[0].id, Lane(""), DocumentKind.EVENT, batch[-1].id, ""),)
