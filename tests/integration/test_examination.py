"""The doctor's facts from real servers, each made wrong for real."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from sidecar.domain.examination import Check, Verdict, judge_exports, judge_server, judge_shop, judge_statuses
from sidecar.domain.special_cases import Term, judge_terms
from sidecar.mysql.drift import drift
from sidecar.mysql.examination import clock_skew, server_facts, shop_facts, status_facts, today, told_attributes
from sidecar.mysql.session import Session
from tests.support.servers import Database
from tests.support.stores import Tables, session_at, session_for, tables_in


@pytest.fixture
def spoilable(database: Database) -> Iterator[Tables]:
    """Tables of one's own, to be spoiled."""
    with tables_in(database) as made:
        yield made


@contextmanager
def set_globally(tables: Tables, variable: str, value: object) -> Iterator[None]:
    before = tables.value(f"SELECT @@GLOBAL.{variable}")
    tables.run(f"SET GLOBAL {variable} = {value}")
    try:
        yield
    finally:
        tables.run(f"SET GLOBAL {variable} = {before}")


def line(session: Session, name: str) -> Check:
    (found,) = [check for check in judge_server(server_facts(session)) if check.check == name]
    return found


def shop_line(session: Session, name: str) -> Check:
    (found,) = [check for check in judge_shop(shop_facts(session)) if check.check == name]
    return found


def test_a_server_as_it_should_be_fails_in_nothing(tables: Tables) -> None:
    states = {check.check: check.state for check in judge_server(server_facts(tables.session))}

    assert set(states.values()) <= {Verdict.OK, Verdict.WARN}
    assert states["replication role"] is Verdict.OK
    assert states["cluster"] is Verdict.OK
    assert drift(tables.session) == []


def test_a_server_that_is_read_only_is_taken_for_a_replica(tables: Tables) -> None:
    with set_globally(tables, "read_only", 1):
        assert line(tables.session, "replication role").state is Verdict.FAIL


def test_a_server_that_replicates_is_told_although_it_can_be_written(tables: Tables) -> None:
    source, start, stop, forget = (
        ("MASTER", "START SLAVE SQL_THREAD", "STOP SLAVE", "RESET SLAVE ALL")
        if tables.database.is_mariadb
        else ("REPLICATION SOURCE", "START REPLICA SQL_THREAD", "STOP REPLICA", "RESET REPLICA ALL")
    )
    key = source.rpartition(" ")[2]
    tables.run(f"CHANGE {source} TO {key}_HOST = '127.0.0.1', {key}_PORT = 1, {key}_USER = 'nobody'")
    try:
        tables.run(start)

        assert line(tables.session, "replication role").state is Verdict.WARN
    finally:
        tables.run(stop)
        tables.run(forget)


def test_without_process_nobody_can_tell_and_the_doctor_says_so(tables: Tables) -> None:
    tables.run("CREATE USER 'blind'@'%%' IDENTIFIED BY 'pw'", *())
    tables.run(f"GRANT SELECT, UPDATE ON `{tables.database.name}`.* TO 'blind'@'%%'", *())
    session = session_for(tables.database, user="blind")
    try:
        check = line(session, "replication role")
    finally:
        session.close()
        tables.run("DROP USER 'blind'@'%%'", *())

    assert check.state is Verdict.UNKNOWN
    assert "GRANT PROCESS" in check.do


def test_events_of_two_nodes_are_told_by_the_remainders_of_their_ids(tables: Tables) -> None:
    with set_globally(tables, "auto_increment_increment", 3):
        tables.add_event(4)
        tables.add_event(7)
        assert line(tables.session, "auto_increment").state is Verdict.WARN

        tables.add_event(8)

        assert line(tables.session, "auto_increment").state is Verdict.FAIL


def test_a_server_that_may_lose_the_last_second_is_told(tables: Tables) -> None:
    with set_globally(tables, "innodb_flush_log_at_trx_commit", 2):
        assert line(tables.session, "durability").state is Verdict.WARN


def test_packets_that_payloads_may_outgrow_are_told(tables: Tables) -> None:
    with set_globally(tables, "max_allowed_packet", 1024 * 1024):
        assert line(tables.session, "packets").state is Verdict.WARN


