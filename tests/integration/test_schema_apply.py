"""The tables are made by SQL that an administrator can read, equal to what is documented and to Magento's own."""

import re
from collections.abc import Iterator, Sequence

import pytest

from outbox_schema.migrations.steps import statements_of
from sidecar.domain.errors import ConfigurationError, SchemaError
from sidecar.mysql import schema
from sidecar.mysql.definitions import server_problem, table_definitions, view_definitions, view_names
from sidecar.mysql.session import Session
from tests.support.declared_schema import declared_table
from tests.support.servers import Database
from tests.support.stores import MAGENTO_TABLES, PREFIX, Tables, session_for

SECRET = "pw"


@pytest.fixture
def magento(database: Database) -> Iterator[Session]:
    """Magento's tables in a schema of their own, and none of ours."""
    session = session_for(database)
    run(session, statements_of(MAGENTO_TABLES.read_text(encoding="utf-8"), PREFIX))
    yield session
    session.close()


def run(session: Session, statements: Sequence[str]) -> None:
    with session.reading() as work:
        for statement in statements:
            work.say(statement)


def query(database: Database, sql: str, *values: object) -> list[tuple[object, ...]]:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def names_in(database: Database) -> set[object]:
    rows = query(database, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {name for (name,) in rows}


def definition(database: Database, table: str) -> str:
    """What the server says that it made, without counters and the character set in which a CHECK came in."""
    ((_, created, *_),) = query(database, f"SHOW CREATE TABLE {table}")
    return re.sub(r"AUTO_INCREMENT=\d+ |DEFINER=`[^`]*`@`[^`]*` |_(utf8mb4|ascii)(?=\\?')", "", str(created))


def columns_of(database: Database, table: str) -> list[tuple[object, ...]]:
    return query(
        database,
        "SELECT column_name, REPLACE(column_type, '(20)', ''), is_nullable, extra FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
        table,
    )


def keys_of(database: Database, table: str) -> list[tuple[object, ...]]:
    return query(
        database,
        "SELECT index_name, column_name FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = %s",
        table,
    )


def test_applying_makes_every_table_and_view_under_the_prefix(database: Database, magento: Session) -> None:
    schema.apply(magento)

    expected = {*table_definitions(), *view_names(), schema.VERSION_TABLE}
    assert {f"{PREFIX}{name}" for name in expected} <= names_in(database)
    assert schema.version_problem(magento) is None


def test_applying_again_does_nothing(database: Database, magento: Session) -> None:
    schema.apply(magento)
    before = {str(name): definition(database, str(name)) for name in names_in(database)}

    schema.apply(magento)

    assert {str(name): definition(database, str(name)) for name in names_in(database)} == before
    assert schema.plan(magento).startswith("-- Nothing to do")


def test_a_plan_changes_nothing_and_does_what_applying_would_do(database: Database, magento: Session) -> None:
    before = names_in(database)

    plan = schema.plan(magento)

    assert names_in(database) == before
    run(magento, statements_of(plan, ""))
    assert schema.version_problem(magento) is None
    assert f"CREATE TABLE IF NOT EXISTS {PREFIX}erp_receipt" in plan
    assert "-- The proof that an event is done for a destination." in plan


def test_the_migrations_end_in_exactly_the_documented_tables_and_views(database: Database, magento: Session) -> None:
    schema.apply(magento)
    documented = {**table_definitions(), **view_definitions()}
    migrated = {name: definition(database, f"{PREFIX}{name}") for name in documented}
    for name in reversed(documented):
        kind = "VIEW" if name in view_names() else "TABLE"
        run(magento, [f"DROP {kind} {PREFIX}{name}"])

    for source in documented.values():
        run(magento, statements_of(source, PREFIX))

    assert {name: definition(database, f"{PREFIX}{name}") for name in documented} == migrated


def test_the_outbox_equals_the_one_that_the_module_declares(database: Database, magento: Session) -> None:
    schema.apply(magento)
    ours = (columns_of(database, f"{PREFIX}erp_outbox"), keys_of(database, f"{PREFIX}erp_outbox"))
    run(magento, [f"DROP TABLE {PREFIX}erp_outbox", declared_table("erp_outbox", prefix=PREFIX)])

    assert (columns_of(database, f"{PREFIX}erp_outbox"), keys_of(database, f"{PREFIX}erp_outbox")) == ours


def test_an_outbox_that_the_module_has_made_is_left_as_it_is(database: Database, magento: Session) -> None:
    run(magento, [declared_table("erp_outbox", prefix=PREFIX)])
    before = definition(database, f"{PREFIX}erp_outbox")

    schema.apply(magento)

    assert definition(database, f"{PREFIX}erp_outbox") == before


def test_tables_made_half_way_are_completed(database: Database, magento: Session) -> None:
    run(magento, statements_of(table_definitions()["erp_receipt"], PREFIX))

    schema.apply(magento)

    assert f"{PREFIX}erp_operator_action" in names_in(database)


def test_tables_of_a_newer_sidecar_are_left_alone(database: Database, magento: Session) -> None:
    schema.apply(magento)
    query(database, f"UPDATE {PREFIX}{schema.VERSION_TABLE} SET version_num = '9999'", *())  # noqa: S608 -- fixed names

    for attempt in (schema.plan, schema.apply, schema.require):
        with pytest.raises(SchemaError, match="version 9999, which this sidecar does not know"):
            attempt(magento)

    assert "upgrade the sidecar" in schema.verify(magento)[0]


def test_a_schema_that_is_not_magentos_is_left_alone(database: Database) -> None:
    session = session_for(database)

    with pytest.raises(SchemaError, match="no table m2_sales_order") as caught:
        schema.apply(session)

    session.close()
    assert "env.php" in caught.value.hint
    assert names_in(database) == set()


def test_a_user_who_may_not_make_tables_is_sent_to_the_administrator(database: Database, magento: Session) -> None:
    query(database, f"CREATE USER 'powerless'@'%%' IDENTIFIED BY '{SECRET}'", *())
    query(database, f"GRANT SELECT ON `{database.name}`.* TO 'powerless'@'%%'", *())
    powerless = session_for(database, user="powerless")

    with pytest.raises(SchemaError) as caught:
        schema.apply(powerless)

    powerless.close()
    query(database, "DROP USER 'powerless'@'%%'", *())
    assert "schema plan" in caught.value.hint
    assert schema.plan(magento).count("CREATE TABLE") == len(table_definitions()) + 1


def test_every_table_and_column_says_what_it_is_for(tables: Tables) -> None:
    silent = tables.rows(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
        " ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
        " WHERE c.table_schema = DATABASE() AND c.table_name LIKE '%%erp\\_%%' AND t.table_type = 'BASE TABLE'"
        " AND c.table_name NOT LIKE '%%schema\\_version' AND (c.column_comment = '' OR t.table_comment = '')",
        *(),
    )

    assert silent == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("erp_delivery", "state", "lost"),
        ("erp_receipt", "outcome", "perhaps"),
        ("erp_cursor", "open_gaps", "no json"),
        ("erp_cursor", "stream", "other"),
        ("erp_stock_window", "state", "ajar"),
        ("erp_stock_window", "holes", "["),
        ("erp_stock_window_line", "state", "lost"),
        ("erp_finding", "state", "lost"),
    ],
)
def test_the_tables_refuse_what_the_words_do_not_allow(tables: Tables, table: str, column: str, value: str) -> None:
    rows: dict[str, dict[str, object]] = {
        "erp_delivery": {
            "destination": "e", "outbox_id": 1, "stream": "stock", "lane": "l", "state": "held", "fault": ""
        },
        "erp_receipt": {"destination": "e", "outbox_id": 1, "outcome": "skipped", "actor": "a"},
        "erp_cursor": {"destination": "e", "stream": "stock", "token": 1, "open_gaps": "[]", "intents": "[]"},
        "erp_stock_window": {
            "destination": "e", "warehouse": "w", "sequence": 1, "state": "frozen", "after_id": 0, "upto_id": 1,
            "holes": "[]", "late_ids": "[]", "blueprint_version": "v", "fault": "",
        },
        "erp_stock_window_line": {
            "window_id": 1, "line": 1, "sku": "s", "quantity": 1, "deltas": 1, "state": "open", "fault": ""
        },
        "erp_finding": {
            "fingerprint": "f", "destination": "e", "kind": "k", "subject": "s", "path": "", "magento_value": "",
            "erp_value": "", "source": "s", "state": "open",
        },
    }  # fmt: skip
    good = rows[table]

    with pytest.raises(Exception, match=r"(?i)constraint .* (failed|is violated)"):
        tables.insert(table, **{**good, column: value})

    tables.insert(table, **good)
    assert tables.count(table) == 1


@pytest.mark.parametrize(
    ("version", "is_served"),
    [
        ("10.11.6-MariaDB-0+deb12u1", True),
        ("5.5.5-10.6.16-MariaDB-log", True),
        ("10.4.32-MariaDB", False),
        ("11.4.2-MariaDB", True),
        ("8.0.36", True),
        ("8.0.11", False),
        ("5.7.44-log", False),
        ("9.7.0", True),
    ],
)
def test_servers_that_are_too_old_are_named_with_what_would_do(version: str, is_served: bool) -> None:  # noqa: FBT001
    problem = server_problem(version)

    assert (problem is None) == is_served
    assert problem is None or re.search(r"oldest that can be served is \w+ \d+\.\d+", problem)


@pytest.mark.parametrize(
    ("database_name", "account"),
    [("shop`; DROP", "'a'@'b'"), ("shop", "a@b"), ("shop", "'a'@'b'; DROP USER 'c'"), ("shop", "'a\\''@'b'")],
)
def test_grants_are_not_written_for_names_that_are_none(database_name: str, account: str) -> None:
    with pytest.raises(ConfigurationError):
        schema.grants("relay", database_name, "", account)
