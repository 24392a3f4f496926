"""A logical backup of a schema, as mysqldump takes one, and its restore into that schema or another."""

from dataclasses import dataclass
from typing import Any

from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.support.servers import Database
from tests.support.shop import Shop


@dataclass(frozen=True)
class Table:
    """One table's rows, and the id that it would give next."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    next_id: int | None


@dataclass(frozen=True)
class Backup:
    """Every table of a schema at one moment."""

    tables: tuple[Table, ...]

    def restore(self, database: Database) -> None:
        """Replace every table's content; what was written since the backup is gone."""
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for table in self.tables:
                cursor.execute(f"TRUNCATE {table.name}")
                names, marks = ", ".join(table.columns), ", ".join(["%s"] * len(table.columns))
                if table.rows:
                    sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 -- the server's own names
                    cursor.executemany(sql, table.rows)
                if table.next_id is not None:
                    cursor.execute(f"ALTER TABLE {table.name} AUTO_INCREMENT = {table.next_id}")


def back_up(database: Database) -> Backup:
    """Read every table in one snapshot."""
    with database.connect(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        cursor.execute(
            "SELECT table_name, auto_increment IS NOT NULL FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        return Backup(tuple(_table(cursor, name, counted=bool(counted)) for name, counted in cursor.fetchall()))


def copy_into(backup: Backup, database: Database) -> Shop:
    """Make a copy of the shop in an empty schema."""
    shop = Shop(database)
    session = Session(database.url)
    schema.apply(session)
    session.close()
    backup.restore(database)
    return shop


def _table(cursor: Any, name: str, *, counted: bool) -> Table:  # noqa: ANN401 -- the driver's cursor
    cursor.execute(
        "SELECT column_name, extra LIKE '%%auto_increment%%' FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = %s AND extra NOT LIKE '%%GENERATED'"
        " ORDER BY ordinal_position",
        (name,),
    )
    columns = dict(cursor.fetchall())
    cursor.execute(f"SELECT {', '.join(columns)} FROM {name}")  # noqa: S608 -- names that the server gave
    rows = tuple(cursor.fetchall())
    key = next((column for column, numbered in columns.items() if numbered), None)
    if not counted or key is None:
        return Table(name, tuple(columns), rows, None)
    position = tuple(columns).index(key)
    return Table(name, tuple(columns), rows, max((row[position] for row in rows), default=0) + 1)
