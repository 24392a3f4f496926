"""A small world in which every promise was kept, as two databases: Magento's tables and the ERP's ledger.

Order 1 was placed, changed, and commented. Order 2 is unpaid and stays in the shop. Order 3 was refused, as planned.
Order 4 lost a line in silence, and a finding says so. Order 5 was cancelled. Orders 6 and 7 are of one cart, and 7 was
cancelled before it went. A stale save took the number of order 1 away, and it came back. The ERP delivered order 6,
and Magento shipped it. Two stock changes went out as one movement; a third came from the ERP and did not go back.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pymysql.connections import Connection

from ops.demonstration.checker import Verdict, judge
from ops.demonstration.evidence import read_ledger, read_magento
from ops.demonstration.stage import HERE, statements_of
from ops.embedded.programs import PROJECT
from tests.support.servers import Database

TABLES = (
    *("store_website", "store_group", "store", "sales_order", "sales_order_item", "sales_order_payment"),
    *("sales_order_status_history", "sales_order_grid"),
    *(f"sales_{kind}{part}" for kind in ("shipment", "invoice") for part in ("", "_item", "_comment")),
)
OUR_TABLES = ("erp_outbox", "erp_finding")
SECOND = 1_000_000


@contextmanager
def whole_world(database: Database, folder: Path) -> Iterator["World"]:
    """The world as long as the block lasts."""
    path = folder / "ledger.sqlite"
    with closing(database.connect(autocommit=False)) as magento, closing(sqlite3.connect(path)) as ledger:
        yield World(magento, path, ledger)


class World:
    """Both databases, to be spoiled one statement at a time."""

    def __init__(self, magento: "Connection[Any]", path: Path, ledger: sqlite3.Connection) -> None:
        """Build it, whole."""
        self._magento, self._path, self._ledger = magento, path, ledger
        self._create_tables()
        self._place_orders()
        self._move_stock()
        self._book()

    def verdict(self) -> Verdict:
        """What the checker says."""
        self._magento.commit()
        self._ledger.commit()
        return judge(read_magento(self._magento, prefix=""), read_ledger(self._path))

    def in_magento(self, statement: str, *values: object) -> None:
        """Change Magento's side; the statement must meet a row, or a spoilt world would be whole."""
        with self._magento.cursor() as cursor:
            assert cursor.execute(statement, values) > 0, statement

    def in_ledger(self, statement: str, *values: object) -> None:
        """Change the ERP's side."""
        assert self._ledger.execute(statement, values).rowcount > 0, statement

    def _create_tables(self) -> None:
        wanted = tuple(f"CREATE TABLE {table} (" for table in TABLES)
        magento = [s for s in statements_of(HERE / "magento_tables.sql") if s.startswith((*wanted, "ALTER"))]
        demo = [s for s in statements_of(HERE / "demo_tables.sql") if s.startswith("CREATE TABLE")]
        ours = [statements_of(PROJECT / "outbox_schema" / "tables" / f"{table}.sql")[0] for table in OUR_TABLES]
        with self._magento.cursor() as cursor:
            for statement in (*magento, *demo, *ours):
                cursor.execute(statement.removesuffix(";"))
        self._ledger.executescript((PROJECT / "erp_adapters" / "sandbox" / "schema.sql").read_text(encoding="utf-8"))

    def _place_orders(self) -> None:
        for order in range(1, 8):
            state = {2: "pending_payment", 5: "canceled", 7: "canceled"}.get(order, "new")
            self._order(order, state, "card" if order == 2 else "checkmo")
        for event, (order, kind, state, shipping) in enumerate(
            [
                (1, "OrderPlaced", "new", "4.0000"),
                (1, "OrderUpdated", "new", "5.0000"),
                (1, "OrderUpdated", "new", "5.0000"),
                (2, "OrderPlaced", "pending_payment", "5.0000"),
                (3, "OrderPlaced", "new", "5.0000"),
                (4, "OrderPlaced", "new", "5.0000"),
                (5, "OrderPlaced", "new", "5.0000"),
                (5, "OrderCancelled", "canceled", "5.0000"),
            ],
            start=1,
        ):
            self.event(event, kind, str(order), payload_of(order, state, shipping))
        self.event(21, "OrderPlaced", "6", payload_of(6, "new", "5.0000"))
        self.event(22, "OrderPlaced", "7", payload_of(7, "new", "5.0000"))
        self.event(23, "OrderCancelled", "7", payload_of(7, "canceled", "5.0000"))
        self.in_magento("UPDATE sales_order SET quote_id = 70 WHERE entity_id IN (6, 7)")
        self.in_magento("INSERT INTO demo_overwrite (order_id) VALUES (1)")

    def _order(self, order: int, state: str, method: str) -> None:
        number = f"SO-{order}" if order in (1, 4, 5, 6) else None
        status = "erp_accepted" if number and state in ("new", "processing") else state
        self.in_magento(
            "INSERT INTO sales_order (entity_id, increment_id, state, status, order_currency_code, subtotal,"
            " shipping_amount, tax_amount, discount_amount, discount_tax_compensation_amount, grand_total,"
            " ext_order_id) VALUES (%s, %s, %s, %s, 'EUR', 26, 5, 4.8, -0.6, 0.1, 35.3, %s)",
            *(order, f"{order:09d}", state, status, number),
        )
        self.in_magento("INSERT INTO sales_order_payment (parent_id, method) VALUES (%s, %s)", order, method)
        self.in_magento("INSERT INTO sales_order_grid (entity_id, ext_order_id) VALUES (%s, %s)", order, number)
        for item, parent, kind, sku, quantity, price, discount, tax, total in [
            (1, None, "configurable", "TEE-M", "2", "10", "0.6", "3.8", "20"),
            (2, 1, "simple", "TEE-M", "2", "0", "0", "0", "0"),
            (3, None, "simple", "CABLE", "1.5", "4", "0", "1", "6"),
        ]:
            self.in_magento(
                "INSERT INTO sales_order_item (item_id, order_id, parent_item_id, product_type, sku, qty_ordered,"
                " price, discount_amount, tax_amount, row_total) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                *(order * 10 + item, order, parent and order * 10 + parent, kind, sku),
                *(quantity, price, discount, tax, total),
            )
        if number:
            comment = f"The ERP took it as {number}."
            self.in_magento(
                "INSERT INTO sales_order_status_history (parent_id, comment) VALUES (%s, %s)", order, comment
            )
        if order == 4:
            self.in_magento(
                "INSERT INTO erp_finding (fingerprint, destination, kind, subject, path, magento_value, erp_value,"
                " source) VALUES ('f', 'erp', 'line_missing', 'order:4', 'lines[43]', '1.5 x CABLE', 'absent', 'test')"
            )

    def _move_stock(self) -> None:
        for event, (quantity, reason) in enumerate([("-2.0000", "shipment"), ("3.0000", "manual"), ("9", "import")], 9):
            move = {"sku": "TEE-M", "source_code": "west", "quantity": quantity, "reason": reason}
            self.event(event, "InventoryAdjusted", "TEE-M", move)

    def _book(self) -> None:
        for order, event in ((1, 1), (4, 6), (5, 7), (6, 21)):
            self.document(f"SO-{order}", order, lines=1 if order == 4 else 2)
            self.revision(order * 10, f"SO-{order}", 1, "create", f"e{event}", event * SECOND + 4_000)
        self.revision(11, "SO-1", 2, "change", "e2", 2 * SECOND + 8_000)
        self.revision(51, "SO-5", 2, "cancel", "e8", 8 * SECOND + 6_000)
        self.in_ledger("UPDATE orders SET status = 'cancelled' WHERE number = 'SO-5'")
        self.refusal("order.create", "demo-3", "e5", "CREDIT_BLOCKED")
        self.fault("reject", "e5", None, 5 * SECOND + 4_000, "demo-3")
        self.fault("drop_line", "e6", "SO-4", 6 * SECOND + 4_000, "demo-4")
        self.movement("MV-1", 1)
        lines = [{"lineReference": "61", "quantity": "2.0000"}, {"lineReference": "63", "quantity": "1.5000"}]
        self.in_ledger(
            "INSERT INTO documents VALUES ('DN-1', 'delivery', 'SO-6', 'demo-6', 1, 0, ?, 1, 1, 1)",
            json.dumps({"lines": lines}),
        )
        self.shipment(1, "2.0000")

    def shipment(self, number: int, quantity: str) -> None:
        """Ship order 6 in Magento, as the ERP has delivered it."""
        self.in_magento("INSERT INTO sales_shipment (entity_id, order_id) VALUES (%s, 6)", number)
        for item, units in (("61", quantity), ("63", "1.5000")):
            self.in_magento(
                "INSERT INTO sales_shipment_item (parent_id, order_item_id, qty) VALUES (%s, %s, %s)",
                *(number, item, units),
            )
        self.in_magento(
            "INSERT INTO sales_shipment_comment (parent_id, comment) VALUES (%s, 'delivery DN-1 of erp')", number
        )

    def event(self, event: int, kind: str, aggregate: str, payload: dict[str, Any]) -> None:
        """Commit an event; its number is also the second in which that happens."""
        text = json.dumps(payload)
        self.in_magento(
            "INSERT INTO erp_outbox (id, event_id, type, schema_version, aggregate_type, aggregate_id, occurred_at_us,"
            " origin, payload_bytes, payload) VALUES (%s, %s, %s, 1, 'any', %s, 1, 'magento', %s, %s)",
            *(event, f"e{event}", kind, aggregate, len(text), text),
        )
        self.in_magento("INSERT INTO demo_commit VALUES (%s, %s)", f"e{event}", event * SECOND)

    def document(self, number: str, order: int, *, lines: int = 2) -> None:
        """Book an order."""
        body = json.dumps(body_of(order, lines))
        self.in_ledger(
            "INSERT INTO orders VALUES (?, ?, NULL, 1, 'open', 1, ?, '{}', 1, 1, ?)",
            *(number, f"demo-{order}", body, int(number.removeprefix("SO-"))),
        )

    def revision(self, sequence: int, number: str, revision: int, kind: str, event: str, accepted_us: int) -> None:
        """Book a version of an order."""
        self.in_ledger(
            "INSERT INTO order_revisions VALUES (?, ?, ?, 'r', ?, 1, ?, 'open', '{}', '[]', ?)",
            *(sequence, number, revision, event, kind, accepted_us),
        )

    def movement(self, number: str, sequence: int) -> None:
        """Book the stock movement."""
        self.in_ledger("INSERT INTO stock_movements VALUES (?, ?, 'demo.1', NULL, 'W-WEST', '[]', 1)", number, sequence)
        self.in_ledger(
            "INSERT INTO stock_movement_lines VALUES (?, 0, 'TEE-M', '1.0000', 'PCE', NULL, 'booked', NULL)", number
        )

    def refusal(self, operation: str, reference: str, event: str, code: str) -> None:
        """Let the ERP refuse a request."""
        self.in_ledger(
            "INSERT INTO refusals (operation, reference, source_event, status, code, message, at_us)"
            " VALUES (?, ?, ?, 422, ?, 'No.', 5)",
            *(operation, reference, event, code),
        )

    def fault(self, kind: str, event: str, number: str | None, at_us: int, reference: str | None = None) -> None:
        """Let the ERP commit a fault."""
        self.in_ledger(
            "INSERT INTO faults (kind, operation, reference, source_event, number, detail, at_us)"
            " VALUES (?, 'order.create', ?, ?, ?, '{}', ?)",
            *(kind, reference, event, number, at_us),
        )


