"""Magento's tables and ours under a prefix, and short ways to fill and read them, for tests of the stores."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from sqlalchemy import event, text

from ops.embedded.programs import PROJECT
from outbox_schema.migrations.steps import statements_of
from sidecar.domain.delivery import ErpId
from sidecar.domain.events import DestinationName, Lane, OutboxId
from sidecar.domain.step import ConfirmedDocument
from sidecar.mysql.session import Session
from tests.support.made_tables import make_tables
from tests.support.servers import Database

PREFIX = "m2_"
ERP = DestinationName("main-erp")
OTHER = DestinationName("other-erp")
MAGENTO_TABLES = PROJECT / "ops" / "demonstration" / "magento_tables.sql"
STOCK_TABLES = PROJECT / "tests" / "support" / "stock_tables.sql"
SHA = "0" * 64


@dataclass(frozen=True)
class Tables:
    """A schema with Magento's tables and ours."""

    database: Database
    session: Session

    def run(self, sql: str, *values: object) -> int:
        """Run one statement as Magento would; `{prefix}` is filled in; returns the new id, if any."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql.replace("{prefix}", PREFIX), values)
            return int(cursor.lastrowid or 0)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read all rows of a query."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql.replace("{prefix}", PREFIX), values)
            return list(cursor.fetchall())

    def value(self, sql: str, *values: object) -> object:
        """Read the one value of a query."""
        ((value,),) = self.rows(sql, *values)
        return value

    def add_event(
        self, outbox_id: int, *, lane: str | None = "order:1", kind: str = "OrderPlaced", payload: str = "{}"
    ) -> OutboxId:
        """Insert one outbox row under an id of the test's choice."""
        self.run(INSERT_EVENT, *event_values(outbox_id, lane=lane, kind=kind, payload=payload))
        return OutboxId(outbox_id)

    def add_order(self, entity_id: int, *, state: str = "new", status: str = "pending", **columns: object) -> int:
        """Insert an order and its grid row."""
        defaults = {"increment_id": f"{entity_id:09d}", "order_currency_code": "EUR"}
        self.insert("sales_order", entity_id=entity_id, state=state, status=status, **{**defaults, **columns})
        self.insert("sales_order_grid", entity_id=entity_id, status=status)
        return entity_id

    def add_orders(self, entity_ids: Iterable[int], ext_order_id: str) -> None:
        """Insert many acknowledged orders at once, without grid rows."""
        sql = f"INSERT INTO {PREFIX}sales_order (entity_id, state, ext_order_id) VALUES (%s, %s, %s)"  # noqa: S608
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.executemany(sql, [(entity_id, "new", ext_order_id) for entity_id in entity_ids])

    def add_item(self, item_id: int, order_id: int, **columns: object) -> None:
        """Insert an order item."""
        self.insert("sales_order_item", item_id=item_id, order_id=order_id, **columns)

    def insert(self, table: str, **columns: object) -> None:
        """Insert one row into a table, named without the prefix."""
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {PREFIX}{table} ({names}) VALUES ({marks})"  # noqa: S608 -- names that tests give
        self.run(sql, *columns.values())

    def count(self, table: str) -> object:
        """Count the rows of a table, named without the prefix."""
        return self.value(f"SELECT COUNT(*) FROM {PREFIX}{table}")  # noqa: S608 -- a name that tests give

    def add_status(self, status: str, *states: str) -> None:
        """Declare a status and the states that it may be shown in."""
        self.run("INSERT IGNORE INTO {prefix}sales_order_status (status, label) VALUES (%s, %s)", status, status)
        for state in states:
            self.run(
                "INSERT INTO {prefix}sales_order_status_state (status, state, is_default, visible_on_front)"
                " VALUES (%s, %s, 0, 1)",
                status,
                state,
            )

    def empty(self) -> None:
        """Delete every row of every table but the schema's version."""
        with self.database.connect(autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                " AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%%schema_version'",
                (),
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 -- a name that the server gave
            connection.commit()

    def forget_connections(self) -> None:
        """Close pooled connections, so that the next ones see new grants."""
        self.session.close()


INSERT_EVENT = (
    "INSERT INTO {prefix}erp_outbox (id, event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,"
    " occurred_at_us, origin, payload_bytes, payload)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def event_values(
    outbox_id: int, *, lane: str | None = "order:1", kind: str = "OrderPlaced", payload: str = "{}"
) -> tuple[object, ...]:
    """The values for INSERT_EVENT."""
    aggregate_id = (lane or "").rpartition(":")[2]
    occurred_at_us = 1_700_000_000_000_000
    identity = (outbox_id, f"event-{outbox_id}", kind, 1, lane, "order", aggregate_id)
    return (*identity, 1, occurred_at_us, "magento", len(payload), payload)


@contextmanager
def tables_in(database: Database) -> Iterator[Tables]:
    """Make Magento's tables and ours in an empty schema."""
    session = session_for(database)
    with session.reading() as work:
        for script in (MAGENTO_TABLES, STOCK_TABLES):
            for statement in statements_of(script.read_text(encoding="utf-8"), PREFIX):
                work.say(statement)
    make_tables(database, PREFIX)
    try:
        yield Tables(database, session)
    finally:
        session.close()


def session_for(
    database: Database, *, user: str | None = None, connections: int = 5, silence: timedelta | None = None
) -> Session:
    """A session on the schema, as root or as a user whose password is 'pw'."""
    server = database.server
    url = database.url if user is None else f"mysql://{user}:pw@{server.host}:{server.port}/{database.name}"
    return Session(url, prefix=PREFIX, connections=connections, silence=silence)


@contextmanager
def session_at(database: Database, instant: Decimal) -> Iterator[Session]:
    """A session for which the database's clock stands still at an instant, in seconds since 1970."""
    session = session_for(database)

    @event.listens_for(session.engine, "connect")
    def set_the_clock(connection: "Connection[Cursor]", _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET timestamp = %s", (instant,))

    try:
        yield session
    finally:
        session.close()


@contextmanager
def counted_rows(session: Session) -> Iterator[list[int]]:
    """How many rows the server touched for this session's one connection; the number is there at the end."""
    examined: list[int] = []
    before = _rows_touched(session)
    yield examined
    examined.append(_rows_touched(session) - before)


def statements_sent(session: Session, kind: str) -> int:
    """How many statements of a kind, such as insert, this session's one connection has sent so far."""
    (row,) = session.rows(text(f"SHOW SESSION STATUS LIKE 'Com\\_{kind}'"))
    return int(row["Value"])


def _rows_touched(session: Session) -> int:
    rows: Sequence[Any] = session.rows(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
    return sum(int(row["Value"]) for row in rows if row["Variable_name"] != "Handler_read_rnd_deleted")


def confirmed(entity_id: int = 1, *, number: str = "SO-1", revision: int = 1, version: str = "v1") -> ConfirmedDocument:
    """A document as the relay confirms it."""
    return ConfirmedDocument(
        entity_id=entity_id,
        external_ref=f"shop-{entity_id}",
        erp_id=ErpId(f"key-{number}"),
        erp_number=number,
        erp_status="booked",
        revision=revision,
        payload_sha256=SHA,
        blueprint_version=version,
    )


def lane(number: int) -> Lane:
    """The lane of an order."""
    return Lane(f"order:{number}")


def as_json(value: object) -> str:
    """Magento's way of storing options."""
    return json.dumps(value)
