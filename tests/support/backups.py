"""A logical backup of a schema, as mysqldump takes one, and its restore into that schema or another."""

from dataclasses import dataclass
from typing import Any

from tests.support.made_tables import make_tables
from tests.support.servers import Database
from tests.support.shop import Shop


@dataclass(frozen=True)
class Table:
    """One table's rows; what it gives next is one more than the highest id."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


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


def back_up(database: Database) -> Backup:
    """Read every table in one snapshot."""
    with database.connect(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        return Backup(tuple(_table(cursor, name) for (name,) in cursor.fetchall()))


def copy_into(backup: Backup, database: Database) -> Shop:
    """Make a copy of the shop in an empty schema."""
    shop = Shop(database)
    make_tables(database)
    backup.restore(database)
    return shop


def _table(cursor: Any, name: str) -> Table:  # noqa: ANN401 -- the driver's cursor
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = %s AND COALESCE(generation_expression, '') = ''"
        " ORDER BY ordinal_position",
        (name,),
    )
    columns = tuple(column for (column,) in cursor.fetchall())
    cursor.execute(f"SELECT {', '.join(columns)} FROM {name}")  # noqa: S608 -- names that the server gave
    return Table(name, columns, tuple(cursor.fetchall()))
