"""A throw-away MariaDB of one's own: real, durable, on 127.0.0.1, and gone when its owner is gone.

It needs no installation and no root. Commits are flushed as on a production server, so what is measured
against it is honest, and `kill` followed by `start` shows what a power cut leaves.
"""

import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from ops.embedded.guarded import GuardedProcess
from ops.embedded.programs import find_program
from ops.embedded.server import ServerAddress, ServerNotStartedError

SYSTEM_TABLES = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
)
STARTS_WITHIN = timedelta(seconds=60)
STOPS_WITHIN = timedelta(seconds=30)
UNPRIVILEGED = "nobody"
MEMORY = Path("/dev/shm")  # noqa: S108 (the host's folder in memory; the file names in it are random)
ROOM_FOR_A_SERVER = 1 << 30
FIRST_PORT = 10_240
PORTS_OF_CLIENTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUAL_FIRST_PORT_OF_CLIENTS = 32_768


class MariaDb:
    """One server with a folder, a port and a password of its own."""

    def __init__(
        self, program: Path, *, binlog: bool = False, in_memory: bool = False, options: tuple[str, ...] = ()
    ) -> None:
        """Make the data folder; `start` starts the server. `options` are further server options.

        `in_memory` puts the folder into memory, where there is room: nothing that a kill could lose is lost, and
        tests wait for no disk. Never measure against it.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="erp-sidecar-mariadb-", dir=memory_folder() if in_memory else None))
        self._log = self._folder / "server.log"
        self._program = program
        self._binlog = ("--log-bin=binlog", "--sync-binlog=1", "--server-id=1") if binlog else ()
        self._options = options
        self._process: GuardedProcess | None = None
        self.address = ServerAddress("127.0.0.1", free_port(), "root", secrets.token_urlsafe(18))
        self._make_data_folder()

    @property
    def pid(self) -> int:
        """The server's process id while it runs."""
        return self._running().pid

    def start(self) -> None:
        """Start the server and return when it answers; after `kill` it recovers first."""
        command = [
            *self._command(),
            f"--port={self.address.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            f"--socket={self._folder}/s",
            f"--pid-file={self._folder}/pid",
            "--innodb-flush-log-at-trx-commit=1",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_general_ci",
            *self._binlog,
            *self._options,
        ]
        self._process = process = GuardedProcess(command, self._log)
        self.address.wait_until_it_answers(
            STARTS_WITHIN,
            lambda: self._last_words() if process.has_ended() else None,
        )

    def kill(self) -> None:
        """End the server as a power cut would; `start` brings it back on the same port."""
        self._running().kill()
        self._process = None

    def restart(self) -> None:
        """Stop the server in order and start it again."""
        self._running().stop(STOPS_WITHIN)
        self.start()

    def discard(self) -> None:
        """Stop the server, if it runs, and remove all that it left."""
        if self._process is not None:
            self._process.kill()
            self._process = None
        shutil.rmtree(self._folder)

    def _running(self) -> GuardedProcess:
        if self._process is None:
            message = "This MariaDB is not running; start it first."
            raise RuntimeError(message)
        return self._process

    def _command(self) -> list[str]:
        base = self._program.parent.parent
        return [
            str(self._program),
            "--no-defaults",
            *([f"--user={UNPRIVILEGED}"] if os.geteuid() == 0 else []),
            f"--basedir={base}",
            f"--lc-messages-dir={base}/share/mysql",
            f"--datadir={self._folder}/data",
            f"--tmpdir={self._folder}",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=32M",
        ]

    def _make_data_folder(self) -> None:
        (self._folder / "data").mkdir()
        if os.geteuid() == 0:
            for path in (self._folder, self._folder / "data"):
                shutil.chown(path, UNPRIVILEGED)
        scripts = [self._program.parent.parent / "share" / "mysql" / name for name in SYSTEM_TABLES]
        password = self.address.password
        words = "\n".join(
            [
                "create database mysql;",
                "use mysql;",
                *(script.read_text(encoding="utf-8") for script in scripts),
                "flush privileges;",
                f"create or replace user 'root'@'127.0.0.1' identified by '{password}';",
                "grant all on *.* to 'root'@'127.0.0.1' with grant option;",
                "",
            ]
        )
        with self._log.open("ab") as log:
            made = subprocess.run(
                [*self._command(), "--bootstrap"],
                input=words.encode(),
                stdout=log,
                stderr=log,
                check=False,
            )
        if made.returncode != 0:
            last_words = self._last_words()
            shutil.rmtree(self._folder)
            raise ServerNotStartedError(last_words)

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        telling = [line for line in lines if "ERROR" in line] or lines[-3:]
        return "MariaDB did not start: " + " / ".join(telling[:3])


@contextmanager
def running_mariadb(
    program: Path | None = None, *, binlog: bool = False, in_memory: bool = False, options: tuple[str, ...] = ()
) -> Iterator[MariaDb]:
    """A MariaDB that runs until the block ends; the arguments are those of MariaDb."""
    program = program or find_program("mariadbd")
    if program is None:
        message = "There is no mariadbd on this machine: install mariadb-server-core, or run ops/lib/unpack mariadb."
        raise ServerNotStartedError(message)
    server = MariaDb(program, binlog=binlog, in_memory=in_memory, options=options)
    try:
        server.start()
        yield server
    finally:
        server.discard()


def memory_folder() -> Path | None:
    """The host's folder in memory if it has room for a server's data, else None."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_FOR_A_SERVER:
        return MEMORY
    return None


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment, and that no outgoing connection is given.

    The kernel takes the near ends of connections from a range of its own. A server that is killed could not come back
    on a port of that range which a client has got meanwhile, be it by calling that very port.
    """
    while True:
        port = random.randrange(FIRST_PORT, _first_port_of_clients())  # noqa: S311 (any will do)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _first_port_of_clients() -> int:
    try:
        first = int(PORTS_OF_CLIENTS.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        first = USUAL_FIRST_PORT_OF_CLIENTS
    return first if first > FIRST_PORT + 1000 else 65_536
