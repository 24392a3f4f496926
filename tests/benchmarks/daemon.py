"""The sidecar as it is shipped: `erp-sidecar run` as a process, configured by files, watched from outside."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from ops.embedded.programs import PROJECT
from tests.benchmarks.apart import ApartError
from tests.support.servers import Database

EXAMPLE = PROJECT / "ops" / "examples" / "blueprint.yaml"
READY_WITHIN = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class RunningSidecar:
    """A sidecar that runs."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def cpu_seconds(self) -> float:
        """Processor time that it has used, with all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Look every 20 ms; raises ApartError with the sidecar's last words when it never comes true."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until or self.process.poll() is not None:
                words = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
                raise ApartError("the sidecar did not do its work in time: " + " / ".join(words)[:600])
            time.sleep(0.02)


@contextmanager
def sidecar(database: Database, blueprint: str) -> Iterator[RunningSidecar]:
    """`erp-sidecar run` with default settings and this blueprint, ready; killed at the end of the block."""
    with TemporaryDirectory(prefix="erp-sidecar-bench-") as name:
        folder = Path(name)
        _configure(folder, database, blueprint)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, (folder / "log").open("wb") as log:
            systemd.bind(str(folder / "notify"))
            systemd.settimeout(READY_WITHIN)
            command = [sys.executable, "-m", "sidecar", "--settings", str(folder / "sidecar.toml"), "run"]
            environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
            process = subprocess.Popen(command, stderr=log, stdout=log, cwd=PROJECT, env=environment)
            running = RunningSidecar(process, folder / "log")
            try:
                while systemd.recv(256) != b"READY=1":
                    pass
                yield running
            except TimeoutError:
                running.wait_until(lambda: False, 0)
            finally:
                process.kill()
                process.wait()


def _configure(folder: Path, database: Database, blueprint: str) -> None:
    where = urlsplit(database.url)
    (folder / "password").write_text(where.password or "", encoding="utf-8")
    (folder / "key").write_text("key-of-the-shop", encoding="utf-8")
    (folder / "blueprint.yaml").write_text(blueprint, encoding="utf-8")
    (folder / "state").mkdir()
    (folder / "sidecar.toml").write_text(
        f"""
state_dir = "state"

[database]
host = "{where.hostname}"
port = {where.port}
name = "{where.path.lstrip("/")}"
user = "{where.username}"
password_file = "password"

[destinations.erp]
secret_file = "key"
""",
        encoding="utf-8",
    )
    for secret in ("password", "key", "sidecar.toml"):
        (folder / secret).chmod(0o600)
