"""Magento's side of a measurement: events committed at a steady rate, by a clock that waits for nobody."""

import random
import threading
import time
from typing import Final
from uuid import uuid4

import pymysql
from sqlalchemy import make_url

from tests.benchmarks.apart import Parent
from tests.benchmarks.rows import payload

CONNECTIONS: Final = 8
LARGEST_SKEW: Final = 0.004
_INSERT: Final = """
    INSERT INTO erp_outbox (event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,
                            occurred_at_us, origin, payload_bytes, payload)
    VALUES (%s, 'OrderPlaced', 1, %s, 'order', %s, 1, %s, 'checkout', %s, %s)
"""


class Producers:
    """Several connections that take turns; each event commits 0 to 4 ms after its insert, so ids overtake."""

    def __init__(self, url: str, rate: float, seconds: float, parent: Parent) -> None:
        self._url, self._rate, self._parent = url, rate, parent
        self._total = int(rate * seconds)
        self._next = 0
        self._lock = threading.Lock()
        self.commits: dict[str, int] = {}

    def run(self) -> None:
        """Commit every event at its time."""
        self._began = time.monotonic()
        threads = [threading.Thread(target=self._one_connection) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one_connection(self) -> None:
        where = make_url(self._url)
        connection = pymysql.connect(
            host=where.host or "127.0.0.1",
            port=where.port or 3306,
            user=where.username,
            password=str(where.password or ""),
            database=where.database,
            autocommit=False,
            ssl_disabled=True,
        )
        with connection, connection.cursor() as cursor:
            while (number := self._take()) is not None and not self._parent.stopping.is_set():
                time.sleep(max(0.0, self._began + number / self._rate - time.monotonic()))
                event_id = str(uuid4())
                text = payload(event_id, str(number))
                cursor.execute(_INSERT, (event_id, f"order:{number}", number, time.time_ns() // 1000, len(text), text))
                time.sleep(random.random() * LARGEST_SKEW)  # noqa: S311 -- a shop's chance
                connection.commit()
                self.commits[event_id] = time.monotonic_ns()

    def _take(self) -> int | None:
        with self._lock:
            if self._next >= self._total:
                return None
            self._next += 1
            return self._next - 1


def produce(parent: Parent, url: str, rate: float, seconds: float) -> dict[str, int]:
    """Commit `rate` events a second for so long; the instant at which each commit had returned, by event id."""
    producers = Producers(url, rate, seconds, parent)
    producers.run()
    return producers.commits
