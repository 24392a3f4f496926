"""The shop's REST: a server of PHP over the stage's tables that does what Magento's services do, the module installed.

It is the stand-in that the tests hold against a real shop's documents; the sidecar makes shipments and invoices by it.
"""

import json
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

from ops.demonstration.stage import STARTS_WITHIN, Stage, StageError, last_words, statements_of
from ops.embedded.guarded import GuardedProcess
from ops.embedded.programs import PROJECT

SERVER: Final = PROJECT / "tests" / "support" / "magento_rest_server"
RESOURCES: Final = ("ship", "invoice", "sales_invoice", "creditmemo", "cancel")
OFFLINE: Final = ("checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free", "demo_wallet")
DOCUMENTS: Final = ("shipment", "invoice", "creditmemo")
STORES: Final = 4


class ShopRest:
    """The server as one process: with workers of its own it would leave them behind when it is ended."""

    def __init__(self, stage: Stage, php: Path) -> None:
        """Make its tables, lay its settings out, start it and wait until it listens."""
        self._make_tables(stage)
        folder = stage.folder / "rest"
        folder.mkdir()
        self._lay_out(stage, folder)
        log = stage.folder / "rest.log"
        address = f"127.0.0.1:{stage.rest_port}"
        self._process = GuardedProcess(
            ["env", f"MAGENTO_REST_FOLDER={folder}", str(php), "-S", address, str(SERVER / "server.php")], log
        )
        deadline = time.monotonic() + STARTS_WITHIN
        while "started" not in log.read_text(encoding="utf-8", errors="replace"):
            if self._process.has_ended() or time.monotonic() > deadline:
                raise StageError(f"The shop's REST did not start: {last_words(log)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self._process.stop(timedelta(seconds=5))

    def _make_tables(self, stage: Stage) -> None:
        sequences = (
            f"CREATE TABLE sequence_{kind}_{store} (sequence_value int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY)"
            for kind in DOCUMENTS
            for store in range(STORES)
        )
        statements: Iterable[str] = (*statements_of(SERVER / "tables.sql"), *sequences)
        with closing(stage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SET sql_notes = 0")
            for statement in statements:
                cursor.execute(statement)

    def _lay_out(self, stage: Stage, folder: Path) -> None:
        token = (stage.folder / "magento-token").read_text(encoding="utf-8")
        access = json.loads(stage.shop_config.read_text(encoding="utf-8"))
        permissions = [f"Magento_Sales::{name}" for name in RESOURCES]
        settings = {
            "database": {name: access[name] for name in ("host", "port", "dbname", "username", "password")},
            "table_prefix": "",
            "config": {},
            "tokens": {token: {"type": "integration", "id": 7, "resources": permissions}},
            "bearer": True,
            "has_module_route": True,
            "is_developer_mode": False,
            "offline_methods": OFFLINE,
        }
        for name, content in (("settings.json", json.dumps(settings)), ("faults.json", "[]")):
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(content, encoding="utf-8")
