"""The relay sees what is committed, in order, and knows who is still writing."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from sqlalchemy import text

from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.gaps import AliveTransaction, Gap
from sidecar.mysql.outbox_store import OutboxStore
from tests.support.lock_waits import wait_until_blocked
from tests.support.stores import INSERT_EVENT, PREFIX, Tables, counted_rows, event_values, session_for

T = TypeVar("T")

BUFFER_IS_STALE_FOR = 0.12
"""The server refreshes its list of transactions only when nobody has read it for 0.1 s."""


def ids(events: object) -> list[int]:
    assert isinstance(events, list)
    return [event.id for event in events]


def answered(ask: Callable[[], T | None]) -> T:
    """Ask until there is an answer; what reads the same list elsewhere delays it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(BUFFER_IS_STALE_FOR)
    message = "the list of transactions stayed stale for ten seconds"
    raise AssertionError(message)


def test_the_tail_is_read_in_order_of_ids_from_above_a_mark(tables: Tables) -> None:
    for number in (5, 3, 9, 4):
        tables.add_event(number)

    store = OutboxStore(tables.session)

    assert ids(store.read_tail(OutboxId(3), 2)) == [4, 5]
    assert ids(store.read_tail(OutboxId(9), 2)) == []


def test_an_event_is_read_with_all_that_decides_its_way_and_without_its_payload(tables: Tables) -> None:
    tables.add_event(7, lane="order:42", payload='{"big": "payload"}')

    (event,) = OutboxStore(tables.session).read_tail(OutboxId(0), 10)

    assert event == Event(
        OutboxId(7),
        "event-7",
        "OrderPlaced",
        1,
        Lane("order:42"),
        "42",
        1,
        1_700_000_000_000_000,
        None,
        "magento",
        "order",
    )
    assert not event.is_stock


def test_an_event_without_a_lane_has_one_of_its_own(tables: Tables) -> None:
    tables.add_event(7, lane=None, kind="InventoryAdjusted")

    (event,) = OutboxStore(tables.session).read_tail(OutboxId(0), 10)

    assert event.lane == "#7"
    assert event.is_stock


def test_what_appears_late_in_narrow_and_in_wide_gaps_is_found_in_order(tables: Tables) -> None:
    for number in (2, 70, 500, 900, 5_000):
        tables.add_event(number)
    gaps = [Gap(OutboxId(600), OutboxId(999)), Gap(OutboxId(1), OutboxId(3)), Gap(OutboxId(50), OutboxId(599))]

    store = OutboxStore(tables.session)

    assert ids(store.read_gaps(gaps, 10)) == [2, 70, 500, 900]
    assert ids(store.read_gaps(gaps, 2)) == [2, 70]
    assert ids(store.read_gaps([], 2)) == []


def test_the_stock_stream_reads_its_own_payloads_and_of_other_events_that_they_are_there(tables: Tables) -> None:
    tables.add_event(3, lane=None, kind="InventoryAdjusted", payload='{"sku": "A"}')
    tables.add_event(4, payload='{"order": 1}')
    tables.add_event(5, lane=None, kind="InventoryReserved", payload="x" * 4097)
    store = OutboxStore(tables.session)

    events = store.read_stock(OutboxId(2), 10)

    assert [(event.id, event.event_id, event.payload) for event in events] == [
        (3, "event-3", '{"sku": "A"}'),
        (4, "event-4", None),
        (5, "event-5", None),
    ]
    facts = ("type", "schema_version", "origin")
    plain = store.read_tail(OutboxId(2), 10)
    assert [[getattr(event, fact) for fact in facts] for event in events] == [
        [getattr(event, fact) for fact in facts] for event in plain
    ]
    assert ids(store.read_stock(OutboxId(2), 2)) == [3, 4]


def test_events_are_read_whole_as_far_as_their_payloads_fit_and_one_always_does(tables: Tables) -> None:
    for number, payload in ((1, "a" * 600), (2, "b" * 300), (3, "c" * 200), (5, "d")):
        tables.add_event(number, payload=payload)
    store = OutboxStore(tables.session)

    assert ids(store.read_whole(OutboxId(0), 10, 10_000)) == [1, 2, 3, 5]
    assert ids(store.read_whole(OutboxId(0), 3, 10_000)) == [1, 2, 3]
    assert ids(store.read_whole(OutboxId(0), 10, 1_000)) == [1, 2]
    assert ids(store.read_whole(OutboxId(0), 10, 5)) == [1]
    assert [event.payload for event in store.read_whole(OutboxId(2), 10, 10_000)] == ["c" * 200, "d"]
    assert ids(store.read_whole(OutboxId(5), 10, 10_000)) == []


def test_an_uncommitted_event_is_not_seen_and_a_committed_one_is(tables: Tables) -> None:
    store = OutboxStore(tables.session)
    writer = tables.database.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute(INSERT_EVENT.replace("{prefix}", PREFIX), event_values(1))

    before = ids(store.read_tail(OutboxId(0), 10))
    writer.commit()
    writer.close()

    assert before == []
    assert ids(store.read_tail(OutboxId(0), 10)) == [1]


