"""The database servers of a test run: each started once, when the first test asks for it."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from sqlalchemy import make_url

from ops.embedded.containers import docker_answers, running_mysql_container
from ops.embedded.mariadb import running_mariadb
from ops.embedded.mysql97 import mysql_is_available, running_mysql
from ops.embedded.programs import find_program
from ops.embedded.server import ServerAddress

NAMED_SERVER = "SIDECAR_TEST_DATABASE_URL"
MARIADB = "mariadb"
MYSQL = "mysql"
NO_MARIADB = "no MariaDB server here (ops/lib/unpack mariadb brings one)"
NO_MYSQL = "no MySQL server here"


@dataclass(frozen=True)
class Engine:
    """One kind of server that tests run on."""

    name: str
    family: str
    start: Callable[[], AbstractContextManager[ServerAddress]] = field(repr=False)
    why_not: str | None = None
    left_out_by_quick: bool = False


@dataclass(frozen=True)
class Database:
    """An empty schema of one test, and the server that holds it."""

    engine: Engine
    server: ServerAddress
    name: str

    @property
    def is_mariadb(self) -> bool:
        """Whether the server is a MariaDB; else it is a MySQL."""
        return self.engine.family == MARIADB

    @property
    def url(self) -> str:
        """An SQLAlchemy URL of the schema."""
        return self.server.url(self.name)

    def connect(self, *, autocommit: bool = True) -> "Connection[Cursor]":
        """A new connection to the schema."""
        return self.server.connect(self.name, autocommit=autocommit)


class Servers:
    """Starts each engine once and stops all of them at the end of the run."""

    def __init__(self) -> None:
        self._running: dict[str, ServerAddress] = {}
        self._stack = ExitStack()

    def address_of(self, engine: Engine) -> ServerAddress:
        """The running server of this engine, started now if it is the first time."""
        if engine.name not in self._running:
            self._running[engine.name] = self._stack.enter_context(engine.start())
        return self._running[engine.name]

    def stop(self) -> None:
        """Stop every server that was started."""
        self._stack.close()


def engines() -> tuple[Engine, ...]:
    """The engines that every database test runs on; those with `why_not` cannot run here."""
    return (first_engine(), mysql_engine())


def first_engine() -> Engine:
    """The server named by the environment, else a MySQL container, else our own MariaDB."""
    named = os.environ.get(NAMED_SERVER)
    if named:
        address = address_from_url(named)
        family = MARIADB if "mariadb" in address.version().lower() else MYSQL
        return Engine("named", family, lambda: nullcontext(address))
    if docker_answers():
        return Engine("mysql-8.0", MYSQL, running_mysql_container)
    return mariadb_engine()


def mariadb_engine() -> Engine:
    """Our own throw-away MariaDB."""
    return Engine(MARIADB, MARIADB, embedded_mariadb, None if find_program("mariadbd") else NO_MARIADB)


def mysql_engine() -> Engine:
    """A throw-away MySQL 9.7, where there is one."""
    why_not = None if mysql_is_available() else NO_MYSQL
    return Engine("mysql-9.7", MYSQL, embedded_mysql, why_not, left_out_by_quick=True)


@contextmanager
def embedded_mariadb() -> Iterator[ServerAddress]:
    """The address of a MariaDB that runs until the block ends."""
    with running_mariadb(in_memory=True) as server:
        yield server.address


@contextmanager
def embedded_mysql() -> Iterator[ServerAddress]:
    """The address of a MySQL that runs until the block ends; tests make many tables in it, and it survives no crash."""
    with running_mysql() as address:
        execute(address, "ALTER INSTANCE DISABLE INNODB REDO_LOG")
        yield address


@contextmanager
def empty_schema(engine: Engine, server: ServerAddress) -> Iterator[Database]:
    """A fresh schema with a name of its own, dropped when the block ends."""
    name = f"sidecar_test_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    try:
        yield Database(engine, server, name)
    finally:
        execute(server, f"DROP DATABASE IF EXISTS {name}")


def execute(server: ServerAddress, statement: str) -> None:
    """Run one statement on a connection of its own."""
    connection = server.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def address_from_url(text: str) -> ServerAddress:
    """The server of an SQLAlchemy URL; its schema, if any, is left alone."""
    url = make_url(text)
    return ServerAddress(url.host or "127.0.0.1", url.port or 3306, url.username or "root", str(url.password or ""))