def payload_of(order: int, state: str, shipping: str) -> dict[str, Any]:
    """As much of an event's payload as the checker reads."""
    return {
        "event_id": "differs",
        "order": {
            "entity_id": order,
            "state": state,
            "status": state,
            "shipping_amount": shipping,
            "base_total_paid": None,
            "base_grand_total": "35.3000",
        },
        "items": [],
        "payment": {"method": "card" if order == 2 else "checkmo", "base_amount_authorized": None},
    }


def body_of(order: int, lines: int) -> dict[str, Any]:
    """The ERP's document of an order."""
    tee = {"lineReference": f"{order}1", "sku": "TEE-M", "quantity": "2.0000", "unitPrice": "10.0000"}
    cable = {"lineReference": f"{order}3", "sku": "CABLE", "quantity": "1.5000", "unitPrice": "4.0000"}
    return {
        "customerReference": f"{order:09d}",
        "currency": "EUR",
        "lines": [
            {**tee, "discount": "-0.6000", "tax": "3.8000", "total": "20.0000"},
            {**cable, "tax": "1.0000", "total": "6.0000"},
        ][:lines],
        "totals": {
            "subtotal": "26.0000",
            "discount": "-0.5000",
            "shipping": "5.0000",
            "tax": "4.8000",
            "grandTotal": "35.3000",
        },
    }
