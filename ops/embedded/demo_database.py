"""The database of the demonstration: the one that is named, else the first that this machine can offer.

In this order: the schema named in ERP_SIDECAR_DEMO_DSN; a MariaDB on the PATH; a MySQL container where Docker
answers; the distribution's MariaDB, unpacked into the project. A named schema is used only if it does not
exist yet, or if an earlier demonstration made it: its marker table says so.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pymysql
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ops.embedded.containers import docker_answers, running_mysql_container
from ops.embedded.mariadb import running_mariadb
from ops.embedded.programs import BUILD, find_on_path, unpack
from ops.embedded.server import ServerAddress, ServerNotStartedError

NAMED = "ERP_SIDECAR_DEMO_DSN"
MARKER = "erp_sidecar_demonstration"
OWN_SCHEMA = "erp_sidecar_demo"
OLDEST_MARIADB = (10, 6)
SCHEMA_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


class DemoDatabaseError(Exception):
    """The demonstration has no database to run on; the message says what to do."""


@dataclass(frozen=True)
class DemoDatabase:
    """An empty schema of the demonstration's own."""

    server: ServerAddress
    schema: str
    origin: str
    """Where it comes from, in words for the person who watches."""

    @property
    def url(self) -> str:
        """An SQLAlchemy URL of the schema; it holds the password."""
        return self.server.url(self.schema)


@dataclass(frozen=True)
class Machine:
    """What a machine can offer; each question is asked only if it comes to that."""

    mariadb_on_path: Callable[[], Path | None]
    docker_answers: Callable[[], bool]
    unpack_mariadb: Callable[[], str | None]
    """The reason, if it is impossible."""
    unpacked_mariadb: Path


def this_machine() -> Machine:
    """The machine that we run on."""
    return Machine(
        mariadb_on_path=lambda: find_on_path("mariadbd"),
        docker_answers=docker_answers,
        unpack_mariadb=lambda: unpack("mariadb"),
        unpacked_mariadb=BUILD / "root" / "usr" / "sbin" / "mariadbd",
    )


@contextmanager
def demo_database(machine: Machine | None = None) -> Iterator[DemoDatabase]:
    """An empty schema until the block ends. Raises DemoDatabaseError if the machine can offer none."""
    named = os.environ.get(NAMED)
    if named:
        yield _named_schema(named)
        return
    with ExitStack() as stack:
        server, origin = _first_offer(machine or this_machine(), stack)
        yield _made(server, OWN_SCHEMA, origin)


def _first_offer(machine: Machine, stack: ExitStack) -> tuple[ServerAddress, str]:
    on_path = machine.mariadb_on_path()
    if on_path is not None and _is_new_enough(on_path):
        return stack.enter_context(running_mariadb(on_path)).address, "a MariaDB of its own, from the PATH"
    if machine.docker_answers():
        with suppress(ServerNotStartedError):  # a daemon without the image: the packages are next
            return stack.enter_context(running_mysql_container()), "a MySQL container"
    unpacked = _unpacked_mariadb(machine)
    return stack.enter_context(running_mariadb(unpacked)).address, "a MariaDB of its own, unpacked into .build"


def _unpacked_mariadb(machine: Machine) -> Path:
    program = machine.unpacked_mariadb
    reason = None if program.exists() else machine.unpack_mariadb()
    if reason is None and not _is_new_enough(program):
        reason = "it is older than 10.6"
    if reason is not None:
        raise DemoDatabaseError(
            f"There is no database to demonstrate on: {NAMED} is not set, the PATH has no MariaDB 10.6 or newer, "
            f"no Docker daemon offers a server, and no package could be unpacked ({reason}). "
            f"Install MariaDB, start Docker, or set {NAMED} to mysql://USER:PASSWORD@HOST:PORT/A_NEW_SCHEMA."
        )
    return program


def _is_new_enough(program: Path) -> bool:
    run = subprocess.run([program, "--no-defaults", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"Ver (\d+)\.(\d+)", run.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_MARIADB


def _named_schema(dsn: str) -> DemoDatabase:
    """The named schema, emptied if an earlier demonstration made it, refused if somebody else did."""
    server, schema = _read_dsn(dsn)
    try:
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,))
            exists = cursor.fetchone() is not None
            cursor.execute(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s", (schema, MARKER)
            )
            ours = cursor.fetchone() is not None
            if exists and not ours:
                raise DemoDatabaseError(
                    f"The schema '{schema}' named in {NAMED} was not made by the demonstration, so it is left alone. "
                    f"Name one that does not exist yet, such as {OWN_SCHEMA}."
                )
            if ours:
                cursor.execute(f"DROP DATABASE {schema}")
        return _made(server, schema, f"the schema {schema} named in {NAMED}")
    except pymysql.MySQLError as error:
        words = error.args[1] if len(error.args) > 1 else error
        raise DemoDatabaseError(
            f"The server named in {NAMED} ({server.host}:{server.port}) refused: {words}. "
            "The user needs the right to create and drop that schema."
        ) from None


def _made(server: ServerAddress, schema: str, origin: str) -> DemoDatabase:
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        cursor.execute(f"CREATE TABLE {schema}.{MARKER} (made_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))")
    return DemoDatabase(server, schema, origin)


def _read_dsn(dsn: str) -> tuple[ServerAddress, str]:
    shape = "mysql://USER:PASSWORD@HOST:PORT/SCHEMA"
    try:
        url = make_url(dsn)
    except (ArgumentError, ValueError):
        raise DemoDatabaseError(f"{NAMED} cannot be read as a database address; write it as {shape}.") from None
    if not url.drivername.startswith(("mysql", "mariadb")):
        raise DemoDatabaseError(f"{NAMED} names a {url.drivername} server; only MySQL and MariaDB serve: {shape}.")
    schema = url.database or ""
    if not SCHEMA_NAME.fullmatch(schema):
        raise DemoDatabaseError(
            f"{NAMED} names the schema '{schema}'; it takes 1 to 64 letters, digits and underscores, as in {shape}."
        )
    address = ServerAddress(url.host or "127.0.0.1", url.port or 3306, url.username or "root", str(url.password or ""))
    return address, schema
