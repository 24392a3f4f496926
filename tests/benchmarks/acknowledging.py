"""projector_orders_per_s and projector_lock_p99_ms: acknowledgements into orders, beside a shop that sells.

A backlog of orders waits for its first acknowledgement: number, status, grid row, ERP lines of three items and a
comment each. Meanwhile other connections place orders, save whole rows of old ones and hold some during a call, as
Magento's processes do. A lock on an order is counted from before it is asked for until its COMMIT has returned, so what
is shown is more than what was held.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final, TypeVar

import pymysql
from sqlalchemy import make_url

from sidecar.daemon import SystemClock
from sidecar.domain.events import DestinationName
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.numbers import NumberRule
from sidecar.engine.projector import Projector
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.session import Session, Work
from tests.benchmarks.apart import Apart, Parent, Spent
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Side, percentile
from tests.benchmarks.product import Silent
from tests.support.servers import Database

NAMES: Final = ("projector_orders_per_s", "projector_lock_p99_ms")
ITEMS: Final = 3
PLACED_PER_S: Final = 60.0
CONNECTIONS: Final = 4
CONFLICTS: Final = frozenset({1205, 1213})
T = TypeVar("T")


class TimedSession(Session):
    """A session that notes how long each of its transactions lasted, in milliseconds."""

    spans: list[float]

    def transaction(self, body: Callable[[Work], T], *, attempts: int = 5) -> T:
        """Run it, and note the time."""
        began = time.perf_counter()
        try:
            return super().transaction(body, attempts=attempts)
        finally:
            self.spans.append((time.perf_counter() - began) * 1e3)


def measure(bench: Bench) -> list[Figure]:
    """Acknowledge a backlog beside checkouts."""
    orders = bench.sizes.acknowledgements
    bench.say(f"{orders} acknowledgements beside {PLACED_PER_S:g} orders/s")
    with bench.servers.schema(bench.servers.main()) as database:
        fill(database, orders)
        with (
            Apart("tests.benchmarks.acknowledging:sell", url=database.url, old=orders) as shop,
            Apart("tests.benchmarks.acknowledging:acknowledge", url=database.url, orders=orders) as projector,
        ):
            shop.hear()
            projector.order("go")
            done = projector.result()
            shop.stop()
            sold = shop.result()
    side = Side(orders, done["seconds"], done["cpu_seconds"])
    words = (
        f"{sold['placed']} orders placed and {sold['saved']} saved meanwhile, {sold['conflicts']} of them in conflict"
    )
    p99 = percentile(done["spans"], 0.99)
    held = f"median {percentile(done['spans'], 0.5):.1f} ms, longest {max(done['spans']):.1f} ms; {words}"
    return [
        Figure("projector_orders_per_s", side.rate, ours=side, says=words),
        Figure("projector_lock_p99_ms", p99, says=held),
    ]


def fill(database: Database, orders: int) -> None:
    """Orders of three items that an ERP has confirmed, and of which Magento knows nothing yet."""
    with closing(database.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        for first in range(1, orders + 1, 500):
            ids = range(first, min(first + 500, orders + 1))
            cursor.executemany(
                "INSERT INTO sales_order (entity_id, increment_id, state, status, updated_at)"
                " VALUES (%s, %s, 'new', 'pending', NOW() - INTERVAL 1 DAY)",
                [(number, f"{number:09d}") for number in ids],
            )
            cursor.executemany(
                "INSERT INTO sales_order_grid (entity_id, increment_id, status) VALUES (%s, %s, 'pending')",
                [(number, f"{number:09d}") for number in ids],
            )
            cursor.executemany(
                "INSERT INTO sales_order_item (item_id, order_id, product_type, sku) VALUES (%s, %s, 'simple', 'sku')",
                [(number * ITEMS + item, number) for number in ids for item in range(ITEMS)],
            )
            told = [
                (number, number, json.dumps({str(number * ITEMS + item): str(item + 1) for item in range(ITEMS)}))
                for number in ids
            ]
            cursor.executemany(
                "INSERT INTO erp_document (destination, entity_type, entity_id, external_ref, erp_id, erp_number,"
                " erp_status, revision, payload_sha256, blueprint_version, erp_lines)"
                " VALUES ('bench', 'order', %s, '', '', CONCAT('SO-', %s), 'open', 1, '', '', %s)",
                told,
            )
            connection.commit()
        cursor.execute("ANALYZE TABLE sales_order, sales_order_grid, sales_order_item, erp_document")


def acknowledge(parent: Parent, url: str, orders: int) -> dict[str, object]:
    """Turn a projector until the backlog is done."""
    name, session = DestinationName("bench"), Session(url)
    timed = TimedSession(url)
    timed.spans = []
    documents = ProjectionStore(session, name)
    lifecycle = Lifecycle.showing({"open": {"new": "erp_accepted"}})
    projector = Projector(
        name, lifecycle, NumberRule(), documents, Projections(timed), SystemClock(), Silent(), lambda: True
    )
    parent.next_order()
    spent = Spent()
    while projector.turn():
        pass
    figures = spent.so_far()
    left = documents.due(orders)
    if len(left) > orders // 100:
        raise AssertionError(f"{len(left)} of {orders} orders are not acknowledged")
    return {**figures, "spans": [round(span, 3) for span in timed.spans]}


def sell(parent: Parent, url: str, old: int) -> dict[str, int]:
    """Place and save orders at a steady rate until it is told to stop."""
    counts = {"placed": 0, "saved": 0, "conflicts": 0}
    lock = threading.Lock()

    def one_process(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 -- a shop's chance
        with _connected(url) as connection, connection.cursor() as cursor:
            while not parent.stopping.is_set():
                time.sleep(chance.expovariate(PLACED_PER_S / CONNECTIONS))
                kind = "saved" if chance.random() < 1 / 4 else "placed"
                try:
                    _save(cursor, chance.randint(1, old), chance) if kind == "saved" else _place(cursor, chance)
                    connection.commit()
                except pymysql.MySQLError as error:
                    connection.rollback()
                    if error.args[0] not in CONFLICTS:
                        raise
                    kind = "conflicts"
                with lock:
                    counts[kind] += 1

    threads = [threading.Thread(target=one_process, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    parent.say(ready=True)
    for thread in threads:
        thread.join()
    return counts


def _place(cursor: "pymysql.cursors.Cursor", chance: random.Random) -> None:
    cursor.execute("INSERT INTO sales_order (state, status) VALUES ('new', 'pending')")
    order = cursor.lastrowid
    rows = [(order,)] * ITEMS
    cursor.executemany("INSERT INTO sales_order_item (order_id, product_type, sku) VALUES (%s, 'simple', 'sku')", rows)
    cursor.execute("INSERT INTO sales_order_payment (parent_id, method) VALUES (%s, 'checkmo')", (order,))
    cursor.execute("UPDATE sales_order SET increment_id = LPAD(entity_id, 9, '0') WHERE entity_id = %s", (order,))
    cursor.execute("INSERT INTO sales_order_grid (entity_id, status) VALUES (%s, 'pending')", (order,))
    time.sleep(chance.uniform(0, 0.004))


def _save(cursor: "pymysql.cursors.Cursor", order: int, chance: random.Random) -> None:
    """A whole-row save that begins with its row, then writes its items and its row of the list."""
    cursor.execute("SELECT grand_total FROM sales_order WHERE entity_id = %s FOR UPDATE", (order,))
    cursor.execute("UPDATE sales_order SET customer_note = %s WHERE entity_id = %s", (str(chance.random()), order))
    cursor.execute("UPDATE sales_order_item SET qty_invoiced = 1 WHERE order_id = %s", (order,))
    cursor.execute("UPDATE sales_order_grid SET billing_name = 'x' WHERE entity_id = %s", (order,))
    time.sleep(chance.uniform(0, 0.004))


def _connected(url: str) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
    where = make_url(url)
    return pymysql.connect(
        host=where.host or "127.0.0.1",
        port=where.port or 3306,
        user=where.username,
        password=str(where.password or ""),
        database=where.database,
        autocommit=False,
        ssl_disabled=True,
    )
