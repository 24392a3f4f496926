"""What three witnesses say: the writers' commit log, each ERP's ledger, and Magento's tables.

Of the sidecar's own tables the checker takes what only they can say, and holds each claim against another witness:
which heads wait for a person (against the faults that the ledger lists and the calls that a takeover cut off), which
orders were cancelled before they were sent (against the commit log and the ledger), and the trail of takeovers and
writes, which triggers of the run's own keep, not the sidecar.
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


@dataclass(frozen=True, slots=True)
class Event:
    """One committed event of an order."""

    id: int
    event_id: str
    type: str
    order: int
    free: bool
    cancelled: bool
    lines: Mapping[str, Sequence[str]]
    grand_total: Decimal
    content: str
    committed_us: int
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """One committed stock change."""

    id: int
    event_id: str
    sku: str
    source: str
    quantity: Decimal
    reason: str
    committed_us: int
    resolved: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class CommitLog:
    """Everything that the writers know to be committed."""

    events: tuple[Event, ...]
    deltas: tuple[Delta, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One order in an ERP, as it is now."""

    number: str
    status: str
    body: Row


@dataclass(frozen=True, slots=True)
class Revision:
    """One accepted create, change or cancel; `sequence` is the ERP's order of them."""

    sequence: int
    number: str
    event_id: str
    accepted_us: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request that the ERP would not carry out."""

    status: int
    code: str
    reference: str
    event_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that the ERP was told to commit."""

    kind: str
    operation: str
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ERP's side; `movements` are the references of all accepted stock movements, repeated ones repeated, `lines`
    what was booked of them; `refused_lines` of them were not, and no movement had more than `longest_movement`.
    """

    documents: tuple[Document, ...] = ()
    revisions: tuple[Revision, ...] = ()
    movements: tuple[str, ...] = ()
    lines: tuple[tuple[str, str, Decimal], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    faults: tuple[Fault, ...] = ()
    refused_lines: int = 0
    longest_movement: int = 0


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """Where an acknowledgement shows."""

    ext_order_id: str | None
    grid_ext_order_id: str | None
    comments: tuple[str, ...] = ()
    state: str = ""
    status: str | None = None
    grid_status: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """An event that waits at a destination; `for_a_person`: nothing is scheduled."""

    destination: str
    id: int
    order: int
    state: str
    for_a_person: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the trail: a takeover, with the ids whose calls were under way then, or a write."""

    kind: str
    destination: str
    stream: str
    account: str
    under_way: tuple[int, ...]
    at_us: int


@dataclass(frozen=True, slots=True)
class FoldedLine:
    """One line of a window, and the ids of the stock changes that it claims."""

    destination: str
    window: str
    warehouse: str
    sku: str
    quantity: Decimal
    state: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Magento:
    """Magento's database."""

    orders: Mapping[int, ShopOrder]
    outbox: frozenset[int]
    stops: tuple[Stop, ...] = ()
    cancelled_before_release: frozenset[tuple[str, int]] = frozenset()
    trail: tuple[Mark, ...] = ()
    unfinished_windows: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    folded: tuple[FoldedLine, ...] = ()


# --- The commit log -----------------------------------------------------------------------------------------------


def read_commits(entries: Sequence[Row]) -> CommitLog:
    """Sort the writers' claims into order events and stock changes, by id."""
    events, deltas = [], []
    for entry in sorted(entries, key=lambda entry: int(entry["id"])):
        if entry["type"] == "InventoryAdjusted":
            deltas.append(
                Delta(
                    entry["id"],
                    entry["event_id"],
                    entry["sku"],
                    entry["source_code"],
                    Decimal(entry["quantity"]),
                    entry["reason"],
                    entry["committed_us"],
                    entry["resolved"],
                    entry["old"],
                )
            )
        else:
            names = ("id", "event_id", "type", "order", "free", "cancelled", "lines")
            events.append(
                Event(
                    **{name: entry[name] for name in names},
                    grand_total=Decimal(entry["grand_total"]),
                    content=entry["content"],
                    committed_us=entry["committed_us"],
                    resolved=entry["resolved"],
                )
            )
    return CommitLog(tuple(events), tuple(deltas))


# --- An ERP -------------------------------------------------------------------------------------------------------

DOCUMENTS = "SELECT number, status, body FROM orders ORDER BY rowid"
REVISIONS = (
    "SELECT change_seq, number, source_event, accepted_us FROM order_revisions"
    " WHERE kind IN ('create', 'change', 'cancel') ORDER BY 1"
)
MOVEMENTS = "SELECT reference FROM stock_movements"
LINES = """
    SELECT m.warehouse, l.sku, l.quantity
    FROM stock_movement_lines l JOIN stock_movements m ON m.number = l.number WHERE l.status = 'booked'
"""
REFUSED_LINES = "SELECT COUNT(*) FROM stock_movement_lines WHERE status <> 'booked'"
LONGEST_MOVEMENT = "SELECT COUNT(*) FROM stock_movement_lines GROUP BY number ORDER BY 1 DESC LIMIT 1"
REFUSALS = """
    SELECT status, code, COALESCE(reference, ''), COALESCE(source_event, ''), at_us
    FROM refusals WHERE operation IN ('order.create', 'order.change', 'order.cancel', 'stock.post') ORDER BY id
"""
FAULTS = "SELECT kind, operation, source_event FROM faults ORDER BY id"


