"""Connections to Magento's database, and the one shape that transactions have.

Every connection is in autocommit mode, so a read is one round trip with a snapshot of its own; a transaction is
opened and ended in so many words. Isolation is READ COMMITTED, the sql_mode strict, the time zone UTC.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from time import monotonic
from typing import Any, Final, TypeVar, cast

from pymysql.connections import Connection as DriverConnection
from pymysql.cursors import Cursor
from pymysql.err import MySQLError
from sqlalchemy import Connection, Engine, TextClause, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from sidecar.domain.errors import (
    ConfigurationError,
    SidecarError,
    TransactionConflict,
)
from sidecar.mysql.errors import translated
from sidecar.mysql.statements import DEFAULT_STOCK, Statements, checked_prefix, for_the_driver

Row = Mapping[str, Any]
T = TypeVar("T")

_MODE: Final = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_SETTINGS: Final = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    f"SET SESSION time_zone = '+00:00', sql_mode = '{_MODE}', innodb_lock_wait_timeout = 5",
)
_URL_HINT: Final = "write it as mysql://user:password@host:3306/schema"


class Work:
    """What may be done on one connection; failures come out in our own terms.

    A single statement goes straight to the driver: the library's way from a text to a row takes more processor time
    than the statement. The library keeps the connections, and sends what is for many rows.
    """

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection."""
        self._connection = connection
        self._driver = cast("DriverConnection[Cursor]", connection.connection.driver_connection)

    def rows(self, statement: TextClause, /, **binds: object) -> Sequence[Row]:
        """Run a query and read all of it."""
        cursor = self._execute(statement, binds)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, statement: TextClause, /, **binds: object) -> list[tuple[Any, ...]]:
        """Run a query and read all of it as the driver's own tuples, in the order of its columns; for many rows."""
        return list(self._execute(statement, binds).fetchall())

    def run(self, statement: TextClause, /, **binds: object) -> int:
        """Run a change; returns how many rows matched, changed or not."""
        return self._execute(statement, binds).rowcount

    def insert(self, statement: TextClause, /, **binds: object) -> int:
        """Insert one row; returns the id that the database gave it."""
        return self._execute(statement, binds).lastrowid

    def run_many(self, statement: TextClause, rows: Sequence[Row]) -> None:
        """Run an INSERT for many rows in few round trips; nothing for no rows."""
        if rows:
            with translating():
                self._connection.execute(statement, rows)

    def say(self, sql: str) -> None:
        """Run a statement without binds, exactly as written."""
        self._send(lambda: self._driver.query(sql))

    def _execute(self, statement: TextClause, binds: dict[str, object]) -> Cursor:
        sql, lists = for_the_driver(statement)
        for name in lists:
            binds[name] = tuple(cast("Sequence[object]", binds[name])) or (None,)  # IN (NULL) finds nothing
        cursor = self._driver.cursor()
        self._send(lambda: cursor.execute(sql, binds))
        return cursor

    def _send(self, talk: Callable[[], object]) -> None:
        try:
            talk()
        except MySQLError as error:
            is_lost = self._connection.dialect.is_disconnect(cast("Any", error), cast("Any", self._driver), None)
            if is_lost:
                self._let_the_pool_know()
            raise translated(error, is_lost=is_lost) from error
        except (KeyboardInterrupt, SystemExit):
            self.abandon()  # the answer to what was asked may still come
            raise

    def _let_the_pool_know(self) -> None:
        """The library meets the lost connection itself: it then doubts every connection as old as this one."""
        with suppress(DBAPIError):
            self._connection.exec_driver_sql("SELECT 1")
        self.abandon()

    def roll_back(self) -> None:
        """Undo the transaction; where the connection is gone, the server has done it."""
        if self._connection.invalidated:
            return
        try:
            self.say("ROLLBACK")
        except SidecarError:
            self.abandon()

    def abandon(self) -> None:
        """Close the connection instead of giving it back."""
        self._connection.invalidate()


