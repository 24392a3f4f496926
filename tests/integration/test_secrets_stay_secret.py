"""A service that logs all it can, before an ERP that quotes every request: no secret is written anywhere."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.daemon import Configured, configure, until
from tests.support.rig import Rig
from tests.support.scripted_http import Listener, http_answer, read_request
from tests.support.servers import Database

pytestmark = pytest.mark.slow

CANARY = "canary-in-the-mine"


@pytest.fixture
def quoting() -> Iterator[str]:
    """An ERP whose every answer is an error page with the whole request in it."""

    def script(connection: socket.socket, _: threading.Event) -> None:
        while request := read_request(connection):
            said = {"error": {"code": "E", "message": request.decode()}}
            connection.sendall(http_answer(422 if request.startswith(b"POST") else 500, json.dumps(said)))

    with closing(Listener(script)) as erp:
        yield f"http://{erp.address}"


@pytest.fixture
def sidecar(rig: Rig, database: Database, tmp_path: Path, quoting: str) -> Configured:
    del rig  # it has made the tables
    folder = tmp_path / "etc"
    folder.mkdir()
    made = configure(folder, database, quoting)
    (folder / "key").write_text(CANARY)
    with made.settings.open("a") as settings:
        settings.write('[logging]\nlevel = "DEBUG"\n')
    return made


def everything_kept(rig: Rig) -> str:
    tables = [name for (name,) in rig.shop.rows("SHOW TABLES LIKE 'erp%%'")]
    return "\n".join(repr(row) for name in tables for row in rig.shop.rows(f"SELECT * FROM {name}"))  # noqa: S608


def test_log_tables_commands_and_process_list_hold_no_secret(rig: Rig, sidecar: Configured) -> None:
    rig.shop.place(42)
    rig.shop.adjust("TEE", "-1.0000")

    with sidecar.daemon() as daemon:
        daemon.notified("READY=1")
        until(lambda: bool(rig.shop.rows("SELECT 1 FROM erp_delivery WHERE state = 'parked'")))
        until(lambda: "probe.problems" in sidecar.log())
        arguments = Path(f"/proc/{daemon.process.pid}/cmdline").read_text()
        daemon.stop()
    commands = ("event list", "status", "doctor", "window list", "finding list", "contract list")
    printed = [sidecar.run(*words.split(), "--json") for words in commands]
    said = "\n".join(done.stdout + done.stderr for done in printed)

    assert "event.parked" in sidecar.log()
    assert "[secret]" in said
    assert CANARY not in said + sidecar.log() + arguments + everything_kept(rig)
