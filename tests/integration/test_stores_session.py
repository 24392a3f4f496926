"""Connections are strict and in UTC, passwords stay inside, and every failure says what happens next."""

import threading

import pytest
from sqlalchemy import text

from sidecar.domain.errors import (
    ConfigurationError,
    SchemaError,
    StorageError,
    StorageUnavailable,
    TransactionConflict,
)
from sidecar.mysql.session import Session, Work
from tests.support.stores import PREFIX, Tables, session_for

TOUCH = text(f"UPDATE {PREFIX}erp_lease SET owner = :owner WHERE role = :role")  # noqa: S608 -- a fixed prefix
ROLES = text(f"SELECT role, owner FROM {PREFIX}erp_lease ORDER BY role")  # noqa: S608 -- a fixed prefix


@pytest.fixture
def two_rows(tables: Tables) -> Tables:
    for role in ("a", "b"):
        tables.insert(
            "erp_lease", role=role, scope="", owner="", token=1, acquired_at="2025-01-01", expires_at="2025-01-01"
        )
    return tables


def owners(tables: Tables) -> list[str]:
    return [row["owner"] for row in tables.session.rows(ROLES)]


def test_every_connection_is_strict_in_utc_and_reads_what_is_committed(tables: Tables) -> None:
    (row,) = tables.session.rows(text("SELECT @@time_zone AS zone, @@sql_mode AS mode, @@autocommit AS autocommit"))
    levels = tables.session.rows(
        text("SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')")
    )

    assert (row["zone"], row["autocommit"]) == ("+00:00", 1)
    assert "STRICT_ALL_TABLES" in row["mode"]
    assert {level["Value"] for level in levels} == {"READ-COMMITTED"}


def test_a_read_costs_one_round_trip(tables: Tables) -> None:
    single = session_for(tables.database, connections=1)
    question = text("SHOW SESSION STATUS LIKE 'Questions'")
    (before,) = single.rows(question)

    (after,) = single.rows(question)

    single.close()
    assert int(after["Value"]) - int(before["Value"]) == 1


def test_a_transaction_that_fails_leaves_nothing_behind_and_the_session_goes_on(two_rows: Tables) -> None:
    def body(work: Work) -> None:
        work.run(TOUCH, owner="x", role="a")
        message = "the caller found something"
        raise ConfigurationError(message)

    with pytest.raises(ConfigurationError):
        two_rows.session.transaction(body)

    assert owners(two_rows) == ["", ""]