def read_ledger(path: Path) -> Ledger:
    """Read one ERP's side, without disturbing it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
        ledger.execute("BEGIN")
        return Ledger(
            tuple(Document(number, status, json.loads(body)) for number, status, body in ledger.execute(DOCUMENTS)),
            tuple(Revision(*row) for row in ledger.execute(REVISIONS)),
            tuple(reference for (reference,) in ledger.execute(MOVEMENTS)),
            tuple((warehouse, sku, Decimal(quantity)) for warehouse, sku, quantity in ledger.execute(LINES)),
            tuple(Refusal(*row) for row in ledger.execute(REFUSALS)),
            tuple(Fault(*row) for row in ledger.execute(FAULTS)),
            ledger.execute(REFUSED_LINES).fetchone()[0],
            (ledger.execute(LONGEST_MOVEMENT).fetchone() or (0,))[0],
        )


# --- Magento ------------------------------------------------------------------------------------------------------

ORDERS = """
    SELECT o.entity_id, o.ext_order_id, g.ext_order_id AS grid_ext_order_id, o.state, o.status, g.status AS grid_status
    FROM sales_order o LEFT JOIN sales_order_grid g ON g.entity_id = o.entity_id
"""
COMMENTS = "SELECT parent_id, comment FROM sales_order_status_history WHERE comment IS NOT NULL"
OUTBOX = "SELECT id FROM erp_outbox"
STOPS = """
    SELECT destination, outbox_id, lane, state, next_attempt_at IS NULL AS for_a_person
    FROM erp_delivery WHERE stream = 'documents'
"""
CANCELLED = "SELECT destination, outbox_id FROM erp_receipt WHERE outcome = 'cancelled_before_release'"
TRAIL = "SELECT kind, destination, stream, account, intents, at_us FROM chaos_trail ORDER BY id"
WINDOWS = """
    SELECT CONCAT_WS(' ', destination, warehouse, sequence, 'is', state, fault) AS words
    FROM erp_stock_window WHERE state NOT IN ('booked', 'net_zero', 'held', 'carried')
"""
LINES_OF_WINDOWS = """
    SELECT w.destination, w.warehouse, w.sequence, l.sku, l.quantity, l.state, l.members
    FROM erp_stock_window w JOIN erp_stock_window_line l ON l.window_id = w.id
"""
FINDINGS = "SELECT CONCAT_WS(' ', destination, subject, kind, source) AS words FROM erp_finding"


def read_magento(connection: "Connection[Any]") -> Magento:
    """Read the database in one snapshot."""
    with connection.cursor(DictCursor) as cursor:

        def rows(statement: str) -> Sequence[Row]:
            cursor.execute(statement)
            return cursor.fetchall()

        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            comments: dict[int, list[str]] = defaultdict(list)
            for row in rows(COMMENTS):
                comments[row["parent_id"]].append(row["comment"])
            return Magento(
                {
                    row["entity_id"]: ShopOrder(
                        *(row["ext_order_id"], row["grid_ext_order_id"], tuple(comments[row["entity_id"]])),
                        *(row["state"], row["status"], row["grid_status"]),
                    )
                    for row in rows(ORDERS)
                },
                frozenset(row["id"] for row in rows(OUTBOX)),
                tuple(_stop(row) for row in rows(STOPS)),
                frozenset((row["destination"], row["outbox_id"]) for row in rows(CANCELLED)),
                tuple(_mark(row) for row in rows(TRAIL)),
                tuple(row["words"] for row in rows(WINDOWS)),
                tuple(row["words"] for row in rows(FINDINGS)),
                tuple(_folded(row) for row in rows(LINES_OF_WINDOWS)),
            )
        finally:
            connection.rollback()


def _stop(row: Row) -> Stop:
    order = int(str(row["lane"]).partition(":")[2] or 0)
    return Stop(row["destination"], row["outbox_id"], order, row["state"], bool(row["for_a_person"]))


def _folded(row: Row) -> FoldedLine:
    window, members = f"{row['warehouse']} {row['sequence']}", tuple(json.loads(row["members"]))
    words = row["destination"], window, row["warehouse"], row["sku"]
    return FoldedLine(*words, row["quantity"], row["state"], members)


def _mark(row: Row) -> Mark:
    intents = json.loads(row["intents"]) if row["intents"] else []
    under_way = tuple(int(intent["id"]) for intent in intents)
    account = row["account"].partition("@")[0]
    return Mark(row["kind"], row["destination"], row["stream"], account, under_way, row["at_us"])
