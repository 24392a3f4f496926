"""Lanes under every interleaving that Hypothesis finds: nothing lost, nothing reordered, one head per lane."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.engine.lanes import LaneQueue, Lanes


def event(outbox_id: int, lane: str) -> Event:
    return Event(OutboxId(outbox_id), f"event-{outbox_id}", "OrderUpdated", 1, Lane(lane), "1", 1, 0)


class LanesMachine(RuleBasedStateMachine):
    """Plays outbox, table and relay: whatever happens, lanes go in id order and nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes = Lanes()
        self.next_id = 0
        self.rows: dict[str, dict[int, DeliveryState]] = {"a": {}, "b": {}}
        self.done: dict[str, list[int]] = {"a": [], "b": []}
        self.written: dict[str, list[int]] = {"a": [], "b": []}
        self.flying: dict[str, LaneQueue] = {}

    @rule(lane=st.sampled_from("ab"))
    def arrive(self, lane: str) -> None:
        self.next_id += 1
        self.written[lane].append(self.next_id)
        if not self.lanes.admit(event(self.next_id, lane), 0):
            self.rows[lane][self.next_id] = DeliveryState.HELD

    @rule()
    def begin(self) -> None:
        for queue in self.lanes.take_ready(1):
            assert queue.lane not in self.flying
            self.flying[str(queue.lane)] = queue

    @precondition(lambda self: bool(self.flying))
    @rule()
    def finish(self) -> None:
        lane, queue = self.flying.popitem()
        head = queue.items[0].event.id
        had_rows = bool(self.rows[lane])
        self.rows[lane].pop(head, None)
        self.lanes.finish(Lane(lane), [head])
        self.done[lane].append(head)
        if had_rows:
            self.promote(lane)
        self.load()

    @precondition(lambda self: bool(self.flying))
    @rule()
    def block(self) -> None:
        lane, queue = self.flying.popitem()
        head = queue.items[0].event.id
        delivery = Delivery(head, Lane(lane), DeliveryState.RETRY, delay=timedelta())
        for item in self.lanes.block(delivery, 0):
            self.rows[lane][item.event.id] = DeliveryState.HELD
        self.rows[lane][head] = DeliveryState.RETRY

    @rule()
    def time_passes(self) -> None:
        for delivery in self.lanes.due(1):
            self.lanes.unblock(event(delivery.id, delivery.lane), delivery, 1)

    @rule()
    def spill(self) -> None:
        for item, is_head in list(self.lanes.overstayed(100, timedelta())):
            state = DeliveryState.READY if is_head else DeliveryState.HELD
            self.lanes.spilled(item, Delivery(item.event.id, item.event.lane, state))
            self.rows[item.event.lane][item.event.id] = state

    def promote(self, lane: str) -> None:
        held = sorted(i for i, state in self.rows[lane].items() if state is DeliveryState.HELD)
        if held:
            self.rows[lane][held[0]] = DeliveryState.READY

    def load(self) -> None:
        self.lanes.step_committed()
        for lane in self.lanes.lanes_to_load():
            page = [event(i, lane) for i in sorted(self.rows[lane])[:2]]
            self.lanes.load(lane, page, more=len(page) == 2, now=0)

    @invariant()
    def lanes_go_in_the_order_of_their_ids(self) -> None:
        for lane in "ab":
            assert self.done[lane] == self.written[lane][: len(self.done[lane])]

    @invariant()
    def a_lane_with_rows_has_exactly_one_head_among_them(self) -> None:
        for lane in "ab":
            heads = [i for i, state in self.rows[lane].items() if state is not DeliveryState.HELD]
            assert len(heads) <= 1
            assert not heads or heads[0] == min(self.rows[lane])

    @invariant()
    def what_the_cursor_passed_is_done_or_has_a_row(self) -> None:
        upto = self.lanes.accounted_to(OutboxId(self.next_id))
        for lane in "ab":
            for outbox_id in self.written[lane]:
                assert outbox_id > upto or outbox_id in self.done[lane] or outbox_id in self.rows[lane]


TestLanes = LanesMachine.TestCase
TestLanes.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
