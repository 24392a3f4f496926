"""What the shop, the windows and the ERP say of a sale, read from their tables and from nothing else.

Of the sidecar's own tables two are read, with their words as they stand there: what each window claims to have folded.
The checker weighs that claim against the outbox on one side, and the ERP's ledger on the other.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymysql.cursors import DictCursor

if TYPE_CHECKING:
    from pymysql.connections import Connection

Row = Mapping[str, Any]
Balance = Mapping[tuple[str, str], Decimal]
"""Quantity by place and SKU; a place is a source, a stock or a warehouse."""


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change of stock, or of what is reserved; `place` is a source, or the number of a stock."""

    id: int
    is_reservation: bool
    place: str
    sku: str
    quantity: Decimal
    reason: str
    is_echo: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a window, and the outbox ids that it claims."""

    window: str
    kind: str
    warehouse: str
    window_state: str
    sku: str
    quantity: Decimal
    state: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shop:
    """Magento's side. `late` are ids that a window took although an earlier one had passed them by."""

    orders: int
    changes: tuple[Change, ...]
    in_sources: Balance
    reserved: Balance
    windows: Mapping[str, str]
    lines: tuple[Line, ...]
    late: frozenset[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """One document that the ERP has booked, a movement or a demand: quantities by SKU; refused lines are not in it."""

    reference: str
    kind: str
    warehouse: str
    booked: Mapping[str, Decimal]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erp:
    """The ERP's side; documents of one reference are repeated if they are."""

    batches: tuple[Batch, ...]
    on_hand: Balance
    demand: Balance
    faults: tuple[str, ...]


# --- Magento --------------------------------------------------------------------------------------

ORDERS = "SELECT COUNT(*) AS orders FROM {prefix}sales_order"
CHANGES = """
    SELECT id, type, origin, payload FROM {prefix}erp_outbox
    WHERE type IN ('InventoryAdjusted', 'InventoryReserved') ORDER BY id
"""
IN_SOURCES = "SELECT source_code AS place, sku, quantity FROM {prefix}inventory_source_item"
RESERVED = "SELECT stock_id AS place, sku, SUM(quantity) AS quantity FROM {prefix}inventory_reservation GROUP BY 1, 2"
WINDOWS = "SELECT id, kind, warehouse, sequence, state, late_ids FROM {prefix}erp_stock_window"
LINES = "SELECT window_id, sku, quantity, state, members FROM {prefix}erp_stock_window_line"


def read_shop(connection: "Connection[Any]", prefix: str = "") -> Shop:
    """Read Magento's database in one snapshot."""
    with connection.cursor(DictCursor) as cursor:

        def rows(statement: str) -> Sequence[Row]:
            cursor.execute(statement.replace("{prefix}", prefix))
            return cursor.fetchall()

        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            windows = {row["id"]: row for row in rows(WINDOWS)}
            return Shop(
                orders=rows(ORDERS)[0]["orders"],
                changes=tuple(_change(row) for row in rows(CHANGES)),
                in_sources=_balance(rows(IN_SOURCES)),
                reserved=_balance(rows(RESERVED)),
                windows={_name(row): row["state"] for row in windows.values()},
                lines=tuple(_line(row, windows[row["window_id"]]) for row in rows(LINES)),
                late=frozenset(late for row in windows.values() for late in json.loads(row["late_ids"])),
            )
        finally:
            connection.rollback()


def _change(row: Row) -> Change:
    told = json.loads(row["payload"])
    is_reservation = row["type"] == "InventoryReserved"
    place = str(told["stock_id"]) if is_reservation else told["source_code"]
    reason = "" if is_reservation else told["reason"]
    quantity = Decimal(told["quantity"])
    return Change(row["id"], is_reservation, place, told["sku"], quantity, reason, row["origin"] == "erp")


def _line(row: Row, window: Row) -> Line:
    members = tuple(json.loads(row["members"]))
    words = (window["kind"], window["warehouse"], window["state"])
    return Line(_name(window), *words, row["sku"], row["quantity"], row["state"], members)


def _name(window: Row) -> str:
    return f"{window['warehouse']}.{window['sequence']}"


def _balance(rows: Sequence[Row]) -> Balance:
    return {(str(row["place"]), row["sku"]): row["quantity"] for row in rows}


# --- The ERP --------------------------------------------------------------------------------------

MOVEMENTS = """
    SELECT m.number, m.reference, 'movement', m.warehouse, l.sku, l.quantity, l.status
    FROM stock_movements m LEFT JOIN stock_movement_lines l ON l.number = m.number ORDER BY m.number, l.position
"""
DEMANDS = """
    SELECT m.number, m.reference, 'demand', m.warehouse, l.sku, l.quantity, l.status
    FROM demands m LEFT JOIN demand_lines l ON l.number = m.number ORDER BY m.number, l.position
"""
ON_HAND = "SELECT warehouse, sku, on_hand FROM stock_balances"
DEMANDED = "SELECT warehouse, sku, quantity FROM demand_balances"
FAULTS = "SELECT kind FROM faults ORDER BY id"


def read_erp(path: Path) -> Erp:
    """Read the ERP's ledger, without disturbing it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
        ledger.execute("BEGIN")
        return Erp(
            batches=(*_batches(ledger.execute(MOVEMENTS)), *_batches(ledger.execute(DEMANDS))),
            on_hand={(w, sku): Decimal(quantity) for w, sku, quantity in ledger.execute(ON_HAND)},
            demand={(w, sku): Decimal(quantity) for w, sku, quantity in ledger.execute(DEMANDED)},
            faults=tuple(kind for (kind,) in ledger.execute(FAULTS)),
        )


def _batches(rows: Any) -> list[Batch]:  # noqa: ANN401 -- a cursor of sqlite3's
    found: dict[str, Batch] = {}
    for number, reference, kind, warehouse, sku, quantity, status in rows:
        batch = found.setdefault(number, Batch(reference, kind, warehouse, {}))
        if sku is None:
            continue
        if status == "booked":
            booked = {**batch.booked, sku: batch.booked.get(sku, Decimal(0)) + Decimal(quantity)}
            found[number] = Batch(reference, kind, warehouse, booked, batch.refused)
        else:
            found[number] = Batch(reference, kind, warehouse, batch.booked, (*batch.refused, sku))
    return list(found.values())
