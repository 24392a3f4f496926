"""Old events go when they are done everywhere, and not one earlier."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.errors import SchemaError, StorageError
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.retention import Prefix, Retention
from sidecar.domain.step import Cursor, Step
from sidecar.mysql import schema
from sidecar.mysql.janitor_store import JanitorStore
from tests.support.aged import done, events_left, janitor_on, old_events
from tests.support.stores import ERP, PREFIX, Tables, counted_rows, lane, session_for


def test_events_go_when_they_are_old_and_receipted(tables: Tables) -> None:
    old_events(tables, range(1, 201))
    old_events(tables, range(201, 301), days=3)
    done(tables, range(1, 301), upto=300)

    summary = janitor_on(tables.session).purge()

    assert (summary.events, summary.floor, summary.complete) == (200, 200, True)
    assert summary.stopped_by == "event 201 is younger than 30 days"
    assert events_left(tables) == list(range(201, 301))
    assert tables.value("SELECT purged FROM {prefix}erp_outbox_floor") == 200


def test_the_floor_never_rises_past_what_the_relay_has_not_accounted_for(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, range(1, 61), upto=60)

    summary = janitor_on(tables.session).purge()

    assert events_left(tables) == list(range(61, 101))
    assert summary.stopped_by == f"the documents of {ERP} are accounted for up to event 60"


def test_the_floor_never_rises_past_an_open_gap(tables: Tables) -> None:
    old_events(tables, [*range(1, 41), *range(43, 101)])
    done(tables, [*range(1, 41), *range(43, 101)], upto=100, gaps=(Gap(OutboxId(41), OutboxId(42)),))

    summary = janitor_on(tables.session).purge()

    assert events_left(tables)[0] == 43
    assert summary.floor == 40
    assert "an id from 41 to 42 may still appear" in summary.stopped_by


def test_the_floor_never_rises_past_an_event_that_is_not_done(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    parked = Delivery(OutboxId(31), lane(31), DeliveryState.PARKED)
    receipted = [number for number in range(1, 101) if number != 31]
    done(tables, receipted, upto=100, step=Step(Cursor(OutboxId(100)), deliveries=(parked,)))

    summary = janitor_on(tables.session).purge()

    assert events_left(tables)[0] == 31
    assert summary.stopped_by == f"event 31 (order:31) is not done at {ERP}: it is parked"


@pytest.mark.parametrize("state", ["frozen", "sending", "unknown", "parked"])
def test_the_floor_never_rises_into_a_stock_window_that_is_not_settled(tables: Tables, state: str) -> None:
    old_events(tables, range(1, 101))
    done(tables, range(1, 101), upto=100)
    add_window(tables, 1, state, after=50, upto=60, late=[44])

    summary = janitor_on(tables.session).purge()

    assert events_left(tables)[0] == 44
    assert summary.stopped_by == f"stock window W1.1 of {ERP} is not settled: it is {state}"


def test_an_event_that_nobody_has_accounted_for_is_left_and_named(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, [number for number in range(1, 101) if number != 77], upto=100)

    summary = janitor_on(tables.session).purge()

    assert events_left(tables)[0] == 77
    assert f"event 77 has no receipt of {ERP}" in summary.stopped_by


def test_a_receipt_of_a_whole_range_counts_but_not_for_its_holes(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, [], upto=100)
    tables.insert(
        "erp_receipt_range", destination=ERP, first_id=1, last_id=100, holes="[[77, 78]]", events=98,
        outcome="delivered", actor="relay",
    )  # fmt: skip

    summary = janitor_on(tables.session).purge()

    assert events_left(tables)[0] == 77
    assert "event 77 has no receipt" in summary.stopped_by


def test_without_any_destination_nothing_goes(tables: Tables) -> None:
    old_events(tables, range(1, 11))

    summary = janitor_on(tables.session).purge()

    assert events_left(tables) == list(range(1, 11))
    assert "no destination has read the outbox yet" in summary.stopped_by


def test_a_dry_run_says_the_same_and_changes_nothing(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, range(1, 61), upto=60)
    janitor = janitor_on(tables.session)

    preview = janitor.preview()

    assert events_left(tables) == list(range(1, 101))
    assert tables.count("erp_outbox_floor") == 0
    purged = janitor.purge()
    assert (preview.events, preview.floor, preview.stopped_by) == (purged.events, purged.floor, purged.stopped_by)


def test_a_limit_is_kept_and_the_next_purge_goes_on(tables: Tables) -> None:
    old_events(tables, range(1, 201))
    done(tables, range(1, 201), upto=200)
    janitor = janitor_on(tables.session)

    first = janitor.purge(limit=120)
    second = janitor.purge()

    assert (first.events, first.complete, first.stopped_by) == (120, False, "the limit is reached")
    assert (second.events, second.floor) == (80, 200)


def test_a_purge_that_is_told_to_stop_ends_after_its_chunk(tables: Tables) -> None:
    old_events(tables, range(1, 201))
    done(tables, range(1, 201), upto=200)
    answers = iter([True] * 4)

    summary = janitor_on(tables.session).purge(proceed=lambda: next(answers, False))

    assert 0 < summary.events < 200
    assert not summary.complete
    assert events_left(tables)[0] == summary.floor + 1


def test_a_purge_stops_when_the_relay_falls_behind(tables: Tables) -> None:
    old_events(tables, range(1, 201))
    done(tables, range(1, 201), upto=200)
    janitor = janitor_on(tables.session)

    def traffic() -> bool:
        tables.run("UPDATE {prefix}erp_outbox SET id = 9000 WHERE id = 200")
        return True

    summary = janitor.purge(proceed=traffic)

    assert summary.stopped_by.startswith("the relay fell behind: 8800 events wait")
    assert len(events_left(tables)) == 200


def test_of_two_purges_at_once_one_deletes_and_the_other_says_so(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    store = JanitorStore(tables.session)
    store.begin_purge()
    store.purge_page(Prefix(OutboxId(1), OutboxId(50), 50))

    with pytest.raises(StorageError, match="another purge is at work"):
        store.purge_page(Prefix(OutboxId(1), OutboxId(60), 60))

    assert events_left(tables)[0] == 51


def test_a_chunk_reads_and_deletes_nothing_but_its_own_rows(tables: Tables) -> None:
    old_events(tables, range(1, 3001))
    done(tables, range(1, 3001), upto=3000)
    tables.run("ANALYZE TABLE {prefix}erp_outbox, {prefix}erp_receipt")
    single = session_for(tables.database, connections=1)

    store = JanitorStore(single)
    store.begin_purge()

    with counted_rows(single) as examined:
        assert len(store.aged_events(OutboxId(0), OutboxId(3000), timedelta(days=30), 50)) == 50
        assert store.first_unaccounted(OutboxId(1), OutboxId(50)) is None
        assert len(store.whole_events(OutboxId(1), OutboxId(50))) == 50
        store.purge_page(Prefix(OutboxId(1), OutboxId(50), 50))
        assert store.trim("receipts", timedelta(days=-1), OutboxId(50), 50) == 50

    single.close()
    assert len(events_left(tables)) == 2950
    assert examined[0] < 50 * 10


def test_what_the_sidecar_keeps_has_retentions_of_its_own(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, range(1, 101), upto=100)
    tables.run("UPDATE {prefix}erp_receipt SET receipted_at = NOW(6) - INTERVAL 50 DAY WHERE outbox_id <= 60")
    for number, table in ((3, "erp_reconciliation_run"), (4, "erp_operator_action")):
        for _ in range(number):
            add_row(tables, table)
    tables.run("UPDATE {prefix}erp_reconciliation_run SET finished_at = NOW(6) - INTERVAL 50 DAY LIMIT 2")
    tables.run("UPDATE {prefix}erp_operator_action SET acted_at = NOW(6) - INTERVAL 50 DAY")
    ages = Retention(receipts=timedelta(days=45), runs=timedelta(days=45), actions=None)

    summary = janitor_on(tables.session, ages).purge()

    assert summary.trimmed == {"receipts": 60, "runs": 2}
    assert tables.count("erp_receipt") == 40
    assert tables.count("erp_operator_action") == 4


def test_a_receipt_stays_as_long_as_its_event(tables: Tables) -> None:
    old_events(tables, range(1, 11), days=3)
    done(tables, range(1, 11), upto=10)
    tables.run("UPDATE {prefix}erp_receipt SET receipted_at = NOW(6) - INTERVAL 500 DAY")

    summary = janitor_on(tables.session).purge()

    assert summary.trimmed == {}
    assert tables.count("erp_receipt") == 10


def test_settled_windows_go_but_a_warehouses_newest_stays_because_the_next_counts_on_from_it(tables: Tables) -> None:
    old_events(tables, range(1, 101))
    done(tables, range(1, 101), upto=100)
    for sequence in range(1, 5):
        add_window(tables, sequence, "booked", after=sequence * 10 - 10, upto=sequence * 10)
    tables.run("UPDATE {prefix}erp_stock_window SET settled_at = NOW(6) - INTERVAL 400 DAY")
    tables.run("UPDATE {prefix}erp_stock_window_line SET state = 'parked' WHERE window_id ="
               " (SELECT id FROM {prefix}erp_stock_window WHERE sequence = 2)")  # fmt: skip

    summary = janitor_on(tables.session).purge()

    assert summary.trimmed == {"windows": 2}
    assert tables.rows("SELECT sequence FROM {prefix}erp_stock_window ORDER BY id") == [(2,), (4,)]
    assert tables.count("erp_stock_window_line") == 2


def test_every_run_is_on_record(tables: Tables) -> None:
    old_events(tables, range(1, 11))
    done(tables, range(1, 11), upto=10)

    janitor_on(tables.session).purge()

    assert tables.rows("SELECT check_name, compared, complete FROM {prefix}erp_reconciliation_run") == [
        ("purge", 10, 1)
    ]


def test_without_the_janitors_grants_a_purge_says_what_to_grant_and_verify_does_not_ask_for_them(
    tables: Tables,
) -> None:
    tables.run("CREATE USER 'only_relay'@'%%' IDENTIFIED BY 'pw'", *())
    grant(tables, "relay")
    session = session_for(tables.database, user="only_relay")
    old_events(tables, range(1, 11))
    done(tables, range(1, 11), upto=10)
    try:
        with pytest.raises(SchemaError) as caught:
            janitor_on(session).purge()
        assert "erp-sidecar schema grants janitor" in caught.value.hint
        assert schema.verify(session) == []
        assert any("janitor_store" in problem for problem in schema.verify(session, janitor=True))

        grant(tables, "janitor")
        session.close()
        assert schema.verify(session, janitor=True) == []
        assert janitor_on(session).purge().events == 10
        for forbidden in ("UPDATE {prefix}erp_outbox SET id = 7", "DELETE FROM {prefix}erp_cursor"):
            with pytest.raises(SchemaError, match="denied"):
                session.rows(text(forbidden.replace("{prefix}", PREFIX)))
    finally:
        session.close()
        tables.run("DROP USER 'only_relay'@'%%'", *())


def grant(tables: Tables, role: str) -> None:
    assert role in ("relay", "janitor")
    sql = schema.grants("relay" if role == "relay" else "janitor", tables.database.name, PREFIX, "'only_relay'@'%'")
    for line in sql.split(";\n"):
        statement = "\n".join(part for part in line.splitlines() if not part.startswith("--")).strip()
        if statement:
            tables.run(statement.rstrip(";").replace("%", "%%"), *())


def add_window(
    tables: Tables, sequence: int, state: str, *, after: int, upto: int, late: list[int] | None = None
) -> None:
    window_id = tables.run(
        "INSERT INTO {prefix}erp_stock_window (destination, warehouse, sequence, state, after_id, upto_id, holes,"
        " late_ids, blueprint_version, fault) VALUES (%s, 'W1', %s, %s, %s, %s, '[]', %s, 'v1', '')",
        ERP, sequence, state, after, upto, json.dumps(late or []),
    )  # fmt: skip
    tables.run(
        "INSERT INTO {prefix}erp_stock_window_line (window_id, line, sku, quantity, deltas, state, fault)"
        " VALUES (%s, 1, 'A', 1, 1, 'booked', '')",
        window_id,
    )


def add_row(tables: Tables, table: str) -> None:
    if table == "erp_operator_action":
        tables.insert(table, action="skip", actor="ann", reason="r", destination=ERP)
    else:
        tables.insert(table, check_name="orders", destination=ERP, compared=1, excused=0, findings=0, complete=1)
