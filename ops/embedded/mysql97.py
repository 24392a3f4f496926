"""A throw-away MySQL, where the tool that brings one stands beside the checkout; its data lies in memory."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.embedded.mariadb import free_port, memory_folder
from ops.embedded.programs import BUILD, PROJECT
from ops.embedded.server import ServerAddress, ServerNotStartedError

MYSQL_UP = PROJECT.parent / "shared" / "tools" / "mysql-up"


def mysql_is_available() -> bool:
    """Whether the tool is there; it may still fail to start."""
    return os.access(MYSQL_UP, os.X_OK)


@contextmanager
def running_mysql() -> Iterator[ServerAddress]:
    """A MySQL with its own data that runs until the block ends, or until we are killed."""
    programs = _unpacked()
    with _folder() as folder:
        (folder / "root").symlink_to(programs)
        address = ServerAddress("127.0.0.1", free_port(), "root", "root")
        with _ended_with_us(_start(folder, address.port)):
            yield address


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
def _folder() -> Iterator[Path]:
    # Not under the checkout: as root the server runs as a user who may be unable to reach that.
    folder = Path(tempfile.mkdtemp(prefix="erp-sidecar-mysql-", dir=memory_folder()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> int:
    words = folder / "up.log"
    with words.open("w") as log:  # a file, not a pipe: the server keeps it open
        run = subprocess.run([MYSQL_UP, folder, str(port)], stdout=log, stderr=log, check=False)
    if run.returncode != 0:
        tail = words.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise ServerNotStartedError("MySQL did not start: " + " / ".join(tail))
    return int((folder / "run" / "mysqld.pid").read_text(encoding="ascii"))


@contextmanager
def _ended_with_us(pid: int) -> Iterator[None]:
    # The tool's server is nobody's child: a shell waits for the end of our pipe and then ends the server.
    guard = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -9 "$1" 2>/dev/null', "guard", str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.communicate()
