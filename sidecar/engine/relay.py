"""The relay: one loop per destination that moves events from the outbox to the ERP.

One turn reads what is new, settles the answers that came, plans the heads that may go, and commits all of it in
one fenced transaction: receipts of what is done together with the intents of what comes next. Only then do the
next calls begin. So whatever is killed, an id is either accounted for in the database or read again, and a call
whose answer was lost is known by its intent.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    Intent,
    Receipt,
)
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.step import Cursor, Step
from sidecar.engine.dispatcher import READ_BACK, Answer, Dispatcher, wants_read_back
from sidecar.engine.draft import Draft
from sidecar.engine.forwarder import Forwarder
from sidecar.engine.gate import ReleaseGate
from sidecar.engine.governor import Governor
from sidecar.engine.hydrator import Hydrator
from sidecar.engine.inheritance import GOES_AT_ONCE, what_was_left
from sidecar.engine.intake import Intake
from sidecar.engine.judge import Judge
from sidecar.engine.lanes import Item, Lanes
from sidecar.engine.leadership import Leadership
from sidecar.engine.pauses import held, unless_paused
from sidecar.engine.plan import Call, Finish, Hold, skipped
from sidecar.engine.planner import Planner
from sidecar.engine.remapping import noted_mapping, unless_remapped
from sidecar.engine.settlement import Blocked, Done, GivenUp
from sidecar.ports import (
    Clock,
    ErpAdapter,
    MagentoStore,
    Observer,
    OutboxStore,
    ReceiptStore,
    RelatedOrders,
    WholeOrders,
)

MEMORY_EVENTS: Final = 20_000
TAIL_PAGE: Final = 2_000
ROOMY: Final = 1_500
FRESH_PAGE: Final = 500
"""While memory holds few events, the next ones are read together with their payloads, in one round trip."""

HELD_PAGE: Final = 200
SPILL_AFTER: Final = timedelta(seconds=5)
HOUSEKEEPING: Final = 1.0
"""Seconds between two looks at what people have decided, and between two cursors that are written alone."""

_GOES_BY_ITSELF: Final = frozenset({DeliveryState.WAITING, DeliveryState.RETRY})
"""States of blocked heads that end with time; a pause takes their place at once."""

PACE: Final = 0.0038
"""Seconds from one turn to the next, at least: what comes in meanwhile shares a transaction."""

LONGEST_GATHERING: Final = 0.03
SETTLE_WITHIN: Final = 0.02
"""Seconds that answers may wait for the next intents, to share their transaction."""

AHEAD: Final = 16
"""How many intents per call at once are committed ahead, so that no thread waits for a transaction.

