"""A purge beside a shop that sells and a relay that works: nobody waits, nothing is lost."""

import threading

from sidecar.domain.retention import Retention
from sidecar.mysql.session import Work
from tests.support.aged import janitor_on
from tests.support.rig import Rig, turn_until, turning

RETENTION = Retention()
PAST = "UPDATE erp_outbox SET occurred_at_us = occurred_at_us - 40 * 86400 * 1000000 WHERE id = %s"


def lock_waits(rig: Rig) -> int:
    ((_, value),) = rig.shop.rows("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'")
    return int(value)


def age(rig: Rig, ids: list[int]) -> None:
    for number in ids:  # one by one: a range looks at the row behind it too, which somebody may be writing
        rig.shop.execute(PAST, number)


def outbox(rig: Rig) -> list[int]:
    return [number for (number,) in rig.shop.rows("SELECT id FROM erp_outbox ORDER BY id")]


def test_a_purge_beside_producers_and_a_relay_stops_at_the_gap_and_the_parked_event(rig: Rig) -> None:
    done = [rig.shop.place(order) for order in range(1, 41)]
    relay = rig.relay()
    turn_until(relay, lambda: set(done) == set(rig.receipts_by_event()))
    with rig.shop.transaction() as slow:
        late = rig.shop.insert(slow, "OrderPlaced", "order:999", "999", "{}")
        later = [rig.shop.place(order) for order in range(50, 60)]
        turn_until(relay, lambda: set(later) <= set(rig.receipts_by_event()))
        age(rig, done)
        age(rig, later)
        emitted: list[int] = []
        stop = threading.Event()

        def sell() -> None:
            order = 1000
            while not stop.is_set():
                order += 1
                emitted.append(rig.shop.place(order))

        seller = threading.Thread(target=sell)
        with turning(relay):
            seller.start()
            first = janitor_on(rig.session, RETENTION, chunk=5).purge()
            stop.set()
            seller.join()

        assert first.floor == late - 1
        assert "open gap" in first.stopped_by
        assert outbox(rig)[0] == later[0]

    turn_until(relay, lambda: {late: "parked"}.items() <= rig.states().items())
    second = janitor_on(rig.session, RETENTION).purge()
    assert second.floor == late - 1
    assert second.stopped_by == f"event {late} (order:999) is not done at erp: it is parked"
    turn_until(relay, lambda: set(rig.receipts_by_event()) == {*done, *later, *emitted})
    assert all(len(rig.accepted(order)) == 1 for order in range(1, 41))


def test_deleting_a_chunk_makes_no_insert_wait_and_waits_for_none(rig: Rig) -> None:
    ids = [rig.shop.place(order) for order in range(1, 21)]
    turn_until(rig.relay(), lambda: set(ids) == set(rig.receipts_by_event()))
    age(rig, ids)
    before = lock_waits(rig)

    delete = rig.session.statements("janitor_store")["purge_page"]

    with rig.shop.transaction() as buying:
        rig.shop.emit(buying, "OrderPlaced", 500)

        def chunk(work: Work) -> tuple[int, int]:
            gone = work.run(delete, first=ids[0], last=ids[-1], events=len(ids))
            rig.shop.emit(buying, "OrderPlaced", 501)
            return gone, rig.shop.adjust("TEE", "-1.0000")

        gone, new = rig.session.transaction(chunk, attempts=1)

    assert gone == len(ids)
    assert lock_waits(rig) == before
    assert outbox(rig) == [new - 2, new - 1, new]


def test_a_destination_that_begins_late_begins_at_the_floor_and_sees_no_gap(rig: Rig) -> None:
    ids = [rig.shop.place(order) for order in range(1, 11)]
    turn_until(rig.relay(), lambda: set(ids) == set(rig.receipts_by_event()))
    age(rig, ids)
    assert janitor_on(rig.session, RETENTION).purge().events == 10
    rig.shop.execute("DELETE FROM erp_cursor")
    rig.shop.execute("DELETE FROM erp_receipt")
    new = rig.shop.place(77)

    relay = rig.relay()
    begun = rig.receipts.load_cursor(rig.policy.name)
    turn_until(relay, lambda: new in rig.receipts_by_event())

    assert begun.accounted_to == ids[-1]
    assert rig.receipts.load_cursor(rig.policy.name).gaps == ()
