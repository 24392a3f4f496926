"""A shop that sells: writers that behave like Magento's processes, each with a connection and a commit log of its own.

A transaction locks the order's row first, writes the order's rows and its event, waits 0 to 4 ms as a busy server
would, and commits; one in twenty is rolled back, one in a thousand stalls for a second. Some are slow in other ways:
a mass action writes the events of several orders in one INSERT ... SELECT whose ids are reserved while others go on, a
refund holds its order for four seconds as a call to a payment gateway would, a stock change commits long after its
neighbours. What a writer decides comes from the seed; what it meets comes from the others.
"""

import argparse
import json
import random
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql

from ops.chaos_run.commit_log import CommitLog
from ops.chaos_run.orders import CARD, FREE_AT_ONCE, OUTBOX_COLUMNS, Item, Version, amounts_of, event_id, outbox_row

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

SKUS = ("SKU-A", "SKU-B", "SKU-C", "SKU-D", "SKU-E")
SOURCES = ("west", "east")
PARKED_ORDER = 1
"""The order whose first event nobody can understand: its lane is parked from the first moment to the last."""

BY_CARD = 0.4
HISTORY = 3_000
HISTORY_AGE_US = 60 * 86_400 * 1_000_000
"""Events from before the run, old enough to be purged while it lasts."""

SKEW = 0.004
STALL = 1.0
GATEWAY = 4.0
LATE = (1.2, 2.5)
SLOW_ROW = 0.03
REMEMBERED = 300
LOST_CONNECTION = frozenset({0, 2003, 2006, 2013, 2014, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 4031})
DEADLOCK = 1213
CONFLICTS = frozenset({1205, DEADLOCK})
STALE = ", ext_order_id = NULL, status = IF(state = 'new', 'pending', status)"
REFRESH_LIST = (
    "UPDATE sales_order_grid g JOIN sales_order o ON o.entity_id = g.entity_id"
    " SET g.status = o.status, g.ext_order_id = o.ext_order_id WHERE g.entity_id = %s"
)
RESOLVES_WITHIN = 90.0


class Street:
    """What the writers share: which orders there are, and whether the shop is still open."""

    def __init__(self) -> None:
        """No orders yet."""
        self.orders: deque[int] = deque(maxlen=REMEMBERED)
        self.unpaid: deque[int] = deque(maxlen=REMEMBERED)
        self.closed = threading.Event()
        self.broken = threading.Event()

    def note_defect(self, defect: threading.ExceptHookArgs) -> None:
        """A writer ended by an error of its own: what it committed may be missing in the log, so the run is void."""
        self.broken.set()
        threading.__excepthook__(defect)


