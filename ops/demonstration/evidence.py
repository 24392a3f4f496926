"""What both sides say, read from Magento's tables and from the ERP's ledger, and from nothing else.

`erp_finding` is the one table of the sidecar's own that is read: whether it noticed what the ERP did in silence is a
claim that only it can make. The checker weighs that claim against the ledger's list of injected faults.
"""

import json
import sqlite3
from collections import defaultdict
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

ORDER_EVENTS = ("OrderPlaced", "OrderUpdated", "OrderCancelled")
STOCK_EVENT = "InventoryAdjusted"


@dataclass(frozen=True, slots=True)
class Event:
    """One committed outbox row; an echo says what the ERP has caused in the shop."""

    id: int
    event_id: str
    type: str
    order_id: int | None
    payload: Row
    committed_at_us: int | None
    is_echo: bool = False


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """One order as Magento's rows hold it now; `marks` are where an acknowledgement shows."""

    row: Row
    items: tuple[Row, ...]
    comments: tuple[str, ...]
    grid_ext_order_id: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """One order in the ERP, as it is now."""

    number: str
    reference: str
    status: str
    body: Row


@dataclass(frozen=True, slots=True)
class Revision:
    """One accepted create, change or cancel of a document."""

    sequence: int
    number: str
    kind: str
    event_id: str
    accepted_us: int


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A delivery or an invoice of the ERP, or what Magento made of one: units by order item."""

    kind: str
    number: str
    units: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One line of a stock movement; a rejected one was not booked."""

    warehouse: str
    sku: str
    quantity: Decimal
    booked: bool


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """One fault that the ERP was told to commit."""

    kind: str
    operation: str
    reference: str | None
    event_id: str | None
    number: str | None
    at_us: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request that the ERP would not carry out, for what it says."""

    operation: str | None
    reference: str | None
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Magento:
    """Magento's side; `outages` are the times in which the daemon was down on purpose, `overwritten` the orders whose
    ERP number a stale save took away.
    """

    orders: Mapping[int, ShopOrder]
    events: tuple[Event, ...]
    outages: tuple[tuple[int, int], ...]
    findings: frozenset[tuple[str, str]]
    overwritten: frozenset[int]
    fulfilments: tuple[Fulfilment, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ERP's side; `movements` are the references of all accepted stock movements, repeated ones repeated."""

    documents: tuple[Document, ...]
    revisions: tuple[Revision, ...]
    movements: tuple[str, ...]
    lines: tuple[MovementLine, ...]
    refusals: tuple[Refusal, ...]
    faults: tuple[InjectedFault, ...]
    fulfilments: tuple[Fulfilment, ...] = ()


# --- Magento --------------------------------------------------------------------------------------

OUTBOX = """
    SELECT o.id, o.event_id, o.type, o.aggregate_id, o.origin, o.payload, c.committed_at_us
    FROM {prefix}erp_outbox o LEFT JOIN {prefix}demo_commit c ON c.event_id = o.event_id
    ORDER BY o.id
"""
ORDERS = """
    SELECT o.*, p.method AS payment_method, g.ext_order_id AS grid_ext_order_id
    FROM {prefix}sales_order o
    LEFT JOIN {prefix}sales_order_payment p ON p.parent_id = o.entity_id
    LEFT JOIN {prefix}sales_order_grid g ON g.entity_id = o.entity_id
"""
ITEMS = "SELECT * FROM {prefix}sales_order_item ORDER BY item_id"
COMMENTS = "SELECT parent_id, comment FROM {prefix}sales_order_status_history WHERE comment IS NOT NULL"
OUTAGES = "SELECT from_us, COALESCE(until_us, from_us + 3600000000) AS until_us FROM {prefix}demo_outage"
MADE = {
    "delivery": """
        SELECT c.parent_id, c.comment, i.order_item_id, i.qty
        FROM {prefix}sales_shipment_comment c JOIN {prefix}sales_shipment_item i ON i.parent_id = c.parent_id
        WHERE c.comment LIKE 'delivery % of erp'
    """,
    "invoice": """
        SELECT c.parent_id, c.comment, i.order_item_id, i.qty
        FROM {prefix}sales_invoice_comment c JOIN {prefix}sales_invoice_item i ON i.parent_id = c.parent_id
        WHERE c.comment LIKE 'invoice % of erp'
    """,
}
"""Magento's documents that carry the number of the ERP's in their comment, and their items."""

