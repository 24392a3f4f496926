"""Servers to measure on: on disk, durable commits, row binlog, the same settings for every side."""

from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ops.embedded.mariadb import running_mariadb
from ops.embedded.mysql97 import mysql_is_available, running_mysql
from ops.embedded.programs import find_program
from ops.embedded.server import ServerAddress
from sidecar.mysql import schema
from sidecar.mysql.session import Session
from tests.benchmarks.figures import NotMeasurableError
from tests.support.servers import Database, empty_schema, execute, mariadb_engine, mysql_engine
from tests.support.shop import Shop

BUFFER = 1 << 30
MARIADB_OPTIONS = ("--binlog-format=ROW", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=256M")
MYSQL_SETTINGS = (f"SET GLOBAL innodb_buffer_pool_size = {BUFFER}", "SET GLOBAL innodb_redo_log_capacity = 536870912")


@dataclass
class Servers:
    """The server of this run, and the one that Debezium can read; each is started when it is first needed."""

    family: str
    stack: ExitStack
    _pool: ThreadPoolExecutor
    _started: dict[str, Future[ServerAddress]]

    def start(self, *families: str) -> None:
        """Begin to start servers; one that cannot be started says so when it is asked for."""
        for family in families:
            if family not in self._started:
                self._started[family] = self._pool.submit(self._start, family)

    def wait(self) -> None:
        """Return when no server is being started any more: what comes next is timed."""
        futures.wait(self._started.values())

    def main(self) -> ServerAddress:
        """The server that most figures are measured on."""
        return self._address(self.family)

    def for_debezium(self) -> ServerAddress:
        """A MySQL: the embedded Debezium brings no connector for MariaDB."""
        return self._address("mysql")

    @contextmanager
    def schema(self, server: ServerAddress) -> Iterator[Database]:
        """A schema with Magento's tables and the sidecar's own, all empty, dropped at the end."""
        with self.empty_schema(server) as database:
            Shop(database)
            session = Session(database.url)
            schema.apply(session)
            session.close()
            yield database

    @contextmanager
    def empty_schema(self, server: ServerAddress) -> Iterator[Database]:
        """A schema without tables, dropped at the end."""
        engine = mariadb_engine() if "mariadb" in server.version().lower() else mysql_engine()
        with empty_schema(engine, server) as database:
            yield database

    def _address(self, family: str) -> ServerAddress:
        self.start(family)
        return self._started[family].result()

    def _start(self, family: str) -> ServerAddress:
        if family == "mariadb":
            if find_program("mariadbd") is None:
                raise NotMeasurableError("there is no MariaDB on this machine; ops/lib/unpack mariadb brings one")
            return self.stack.enter_context(running_mariadb(binlog=True, options=MARIADB_OPTIONS)).address
        if not mysql_is_available():
            raise NotMeasurableError("there is no MySQL on this machine")
        address = self.stack.enter_context(running_mysql(in_memory=False))
        for setting in MYSQL_SETTINGS:
            execute(address, setting)
        return address


@contextmanager
def servers(family: str) -> Iterator[Servers]:
    """Servers that run until the block ends."""
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        yield Servers(family, stack, pool, {})