def test_an_order_that_left_no_event_shows_that_the_module_is_off(tables: Tables) -> None:
    tables.add_order(42)
    tables.run("UPDATE {prefix}sales_order SET created_at = NOW() - INTERVAL 10 MINUTE")

    assert shop_line(tables.session, "module").state is Verdict.FAIL

    tables.add_event(1, lane="order:42")
    assert shop_line(tables.session, "module").state is Verdict.OK


def test_events_of_a_newer_module_are_told(tables: Tables) -> None:
    tables.add_event(1)
    assert shop_line(tables.session, "module's version").state is Verdict.OK

    tables.run("UPDATE {prefix}erp_outbox SET schema_version = 99")

    assert shop_line(tables.session, "module's version").state is Verdict.FAIL


def test_a_clock_that_stands_elsewhere_is_measured(tables: Tables) -> None:
    with session_at(tables.database, Decimal(1_700_000_000)) as session:
        assert clock_skew(session) < timedelta(days=-1)
    assert abs(clock_skew(tables.session)) < timedelta(seconds=10)


def test_a_special_case_s_end_is_judged_by_the_day_of_the_database(tables: Tables) -> None:
    last_second = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC).timestamp()
    with session_at(tables.database, Decimal(last_second)) as session:
        (check,) = judge_terms([Term("erp", "hazmat", "logistics", date(2026, 12, 1))], today(session))

    assert check.found == "hazmat ends in 1 day"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("ALTER TABLE {prefix}erp_lease MODIFY owner VARCHAR(100) NOT NULL", "owner is varchar(100), and should be"),
        ("ALTER TABLE {prefix}erp_receipt MODIFY attempts INT UNSIGNED NULL", "attempts may be NULL"),
        ("ALTER TABLE {prefix}erp_delivery DROP KEY {prefix}erp_delivery_heads", "erp_delivery_heads (destination"),
        ("ALTER TABLE {prefix}erp_document DROP PRIMARY KEY", "PRIMARY KEY (destination, entity_type, entity_id) is"),
        (
            "ALTER TABLE {prefix}erp_cursor DROP CONSTRAINT {prefix}erp_cursor_stream_is_known",
            "is_known is missing",
        ),
        ("ALTER TABLE {prefix}erp_outbox MODIFY payload TEXT NOT NULL", "payload is text, and should be mediumtext"),
    ],
)
def test_a_table_that_somebody_altered_is_told(spoilable: Tables, spoil: str, words: str) -> None:
    spoilable.run(spoil)

    (problem,) = drift(spoilable.session)

    assert words in problem


def test_the_statuses_of_the_lifecycle_map_are_looked_for_where_magento_keeps_them(spoilable: Tables) -> None:
    spoilable.add_status("erp_accepted", "new", "processing")
    wanted = [("new", "erp_accepted"), ("complete", "erp_accepted")]

    (check,) = judge_statuses(wanted, status_facts(spoilable.session))

    assert check.state is Verdict.FAIL
    assert check.do == 'bin/magento erp-sidecar:statuses:create erp_accepted "ERP: accepted" complete'

    spoilable.run("UPDATE {prefix}sales_order_status_state SET visible_on_front = 0 WHERE state = 'processing'")
    facts = status_facts(spoilable.session)

    assert [one.state for one in judge_statuses([("processing", "erp_accepted")], facts)] == [Verdict.WARN]
    assert [one.state for one in judge_statuses([("new", "erp_accepted")], facts)] == [Verdict.OK]


def test_what_the_shop_exports_of_products_is_read_from_their_newest_events(tables: Tables) -> None:
    told: dict[str, object] = {"changed": {"price": {"0": "9.990000"}}, "website_ids": None, "tier_prices": []}
    assert told_attributes(tables.session) is None
    tables.add_event(1)
    tables.add_event(2)
    tables.run("UPDATE {prefix}erp_outbox SET type = 'ProductUpdated', payload = %s WHERE id = 1", json.dumps(told))
    tables.run("UPDATE {prefix}erp_outbox SET type = 'ProductUpdated', payload = 'broken' WHERE id = 2")

    attributes = told_attributes(tables.session)

    assert attributes == frozenset({"price", "tier_price"})
    (check,) = judge_exports(["price"], attributes)
    assert (check.state, check.found) == (
        Verdict.WARN,
        "the shop tells of tier_price, which exports.products does not name",
    )
