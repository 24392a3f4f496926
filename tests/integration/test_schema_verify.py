"""Verification names everything that would stop the sidecar, and what to do about it."""

import re
from collections.abc import Iterator

import pytest

from sidecar.domain.errors import SchemaError
from sidecar.mysql.definitions import table_definitions
from sidecar.mysql.schema import require, verify
from sidecar.mysql.session import Session
from tests.support.servers import Database
from tests.support.stores import PREFIX, Tables, session_for, tables_in


@pytest.fixture
def spoilable(database: Database) -> Iterator[Tables]:
    """Tables of one's own, to be spoiled."""
    with tables_in(database) as made:
        yield made


def only_problem(session: Session) -> str:
    (problem,) = verify(session)
    return problem


def test_a_database_as_it_should_be_has_no_problem(tables: Tables) -> None:
    assert verify(tables.session) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("DROP TABLE {prefix}erp_outbox", "m2_erp_outbox is missing.*module:enable ErpSidecar_Outbox.*setup:upgrade"),
        ("DROP TABLE {prefix}erp_receipt", "m2_erp_receipt is missing.*erp-sidecar schema apply"),
        ("DROP VIEW {prefix}erp_v_parked", "view m2_erp_v_parked is missing.*erp-sidecar schema apply"),
        ("ALTER TABLE {prefix}erp_receipt DROP COLUMN detail", "m2_erp_receipt lacks detail.*schema apply"),
        ("ALTER TABLE {prefix}erp_outbox DROP COLUMN trace_parent", "m2_erp_outbox lacks trace_parent.*setup:upgrade"),
        ("ALTER TABLE {prefix}sales_order_grid DROP COLUMN ext_order_id", "has no column ext_order_id.*setup:upgrade"),
        ("ALTER TABLE {prefix}erp_lease ENGINE = MyISAM", "m2_erp_lease is kept by MyISAM.*ENGINE = InnoDB"),
        ("ALTER TABLE {prefix}sales_order_item DROP COLUMN tax_percent", "magento_store.order_items cannot run"),
        ("DELETE FROM {prefix}erp_schema_version", "older version: run erp-sidecar schema apply"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(spoilable: Tables, spoil: str, sentence: str) -> None:
    spoilable.run(spoil)

    problem = only_problem(spoilable.session)

    assert re.search(sentence, problem)


def test_a_schema_that_is_not_magentos_is_told_apart_from_missing_tables(database: Database) -> None:
    session = session_for(database)

    problems = verify(session)

    session.close()
    assert "m2_sales_order is missing" in problems[0]
    assert "env.php" in problems[0]
    assert len(problems) > len(table_definitions())


def test_a_user_without_rights_is_told_which_statement_lacks_which_right(tables: Tables) -> None:
    tables.run("CREATE USER 'half_granted'@'%%' IDENTIFIED BY 'pw'", *())
    tables.run(f"GRANT SELECT, INSERT, DELETE ON `{tables.database.name}`.* TO 'half_granted'@'%%'", *())
    session = session_for(tables.database, user="half_granted")

    problems = verify(session)

    session.close()
    tables.run("DROP USER 'half_granted'@'%%'", *())
    assert any("fence.fence cannot run" in problem and f"{PREFIX}erp_cursor" in problem for problem in problems)
    assert any("lacks PROCESS" in problem for problem in problems)


def test_the_daemon_starts_where_everything_is_there(tables: Tables) -> None:
    require(tables.session)


@pytest.mark.parametrize(
    ("spoil", "sentence", "hint"),
    [
        ("DROP TABLE {prefix}erp_outbox", "module:enable ErpSidecar_Outbox", "schema verify"),
        ("DELETE FROM {prefix}erp_schema_version", "older version: run erp-sidecar schema apply", "schema plan"),
    ],
)
def test_the_daemon_does_not_start_on_missing_or_old_tables(
    spoilable: Tables, spoil: str, sentence: str, hint: str
) -> None:
    spoilable.run(spoil)

    with pytest.raises(SchemaError, match=sentence) as caught:
        require(spoilable.session)

    assert hint in caught.value.hint