Only where the ERP itself refuses the second of two: after a crash each intent is in doubt, begun or not.
"""


class Relay:
    """Delivers one destination's documents. Used by one thread, inside one lease; discarded on any storage error."""

    def __init__(
        self,
        policy: DestinationPolicy,
        names: Names,
        adapter: ErpAdapter,
        governor: Governor,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        magento: MagentoStore,
        related: RelatedOrders,
        leadership: Leadership,
        clock: Clock,
        observer: Observer,
        gap_patience: timedelta = timedelta(days=1),
        orders: WholeOrders | None = None,
        housekeeping: float = HOUSEKEEPING,
    ) -> None:
        """Load everything that the database knows; calls of a process that is gone become UNKNOWN.

        `orders` is where payloads are built from that Magento could not tell; without it they are parked at once.
        """
        hydrator = None if orders is None else Hydrator(policy.name, outbox, orders)
        self._policy, self._name, self._caps = policy, policy.name, adapter.capabilities()
        self._outbox, self._receipts = outbox, receipts
        self._leadership, self._clock, self._observer = leadership, clock, observer
        concurrency = min(policy.concurrency, self._caps.max_concurrency)
        self._dispatcher = Dispatcher(adapter, leadership.trusted, clock, concurrency, policy.call_deadline)
        self._governor = governor
        self._mapping = noted_mapping(policy.mapping, self._caps)
        self._judge = Judge(policy, self._caps, governor, clock, observer)
        self._ahead = 1 if self._caps.native_dedupe == "none" else AHEAD
        self._enough_ready = max(FRESH_PAGE, 2 * concurrency * self._ahead)
        self._lanes = Lanes()
        gate = ReleaseGate(policy, magento, receipts, related, self._lanes.get)
        self._planner: Planner | Forwarder = (
            Forwarder(policy, outbox, hydrator)
            if self._caps.takes_events
            else Planner(policy, names, adapter, outbox, receipts, gate, hydrator)
        )
        self._in_flight: dict[OutboxId, Call] = {}
        self._intents: dict[OutboxId, Intent] = {}
        self._housekeeping = housekeeping
        self._housekeeping_at = self._cursor_at = self._began_at = 0.0
        self._answered_at: float | None = None
        self._paused: Mapping[Lane, str] = {}
        self._confirmed = {
            kind: receipts.count_documents(self._name, policy.version, entity) for kind, entity in READ_BACK.items()
        }
        cursor = receipts.load_cursor(self._name)
        self._committed = cursor
        accounted_for = self._take_over(cursor)
        stock_too = self._caps.takes_events
        self._intake = Intake(policy, outbox, receipts, clock, cursor, accounted_for, gap_patience, stock_too=stock_too)

    @property
    def newest(self) -> OutboxId:
        """The highest id that was read."""
        return self._intake.newest

    def turn(self) -> bool:
        """Do everything that can be done now; tells whether anything was."""
        now = self._began_at = self._clock.monotonic()
        draft = Draft()
        self._read_rows(draft, now)
        arrived = self._admit(draft, now)
        self._unblock_due(draft, now)
        answered = self._must_settle(draft, now) and self._settle_answers(draft, now)
        self._plan(draft, now)
        return self._commit(draft, now) or answered or arrived

    def rest(self, seconds: float) -> None:
        """Sleep until an answer comes, at most so long; but let a moment's events gather.

        While heads wait for room, nothing is gained before half of what is under way has been answered.
        """
        if self._lanes.ready and self._in_flight:
            self._dispatcher.wait(LONGEST_GATHERING, max(1, len(self._in_flight) // 2))
            return
        pace = self._began_at + PACE - self._clock.monotonic()
        if pace > 0:
            self._dispatcher.wait(pace, sys.maxsize)
        if seconds > PACE:
            self._dispatcher.wait(seconds - PACE)

    def finish(self, grace: timedelta) -> None:
        """Begin nothing more and settle what is in flight; what outlives the grace stays an intent."""
        until = self._clock.monotonic() + grace.total_seconds()
        self._withdraw()
        while self._in_flight and self._clock.monotonic() < until:
            self._dispatcher.wait(0.1)
            draft, now = Draft(), self._clock.monotonic()
            self._settle_answers(draft, now)
            self._commit(draft, now)

    def close(self) -> None:
        """Forget everything; calls in flight end by their deadline and nobody listens."""
        self._dispatcher.close()

    # -- loading ---------------------------------------------------------------------------------------------

    def _take_over(self, cursor: Cursor) -> frozenset[OutboxId]:
        """Begin with what the database knows; returns the ids above the cursor that need no reading.

        Calls of a process that is gone become UNKNOWN.
        """
        left = what_was_left(self._receipts, self._name, cursor, self._caps)
        if left.lost:
            kept = replace(cursor, intents=())
            step = Step(kept, deliveries=tuple(left.lost))
            self._receipts.commit_step(self._name, self._leadership.token, step)
            self._committed = kept
        now = self._clock.monotonic()
        for head in left.heads:
            self._lanes.restore(head, now)
        self._unblock([head for head in left.heads if head.state in GOES_AT_ONCE], now)
        for head in left.lost:
            self._observer.note("event.unknown_after_restart", destination=self._name, id=head.id)
        return left.accounted_for

    def _load_held(self, now: float) -> None:
        for lane in self._lanes.lanes_to_load():
            held = self._receipts.load_lane(self._name, lane, OutboxId(0), HELD_PAGE)
            self._lanes.load(lane, held, more=len(held) == HELD_PAGE, now=now)

    def _unblock_due(self, draft: Draft, now: float) -> None:
        """Heads whose time has come; orders that still wait for their release cost neither a call nor a write.

        A head that was given a follower in this turn goes in the next one: then the follower's row can be read, too.
        """
        joined = {row.lane for row in draft.deliveries.values() if row.state is DeliveryState.HELD}
        due = self._lanes.due(now)
        for head in due:
            if head.lane in joined:
                self._lanes.postpone(head.lane, now)
        due = [head for head in due if head.lane not in joined]
        waiting = [head for head in due if head.state is DeliveryState.WAITING]
        postponed = self._planner.still_waiting(waiting) if waiting else {}
        for lane, delay in postponed.items():
            self._lanes.postpone(lane, now + delay.total_seconds())
        self._unblock([head for head in due if head.lane not in postponed], now)

    def _unblock(self, heads: Sequence[Delivery], now: float) -> None:
        events = {event.id: event for event in self._outbox.read_events([head.id for head in heads])} if heads else {}
        for head in heads:
            if head.id in events:
                self._lanes.unblock(events[head.id], head, now)

    def _read_rows(self, draft: Draft, now: float) -> None:
        """Runs before anything else in a turn: only then do memory and the rows in the database say the same."""
        self._load_held(now)
        if now >= self._housekeeping_at:
            self._housekeeping_at = now + self._housekeeping
            self._take_operator_decisions(now)
            self._take_pauses(draft, now)
            self._spill_overstayed(draft, now)

    def _take_operator_decisions(self, now: float) -> None:
        decided = []
        for delivery in self._receipts.load_ready(self._name):
            queue = self._lanes.get(delivery.lane)
            if queue is not None and queue.blocked is not None and queue.blocked.id == delivery.id:
                decided.append(delivery)
        self._unblock(decided, now)

    def _take_pauses(self, draft: Draft, now: float) -> None:
        before, self._paused = self._paused, self._receipts.load_pauses(self._name)
        begun = self._paused.keys() - before.keys()
        if any(call.event.lane in begun for call in self._in_flight.values()):
            self._withdraw()  # what was handed over and has not begun must not begin now
        for lane, reason in self._paused.items():
            queue = self._lanes.get(lane)
            if queue is not None and queue.blocked is not None and queue.blocked.state in _GOES_BY_ITSELF:
                stopped = held(queue.blocked, reason)
                self._lanes.block(stopped, now)
                draft.write(stopped)

    # -- reading ---------------------------------------------------------------------------------------------

    def _admit(self, draft: Draft, now: float) -> bool:
        room = MEMORY_EVENTS - len(self._lanes) if self._lanes.ready < self._enough_ready else 0
        is_roomy = len(self._lanes) < ROOMY
        page = min(max(room, 0), FRESH_PAGE if is_roomy else TAIL_PAGE)
        events, unrouted = self._intake.read(page, with_payloads=is_roomy)
        draft.ranges.extend(unrouted)
        for event in events:
            if not self._lanes.admit(event, now, is_late=event.id <= self._committed.accounted_to):
                draft.write(Delivery(event.id, event.lane, DeliveryState.HELD))
                self._nudge(event, now)
        return bool(events or unrouted)

    def _nudge(self, event: Event, now: float) -> None:
        queue = self._lanes.get(event.lane)
        if queue is not None and queue.blocked is not None and queue.blocked.state is DeliveryState.WAITING:
            self._lanes.nudge(event.lane, now)

    def _spill_overstayed(self, draft: Draft, now: float) -> None:
        for item, is_head in list(self._lanes.overstayed(now, SPILL_AFTER)):
            state = DeliveryState.READY if is_head else DeliveryState.HELD
            self._spill(item, state, draft)

    def _spill(self, item: Item, state: DeliveryState, draft: Draft) -> None:
        call = self._in_flight.get(item.event.id)
        delivery = call.delivery if call else Delivery(item.event.id, item.event.lane, state)
        self._lanes.spilled(item, delivery)
        draft.write(delivery)

    # -- planning --------------------------------------------------------------------------------------------

    def _plan(self, draft: Draft, now: float) -> None:
        capacity = self._governor.capacity(len(self._in_flight), self._ahead)
        queues = self._lanes.take_ready(capacity) if capacity and self._leadership.trusted() else []
        if not queues:
            return
        for queue, planned in zip(queues, self._planner.plan(queues), strict=True):
            remapped = unless_remapped(queue, planned, self._mapping, self._caps)
            match plan := unless_paused(queue, remapped, self._paused.get(queue.lane)):
                case Call():
                    self._prepare(plan, draft)
                case Finish():
                    self._finish(plan, draft)
                case Hold():
                    draft.findings.extend(plan.findings)
                    self._block(plan.event, plan.delivery, draft, now)
                case _:
                    assert_never(plan)

    def _prepare(self, call: Call, draft: Draft) -> None:
        queue = self._lanes.get(call.event.lane)
        if queue is not None and queue.items[0].delivery is not None:
            draft.write(call.delivery)
        if call.hydrated is not None:
            draft.keep(self._name, call.hydrated)
        draft.resolved.extend(call.resolved)
        self._in_flight[call.event.id] = call
        self._intents[call.event.id] = _intent(call)
        draft.calls.append(call)

    def _finish(self, plan: Finish, draft: Draft) -> None:
        draft.resolved.extend(plan.resolved)
        draft.receipts.append(
            Receipt(
                self._name,
                plan.event.id,
                plan.outcome,
                attempts=plan.attempts,
                detail=plan.detail,
                actor=plan.actor,
            )
        )
        self._leave_lane(plan.event.lane, [plan.event.id], draft)
        draft.note("event.receipted", destination=self._name, id=plan.event.id, outcome=str(plan.outcome))

    def _block(self, event: Event, delivery: Delivery, draft: Draft, now: float) -> None:
        followers = self._lanes.block(delivery, now)
        draft.write(delivery)
        for item in followers:
            draft.write(Delivery(item.event.id, event.lane, DeliveryState.HELD))
        draft.note(
            f"event.{delivery.state}",
            destination=self._name,
            id=event.id,
            lane=str(event.lane),
            attempts=delivery.attempts,
            reason=delivery.reason,
        )
        if delivery.state is DeliveryState.READY and delivery.resubmitted:
            draft.note("event.resubmitted", destination=self._name, id=event.id)

    def _leave_lane(self, lane: Lane, ids: Sequence[OutboxId], draft: Draft) -> None:
        queue = self._lanes.get(lane)
        had_rows = queue is not None and (queue.rows_below or any(item.delivery for item in queue.items))
        if had_rows:
            draft.settled.extend(ids)
        for outbox_id in ids:
            draft.deliveries.pop(outbox_id, None)
        if self._lanes.finish(lane, ids) or had_rows:
            draft.promoted.add(lane)

    # -- settling --------------------------------------------------------------------------------------------

    def _must_settle(self, draft: Draft, now: float) -> bool:
        """Answers wait a moment for company: a transaction of their own would be the dearest."""
        if not self._dispatcher.answers:
            return False
        if self._answered_at is None:
            self._answered_at = now
        is_written_anyway = bool(self._lanes.ready) or not draft.empty
        return is_written_anyway or now - self._answered_at >= SETTLE_WITHIN

    def _settle_answers(self, draft: Draft, now: float) -> bool:
        self._answered_at = None
        answers = self._dispatcher.collect()
        for answer in answers:
            self._settle(answer, draft, now)
        if answers and (self._governor.held_down or not self._governor.capacity(0)):
            self._withdraw()
        return bool(answers)

    def _withdraw(self) -> None:
        """Take back what was handed over and has not begun; it is planned again when something may go."""
        for call in reversed(self._dispatcher.withdraw()):
            del self._in_flight[call.event.id], self._intents[call.event.id]
            self._lanes.put_back(call.event.lane)

    def _settle(self, answer: Answer, draft: Draft, now: float) -> None:
        call = self._in_flight.pop(answer.call.event.id)
        del self._intents[call.event.id]
        judgement = self._judge.judge(answer)
        draft.findings.extend(judgement.findings)
        draft.resolved.extend(judgement.resolved)
        match judgement.settlement:
            case Done() as done:
                self._confirm(call, done, answer.duration, draft)
            case GivenUp():
                self._finish(skipped(call.event, call.delivery), draft)
            case Blocked(delivery):
                self._block(call.event, delivery, draft, now)
            case _ as never:
                assert_never(never)

    def _confirm(self, call: Call, done: Done, duration: timedelta, draft: Draft) -> None:
        draft.confirm(self._name, self._policy.version, call, done, duration)
        if call.ref.kind in self._confirmed:
            self._confirmed[call.ref.kind] += 1
        self._leave_lane(call.event.lane, [call.event.id, *call.absorbs], draft)

    # -- writing ---------------------------------------------------------------------------------------------

    def _commit(self, draft: Draft, now: float) -> bool:
        upto = self._lanes.accounted_to(self._intake.newest)
        gaps = self._intake.gaps_upto(upto, self._lanes.late_only_here())
        cursor = Cursor(upto, gaps, tuple(self._intents.values()), self._governor.closed_because())
        if draft.empty and not self._is_worth_writing(cursor, now):
            return False
        self._receipts.commit_step(self._name, self._leadership.token, draft.step(self._name, cursor))
        self._committed = cursor
        self._lanes.step_committed()
        self._cursor_at = now + self._housekeeping
        for call in draft.calls:
            first, every = self._policy.read_back_first, self._policy.read_back_every
            read_back = wants_read_back(call.ref.kind, self._confirmed.get(call.ref.kind, 0), first, every)
            self._governor.began(2 if read_back else 1)
            self._dispatcher.begin(call, read_back=read_back)
        for event, facts in draft.notes:
            self._observer.note(event, **facts)
        return not draft.empty

    def _is_worth_writing(self, cursor: Cursor, now: float) -> bool:
        """A cursor that moved is written alone only now and then: what is above it can be read again."""
        moved = replace(cursor, intents=()) != replace(self._committed, intents=())
        return moved and now >= self._cursor_at


def _intent(call: Call) -> Intent:
    ref = call.ref
    return Intent(
        call.event.id,
        call.event.lane,
        ref.kind,
        call.content_id,
        ref.payload_sha256,
        call.absorbs,
        call.delivery.mapping,
    )
