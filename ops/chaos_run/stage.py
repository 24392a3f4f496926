"""The stage: a database that can be killed, four ERPs, two sidecars, and the shop, each a process of its own."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from ops.demonstration.stage import KEY_FOR_ORDERS_AND_STOCK, Erp, StageError, last_words, statements_of
from ops.embedded.guarded import GuardedProcess
from ops.embedded.mariadb import free_port, running_mariadb
from ops.embedded.mysql97 import crashable_mysql, mysql_is_available
from ops.embedded.programs import PROJECT
from ops.embedded.server import ServerAddress

if TYPE_CHECKING:
    from pymysql.connections import Connection

HERE = Path(__file__).parent
MAGENTO_TABLES = PROJECT / "ops" / "demonstration" / "magento_tables.sql"
SHIPPED_PROFILE = PROJECT / "erp_adapters" / "legacy" / "profiles" / "sandbox.yaml"
SCHEMA = "erp_sidecar_chaos"
SLOTS = ("a", "b")
STOPS_WITHIN = timedelta(seconds=40)
READY_AFTER = 6.0
SETTINGS = """\
blueprint = "{folder}/blueprint.yaml"
state_dir = "{state}"

[database]
host = "{host}"
port = {port}
name = "{schema}"
user = "{user}"
password_file = "{password_file}"

{destinations}
[lease]
ttl = "3s"
margin = "1s"

[relay]
poll = "20ms"

[stock]
poll = "100ms"

[projector]
poll = "200ms"

[reconciliation]
every = "20s"

[janitor]
outbox = "30d"
"""


class Server(Protocol):
    """A database server whose power can be cut."""

    @property
    def address(self) -> ServerAddress:
        """Where it listens, before and after."""
        ...

    def kill(self) -> None:
        """Cut the power."""
        ...

    def start(self) -> None:
        """Come back, recover, and answer."""
        ...


@contextmanager
def database_server(kind: str, seed: int) -> Iterator[Server]:
    """A server of one's own; every second MariaDB hands ids out without waiting for a slow INSERT ... SELECT."""
    if kind == "mysql":
        if not mysql_is_available():
            raise StageError("There is no MySQL here that could be killed; run ops/chaos --server mariadb.")
        with crashable_mysql() as mysql:
            yield mysql
        return
    with running_mariadb(in_memory=True, options=(f"--innodb-autoinc-lock-mode={1 + seed % 2}",)) as mariadb:
        yield mariadb


@dataclass(frozen=True)
class Home:
    """Where one ERP lives."""

    name: str
    folder: Path
    erp_port: int
    options: tuple[str, ...]

    @property
    def ledger(self) -> Path:
        """Its ledger."""
        return self.folder / "ledger.sqlite"