class Writer(threading.Thread):
    """One process of Magento's."""

    def __init__(self, number: int, seed: int, pace: float, street: Street, access: dict[str, Any], log: Path) -> None:
        """Nothing is written yet; `pace` is the mean pause between two transactions, in seconds."""
        super().__init__(name=f"writer {number}", daemon=True)
        self._chance = random.Random(f"{seed}/{number}")  # noqa: S311 (a run that can be played again)
        self._number, self._pace, self._street, self._access = number, pace, street, access
        self._log = CommitLog(log, number)
        self._connection: Connection[Cursor] | None = None
        self._was_late = False
        self._acts: Sequence[tuple[float, Callable[[Cursor], list[dict[str, Any]]]]] = (
            (42, self._place),
            (18, self._edit),
            (3, self._save_unchanged),
            (2, self._save_stale),
            (12, self._pay),
            (4, self._cancel),
            (14, self._move_stock),
            (1.5, self._mass_edit),
            (1.5, self._import_stock),
            (0.4, self._refund_at_gateway),
            (2, self._edit_parked),
        )

    def run(self) -> None:
        """Write until the shop closes; a server that is gone is waited for."""
        weights = [weight for weight, _ in self._acts]
        while not self._street.closed.is_set():
            act = self._chance.choices(self._acts, weights)[0][1]
            try:
                self._transact(act)
            except pymysql.MySQLError as error:
                if _is_gone(error):
                    self._forget_connection()
                    time.sleep(0.1)
                elif error.args[0] in CONFLICTS:
                    self._log.conflict(error.args[0], self._whom_it_met(error.args[0]))
                else:
                    raise
            self._street.closed.wait(self._chance.expovariate(1 / self._pace))

    def _transact(self, act: "Callable[[Cursor], list[dict[str, Any]]]") -> None:
        connection = self._connected()
        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION")
            try:
                claims = act(cursor)
                time.sleep(self._chance.uniform(0, SKEW))
                if self._chance.random() < 1 / 1000:
                    time.sleep(STALL)
                if self._chance.random() < 1 / 20:
                    connection.rollback()
                    return
            except pymysql.MySQLError:
                with suppress(pymysql.MySQLError):
                    connection.rollback()
                raise
        self._commit(connection, claims)

    def _commit(self, connection: "Connection[Cursor]", claims: list[dict[str, Any]]) -> None:
        try:
            connection.commit()
        except pymysql.MySQLError:
            self._forget_connection()
            if claims and self._is_in_outbox(claims[0]):
                self._committed(claims, resolved=True)
            return
        self._committed(claims)

    def _committed(self, claims: list[dict[str, Any]], *, resolved: bool = False) -> None:
        if claims:
            self._log.committed(claims, resolved=resolved)
        for claim in claims:
            if claim["type"] == "OrderPlaced" and claim["order"] != PARKED_ORDER:
                self._street.orders.append(claim["order"])
                if not claim["free"]:
                    self._street.unpaid.append(claim["order"])

    def _is_in_outbox(self, claim: dict[str, Any]) -> bool:
        """What became of a COMMIT in which the server died: nobody was told, the table knows."""
        ends_at = time.monotonic() + RESOLVES_WITHIN
        while True:
            try:
                with self._connected().cursor() as cursor:
                    cursor.execute("SELECT event_id FROM erp_outbox WHERE id = %s", (claim["id"],))
                    return cursor.fetchone() == (claim["event_id"],)
            except pymysql.MySQLError:
                self._forget_connection()
                if time.monotonic() > ends_at:
                    raise
                time.sleep(0.1)

    # -- what happens in a shop ----------------------------------------------------------------------------------

    def _place(self, cursor: "Cursor") -> list[dict[str, Any]]:
        by_card = self._chance.random() < BY_CARD
        state = self._chance.choice(("new", "pending_payment", "payment_review")) if by_card else "new"
        version = Version(0, state, CARD if by_card else FREE_AT_ONCE, paid=False, note="placed", items=())
        return [self._insert_order(cursor, version)]

    def _insert_order(self, cursor: "Cursor", version: Version) -> dict[str, Any]:
        cursor.execute(
            "INSERT INTO sales_order (store_id, state, status, order_currency_code, customer_email, customer_note)"
            " VALUES (1, %s, %s, 'EUR', 'ann@example.com', %s)",
            (version.state, version.status, version.note),
        )
        version = replace(version, entity_id=cursor.lastrowid)
        cursor.execute(
            "INSERT INTO sales_order_payment (parent_id, method) VALUES (%s, %s)", (version.entity_id, version.method)
        )
        items = []
        for sku in self._chance.sample(SKUS, self._chance.randint(1, 3)):
            item = Item(0, sku, self._chance.randint(1, 9))
            cursor.execute(
                "INSERT INTO sales_order_item (order_id, product_type, sku, name, qty_ordered, price, row_total)"
                " VALUES (%s, 'simple', %s, 'Thing', %s, 5, %s)",
                (version.entity_id, item.sku, item.quantity, item.total),
            )
            items.append(replace(item, item_id=cursor.lastrowid))
        version = replace(version, items=tuple(items))
        cursor.execute(
            "INSERT INTO sales_order_grid (entity_id, status, store_id, increment_id) VALUES (%s, %s, 1, %s)",
            (version.entity_id, version.status, f"{version.entity_id:09d}"),
        )
        self._write_order(cursor, version, also=f", increment_id = '{version.entity_id:09d}'")
        return self._emit(cursor, "OrderPlaced", version)

    def _edit(self, cursor: "Cursor") -> list[dict[str, Any]]:
        return self._revise(cursor, self._some_order(), lambda version: version.with_quantities(self._chance))

    def _save_unchanged(self, cursor: "Cursor") -> list[dict[str, Any]]:
        return self._revise(cursor, self._some_order(), lambda version: version)

    def _save_stale(self, cursor: "Cursor") -> list[dict[str, Any]]:
        """A process that loaded the order before its acknowledgement saves its whole row, items and list with it."""
        order = self._some_order()
        claims = self._revise(cursor, order, lambda version: version.with_quantities(self._chance), also=STALE)
        if claims:
            cursor.execute("UPDATE sales_order_item SET ext_order_item_id = NULL WHERE order_id = %s", (order,))
            cursor.execute(REFRESH_LIST, (order,))
        return claims

    def _pay(self, cursor: "Cursor") -> list[dict[str, Any]]:
        """The capture arrives; one order in eight is never paid."""
        street = self._street
        entity_id = street.unpaid.popleft() if street.unpaid and self._chance.random() < 7 / 8 else None
        return self._revise(cursor, entity_id, Version.after_payment)

    def _cancel(self, cursor: "Cursor") -> list[dict[str, Any]]:
        return self._revise(
            cursor, self._some_order(), lambda version: replace(version, state="canceled"), kind="OrderCancelled"
        )

    def _refund_at_gateway(self, cursor: "Cursor") -> list[dict[str, Any]]:
        def called_the_gateway(version: Version) -> Version:
            self._street.closed.wait(GATEWAY)
            return version.with_quantities(self._chance)

        return self._revise(cursor, self._some_order(), called_the_gateway)

    def _mass_edit(self, cursor: "Cursor") -> list[dict[str, Any]]:
        """An admin's mass action: several orders in ascending order, their events in one slow INSERT ... SELECT."""
        chosen = {order for order in (self._some_order() for _ in range(4)) if order is not None}
        versions = [version for order in sorted(chosen) if (version := _locked(cursor, order)) is not None]
        edited = [version.with_quantities(self._chance) for version in versions if not version.cancelled]
        events = []
        for version in edited:
            self._write_order(cursor, version)
            event = event_id(self._chance)
            lane, payload = f"order:{version.entity_id}", version.payload("OrderUpdated", event)
            events.append(outbox_row("OrderUpdated", lane, ("order", str(version.entity_id)), event, payload))
        ids = _insert_slowly(cursor, events)
        return [
            version.claim("OrderUpdated", ids[str(event[0])], str(event[0]))
            for version, event in zip(edited, events, strict=True)
        ]

    def _whom_it_met(self, code: int) -> str:
        """Whose transactions the latest deadlock was between, other than the shop's; the server remembers one."""
        if code != DEADLOCK:
            return ""
        try:
            with self._connected().cursor() as cursor:
                cursor.execute("SHOW ENGINE INNODB STATUS")
                row = cursor.fetchone()
        except pymysql.MySQLError:
            self._forget_connection()
            return ""
        told = str(row[2] if row else "").partition("LATEST DETECTED DEADLOCK")[2].partition("\nTRANSACTIONS\n")[0]
        own = f" {self._access['user']} "
        return "; ".join(line.strip() for line in told.splitlines() if " thread id " in line and own not in f"{line} ")

    def _edit_parked(self, cursor: "Cursor") -> list[dict[str, Any]]:
        return self._revise(cursor, PARKED_ORDER, lambda version: version.with_quantities(self._chance))

    def _move_stock(self, cursor: "Cursor") -> list[dict[str, Any]]:
        claims = [self._delta(cursor) for _ in range(self._chance.randint(1, 2))]
        if not self._was_late or self._chance.random() < 1 / 50:
            self._was_late = True
            self._street.closed.wait(self._chance.uniform(*LATE))
        return claims

    def _import_stock(self, cursor: "Cursor") -> list[dict[str, Any]]:
        deltas = [some_delta(self._chance) for _ in range(self._chance.randint(3, 8))]
        ids = _insert_slowly(cursor, [row for row, _ in deltas])
        return [{**claim, "id": ids[claim["event_id"]]} for _, claim in deltas]

    # -- rows ----------------------------------------------------------------------------------------------------

    def _revise(
        self,
        cursor: "Cursor",
        entity_id: int | None,
        change: Callable[[Version], Version],
        *,
        kind: str = "OrderUpdated",
        also: str = "",
    ) -> list[dict[str, Any]]:
        """Lock the order's row, change it, say so; nothing for an order that is not there or is cancelled."""
        version = None if entity_id is None else _locked(cursor, entity_id)
        if version is None or version.cancelled:
            return []
        changed = change(version)
        self._write_order(cursor, changed, also=also)
        return [self._emit(cursor, kind, changed)]

    def _write_order(self, cursor: "Cursor", version: Version, *, also: str = "") -> None:
        columns = {
            "state": version.state,
            "customer_note": version.note,
            "grand_total": version.grand_total,
            "base_grand_total": version.grand_total,
            "base_total_paid": version.grand_total if version.paid else 0,
            **amounts_of(version),
        }
        assignments = ", ".join(f"{name} = %s" for name in columns)
        # Magento keeps a status while the state stays: what an acknowledgement set is left alone.
        cursor.execute(
            f"UPDATE sales_order SET status = IF(state = %s, status, %s), {assignments}{also} WHERE entity_id = %s",  # noqa: S608 (our own words)
            (version.state, version.status, *columns.values(), version.entity_id),
        )
        for item in version.items:
            cursor.execute(
                "UPDATE sales_order_item SET qty_ordered = %s, row_total = %s WHERE item_id = %s",
                (item.quantity, item.total, item.item_id),
            )

    def _emit(self, cursor: "Cursor", kind: str, version: Version) -> dict[str, Any]:
        event = event_id(self._chance)
        row = outbox_row(
            kind,
            f"order:{version.entity_id}",
            ("order", str(version.entity_id)),
            event,
            version.payload(kind, event),
        )
        return version.claim(kind, _insert(cursor, row), event)

    def _delta(self, cursor: "Cursor") -> dict[str, Any]:
        row, claim = some_delta(self._chance)
        return {**claim, "id": _insert(cursor, row)}

    def _some_order(self) -> int | None:
        orders = self._street.orders
        with suppress(IndexError):  # it shrinks for nobody, and grows at one end only
            return self._chance.choice(orders) if orders else None
        return None

    def _connected(self) -> "Connection[Cursor]":
        if self._connection is None:
            self._connection = pymysql.connect(**self._access, connect_timeout=5, read_timeout=30, ssl_disabled=True)
            with self._connection.cursor() as cursor:
                cursor.execute("SET SESSION innodb_lock_wait_timeout = 10")
        return self._connection

    def _forget_connection(self) -> None:
        if self._connection is not None:
            with suppress(pymysql.MySQLError, OSError):
                self._connection.close()
            self._connection = None


