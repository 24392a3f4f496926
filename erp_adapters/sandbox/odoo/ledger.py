"""The books: every record and every external identifier, on disk before an answer is given.

One transaction at a time. It sees what it has written, and either all of it is kept or nothing.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from erp_adapters.sandbox.odoo.models import MODELS, SEED
from erp_adapters.sandbox.odoo.refusals import missing

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    model TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (model, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS external_id (
    name TEXT NOT NULL PRIMARY KEY, model TEXT NOT NULL, res_id INTEGER NOT NULL, noupdate INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (model TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class ExternalId:
    """A name of a record; `noupdate`: a load in the mode of an update leaves the record alone."""

    model: str
    key: int
    noupdate: bool


@dataclass
class State:
    """What the books say; numbers count up in each model and never come back."""

    records: dict[str, dict[int, Record]] = field(default_factory=lambda: {model: {} for model in MODELS})
    names: dict[str, ExternalId] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)


class Transaction:
    """One call: it reads and writes at one instant; records that were made after `newest_us` are not listed."""

    def __init__(self, state: State, at_us: int, newest_us: int) -> None:
        self._state = state
        self.at_us = at_us
        self.newest_us = newest_us
        self.changed: dict[tuple[str, int], Record | None] = {}
        self.named: dict[str, ExternalId | None] = {}
        self.last: dict[str, int] = {}

    def all(self, model: str) -> Iterator[Record]:
        """Every record of a model, in the order of their keys."""
        keys = {*self._state.records[model], *(key for name, key in self.changed if name == model)}
        for key in sorted(keys):
            record = self.find(model, key)
            if record is not None and record["create_us"] <= self.newest_us:
                yield record

    def find(self, model: str, key: int) -> Record | None:
        """A record, or None."""
        if (model, key) in self.changed:
            return self.changed[model, key]
        return self._state.records[model].get(key)

    def get(self, model: str, key: int) -> Record:
        """A record; raise MissingError as Odoo does where there is none."""
        record = self.find(model, key)
        if record is None:
            raise missing(model, key)
        return record

    def create(self, model: str, values: Record) -> int:
        """Make a record with what its model gives to every new one."""
        self.last[model] = key = self.last.get(model, self._state.last.get(model, 0)) + 1
        given = {name: one.given for name, one in MODELS[model].items()}
        stamps = {"id": key, "create_us": self.at_us, "write_us": self.at_us}
        self.changed[model, key] = {**given, **values, **stamps}
        return key

    def write(self, model: str, key: int, values: Record) -> None:
        """Change a record, and the instant of its last change."""
        self.changed[model, key] = {**self.get(model, key), **values, "write_us": self.at_us}

    def unlink(self, model: str, key: int) -> None:
        """Remove a record and its names."""
        self.get(model, key)
        self.changed[model, key] = None
        for name in self.names_of(model, key):
            self.named[name] = None

    def named_record(self, name: str) -> ExternalId | None:
        """What an external identifier names, if anything."""
        return self.named[name] if name in self.named else self._state.names.get(name)

    def name(self, name: str, model: str, key: int, *, noupdate: bool) -> None:
        """Give a record an external identifier."""
        self.named[name] = ExternalId(model, key, noupdate)

    def names_of(self, model: str, key: int) -> dict[str, ExternalId]:
        """Every external identifier of a record."""
        all_names = {**self._state.names, **self.named}
        return {n: one for n, one in all_names.items() if one is not None and (one.model, one.key) == (model, key)}


class Ledger:
    """The file with the books."""

    def __init__(self, path: Path) -> None:
        """Open the books, or begin them. Raises sqlite3.Error if the file is none."""
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)
        self._state = State()
        self._at_us = 0
        for model, key, body in self._file.execute("SELECT model, id, body FROM record"):
            record = json.loads(body)
            self._state.records[model][key] = record
            self._at_us = max(self._at_us, record["write_us"])
        for name, model, key, noupdate in self._file.execute("SELECT name, model, res_id, noupdate FROM external_id"):
            self._state.names[name] = ExternalId(model, key, bool(noupdate))
        self._state.last = dict(self._file.execute("SELECT model, last FROM counter").fetchall())
        if not self._state.last:
            self._begin()

    @contextmanager
    def transaction(self, stale: float = 0) -> Iterator[Transaction]:
        """The one transaction that is open; its instant is later than that of every one before.

        `stale`: it does not list what was made in so many seconds before.
        """
        with self._lock:
            at_us = max(time.time_ns() // 1000, self._at_us + 1)
            work = Transaction(self._state, at_us, at_us - int(stale * 1_000_000))
            yield work
            self._keep(work)
            self._at_us = at_us

    def close(self) -> None:
        """Wait for the transaction that is open, and close the file."""
        with self._lock:
            self._file.close()

    def _begin(self) -> None:
        with self.transaction() as work:
            for model, name, values in SEED:
                work.name(name, model, work.create(model, values), noupdate=True)

    def _keep(self, work: Transaction) -> None:
        if not (work.changed or work.named or work.last):
            return
        self._file.execute("BEGIN IMMEDIATE")
        try:
            self._write_down(work)
            self._file.execute("COMMIT")
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        for (model, key), record in work.changed.items():
            if record is None:
                self._state.records[model].pop(key, None)
            else:
                self._state.records[model][key] = record
        for name, one in work.named.items():
            if one is None:
                self._state.names.pop(name, None)
            else:
                self._state.names[name] = one
        self._state.last.update(work.last)

    def _write_down(self, work: Transaction) -> None:
        for (model, key), record in work.changed.items():
            if record is None:
                self._file.execute("DELETE FROM record WHERE model = ? AND id = ?", (model, key))
            else:
                self._file.execute("REPLACE INTO record VALUES (?, ?, ?)", (model, key, json.dumps(record)))
        for name, one in work.named.items():
            if one is None:
                self._file.execute("DELETE FROM external_id WHERE name = ?", (name,))
            else:
                self._file.execute(
                    "REPLACE INTO external_id VALUES (?, ?, ?, ?)", (name, one.model, one.key, one.noupdate)
                )
        self._file.executemany("REPLACE INTO counter VALUES (?, ?)", list(work.last.items()))
