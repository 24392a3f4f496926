"""A server that behaves like Magento's REST over a shop's real tables: start it, order faults, read what happened.

The services themselves are PHP (magento_rest_server/), run with the module installed, so what they change is told in
the outbox as in a shop. The folder between the two holds settings, faults to come, a gate, a diary and the payment
provider's books.
"""

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from ops.embedded.programs import PROJECT, find_program
from tests.support.patience import wait_until
from tests.support.servers import Database

FOLDER: Final = PROJECT / "tests" / "support" / "magento_rest_server"
INTEGRATION: Final = 7
"""The id that Magento gave the sidecar's integration."""
RESOURCES: Final = (
    "Magento_Sales::ship",
    "Magento_Sales::invoice",
    "Magento_Sales::creditmemo",
    "Magento_Sales::sales_invoice",
    "Magento_Sales::cancel",
    "Magento_InventoryApi::stock_source_item_assign",
)
"""What that integration may do."""
OFFLINE_METHODS: Final = ("checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free")
"""Payment methods without a provider; every other one is a gateway."""
PATIENCE: Final = timedelta(seconds=20)

Call = Literal["ship", "track", "invoice", "refund_order", "refund_invoice", "cancel", "origin", "source_items", ""]
Fault = Literal[
    "maintenance",  # 503 with a page; nothing done
    "error_page",  # 500 with a page; nothing done
    "throttled",  # 429 with Retry-After: 7, from what stands before Magento; nothing done
    "not_json",  # 200 with a page, as a wrong virtual host answers; nothing done
    "held",  # waits at the gate inside of its transaction, then commits
    "rolled_back",  # waits at the gate inside of its transaction, then loses it
    "lost_answer",  # commits, then waits at the gate before it answers
    "cut_answer",  # commits, then closes the connection inside of the answer
    "error_after_commit",  # commits, then 500 with a page
    "gateway_declines",  # the payment provider moves no money
    "save_fails",  # everything is written, the last save fails: rolled back, but not the provider's money
]


Moment = Literal["held", "committed", "rolled back"]


class MagentoRest:
    """One shop's REST server, and the hand that a test has on it."""

    def __init__(self, base_url: str, token: str, folder: Path) -> None:
        self.base_url = base_url
        self.token = token
        self._folder = folder

    def fail_next(self, fault: Fault, *, on: Call = "") -> None:
        """Let the next call of this name, or the next of all, end so; several are used up one after the other."""
        with (self._folder / "faults.json").open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            faults = [*json.loads(file.read() or "[]"), {"fault": fault, "on": on}]
            file.seek(0)
            file.truncate()
            json.dump(faults, file)

    @contextmanager
    def gate_closed(self) -> Iterator[None]:
        """Inside the block, calls that wait at the gate go on waiting."""
        with (self._folder / "gate").open("w", encoding="utf-8") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def change(self, **settings: object) -> None:
        """Set what the shop is like from now on: `bearer`, `has_module_route`, `has_stock_feed`, `array_limit`,
        `is_developer_mode`, `config`."""
        path = self._folder / "settings.json"
        held = json.loads(path.read_text(encoding="utf-8"))
        assert settings.keys() <= held.keys()
        _write(path, held | settings)

    def revoke(self) -> None:
        """Take the integration's token back."""
        self.change(tokens={})

    def allow(self, *resources: str, kind: Literal["integration", "admin"] = "integration") -> None:
        """Let the token be that of such a user, with these permissions alone."""
        self.change(tokens=_tokens(self.token, resources, kind))

    def calls(self, call: Call = "") -> list[dict[str, Any]]:
        """What arrived, in order: call, id, body as text, and some headers."""
        return [entry for entry in self._diary() if "moment" not in entry and call in ("", entry["call"])]

    def wait_for(self, moment: Moment, times: int = 1) -> None:
        """Wait until this has happened so many times since the start."""

        def happened() -> int:
            return sum(entry.get("moment") == moment for entry in self._diary())

        wait_until(lambda: happened() >= times, lambda: f"{moment} only {happened()} times", PATIENCE)

    def money(self) -> list[tuple[str, int, Decimal]]:
        """What the payment provider has moved: kind, order and amount, whatever became of the shop's transaction."""
        moved = [json.loads(line) for line in self._lines("provider.jsonl")]
        return [(each["kind"], each["order_id"], Decimal(each["amount"])) for each in moved]

    def _diary(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._lines("diary.jsonl")]

    def _lines(self, name: str) -> Sequence[str]:
        path = self._folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@contextmanager
def magento_rest(
    database: Database,
    folder: Path,
    *,
    prefix: str = "",
    config: Mapping[str, str] | None = None,
    offline_methods: Collection[str] = OFFLINE_METHODS,
) -> Iterator[MagentoRest]:
    """A running server over the shop in this database; `config` is what its admin panel has set."""
    make_tables(database, prefix)
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    server = database.server
    _write(
        folder / "settings.json",
        {
            "database": {
                "host": server.host,
                "port": server.port,
                "dbname": database.name,
                "username": server.user,
                "password": server.password,
            },
            "table_prefix": prefix,
            "config": dict(config or {}),
            "tokens": _tokens(token, RESOURCES, "integration"),
            "bearer": True,
            "has_module_route": True,
            "has_stock_feed": True,
            "array_limit": 0,
            "is_developer_mode": False,
            "offline_methods": list(offline_methods),
        },
    )
    (folder / "faults.json").write_text("[]", encoding="utf-8")
    with _running(folder) as address:
        yield MagentoRest(f"http://{address}", token, folder)


def make_tables(database: Database, prefix: str = "") -> None:
    """Create the tables that Magento's services write and that are not there yet."""
    statements = (FOLDER / "tables.sql").read_text(encoding="utf-8").replace("{prefix}", prefix)
    kinds = [(kind, store) for kind in ("shipment", "invoice", "creditmemo") for store in range(4)]
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_notes = 0")
        for statement in filter(str.strip, statements.split(";\n")):
            cursor.execute(statement)
        for kind, store in kinds:
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {prefix}sequence_{kind}_{store}"
                " (sequence_value int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB"
            )


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    """PHP's own web server with a few workers, since a call that waits must not hold the others."""
    process, address = _started(folder)
    try:
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _started(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """A listening server; a port that somebody else was quicker to take is left to them."""
    php = find_program("php")
    assert php, "tests that start a shop's REST carry the marker needs_php"
    log = folder / "server.log"
    while True:
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                [php, "-S", address, FOLDER / "server.php"],
                env=os.environ | {"MAGENTO_REST_FOLDER": str(folder), "PHP_CLI_SERVER_WORKERS": "4"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        said = partial(log.read_text, encoding="utf-8")
        wait_until(lambda: "started" in said() or process.poll() is not None, said, PATIENCE)  # noqa: B023 -- at once
        if process.poll() is None:
            return process, address
        assert "Address already in use" in said(), said()


def _tokens(token: str, resources: Collection[str], kind: str) -> dict[str, Any]:
    return {token: {"type": kind, "id": INTEGRATION, "resources": list(resources)}}


def _write(path: Path, value: object) -> None:
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(value), encoding="utf-8")
    fresh.replace(path)
