"""Ids that appear late or never: with real transactions, on real servers."""

import random
import threading

import pytest

from tests.support.rig import Rig, turn_until, turning

PRODUCERS = 6
ORDERS_EACH = 8
CHANGES_EACH = 4


def test_a_row_that_commits_long_after_its_neighbours_is_delivered(rig: Rig) -> None:
    relay = rig.relay()
    with rig.shop.transaction() as slow:
        late = rig.shop.insert(slow, "OrderPlaced", "order:7", "7", "{}")
        neighbours = [rig.shop.place(number) for number in (41, 42)]
        turn_until(relay, lambda: set(neighbours) == set(rig.receipts_by_event()))
        turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to > late)
        assert [(gap.first, gap.last) for gap in rig.receipts.load_cursor(rig.policy.name).gaps] == [(late, late)]

    turn_until(relay, lambda: late in rig.states())


def test_a_gap_survives_a_restart(rig: Rig) -> None:
    with rig.shop.transaction() as slow:
        late = rig.shop.insert(slow, "OrderPlaced", "order:7", "7", "{}")
        neighbour = rig.shop.place(42)
        first = rig.relay()
        turn_until(first, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= neighbour)
        first.close()
        second = rig.relay()
        second.turn()

    turn_until(second, lambda: late in rig.states())


@pytest.mark.slow
def test_a_rolled_back_id_is_forgotten_once_every_transaction_of_its_time_has_ended(rig: Rig) -> None:
    relay = rig.relay()
    connection = rig.shop.database.connect(autocommit=False)
    burnt = rig.shop.insert(connection, "OrderPlaced", "order:7", "7", "{}")
    neighbour = rig.shop.place(42)
    turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= neighbour > burnt)
    assert rig.receipts.load_cursor(rig.policy.name).gaps

    connection.rollback()
    connection.close()

    turn_until(relay, lambda: not rig.receipts.load_cursor(rig.policy.name).gaps)


def test_a_snapshot_that_is_held_for_long_keeps_no_gap_open(rig: Rig) -> None:
    relay = rig.relay()
    with rig.shop.database.connect(autocommit=False) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM erp_outbox")
        roll_back_one(rig, 7)
        neighbour = rig.shop.place(42)
        turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= neighbour)

        turn_until(relay, lambda: not rig.receipts.load_cursor(rig.policy.name).gaps)


def test_an_event_that_came_late_stays_a_gap_of_the_cursor_until_it_is_done(rig: Rig) -> None:
    rig.erp.plan({"operation": "order.create", "nth": 2, "kind": "delay", "count": 1, "seconds": 0.4})
    relay = rig.relay()
    with rig.shop.transaction() as slow:
        late = rig.shop.place_in(slow, 7)
        neighbour = rig.shop.place(42)
        turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= neighbour)
    turn_until(relay, lambda: bool(rig.receipts.load_cursor(rig.policy.name).intents))

    while_it_is_sent = rig.receipts.load_cursor(rig.policy.name)
    turn_until(relay, lambda: not rig.receipts.load_cursor(rig.policy.name).gaps)

    assert while_it_is_sent.accounted_to >= neighbour
    assert while_it_is_sent.gaps == ((late, late),)
    assert set(rig.receipts_by_event()) == {late, neighbour}


def test_a_gap_that_was_read_back_wider_than_it_is_sends_nothing_twice(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.engine.intake.MOST_GAPS", 1)
    relay = rig.relay()
    with rig.shop.transaction() as slow, rig.shop.transaction() as slower:
        events = [rig.shop.place_in(slow, 1), rig.shop.place(2), rig.shop.place_in(slower, 3), rig.shop.place(4)]
        turn_until(relay, lambda: rig.receipts.load_cursor(rig.policy.name).accounted_to >= events[3])
        assert rig.receipts.load_cursor(rig.policy.name).gaps == ((events[0], events[2]),)
        relay.close()

    turn_until(rig.relay(), lambda: set(rig.receipts_by_event()) == set(events))

    assert [len(rig.accepted(number)) for number in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_concurrent_producers_with_skew_and_rollbacks_lose_nothing_and_invert_nothing(rig: Rig) -> None:
    emitted: dict[int, list[int]] = {}
    relay = rig.relay()

    def produce(producer: int) -> None:
        dice = random.Random(producer)  # noqa: S311 -- a seed makes the test repeatable
        for number in range(ORDERS_EACH):
            order = producer * 100 + number
            ids = [rig.shop.place(order)]
            for change in range(CHANGES_EACH):
                if dice.random() < 0.2:
                    roll_back_one(rig, order)
                ids.append(rig.shop.update(order, quantity=f"{change + 3}.0000"))
            emitted[order] = ids

    threads = [threading.Thread(target=produce, args=(producer,)) for producer in range(1, PRODUCERS + 1)]
    with turning(relay):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    everything = {event for ids in emitted.values() for event in ids}
    turn_until(relay, lambda: set(rig.receipts_by_event()) == everything, seconds=60)

    for order, ids in emitted.items():
        revisions = [row["source_revision"] for row in rig.accepted(order)]
        assert revisions == sorted(revisions)
        assert revisions[-1] == ids[-1]
        assert [row["kind"] for row in rig.accepted(order)].count("create") == 1


def roll_back_one(rig: Rig, order: int) -> None:
    connection = rig.shop.database.connect(autocommit=False)
    rig.shop.emit(connection, "OrderUpdated", order, quantity="99.0000")
    connection.rollback()
    connection.close()