def some_delta(chance: random.Random, age_us: int = 0) -> tuple[Sequence[object], dict[str, Any]]:
    """A row of the outbox that changes some stock, and what the commit log says of it but its id."""
    event = event_id(chance)
    facts = {
        "sku": chance.choice(SKUS),
        "source_code": chance.choice(SOURCES),
        "quantity": f"{chance.choice((-3, -2, -1, 1, 2))}.0000",
        "reason": chance.choice(("shipment", "refund", "manual", "import")),
    }
    payload = {"event_id": event, "type": "InventoryAdjusted", "schema_version": 1, **facts}
    about = ("product", facts["sku"])
    row = outbox_row("InventoryAdjusted", None, about, event, json.dumps(payload), age_us=age_us)
    return row, {"event_id": event, "type": "InventoryAdjusted", **facts}


def _locked(cursor: "Cursor", entity_id: int) -> Version | None:
    """The order behind its row's lock, which is taken before anything else of it is read or written."""
    cursor.execute(
        "SELECT state, customer_note, base_total_paid > 0 FROM sales_order WHERE entity_id = %s FOR UPDATE",
        (entity_id,),
    )
    order = cursor.fetchone()
    if order is None:
        return None
    cursor.execute("SELECT method FROM sales_order_payment WHERE parent_id = %s", (entity_id,))
    (method,) = cursor.fetchone() or ("",)
    cursor.execute(
        "SELECT item_id, sku, CAST(qty_ordered AS SIGNED) FROM sales_order_item WHERE order_id = %s ORDER BY item_id",
        (entity_id,),
    )
    items = tuple(Item(*row) for row in cursor.fetchall())
    return Version(entity_id, order[0], method, bool(order[2]), order[1], items)


