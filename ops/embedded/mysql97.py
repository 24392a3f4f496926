"""A throw-away MySQL, where the tool that brings one stands beside the checkout."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from ops.embedded.mariadb import free_port, memory_folder
from ops.embedded.programs import BUILD, PROJECT
from ops.embedded.server import ServerAddress, ServerNotStartedError

WRITES_ITS_NUMBER_WITHIN = 30.0
ANSWERS_WITHIN = timedelta(seconds=60)
MYSQL_UP = PROJECT.parent / "shared" / "tools" / "mysql-up"


def mysql_is_available() -> bool:
    """Whether the tool is there; it may still fail to start."""
    return os.access(MYSQL_UP, os.X_OK)


class MySql:
    """One server with a folder, a port and data of its own; `kill` is a power cut, `start` brings it back."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self._folder = folder
        self._guard: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self.address = ServerAddress("127.0.0.1", free_port(), "root", "root")

    def start(self) -> None:
        """Start the server and return when it answers; after `kill` it recovers first."""
        self._pid = _start(self._folder, self.address.port)
        # The tool's server is nobody's child: a shell waits for the end of our pipe and then ends the server.
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill -9 "$1" 2>/dev/null', "guard", str(self._pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self.address.wait_until_it_answers(ANSWERS_WITHIN, lambda: None)

    def kill(self) -> None:
        """End the server, if it runs, as a power cut would."""
        if self._guard is not None:
            self._guard.communicate()
            self._guard = None
            while _is_alive(self._pid):
                time.sleep(0.01)


@contextmanager
def running_mysql(*, in_memory: bool = True) -> Iterator[ServerAddress]:
    """The address of a MySQL that runs until the block ends, or until we are killed."""
    with crashable_mysql(in_memory=in_memory) as server:
        yield server.address


@contextmanager
def crashable_mysql(*, in_memory: bool = True) -> Iterator[MySql]:
    """A MySQL with its own data that runs until the block ends, or until we are killed.

    Its data lies in memory, where there is room: tests wait for no disk. Never measure against that.
    """
    programs = _unpacked()
    with _folder(in_memory=in_memory) as folder:
        (folder / "root").symlink_to(programs)
        server = MySql(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _unpacked() -> Path:
    """The folder of programs, fetched once and shared by every server of this checkout."""
    home = BUILD / "mysql"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "root").exists():
            with _folder() as first:
                os.kill(_start(first, free_port()), signal.SIGKILL)
                shutil.move(first / "root", home / "root")
    return home / "root"


@contextmanager
def _folder(*, in_memory: bool = True) -> Iterator[Path]:
    # Not under the checkout: as root the server runs as a user who may be unable to reach that.
    folder = Path(tempfile.mkdtemp(prefix="erp-sidecar-mysql-", dir=memory_folder() if in_memory else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> int:
    words = folder / "up.log"
    number = folder / "run" / "mysqld.pid"
    for left in (number, number.with_suffix(".sock"), number.with_suffix(".sock.lock")):
        left.unlink(missing_ok=True)  # by a server that was killed: whose number is still a zombie's is taken for alive
    with words.open("w") as log:  # a file, not a pipe: the server keeps it open
        run = subprocess.run([MYSQL_UP, folder, str(port)], stdout=log, stderr=log, check=False)
    if run.returncode != 0:
        tail = words.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise ServerNotStartedError("MySQL did not start: " + " / ".join(tail))
    return _number_in(number)


def _number_in(file: Path) -> int:
    """The server's process id: it writes the file a moment after it has begun to listen."""
    ends_at = time.monotonic() + WRITES_ITS_NUMBER_WITHIN
    while time.monotonic() < ends_at:
        with suppress(FileNotFoundError, ValueError):
            return int(file.read_text(encoding="ascii"))
        time.sleep(0.01)
    raise ServerNotStartedError("MySQL listens and has not written its process id.")


def _is_alive(pid: int) -> bool:
    """Whether any thread of it lives: the last one closes its sockets and files, and a zombie may wait for that."""
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        return state != "Z" or len(list((process / "task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False
