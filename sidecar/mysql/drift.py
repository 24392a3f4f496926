"""Drift: where the tables are not what `outbox_schema` says, a sentence each. Missing tables are said elsewhere."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.mysql.definitions import table_definitions
from sidecar.mysql.session import Row, Session

_COLUMN: Final = re.compile(
    r"^    (?!PRIMARY|UNIQUE|KEY|CONSTRAINT|CHECK)([a-z][a-z0-9_]*) "  # its name,
    r"([A-Z]+(?:\([\d, ]+\))?(?: UNSIGNED)?)"  # its type,
    r"([^\n]*(?:\n        [^\n]*)*)",  # and the rest, over the lines that follow
    re.MULTILINE,
)
_KEY: Final = re.compile(r"^    (PRIMARY KEY|(?:UNIQUE )?KEY (\S+)) \(([^)]+)\)", re.MULTILINE)
_CHECK: Final = re.compile(r"^    CONSTRAINT (\S+)\s+CHECK", re.MULTILINE)
_WIDTH: Final = re.compile(r"\b(tinyint|smallint|int|bigint)\(\d+\)")
_SAME: Final = {"boolean": "tinyint"}


def drift(session: Session) -> list[str]:
    """Columns of another type, and keys and CHECKs that are gone; the module's own table included."""
    sql, prefix = session.statements("examination"), session.prefix
    with session.reading() as work:
        columns = _by_table(work.rows(sql["columns"]))
        indexes = _by_table(work.rows(sql["indexes"]))
        checks = _by_table(work.rows(sql["check_constraints"]))
    problems: list[str] = []
    for name, source in table_definitions().items():
        table = f"{prefix}{name}"
        if table in columns:
            definition = source.replace("{prefix}", prefix)
            problems += [f"{table}: {words}" for words in _columns(definition, columns[table])]
            problems += [f"{table}: {words}" for words in _keys(definition, indexes[table])]
            problems += [f"{table}: {words}" for words in _checks(definition, checks[table])]
    return problems


def _columns(definition: str, rows: Sequence[Row]) -> Iterator[str]:
    found = {row["column_name"]: row for row in rows}
    for name, kind, rest in _COLUMN.findall(definition):
        if name not in found:
            continue  # a missing column is said where missing tables are
        wanted, there = _plain(kind), _plain(found[name]["column_type"])
        if wanted != there:
            yield f"{name} is {there}, and should be {wanted}"
        if "NOT NULL" in rest and found[name]["is_nullable"] == "YES":
            yield f"{name} may be NULL, and should not"


def _keys(definition: str, rows: Sequence[Row]) -> Iterator[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["index_name"]].append(row["column_name"])
    for kind, name, columns in _KEY.findall(definition):
        key, wanted = name or "PRIMARY", [column.strip() for column in columns.split(",")]
        if found.get(key) != wanted:
            yield f"the key {key if name else kind} ({', '.join(wanted)}) is {_or_missing(found.get(key))}"


def _checks(definition: str, rows: Sequence[Row]) -> Iterator[str]:
    found = {row["constraint_name"] for row in rows}
    for name in _CHECK.findall(definition):
        if name not in found:
            yield f"the CHECK {name} is missing"


def _or_missing(columns: list[str] | None) -> str:
    return "missing" if columns is None else f"on ({', '.join(columns)})"


def _plain(kind: str) -> str:
    """A type without what servers write in different ways."""
    plain = _WIDTH.sub(r"\1", kind.lower().replace(", ", ","))
    return _SAME.get(plain, plain)


def _by_table(rows: Sequence[Row]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        tables[row["table_name"]].append(row)
    return tables