def test_a_transaction_interrupted_by_anything_else_leaves_nothing_behind_either(two_rows: Tables) -> None:
    def body(work: Work) -> None:
        work.run(TOUCH, owner="x", role="a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        two_rows.session.transaction(body)

    two_rows.session.transaction(lambda work: work.run(TOUCH, owner="y", role="b"))
    assert owners(two_rows) == ["", "y"]


def test_a_deadlock_is_run_again_until_both_have_written(two_rows: Tables) -> None:
    both_hold_one = threading.Barrier(2)
    attempts: list[str] = []

    def writer(name: str, first: str, second: str) -> None:
        def body(work: Work) -> None:
            attempts.append(name)
            work.run(TOUCH, owner=name, role=first)
            if attempts.count(name) == 1:
                both_hold_one.wait(timeout=30)
            work.run(TOUCH, owner=name, role=second)

        two_rows.session.transaction(body)

    threads = [
        threading.Thread(target=writer, args=("one", "a", "b")),
        threading.Thread(target=writer, args=("two", "b", "a")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(attempts) == 3
    assert owners(two_rows) in (["one", "one"], ["two", "two"])


def test_a_conflict_that_does_not_end_is_given_up_after_the_last_attempt(two_rows: Tables) -> None:
    attempts: list[int] = []

    def body(_work: Work) -> None:
        attempts.append(1)
        message = "again"
        raise TransactionConflict(message)

    with pytest.raises(TransactionConflict):
        two_rows.session.transaction(body, attempts=3)

    assert len(attempts) == 3


def test_a_lost_connection_is_unavailable_once_and_the_next_use_has_a_new_one(tables: Tables) -> None:
    single = session_for(tables.database, connections=1)
    (row,) = single.rows(text("SELECT CONNECTION_ID() AS id"))
    tables.run(f"KILL {row['id']}")

    with pytest.raises(StorageUnavailable):
        single.rows(text("SELECT 1"))

    assert single.rows(text("SELECT 1 AS one"))[0]["one"] == 1
    single.close()


def test_one_lost_connection_is_enough_to_replace_all_that_were_lost_with_it(tables: Tables) -> None:
    pool = session_for(tables.database, connections=3)
    with pool.reading() as one, pool.reading() as two, pool.reading() as three:
        lost = [work.rows(text("SELECT CONNECTION_ID() AS id"))[0]["id"] for work in (one, two, three)]
    for number in lost:
        tables.run(f"KILL {number}")

    with pytest.raises(StorageUnavailable):
        pool.rows(text("SELECT 1"))

    with pool.reading() as one, pool.reading() as two, pool.reading() as three:
        found = [work.rows(text("SELECT CONNECTION_ID() AS id"))[0]["id"] for work in (one, two, three)]
    pool.close()
    assert not set(found) & set(lost)


def test_lists_and_percent_signs_reach_the_server_as_they_are(two_rows: Tables) -> None:
    among = text(f"SELECT role FROM {PREFIX}erp_lease WHERE role IN :roles AND role LIKE '%' ORDER BY role")  # noqa: S608 -- a fixed prefix

    def found(roles: list[str]) -> list[str]:
        return [row["role"] for row in two_rows.session.rows(among, roles=roles)]

    assert found(["b", "a", "100%"]) == ["a", "b"]
    assert found([]) == []


def test_a_connection_lost_in_a_transaction_undoes_it(two_rows: Tables) -> None:
    def body(work: Work) -> None:
        work.run(TOUCH, owner="x", role="a")
        (row,) = work.rows(text("SELECT CONNECTION_ID() AS id"))
        two_rows.run(f"KILL {row['id']}")
        work.run(TOUCH, owner="x", role="b")

    with pytest.raises(StorageUnavailable):
        two_rows.session.transaction(body)

    assert owners(two_rows) == ["", ""]


def test_a_missing_table_or_column_is_a_matter_of_the_schema(tables: Tables) -> None:
    with pytest.raises(SchemaError) as table:
        tables.session.rows(text("SELECT 1 FROM nowhere"))
    with pytest.raises(SchemaError) as column:
        tables.session.rows(text(f"SELECT nothing FROM {PREFIX}erp_lease"))  # noqa: S608 -- a fixed prefix

    assert "schema verify" in table.value.hint
    assert "schema verify" in column.value.hint


def test_a_value_that_does_not_fit_is_refused_and_not_quoted(two_rows: Tables) -> None:
    with pytest.raises(StorageError) as caught:
        two_rows.session.transaction(lambda work: work.run(TOUCH, owner="secret" * 100, role="a"))

    assert "secret" not in str(caught.value)
    assert "secret" not in str(caught.value.__cause__)


def test_a_wrong_password_is_a_matter_of_configuration_and_is_not_shown(tables: Tables) -> None:
    server = tables.database.server
    url = f"mysql://{server.user}:wr0ng-secret@{server.host}:{server.port}/{tables.database.name}"
    session = Session(url)

    with pytest.raises(ConfigurationError) as caught:
        session.greet()

    assert "password" in caught.value.hint
    assert "wr0ng-secret" not in f"{session!r} {caught.value!r} {caught.value.__cause__!r}"


def test_an_unknown_schema_is_a_matter_of_configuration(tables: Tables) -> None:
    session = Session(tables.database.server.url("no_such_schema"))

    with pytest.raises(ConfigurationError, match="no_such_schema") as caught:
        session.greet()

    assert "check name under [database]" in caught.value.hint


def test_a_server_that_is_not_there_is_unavailable_and_the_hint_names_the_settings() -> None:
    session = Session("mysql://user:secret@127.0.0.1:1/shop")

    with pytest.raises(StorageUnavailable) as caught:
        session.greet()

    assert "host and port" in caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "mysql://u:secret@h:port/x", "sqlite:///secret", "mysql://u:secret@h"])
def test_what_is_no_url_of_a_schema_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Session(url)

    assert "mysql://user:password@host" in caught.value.hint
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["shop.", "a b", "x`; DROP", "p" * 21, "ü_"])
def test_a_table_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ConfigurationError, match="table prefix"):
        Session("mysql://u:p@h/x", prefix=prefix)
