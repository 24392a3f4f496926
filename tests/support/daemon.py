"""The sidecar as a process of its own, configured by files, as systemd would run it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from ops.embedded.programs import PROJECT
from tests.support.nursery import Child, completed, running
from tests.support.sandbox import API_KEY
from tests.support.servers import Database

BLUEPRINT = PROJECT / "ops" / "examples" / "blueprint.yaml"


@dataclass(frozen=True)
class Configured:
    """A folder with settings, blueprint and secrets."""

    folder: Path

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "sidecar.toml"

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run `erp-sidecar WORDS` to its end."""
        return completed(*self._command(*words), env={**os.environ, **(env or {})})

    def running(self, *words: str) -> AbstractContextManager[Child]:
        """`erp-sidecar WORDS`, killed at the end if it still lives."""
        return running(*self._command(*words))

    def _command(self, *words: str) -> tuple[str, ...]:
        return ("sidecar", "--settings", str(self.settings), *words)

    @contextmanager
    def daemon(self) -> Iterator["Daemon"]:
        """`erp-sidecar run`, and the socket on which it talks to systemd; killed at the end if it still lives."""
        address = self.folder / "notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(address))
            systemd.settimeout(30)
            environment = {**os.environ, "NOTIFY_SOCKET": str(address)}
            with running(*self._command("run"), env=environment, err=self.folder / "log") as process:
                yield Daemon(process, systemd)

    def add_destination(self, name: str, erp_url: str, **keys: object) -> None:
        """Let a second ERP take the orders, without acknowledging them."""
        path = self.folder / "blueprint.yaml"
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        other = {**values["destinations"]["erp"], "base_url": erp_url, "acknowledges": False}
        other["takes"] = ["OrderPlaced", "OrderUpdated", "OrderCancelled"]
        del other["stock"], other["lifecycle"]
        values["destinations"][name] = {**other, "start": "beginning", "echoes": "sent", **keys}
        values["destinations"]["erp"] |= {"start": "beginning", "echoes": "withheld"}
        path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
        with self.settings.open("a") as settings:
            settings.write(f'\n[destinations.{name}]\nsecret_file = "key"\n')

    def log(self) -> str:
        """What the daemon said."""
        return (self.folder / "log").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Daemon:
    """A running daemon."""

    process: Child
    systemd: socket.socket

    def notified(self, state: str) -> None:
        """Wait until the daemon has told systemd this."""
        while self.systemd.recv(256).decode() != state:
            pass

    def stop(self) -> int:
        """Ask it to end, as systemd does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


def configure(folder: Path, database: Database, erp_url: str) -> Configured:
    """Write settings, blueprint and secrets for a database and an ERP."""
    where = urlsplit(database.url)
    (folder / "password").write_text(where.password or "")
    (folder / "key").write_text(API_KEY)
    blueprint = BLUEPRINT.read_text(encoding="utf-8")
    blueprint = blueprint.replace("http://127.0.0.1:8090", erp_url).replace("age: 60s", "age: 200ms")
    (folder / "blueprint.yaml").write_text(blueprint)
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

[lease]
ttl = "2s"
margin = "500ms"

[projector]
poll = "100ms"
"""
    )
    for name in ("password", "key", "sidecar.toml"):
        (folder / name).chmod(0o600)
    return Configured(folder)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for another process to make a condition true; an AssertionError when it never does."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "the condition never came true"
        time.sleep(0.02)
