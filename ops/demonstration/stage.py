"""The stage: the database with Magento's tables, and the three sides as processes of their own."""

import http.client
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ops.demonstration.faults import Rule
from ops.embedded.demo_database import DemoDatabase
from ops.embedded.guarded import GuardedProcess
from ops.embedded.mariadb import free_port
from ops.embedded.programs import find_program

if TYPE_CHECKING:
    from pymysql.connections import Connection

HERE = Path(__file__).parent
SHOP = HERE / "shop" / "shop.php"
USUAL_BLUEPRINT = (HERE / "blueprint.yaml").read_text(encoding="utf-8")
SHOPS = 3
STARTS_WITHIN = 20.0
STOPS_WITHIN = timedelta(seconds=30)
KEY_FOR_ORDERS_AND_STOCK = ("orders.read", "orders.write", "stock.read", "stock.write")


class StageError(Exception):
    """Something on the stage did not start or broke; the message says what, with its own last words."""


class Stage:
    """Files and tables of one demonstration, in a folder and a schema of its own."""

    def __init__(
        self, folder: Path, database: DemoDatabase, blueprint: str = USUAL_BLUEPRINT, scripts: Sequence[Path] = ()
    ) -> None:
        """Nothing is made yet. `blueprint` is the text of another one, `scripts` are more rows of the shop."""
        self.folder, self.database = folder, database
        self._blueprint, self._scripts = blueprint, scripts
        self.ledger = folder / "ledger.sqlite"
        self.erp_port = free_port()
        self.rest_port = free_port()
        self.settings = folder / "sidecar.toml"
        self.shop_config = folder / "shop.json"

    def connect(self) -> "Connection[Any]":
        """A new connection to the schema, in autocommit."""
        return self.database.server.connect(self.database.schema)

    def build(self) -> None:
        """Load Magento's tables and a shop without orders, and install the sidecar beside them."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            usual = (HERE / name for name in ("magento_tables.sql", "demo_tables.sql", "order_statuses.sql"))
            for script in (*usual, *self._scripts):
                for statement in statements_of(script):
                    cursor.execute(statement)
        self.install_sidecar()

    def install_sidecar(self) -> None:
        """Write settings, blueprint and keys, and apply the sidecar's schema beside Magento's tables."""
        self._write_files()
        applied = subprocess.run(self.sidecar_command("schema", "apply"), capture_output=True, text=True, check=False)
        if applied.returncode != 0:
            raise StageError(f"erp-sidecar schema apply failed: {applied.stderr.strip()}")

    def sidecar_command(self, *words: str) -> list[str]:
        """The command line of the sidecar, as an operator would type it."""
        return [str(Path(sys.executable).with_name("erp-sidecar")), "--settings", str(self.settings), *words]

    def _write_files(self) -> None:
        server = self.database.server
        words = {
            "host": server.host,
            "port": server.port,
            "schema": self.database.schema,
            "user": server.user,
            "rest": self.rest_port,
        }
        self.settings.write_text(_filled_in(HERE / "sidecar.toml", words), encoding="utf-8")
        (self.folder / "blueprint.yaml").write_text(
            self._blueprint.replace(":8090", f":{self.erp_port}"), encoding="utf-8"
        )
        api_key = secrets.token_urlsafe(24)
        self._write_secret("erp-key", api_key)
        self._write_secret("keys.json", json.dumps({api_key: KEY_FOR_ORDERS_AND_STOCK}))
        self._write_secret("control-key", secrets.token_urlsafe(24))
        self._write_secret("magento-token", secrets.token_hex(16))
        self._write_secret("database-password", server.password)
        access = {"host": server.host, "port": server.port, "dbname": self.database.schema, "prefix": ""}
        self._write_secret("shop.json", json.dumps({**access, "username": server.user, "password": server.password}))

    def _write_secret(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


def statements_of(script: Path, prefix: str = "") -> list[str]:
    """The statements of an SQL script without its comments."""
    lines = script.read_text(encoding="utf-8").replace("{prefix}", prefix).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]


class ErpHome(Protocol):
    """Where one ERP lives: its port, and a folder that holds `keys.json` and `control-key`."""

    @property
    def folder(self) -> Path:
        """Keys and log."""
        ...

    @property
    def ledger(self) -> Path:
        """The ledger, which may not exist yet."""
        ...

    @property
    def erp_port(self) -> int:
        """A free port."""
        ...


class Erp:
    """The sandbox ERP and its control plane."""

    def __init__(self, home: ErpHome, *options: str) -> None:
        """Start it and wait until it listens; `options` are further ones of the sandbox's own."""
        self._port = home.erp_port
        self._key = (home.folder / "control-key").read_text(encoding="utf-8")
        log = home.folder / "erp.log"
        self._process = GuardedProcess(
            [
                *(sys.executable, "-m", "erp_adapters.sandbox"),
                *("--port", str(self._port), "--ledger", str(home.ledger)),
                *("--api-key-file", str(home.folder / "keys.json")),
                *("--control-key-file", str(home.folder / "control-key")),
                *options,
            ],
            log,
        )
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._listens():
            if self._process.has_ended() or time.monotonic() > deadline:
                raise StageError(f"The sandbox ERP did not start: {last_words(log)}")
            time.sleep(0.05)

    def plan(self, rules: Sequence[Rule]) -> None:
        """Put a plan of faults into force, in place of the one before."""
        self._tell("faults", {"plan": list(rules)})

    def fulfil(self, number: str, warehouse: str) -> None:
        """Let the people there deliver all of an order in one parcel, and invoice it."""
        parcel = {"carrier": "dhl", "title": "DHL", "number": f"0034{number}"}
        self._tell(f"orders/{number}/deliveries", {"warehouse": warehouse, "tracks": [parcel], "final": True})
        self._tell(f"orders/{number}/invoices", {})

    def open_balances(self, balances: Sequence[Mapping[str, str]]) -> None:
        """Say what is on hand before the first movement: warehouse, sku, quantity."""
        self._tell("stock", {"balances": balances})

    def calls(self) -> int:
        """How many requests it has been asked since its start, whatever became of them."""
        answers = json.loads(self._say("GET", "requests"))["requests"]
        return sum(sum(counts.values()) for counts in answers.values())

    def _tell(self, what: str, body: object) -> None:
        self._say("POST", what, json.dumps(body))

    def _say(self, method: str, what: str, body: str | None = None) -> str:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)) as connection:
            connection.request(method, f"/_control/{what}", body, {"X-Control-Key": self._key})
            answer = connection.getresponse()
            words = answer.read().decode()
        if answer.status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            raise StageError(f"The sandbox ERP refused {what}: {words}")
        return words

    def stop(self) -> None:
        """End it."""
        self._process.stop(STOPS_WITHIN)

    def _listens(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)) as connection:
            try:
                connection.request("GET", "/api/ping")
                connection.getresponse().read()
            except OSError:
                return False
        return True


