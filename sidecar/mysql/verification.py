"""Verification: everything about a database that would stop the sidecar, each as one sentence.

The proof is in the trying: each statement of every store is prepared by the server for this very user, which fails
for a missing table, a missing column and a missing right alike, without running anything.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import text

from sidecar.domain.errors import SidecarError
from sidecar.mysql.definitions import server_problem, table_definitions, view_names
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.rights import GRANTED_APART, JANITORS
from sidecar.mysql.session import Session, Work
from sidecar.mysql.statements import all_statements, prepared

_COLUMN: Final = re.compile(r"^    (?!PRIMARY|UNIQUE|KEY|CONSTRAINT|CHECK)([a-z][a-z0-9_]*) [A-Z]", re.MULTILINE)

_TABLES: Final = text(
    "SELECT table_name AS name, engine AS engine FROM information_schema.tables WHERE table_schema = DATABASE()"
)
_COLUMNS: Final = text(
    "SELECT column_name AS name FROM information_schema.columns "
    "WHERE table_schema = DATABASE() AND table_name = :table_name"
)
_PROCESS: Final = text(
    "SELECT COUNT(*) AS rows_seen FROM information_schema.user_privileges "
    "WHERE privilege_type = 'PROCESS' AND REPLACE(grantee, '''', '') = CURRENT_USER()"
)
_SETTINGS: Final = text(
    "SHOW SESSION VARIABLES WHERE Variable_name IN "
    "('tx_isolation', 'transaction_isolation', 'sql_mode', 'time_zone', 'binlog_format', 'log_bin')"
)
_PREPARE: Final = text("PREPARE sidecar_check FROM :statement")


def access_problems(session: Session, *, janitor: bool = False) -> list[str]:
    """What stands in the way of the statements, a sentence each, tables first; the janitor's where it is enabled."""
    version = session.greet()
    problems = [problem for problem in (server_problem(version),) if problem] + table_problems(session)
    with session.reading() as work:
        problems += _setting_problems(work)
        if not problems:
            problems += _statement_problems(work, session.prefix, janitor=janitor)
    return problems + _privilege_problems(session)


def sees_everybody(session: Session) -> bool:
    """Tell whether this user may see other people's transactions and threads: whether it has PROCESS."""
    return not _privilege_problems(session)


def table_problems(session: Session) -> list[str]:
    """What is missing or wrong in the tables, Magento's and ours, a sentence each."""
    with session.reading() as work:
        tables = {row["name"]: row["engine"] for row in work.rows(_TABLES)}
        return list(_table_problems(work, session.prefix, tables))


def _table_problems(work: Work, prefix: str, tables: dict[str, str | None]) -> Iterator[str]:
    if f"{prefix}sales_order" not in tables:
        yield (
            f"{prefix}sales_order is missing, or hidden from this user: compare name and table_prefix under "
            "[database] in sidecar.toml with Magento's app/etc/env.php, and run what erp-sidecar schema grants prints"
        )
    elif "ext_order_id" not in _columns(work, f"{prefix}sales_order_grid"):
        yield f"{prefix}sales_order_grid has no column ext_order_id: {_INSTALL}"
    for name, definition in table_definitions().items():
        table = f"{prefix}{name}"
        if table not in tables:
            yield f"{table} is missing, or hidden from this user: {_INSTALL if name == 'erp_outbox' else _APPLY}"
            continue
        if tables[table] != "InnoDB":
            yield f"{table} is kept by {tables[table]}, which has no transactions: ALTER TABLE {table} ENGINE = InnoDB"
        missing = [column for column in _COLUMN.findall(definition) if column not in _columns(work, table)]
        if missing:
            yield f"{table} lacks {', '.join(missing)}: {_INSTALL if name == 'erp_outbox' else _APPLY}"
    for view in view_names():
        if f"{prefix}{view}" not in tables:
            yield f"the view {prefix}{view} is missing, or hidden from this user: {_APPLY}"


_INSTALL: Final = "run bin/magento module:enable ErpSidecar_Outbox and bin/magento setup:upgrade"
_APPLY: Final = "run erp-sidecar schema apply, or give the output of erp-sidecar schema plan to an administrator"


def _columns(work: Work, table: str) -> set[str]:
    return {row["name"] for row in work.rows(_COLUMNS, table_name=table)}


def _setting_problems(work: Work) -> Iterator[str]:
    found = {row["Variable_name"]: row["Value"] for row in work.rows(_SETTINGS)}
    expected: Sequence[tuple[str, Callable[[str], bool], str]] = (
        ("tx_isolation", lambda value: value == "READ-COMMITTED", "READ-COMMITTED"),
        ("transaction_isolation", lambda value: value == "READ-COMMITTED", "READ-COMMITTED"),
        ("sql_mode", lambda value: "STRICT_ALL_TABLES" in value, "STRICT_ALL_TABLES"),
        ("time_zone", lambda value: value == "+00:00", "+00:00"),
    )
    for name, holds, wanted in expected:
        if name in found and not holds(found[name]):
            yield (
                f"the session's {name} is {found[name]} although {wanted} was set: "
                "connect to the server itself, not through a proxy that shares sessions"
            )
    if found.get("log_bin") == "ON" and found.get("binlog_format") == "STATEMENT":
        yield "binlog_format is STATEMENT, which forbids writes at READ COMMITTED: set it to ROW"


def _statement_problems(work: Work, prefix: str, *, janitor: bool) -> list[str]:
    problems: dict[str, str] = {}
    for name, clause in all_statements(prefix).items():
        store = name.partition(".")[0]
        if store in GRANTED_APART and not (janitor and store in JANITORS):
            continue
        try:
            work.run(_PREPARE, statement=prepared(clause))
        except SidecarError as error:
            problems.setdefault(str(error), f"{name} cannot run: {error} ({error.hint})")
    return list(problems.values())


def _privilege_problems(session: Session) -> list[str]:
    # A right that comes with a role is not listed: then the proof is that the server answers.
    if session.rows(_PROCESS)[0]["rows_seen"]:
        return []
    try:
        alive = OutboxStore(session).alive_transactions(time.monotonic())
    except SidecarError:
        alive = None
    if alive is not None:
        return []
    return ["the user lacks PROCESS, without which gaps stay open for a day: GRANT PROCESS ON *.* to it"]
