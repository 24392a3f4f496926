"""Lanes in memory: order, blocking, and the cursor's promise."""

from datetime import timedelta

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.engine.lanes import Lanes


def event(outbox_id: int, lane: str) -> Event:
    return Event(OutboxId(outbox_id), f"event-{outbox_id}", "OrderUpdated", 1, Lane(lane), "1", 1, 0)


def test_a_blocked_lane_holds_only_itself() -> None:
    lanes = Lanes()
    for number, lane in ((1, "a"), (2, "b"), (3, "a"), (4, "b")):
        lanes.admit(event(number, lane), 0)
    lanes.take_ready(1)

    lanes.block(Delivery(OutboxId(1), Lane("a"), DeliveryState.PARKED), 0)

    assert [queue.items[0].event.id for queue in lanes.take_ready(10)] == [2]


def test_a_lane_with_a_million_followers_keeps_one_entry_in_memory() -> None:
    lanes = Lanes()
    lanes.restore(Delivery(OutboxId(1), Lane("a"), DeliveryState.PARKED), 0)

    admitted = [lanes.admit(event(number, "a"), 0) for number in range(2, 1000)]

    assert not any(admitted)
    assert len(lanes) == 0


def test_a_head_is_due_once_when_its_time_has_come() -> None:
    lanes = Lanes()
    delivery = Delivery(OutboxId(1), Lane("a"), DeliveryState.RETRY, delay=timedelta(seconds=5))
    lanes.restore(delivery, now=100)

    assert lanes.due(104.9) == []
    assert lanes.due(105) == [delivery]
    assert lanes.due(200) == []


def test_a_lane_that_moved_on_is_not_planned_before_its_step_is_committed() -> None:
    lanes = Lanes()
    lanes.admit(event(1, "a"), 0)
    lanes.take_ready(1)

    lanes.finish(Lane("a"), [OutboxId(1)])
    lanes.admit(event(2, "a"), 0)

    assert lanes.take_ready(1) == []
    lanes.step_committed()
    assert [queue.items[0].event.id for queue in lanes.take_ready(1)] == [2]


def test_a_head_that_is_nudged_is_due_once() -> None:
    lanes = Lanes()
    delivery = Delivery(OutboxId(1), Lane("a"), DeliveryState.WAITING, delay=timedelta(seconds=5))
    lanes.restore(delivery, now=0)
    lanes.nudge(Lane("a"), 4)
    lanes.nudge(Lane("a"), 4)

    assert lanes.due(10) == [delivery]


def test_a_timer_of_an_earlier_wait_does_not_ring_for_a_later_one() -> None:
    lanes = Lanes()
    waiting = Delivery(OutboxId(1), Lane("a"), DeliveryState.WAITING, delay=timedelta(seconds=5))
    lanes.restore(waiting, now=0)
    lanes.nudge(Lane("a"), 1)
    (due,) = lanes.due(1)
    lanes.unblock(event(1, "a"), due, 1)
    unknown = Delivery(OutboxId(1), Lane("a"), DeliveryState.UNKNOWN, delay=timedelta(minutes=10))
    lanes.block(unknown, 2)

    assert lanes.due(300) == []
    assert lanes.due(602) == [unknown]


def test_the_cursor_stops_below_an_event_that_is_only_in_memory() -> None:
    lanes = Lanes()
    for number in (5, 6, 7):
        lanes.admit(event(number, f"lane-{number}"), 0)
    lanes.take_ready(3)

    lanes.finish(Lane("lane-5"), [OutboxId(5)])
    lanes.finish(Lane("lane-7"), [OutboxId(7)])

    assert lanes.accounted_to(OutboxId(9)) == 5