def _insert(cursor: "Cursor", row: Sequence[object]) -> int:
    marks = ", ".join(["%s"] * len(row))
    cursor.execute(f"INSERT INTO erp_outbox ({OUTBOX_COLUMNS}) VALUES ({marks})", row)  # noqa: S608 (our own words)
    return int(cursor.lastrowid)


def _insert_slowly(cursor: "Cursor", rows: Sequence[Sequence[object]]) -> dict[str, int]:
    """Insert rows by INSERT ... SELECT, each of them slowly; returns the ids, which need not be neighbours."""
    if not rows:
        return {}
    one = "SELECT " + ", ".join(f"%s AS c{place}" for place in range(len(rows[0])))
    source = " UNION ALL ".join([one] * len(rows))
    names = ", ".join(f"c{place}" for place in range(len(rows[0])))
    cursor.execute(
        f"INSERT INTO erp_outbox ({OUTBOX_COLUMNS}) SELECT {names} FROM ({source}) AS given WHERE SLEEP(%s) = 0",  # noqa: S608 (our own words)
        [*(value for row in rows for value in row), SLOW_ROW],
    )
    first = cursor.lastrowid
    cursor.execute(
        "SELECT event_id, id FROM erp_outbox WHERE id >= %s AND event_id IN %s", (first, [row[0] for row in rows])
    )
    return dict(cursor.fetchall())