OVERWRITES = "SELECT DISTINCT order_id FROM {prefix}demo_overwrite"
FINDINGS = "SELECT DISTINCT subject, kind FROM {prefix}erp_finding"


def read_magento(connection: "Connection[Any]", prefix: str) -> Magento:
    """Read the shop's side in one snapshot."""
    with connection.cursor(DictCursor) as cursor:

        def rows(statement: str) -> Sequence[Row]:
            cursor.execute(statement.replace("{prefix}", prefix))
            return cursor.fetchall()

        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            items, comments = defaultdict(list), defaultdict(list)
            for item in rows(ITEMS):
                items[item["order_id"]].append(item)
            for comment in rows(COMMENTS):
                comments[comment["parent_id"]].append(comment["comment"])
            orders = {
                row["entity_id"]: ShopOrder(
                    row,
                    tuple(items[row["entity_id"]]),
                    tuple(comments[row["entity_id"]]),
                    row["grid_ext_order_id"],
                )
                for row in rows(ORDERS)
            }
            return Magento(
                orders,
                tuple(_event(row) for row in rows(OUTBOX)),
                tuple((row["from_us"], row["until_us"]) for row in rows(OUTAGES)),
                frozenset((row["subject"], row["kind"]) for row in rows(FINDINGS)),
                frozenset(row["order_id"] for row in rows(OVERWRITES)),
                tuple(made for kind, query in MADE.items() for made in _made(kind, rows(query))),
            )
        finally:
            connection.rollback()


def _made(kind: str, rows: Sequence[Row]) -> list[Fulfilment]:
    """Each of Magento's documents of its own, so that one made twice is two."""
    units: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        if row["qty"]:
            units[row["parent_id"], row["comment"].split()[1]][str(row["order_item_id"])] = row["qty"]
    return [Fulfilment(kind, number, items) for (_, number), items in units.items()]


def _event(row: Row) -> Event:
    order_id = int(row["aggregate_id"]) if row["type"] in ORDER_EVENTS else None
    payload = json.loads(row["payload"])
    is_echo = row["origin"] == "erp"
    return Event(row["id"], row["event_id"], row["type"], order_id, payload, row["committed_at_us"], is_echo)


# --- The ERP --------------------------------------------------------------------------------------

DOCUMENTS = "SELECT number, reference, status, body FROM orders ORDER BY number"
REVISIONS = """
    SELECT change_seq, number, kind, source_event, accepted_us
    FROM order_revisions WHERE kind IN ('create', 'change', 'cancel') ORDER BY change_seq
"""
MOVEMENTS = "SELECT reference FROM stock_movements"
LINES = """
    SELECT m.warehouse, l.sku, l.quantity, l.status
    FROM stock_movement_lines l JOIN stock_movements m ON m.number = l.number
"""
REFUSALS = "SELECT operation, reference, source_event FROM refusals WHERE status IN (400, 422) ORDER BY id"
FULFILMENTS = "SELECT kind, number, body FROM documents WHERE reversed = 0 AND kind <> 'credit_memo' ORDER BY number"
FAULTS = "SELECT kind, operation, reference, source_event, number, at_us FROM faults ORDER BY id"


def read_ledger(path: Path) -> Ledger:
    """Read the ERP's side, without disturbing it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
        ledger.execute("BEGIN")
        return Ledger(
            tuple(Document(n, r, s, json.loads(body)) for n, r, s, body in ledger.execute(DOCUMENTS)),
            tuple(Revision(*row) for row in ledger.execute(REVISIONS)),
            tuple(reference for (reference,) in ledger.execute(MOVEMENTS)),
            tuple(MovementLine(w, s, Decimal(q), state == "booked") for w, s, q, state in ledger.execute(LINES)),
            tuple(Refusal(*row) for row in ledger.execute(REFUSALS)),
            tuple(InjectedFault(*row) for row in ledger.execute(FAULTS)),
            tuple(_fulfilment(*row) for row in ledger.execute(FULFILMENTS)),
        )


def _fulfilment(kind: str, number: str, body: str) -> Fulfilment:
    lines = json.loads(body)["lines"]
    return Fulfilment(kind, number, {line["lineReference"]: Decimal(line["quantity"]) for line in lines})
