"""The books of the ERP: one SQLite file in which every answer is on disk before it is sent.

One writer at a time, whose transaction ends before anything is said to the caller; readers see the
last finished transaction. So the process may be killed at any moment and the next one goes on.
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.sql").read_text(encoding="utf-8")
END_OF_TIME_US = 2**63 - 1


def _named_statements(text: str) -> dict[str, str]:
    blocks = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return {name: block.strip() for name, block in zip(blocks[::2], blocks[1::2], strict=True)}


STATEMENTS = _named_statements((HERE / "ledger.sql").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Reading:
    """A look at the last finished state of the ledger."""

    connection: sqlite3.Connection

    def all(self, statement: str, **binds: object) -> list[sqlite3.Row]:
        """Run a named statement and fetch every row."""
        return self.connection.execute(STATEMENTS[statement], binds).fetchall()

    def first(self, statement: str, **binds: object) -> sqlite3.Row | None:
        """Run a named statement and fetch its first row, if there is one."""
        rows = self.all(statement, **binds)
        return rows[0] if rows else None


@dataclass(frozen=True)
class Writing(Reading):
    """The one transaction that is open for writing, and its instant."""

    at_us: int

    def run(self, statement: str, **binds: object) -> None:
        """Run a named statement at the transaction's instant (bound as `at_us`)."""
        self.connection.execute(STATEMENTS[statement], {"at_us": self.at_us, **binds})

    def next_of(self, series: str) -> int:
        """Hand out the next number of a series: 1, 2, 3 and so on, never one twice."""
        return int(self.all("advance_counter", series=series)[0]["last"])


class Ledger:
    """The file, with one connection for writing and one for reading."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, or create it. Raises sqlite3.Error if the file is not one."""
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer = _connect(path)
        self._writer.executescript(SCHEMA)
        self._reader = _connect(path)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Open the one write transaction; it is on disk when the block ends.

        Its instant is later than that of every transaction before, even if the clock was set back.
        """
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                now_us = time.time_ns() // 1000
                clock = self._writer.execute(STATEMENTS["advance_clock"], {"now_us": now_us}).fetchall()
                yield Writing(self._writer, int(clock[0]["last"]))
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk ends it by itself
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read without waiting for writers; one state for the whole block."""
        with self._read_lock:
            self._reader.execute("BEGIN")
            try:
                yield Reading(self._reader)
            finally:
                self._reader.execute("ROLLBACK")

    def close(self) -> None:
        """Wait for the writer and close the file."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def visible_us(lag: timedelta) -> int:
    """Tell the latest instant that searches may show."""
    if not lag:
        return END_OF_TIME_US
    return time.time_ns() // 1000 - lag // timedelta(microseconds=1)


def as_text(value: object) -> str:
    """Write JSON as the ledger keeps it: one line, ASCII."""
    return json.dumps(value, separators=(",", ":"))