def _is_gone(error: pymysql.MySQLError) -> bool:
    return isinstance(error, pymysql.InterfaceError) or bool(error.args and error.args[0] in LOST_CONNECTION)


def write_history(access: dict[str, Any], log: Path) -> None:
    """Stock changes of two months ago, each of them due at every ERP that takes stock."""
    chance = random.Random(1)  # noqa: S311 (a run that can be played again)
    connection = pymysql.connect(**access, ssl_disabled=True)
    claims = []
    with connection, connection.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        for _ in range(HISTORY):
            row, claim = some_delta(chance, HISTORY_AGE_US)
            claims.append({**claim, "id": _insert(cursor, row), "old": True})
        connection.commit()
    CommitLog(log, 0).committed(claims)


def open_parked_lane(street_access: dict[str, Any], log: Path) -> None:
    """Place the first order, whose event Magento could not build, so that its lane is parked at every ERP."""
    connection = pymysql.connect(**street_access, ssl_disabled=True)
    chance = random.Random(0)  # noqa: S311 (a run that can be played again)
    version = Version(PARKED_ORDER, "new", FREE_AT_ONCE, paid=False, note="placed", items=())
    event = event_id(chance)
    payload = json.dumps({"event_id": event, "order_id": PARKED_ORDER, "error": "a column of an extension is gone"})
    with connection, connection.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute(
            "INSERT INTO sales_order (entity_id, increment_id, store_id, state, status, order_currency_code,"
            " customer_note, base_total_paid) VALUES (%s, '000000001', 1, 'new', 'pending', 'EUR', 'placed', 0)",
            (PARKED_ORDER,),
        )
        cursor.execute(
            "INSERT INTO sales_order_payment (parent_id, method) VALUES (%s, %s)", (PARKED_ORDER, FREE_AT_ONCE)
        )
        row = outbox_row("OrderPlaced", f"order:{PARKED_ORDER}", ("order", str(PARKED_ORDER)), event, payload)
        claim = version.claim("OrderPlaced", _insert(cursor, row), event)
        connection.commit()
    CommitLog(log, 0).committed([claim])


def main() -> int:
    """Keep the shop open until SIGTERM, then let every writer end what it began."""
    parser = argparse.ArgumentParser(prog="python -m ops.chaos_run.shop", description=__doc__)
    parser.add_argument("--access", type=Path, required=True, help="JSON: how pymysql connects")
    parser.add_argument("--log", type=Path, required=True, help="the folder of the commit logs")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--writers", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="transactions a second, of all writers together")
    options = parser.parse_args()
    access = json.loads(options.access.read_text(encoding="utf-8"))
    street = Street()
    signal.signal(signal.SIGTERM, lambda *_: street.closed.set())
    threading.excepthook = street.note_defect
    write_history(access, options.log)
    open_parked_lane(access, options.log)
    pace = options.writers / options.rate
    writers = [
        Writer(number, options.seed, pace, street, access, options.log) for number in range(1, options.writers + 1)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        while writer.is_alive():
            writer.join(0.5)
    return 1 if street.broken.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