class Sidecar:
    """The daemon as a process of its own; we are its systemd."""

    def __init__(self, stage: Stage) -> None:
        """Start it."""
        self._command = stage.sidecar_command("run")
        self._address = stage.folder / "notify"
        self._ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ears.bind(str(self._address))
        self._ears.settimeout(0)
        self._process: GuardedProcess | None = None
        self.log = stage.folder / "sidecar.log"
        self.start()

    def start(self) -> None:
        """Start the daemon and return when it says that it is ready."""
        self._process = GuardedProcess(["env", f"NOTIFY_SOCKET={self._address}", *self._command], self.log)
        deadline = time.monotonic() + STARTS_WITHIN
        while b"READY=1" not in self._hear():
            self.complain_if_ended()
            if time.monotonic() > deadline:
                raise StageError(f"The sidecar did not start: {last_words(self.log)}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def complain_if_ended(self) -> None:
        """Raise StageError when the daemon has ended by itself."""
        self._hear()
        if self._process is not None and self._process.has_ended():
            raise StageError(f"The sidecar ended: {last_words(self.log)}")

    def stop(self) -> None:
        """Ask it to finish what is under way and to end."""
        if self._process is not None:
            self._process.stop(STOPS_WITHIN)
            self._process = None
        self._ears.close()

    def _hear(self) -> list[bytes]:
        """What it has said since; its words must be taken, or it would wait for a listener."""
        words = []
        with suppress(BlockingIOError):
            while True:
                words.append(self._ears.recv(1024))
        return words


class Shops:
    """The shop: several processes of PHP at once."""

    def __init__(
        self, stage: Stage, php: Path, arguments: Sequence[str], shops: Sequence[int], of: int = SHOPS
    ) -> None:
        """Start one process for each number, `of` so many that share the orders."""
        common = ["--config", str(stage.shop_config), "--shops", str(of), *arguments]
        self._logs = [stage.folder / f"shop-{shop}.log" for shop in shops]
        self._processes = [
            GuardedProcess([str(php), str(SHOP), "--shop", str(shop), *common], log)
            for shop, log in zip(shops, self._logs, strict=True)
        ]

    def are_closed(self) -> bool:
        """Whether all have told their stories; raises StageError when one of them broke."""
        ended = [process.has_ended() for process in self._processes]
        for has_ended, log in zip(ended, self._logs, strict=True):
            if has_ended and (words := last_words(log)):
                raise StageError(f"The shop broke: {words}")
        return all(ended)

    def stop(self) -> None:
        """Close the shop; what is not committed never happened."""
        for process in self._processes:
            process.stop(timedelta(seconds=5))


def find_php() -> Path:
    """The PHP that runs the shop."""
    php = find_program("php")
    if php is None:
        raise StageError("There is no PHP here: install php-cli with php-mysql, or run ops/lib/unpack php.")
    return php


def last_words(log: Path) -> str:
    """The last lines of a log, on one line."""
    return " / ".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:])


def _filled_in(template: Path, words: dict[str, object]) -> str:
    text = template.read_text(encoding="utf-8")
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
