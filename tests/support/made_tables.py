"""The sidecar's tables: made by its migrations once on each server, and copied into the schema of every other test."""

from dataclasses import dataclass

from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.support.servers import Database

_TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 2, 1"


@dataclass(frozen=True)
class Copy:
    """What the migrations have added to a schema."""

    definitions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[object, ...], ...]], ...]


_copies: dict[tuple[str, int, str], Copy] = {}


def make_tables(database: Database, prefix: str = "") -> None:
    """Make the sidecar's tables beside Magento's, as `erp-sidecar schema apply` does."""
    key = (database.server.host, database.server.port, prefix)
    if key in _copies:
        _paste(database, _copies[key])
        return
    before = _tables(database)
    session = Session(database.url, prefix=prefix)
    schema.apply(session)
    session.close()
    _copies[key] = _copied(database, {name: kind for name, kind in _tables(database).items() if name not in before})


def _tables(database: Database) -> dict[str, str]:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return dict(cursor.fetchall())


def _copied(database: Database, added: dict[str, str]) -> Copy:
    with database.connect() as connection, connection.cursor() as cursor:
        definitions, rows = [], []
        for name, kind in added.items():
            cursor.execute(f"SHOW CREATE {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")
            definitions.append(str((cursor.fetchone() or ())[1]))
            if kind != "VIEW":
                cursor.execute(f"SELECT * FROM {name}")  # noqa: S608 -- a name that the server has told
                rows.append((name, tuple(cursor.fetchall())))
    return Copy(tuple(definitions), tuple((name, values) for name, values in rows if values))


def _paste(database: Database, copy: Copy) -> None:
    with database.connect() as connection, connection.cursor() as cursor:
        for definition in copy.definitions:
            cursor.execute(definition)
        for name, rows in copy.rows:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 -- a name that the server has told