class Stage:
    """Files and tables of one run, in a folder and on a server of its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        """Nothing is made yet."""
        self.folder, self.server = folder, server
        self._variants: Mapping[str, Any] = yaml.safe_load((HERE / "profiles.yaml").read_text(encoding="utf-8"))
        self.homes = [
            Home(name, folder / f"erp-{name}", free_port(), tuple(variant["options"]))
            for name, variant in self._variants.items()
        ]

    def connect(self) -> "Connection[Any]":
        """A new connection to the schema, as its administrator."""
        return self.server.address.connect(SCHEMA)

    def build(self) -> None:
        """Load Magento's tables and an empty shop, and install both sidecars with the rights that a host gives."""
        address = self.server.address
        with closing(address.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {SCHEMA} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self._run_script(MAGENTO_TABLES)
        self._write_files()
        self._sidecar("admin", "schema", "apply")
        for slot in SLOTS:
            account = f"'{_account(slot)}'@'127.0.0.1'"
            password = self._secret(f"{slot}-password", secrets.token_urlsafe(18))
            with closing(address.connect(SCHEMA)) as connection, connection.cursor() as cursor:
                cursor.execute(f"CREATE USER {account} IDENTIFIED BY '{password}'")
                for rights in ("relay", "janitor"):
                    for statement in _statements(self._sidecar("admin", "schema", "grants", rights, account)):
                        cursor.execute(statement)
        self._run_script(HERE / "tables.sql")

    def sidecar_command(self, slot: str, *words: str) -> list[str]:
        """The command line of one of the sidecars, as an operator would type it; `admin` is the schema's owner."""
        program = str(Path(sys.executable).with_name("erp-sidecar"))
        return [program, "--settings", str(self.folder / f"{slot}.toml"), *words]

    def _sidecar(self, slot: str, *words: str) -> str:
        run = subprocess.run(self.sidecar_command(slot, *words), capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise StageError(f"erp-sidecar {' '.join(words)} failed: {run.stderr.strip()}")
        return run.stdout

    def _run_script(self, script: Path) -> None:
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements_of(script):
                cursor.execute(statement)

    def _write_files(self) -> None:
        blueprint = (HERE / "blueprint.yaml").read_text(encoding="utf-8")
        shipped = SHIPPED_PROFILE.read_text(encoding="utf-8")
        for place, home in enumerate(self.homes):
            home.folder.mkdir()
            blueprint = blueprint.replace(f":{8091 + place}", f":{home.erp_port}")
            profile = _varied(yaml.safe_load(shipped), self._variants[home.name])
            (self.folder / f"{home.name}.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
            key = self._secret(f"erp-{home.name}/key", secrets.token_urlsafe(24))
            self._secret(f"erp-{home.name}/keys.json", json.dumps({key: KEY_FOR_ORDERS_AND_STOCK}))
            self._secret(f"erp-{home.name}/control-key", secrets.token_urlsafe(24))
        written_out = yaml.safe_dump(yaml.safe_load(blueprint), sort_keys=False)
        (self.folder / "blueprint.yaml").write_text(written_out, encoding="utf-8")
        address = self.server.address
        self._secret("admin-password", address.password)
        access = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
        self._secret("shop.json", json.dumps({**access, "database": SCHEMA, "charset": "utf8mb4"}))
        for slot, user in (("admin", address.user), *((slot, _account(slot)) for slot in SLOTS)):
            self._write_settings(slot, user)

    def _write_settings(self, slot: str, user: str) -> None:
        state = self.folder / f"state-{slot}"
        state.mkdir()
        destinations = "\n".join(
            f'[destinations.{home.name}]\nsecret_file = "{home.folder / "key"}"\n' for home in self.homes
        )
        words = {
            "folder": self.folder,
            "state": state,
            "host": self.server.address.host,
            "port": self.server.address.port,
            "schema": SCHEMA,
            "user": user,
            "password_file": f"{slot}-password",
            "destinations": destinations,
        }
        (self.folder / f"{slot}.toml").write_text(SETTINGS.format(**words), encoding="utf-8")

    def _secret(self, name: str, text: str) -> str:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return text


class Sidecar:
    """One of the two sidecars, and what is done to it."""

    def __init__(self, stage: Stage, slot: str) -> None:
        """Start it."""
        self._command = ["env", "-u", "NOTIFY_SOCKET", *stage.sidecar_command(slot, "run")]
        self.account = _account(slot)
        self.log = stage.folder / f"sidecar-{slot}.log"
        self._process: GuardedProcess | None = None
        self.is_frozen = False
        self._started_at = 0.0
        self.start()

    def start(self) -> None:
        """Start the daemon; it waits by itself for a database that is gone."""
        self._started_at = time.monotonic()
        self._process = GuardedProcess(self._command, self.log)

    @property
    def is_ready(self) -> bool:
        """Whether it runs, and has run for long enough to stand by."""
        return self.runs and time.monotonic() - self._started_at > READY_AFTER

    @property
    def runs(self) -> bool:
        """Whether it is neither down nor frozen; raises StageError when it ended by itself."""
        if self._process is not None and self._process.has_ended():
            raise StageError(f"A sidecar ended by itself: {last_words(self.log)}")
        return self._process is not None and not self.is_frozen

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
        self._process, self.is_frozen = None, False

    def freeze(self) -> None:
        """Let it stand still."""
        if self._process is not None:
            self._process.freeze()
            self.is_frozen = True

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.thaw()
        self.is_frozen = False

    def stop(self) -> None:
        """Ask it to finish what is under way and to end."""
        self.thaw()
        if self._process is not None:
            self._process.stop(STOPS_WITHIN)
        self._process = None


class Purge:
    """A purge as an operator types it, again and again, a few rows at a time; one that is not done is killed."""

    def __init__(self, stage: Stage, rows: int) -> None:
        """Nothing runs yet."""
        self._command = stage.sidecar_command(SLOTS[0], "outbox", "purge", "--limit", str(rows))
        self._log = stage.folder / "purge.log"
        self._process: GuardedProcess | None = None

    def begin(self) -> None:
        """Start one, in place of the one before."""
        self.end()
        self._process = GuardedProcess(self._command, self._log)

    def end(self) -> None:
        """Kill it, if it still runs."""
        if self._process is not None and self._process.has_ended():
            self._process.stop(STOPS_WITHIN)
        elif self._process is not None:
            self._process.kill()
        self._process = None


class Shop:
    """The writers."""

    def __init__(self, stage: Stage, seed: int, writers: int, rate: float) -> None:
        """Open the shop."""
        self.log = stage.folder / "shop.log"
        self._process = GuardedProcess(
            [
                *(sys.executable, "-m", "ops.chaos_run.shop"),
                *("--access", str(stage.folder / "shop.json"), "--log", str(stage.folder)),
                *("--seed", str(seed), "--writers", str(writers), "--rate", str(rate)),
            ],
            self.log,
        )

    def complain_if_broken(self) -> None:
        """Raise StageError when a writer ended by an error of its own: then the commit log is not to be trusted."""
        if self.log.exists() and self.log.stat().st_size:
            raise StageError(f"The shop broke: {last_words(self.log)}")

    def close(self) -> None:
        """Let every writer end what it began; their unknown commits are resolved first."""
        self._process.stop(timedelta(seconds=120))


@contextmanager
def open_erps(stage: Stage, seed: int) -> Iterator[dict[str, Erp]]:
    """All four ERPs until the block ends."""
    erps: dict[str, Erp] = {}
    try:
        for home in stage.homes:
            erps[home.name] = Erp(home, "--seed", str(seed), *home.options)
        yield erps
    finally:
        for erp in erps.values():
            erp.stop()


def _varied(profile: dict[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped profile with another ERP's promises, and without what that one cannot be asked."""
    operations = {
        name: value for name, value in profile["operations"].items() if name not in variant.get("without", ())
    }
    return {**profile, "promises": {**profile["promises"], **variant["promises"]}, "operations": operations}


def _account(slot: str) -> str:
    return f"chaos_{slot}"


def _statements(script: str) -> list[str]:
    text = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]