class Session:
    """A pool of connections and the table prefix; every store is made from one."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "",
        connections: int = 10,
        silence: timedelta | None = None,
        lock_wait: timedelta | None = None,
    ) -> None:
        """Remember where the database is; nothing is opened yet. Raises ConfigurationError for what is no URL.

        `lock_wait`, in whole seconds: how long a statement waits for somebody's lock, five seconds unless it is said.

        A connection that says nothing for as long as `silence`, amid a transaction or not, is closed by the server,
        which gives its locks away: a process that is frozen or cut off keeps no successor and no checkout waiting.
        """
        self.prefix = checked_prefix(prefix)
        self._url, self._silence = url, silence
        self.engine = _engine(url, connections)
        if silence is not None:
            _limit_silence(self.engine, silence)
        if lock_wait is not None:
            _limit_waiting(self.engine, lock_wait)

    def __repr__(self) -> str:
        """Show the address without the password."""
        return f"Session({self.engine.url!r}, prefix={self.prefix!r})"

    def apart(self, *, lock_wait: timedelta | None = None) -> "Session":
        """A session with connections of its own to the same place, for what must not wait for others."""
        return Session(self._url, prefix=self.prefix, silence=self._silence, lock_wait=lock_wait)

    def statements(self, name: str, *, stock: int = DEFAULT_STOCK) -> Statements:
        """The statements of one store, with this session's table prefix; about this stock, where they are about one."""
        return Statements(name, self.prefix, stock=stock)

    def greet(self) -> str:
        """Connect once and return the server's version; the first thing to do with a new session."""
        (row,) = self.rows(text("SELECT VERSION() AS version"))
        return str(row["version"])

    def rows(self, statement: TextClause, /, **binds: object) -> Sequence[Row]:
        """Run one query in a snapshot of its own."""
        with self.reading() as work:
            return work.rows(statement, **binds)

    def tuples(self, statement: TextClause, /, **binds: object) -> list[tuple[Any, ...]]:
        """Run one query for many rows in a snapshot of its own."""
        with self.reading() as work:
            return work.tuples(statement, **binds)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Lend a connection in autocommit mode, for several statements with a snapshot each."""
        with translating(), self.engine.connect() as connection:
            yield Work(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Work]:
        """Lend a connection on which all statements see the same moment; it locks nothing and writes nothing."""
        with self.reading() as work:
            try:
                work.say("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                work.say("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                yield work
            except BaseException:
                work.abandon()
                raise
            work.roll_back()

    def transaction(self, body: Callable[[Work], T], *, attempts: int = 5) -> T:
        """Run `body` in one transaction and commit it; a conflict undoes it all and runs it again.

        The body may run several times and must have no effect but its statements. Raises TransactionConflict
        after the last attempt.
        """
        for _ in range(attempts - 1):
            try:
                return self._transact(body)
            except TransactionConflict:
                continue
        return self._transact(body)

    def close(self) -> None:
        """Close the connections; the session may be used again and opens new ones."""
        self.engine.dispose()

    def _transact(self, body: Callable[[Work], T]) -> T:
        with self.reading() as work:
            work.say("START TRANSACTION")
            try:
                outcome = body(work)
                work.say("COMMIT")
            except SidecarError:
                work.roll_back()
                raise
            except BaseException:
                work.abandon()
                raise
            return outcome


@contextmanager
def translating() -> Iterator[None]:
    """Let no error of the driver or the library out."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        raise translated(error) from error


def _engine(url: str, connections: int) -> Engine:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        # The library's own message quotes the URL, and with it the password.
        message = "the database URL cannot be read"
        raise ConfigurationError(message, hint=_URL_HINT) from None
    if address.get_backend_name() not in ("mysql", "mariadb") or not address.database:
        message = f"the database URL names {address.get_backend_name()!r} and the schema {address.database!r}"
        raise ConfigurationError(f"{message}; it needs mysql and a schema", hint=_URL_HINT)
    engine = create_engine(
        address.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"}),
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=30,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "read_timeout": 60, "write_timeout": 60},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: "DriverConnection[Cursor]", _record: object) -> None:
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(setting)


def _limit_waiting(engine: Engine, lock_wait: timedelta) -> None:
    def tell_server(connection: "DriverConnection[Cursor]", _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = %s", (math.ceil(lock_wait.total_seconds()),))

    event.listen(engine, "connect", tell_server)


def _limit_silence(engine: Engine, silence: timedelta) -> None:
    """Let the server close silent connections, and replace those that it may have closed before they are used."""
    seconds = math.ceil(silence.total_seconds())

    def tell_server(connection: "DriverConnection[Cursor]", _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION wait_timeout = %s", (seconds,))

    def note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["at_rest_since"] = monotonic()

    def refuse_stale(_connection: object, record: ConnectionPoolEntry, _fairy: object) -> None:
        if monotonic() - record.info.get("at_rest_since", monotonic()) > seconds / 2:
            raise DisconnectionError

    event.listen(engine, "connect", tell_server)
    event.listen(engine, "checkin", note_rest)
    event.listen(engine, "checkout", refuse_stale)