def test_events_and_payloads_are_read_by_their_ids_and_missing_ones_left_out(tables: Tables) -> None:
    tables.add_event(1, payload='{"a": 1}')
    tables.add_event(3, payload='{"b": "\\u00fc"}')
    store = OutboxStore(tables.session)

    assert ids(store.read_events([OutboxId(3), OutboxId(2), OutboxId(1)])) == [1, 3]
    assert store.read_payloads([OutboxId(2), OutboxId(3)]) == {3: '{"b": "\\u00fc"}'}
    assert store.read_events([]) == []
    assert store.read_payloads([]) == {}


def test_more_ids_than_one_list_holds_are_all_read(tables: Tables) -> None:
    values = [event_values(number) for number in range(1, 4_502)]
    with tables.database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT_EVENT.replace("{prefix}", PREFIX), values)
    wanted = [OutboxId(number) for number in range(1, 4_502)]
    store = OutboxStore(tables.session)

    assert ids(store.read_events(wanted)) == wanted
    assert len(store.read_payloads(wanted)) == 4_501
    assert ids(store.read_gaps([Gap(OutboxId(number), OutboxId(number)) for number in wanted], 5_000)) == wanted


def test_reading_the_tail_costs_what_is_new_and_not_what_is_old(tables: Tables) -> None:
    values = [event_values(number) for number in range(1, 5_001)]
    with tables.database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT_EVENT.replace("{prefix}", PREFIX), values)
    single = session_for(tables.database, connections=1)

    with counted_rows(single) as examined:
        OutboxStore(single).read_tail(OutboxId(4_990), 1_000)
        OutboxStore(single).read_gaps([Gap(OutboxId(10), OutboxId(12)), Gap(OutboxId(5_100), OutboxId(9_000))], 10)

    single.close()
    assert examined[0] < 100


def test_a_transaction_that_has_written_and_not_ended_is_seen_alive(tables: Tables) -> None:
    store = OutboxStore(tables.session)
    writer = tables.database.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute(INSERT_EVENT.replace("{prefix}", PREFIX), event_values(1))
        cursor.execute("SELECT CONNECTION_ID()")
        row = cursor.fetchone()

    alive = answered(lambda: store.alive_transactions(time.monotonic()))
    writer.rollback()
    afterwards = answered(lambda: store.alive_transactions(time.monotonic()))

    writers = {one for one in alive if (one.thread_id,) == row}
    writer.close()
    assert len(writers) == 1
    assert not writers & afterwards


def test_a_transaction_that_only_looks_holds_no_id_however_long_it_lasts(tables: Tables) -> None:
    tables.add_event(1)
    store = OutboxStore(tables.session)
    reader = tables.database.connect(autocommit=False)
    with reader.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM {prefix}erp_outbox".replace("{prefix}", PREFIX))
        cursor.execute("SELECT CONNECTION_ID()")
        row = cursor.fetchone()

    alive = answered(lambda: store.alive_transactions(time.monotonic()))

    reader.close()
    assert row not in {(one.thread_id,) for one in alive}


def test_an_insert_that_waits_for_a_lock_may_hold_an_id(tables: Tables) -> None:
    tables.add_event(10)
    store = OutboxStore(tables.session)
    locker, writer = tables.database.connect(autocommit=False), tables.database.connect(autocommit=False)
    with locker.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT id FROM {prefix}erp_outbox WHERE id > 0 FOR UPDATE".replace("{prefix}", PREFIX))
    with writer.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        ((thread_id,),) = cursor.fetchall()
    with ThreadPoolExecutor() as pool:
        insertion = pool.submit(insert_event, writer, 5)
        wait_until_blocked(tables.database, thread_id)

        alive = answered(lambda: store.alive_transactions(time.monotonic()))

        locker.rollback()
        insertion.result(10)
    writer.rollback()
    writer.close()
    locker.close()
    assert thread_id in {one.thread_id for one in alive}


def insert_event(connection: "Connection[Cursor]", outbox_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENT.replace("{prefix}", PREFIX), event_values(outbox_id))


def test_our_own_connection_is_not_among_the_transactions_alive(tables: Tables) -> None:
    single = session_for(tables.database, connections=1)
    store = OutboxStore(single)

    alive: frozenset[AliveTransaction] = answered(lambda: store.alive_transactions(time.monotonic()))

    own = single.rows(text("SELECT CONNECTION_ID() AS id"))[0]["id"]
    single.close()
    assert own not in {one.thread_id for one in alive}


def test_an_answer_from_a_stale_buffer_is_refused(tables: Tables) -> None:
    store = OutboxStore(tables.session)

    def ask_twice_at_once() -> bool | None:
        first, second = store._look(), store._look()  # noqa: SLF001 -- without the pause between two looks
        return True if first is not None and second is None else None

    assert answered(ask_twice_at_once)


def test_without_the_process_privilege_nothing_is_claimed(tables: Tables) -> None:
    tables.run("CREATE USER IF NOT EXISTS 'unprivileged'@'%%' IDENTIFIED BY 'pw'")
    tables.run(f"GRANT SELECT ON `{tables.database.name}`.* TO 'unprivileged'@'%%'")
    session = session_for(tables.database, user="unprivileged")
    time.sleep(BUFFER_IS_STALE_FOR)

    alive = OutboxStore(session).alive_transactions(time.monotonic())

    session.close()
    tables.run("DROP USER 'unprivileged'@'%%'")
    assert alive is None
