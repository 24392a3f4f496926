"""The sidecar's tables: what would be done to a database, doing it, and the grants to go with it."""

import io
import re
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from sidecar.domain.errors import ConfigurationError, SchemaError
from sidecar.mysql.definitions import SCHEMA_FILES, server_problem
from sidecar.mysql.session import Session, translating
from sidecar.mysql.statements import checked_prefix
from sidecar.mysql.verification import access_problems, table_problems

VERSION_TABLE: Final = "erp_schema_version"

_FOR_THE_DBA: Final = "give the output of erp-sidecar schema plan to whoever administers the database"
_NAME: Final = re.compile(r"[A-Za-z0-9_$-]{1,64}\Z")
Role = Literal["relay", "hydration", "holds", "inbound", "stock", "stock_writes", "reader", "janitor"]
_GRANTS: Final = {"janitor": ("janitor", "hydration"), "stock_writes": ("stock", "stock_writes")}
"""Roles that hold another one: the janitor writes the OrderPlaced of an order, for which it reads the whole order; who
writes stock reads it."""

_ACCOUNT: Final = re.compile(r"'[^'\\]{1,80}'@'[^'\\]{1,255}'\Z")


def plan(session: Session) -> str:
    """The SQL that `apply` would run now, with comments, ready for an administrator; changes nothing."""
    current = _upgradable(session)
    if version_problem(session) is None:
        return "-- Nothing to do: the tables are there, in the newest version.\n"
    buffer = io.StringIO()
    settings = _alembic(session.prefix)
    settings.attributes["buffer"] = buffer
    command.upgrade(settings, f"{current}:head" if current else "head", sql=True)
    return buffer.getvalue()


def apply(session: Session) -> None:
    """Bring the tables to the newest version; what exists stays. Running it again does nothing.

    Raises SchemaError where Magento's tables are not there, or where the user may not do it.
    """
    _upgradable(session)
    settings = _alembic(session.prefix)
    with translating(), session.engine.connect() as connection:
        _require_magento(connection, session.prefix)
        settings.attributes["connection"] = connection
        try:
            with translating():
                command.upgrade(settings, "head")
        except (SchemaError, ConfigurationError) as error:
            message = f"the tables cannot be made: {error}"
            raise SchemaError(message, hint=_FOR_THE_DBA) from error


def verify(session: Session, *, janitor: bool = False) -> list[str]:
    """What stands in the way of the sidecar's work, a sentence each; empty when nothing does.

    What only the janitor needs is looked at where it is enabled.
    """
    problems = access_problems(session, janitor=janitor)
    return problems or [problem for problem in (version_problem(session),) if problem]


def require(session: Session) -> None:
    """Raise SchemaError unless the tables are there, complete and current; for the start of the daemon.

    Raises ConfigurationError where the database cannot be reached or refuses the user.
    """
    require_server(session)
    problems = table_problems(session)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise SchemaError(f"{problems[0]}{more}", hint="erp-sidecar schema verify lists everything that is missing")
    problem = version_problem(session)
    if problem:
        raise SchemaError(problem, hint="erp-sidecar schema plan shows what would be done")


def version_problem(session: Session) -> str | None:
    """Say whether the tables are older or newer than this sidecar; None when they are of one age."""
    current, newest, known = _versions(session)
    if current == newest:
        return None
    if current is None or current in known:
        return "the sidecar's tables are of an older version: run erp-sidecar schema apply"
    return f"the sidecar's tables are of version {current}, which this sidecar does not know: upgrade the sidecar"


def require_server(session: Session) -> None:
    """Raise SchemaError unless the server is one that the sidecar is made for."""
    problem = server_problem(session.greet())
    if problem:
        raise SchemaError(problem, hint="upgrade the database server")


def grants(role: Role, database: str, prefix: str, account: str) -> str:
    """The statements that give an account, such as 'erp_sidecar'@'localhost', what the role needs and no more."""
    if not _NAME.match(database):
        message = f"{database!r} is not the name of a schema"
        raise ConfigurationError(message, hint="copy db.connection.default.dbname from Magento's app/etc/env.php")
    if not _ACCOUNT.match(account):
        message = f"{account!r} is not an account of the database"
        raise ConfigurationError(message, hint="write it as 'user'@'host', with the quotation marks")
    files = [SCHEMA_FILES.joinpath("grants", f"{name}.sql") for name in _GRANTS.get(role, (role,))]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    filled = source.replace("{database}", f"`{database}`").replace("{prefix}", checked_prefix(prefix))
    return filled.replace("{account}", account)


def _alembic(prefix: str) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCHEMA_FILES.joinpath("migrations")).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["prefix"] = prefix
    return settings


def _versions(session: Session) -> tuple[str | None, str | None, frozenset[str]]:
    """The version of the tables, the newest one, and all that this sidecar knows."""
    with translating(), session.engine.connect() as connection:
        table = f"{session.prefix}{VERSION_TABLE}"
        current = MigrationContext.configure(connection, opts={"version_table": table}).get_current_revision()
    scripts = ScriptDirectory.from_config(_alembic(session.prefix))
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return current, scripts.get_current_head(), known


def _upgradable(session: Session) -> str | None:
    """The version of the tables, if the server is served and the version is not a newer sidecar's."""
    require_server(session)
    current, _, known = _versions(session)
    if current is not None and current not in known:
        problem = version_problem(session) or ""
        raise SchemaError(problem, hint="a newer sidecar has worked on this database")
    return current


def _require_magento(connection: Connection, prefix: str) -> None:
    tables = connection.execute(
        text("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = :name"),
        {"name": f"{prefix}sales_order"},
    ).scalar_one()
    if not tables:
        message = f"there is no table {prefix}sales_order in this schema: it is not Magento's, or the prefix is wrong"
        raise SchemaError(message, hint="compare name and table_prefix under [database] with Magento's app/etc/env.php")
