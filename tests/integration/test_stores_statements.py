"""Every statement of every store is one that both servers can prepare, and says who sends it."""

import ast
import inspect
import re

import pytest
from pymysql.cursors import RE_INSERT_VALUES
from sqlalchemy import text

from sidecar.mysql import changes_store, deliveries, documents, findings, receipt_store, stock_store
from sidecar.mysql.statements import Statements, all_statements, prepared
from tests.support.stores import PREFIX, Tables

PREPARE = text("PREPARE one FROM :statement")
STATEMENTS = all_statements(PREFIX)


def test_every_statement_can_be_prepared(tables: Tables) -> None:
    with tables.session.reading() as work:
        for clause in STATEMENTS.values():
            work.run(PREPARE, statement=prepared(clause))

    assert len(STATEMENTS) > 50


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_says_who_sends_it_and_keeps_to_the_prefix(name: str) -> None:
    sql = STATEMENTS[name].text

    assert re.match(rf"(SELECT|INSERT|UPDATE|DELETE|SHOW) /\* sidecar\.{name.partition('.')[2]} \*/ ", sql)
    assert "{" not in sql
    assert "--" not in sql
    assert not re.search(r"\b(FROM|JOIN|INTO|(?<!KEY )UPDATE)(?: /\*[^*]*\*/)? (?!m2_|information_schema|\()[a-z]", sql)
    assert "SYSDATE" not in sql.upper()


def names_of_bulk_statements() -> list[str]:
    """What is passed to run_many, read from the code."""
    found = []
    for module in (changes_store, deliveries, documents, findings, receipt_store, stock_store):
        store = module.__name__.rpartition(".")[2]
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run_many":
                (statement, *_) = call.args
                assert isinstance(statement, ast.Subscript)
                found.append(f"{store}.{ast.literal_eval(statement.slice)}")
    return found


@pytest.mark.parametrize("name", names_of_bulk_statements())
def test_a_statement_for_many_rows_is_one_that_the_driver_sends_at_once(name: str) -> None:
    positional = re.sub(r"(?<![:\w]):\w+", "%s", STATEMENTS[name].text)

    assert RE_INSERT_VALUES.match(positional)


def test_bulk_statements_are_found() -> None:
    assert len(names_of_bulk_statements()) == 9


def test_a_name_that_is_not_there_is_a_defect_that_shows_at_once() -> None:
    with pytest.raises(KeyError, match="read_tale"):
        Statements("outbox_store", "")["read_tale"]
