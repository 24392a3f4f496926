"""A shop that a test plays: Magento's rows and their events, each in one transaction, as the module writes them.

Payloads are the smallest that the contract allows; what the module really writes is tested with PHP.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.embedded.programs import PROJECT
from tests.support.events import creditmemo_payload, customer_payload
from tests.support.magento_shop import STORE
from tests.support.servers import Database

DEMONSTRATION = PROJECT / "ops" / "demonstration"


class Shop:
    """Writes Magento's rows and the outbox."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.connect() as connection, connection.cursor() as cursor:
            for script in ("magento_tables.sql", "order_statuses.sql"):
                text = (DEMONSTRATION / script).read_text(encoding="utf-8").replace("{prefix}", "")
                for statement in filter(_is_sql, text.split(";\n")):
                    cursor.execute(statement.replace("INSERT INTO", "INSERT IGNORE INTO"))
            cursor.execute("INSERT IGNORE INTO sales_order_status VALUES ('pending', 'P'), ('booked', 'B')")
            cursor.execute("INSERT IGNORE INTO sales_order_status_state VALUES ('pending', 'new', 1, 1)")
            cursor.execute("INSERT IGNORE INTO sales_order_status_state VALUES ('booked', 'new', 0, 1)")

    @contextmanager
    def transaction(self) -> Iterator["Connection[Cursor]"]:
        """A transaction of Magento's: committed at the end, rolled back by an exception."""
        connection = self.database.connect(autocommit=False)
        try:
            yield connection
            connection.commit()
        finally:
            connection.close()

    def place(
        self, entity_id: int, *, method: str = "checkmo", state: str = "new", quantity: str = "2.0000", store: int = 1
    ) -> int:
        """Place an order of two lines; returns the event's outbox id."""
        with self.transaction() as connection:
            return self.place_in(connection, entity_id, method=method, state=state, quantity=quantity, store=store)

    def place_in(
        self,
        connection: "Connection[Cursor]",
        entity_id: int,
        *,
        method: str = "checkmo",
        state: str = "new",
        quantity: str = "2.0000",
        store: int = 1,
    ) -> int:
        """Place an order in a transaction of the caller's; returns the event's outbox id."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sales_order (entity_id, increment_id, store_id, state, status, order_currency_code,"
                " base_grand_total, base_total_paid, subtotal, shipping_amount, tax_amount, grand_total,"
                " discount_amount)"
                " VALUES (%s, %s, NULL, %s, 'pending', 'EUR', 35, 0, 30, 5, 0, 35, 0)",
                (entity_id, f"{entity_id:09d}", state),
            )
            cursor.execute("INSERT INTO sales_order_payment (parent_id, method) VALUES (%s, %s)", (entity_id, method))
            cursor.execute("INSERT INTO sales_order_grid (entity_id, status) VALUES (%s, 'pending')", (entity_id,))
            for number in (1, 2):
                cursor.execute(
                    "INSERT INTO sales_order_item (item_id, order_id, product_type, sku, name, qty_ordered, price,"
                    " row_total) VALUES (%s, %s, 'simple', %s, 'Thing', %s, 5, %s)",
                    (entity_id * 10 + number, entity_id, f"sku-{number}", quantity, 10 * number),
                )
        facts = {"method": method, "state": state, "quantity": quantity}
        return self.emit(connection, "OrderPlaced", entity_id, store=store, **facts)

    def update(
        self, entity_id: int, *, kind: str = "OrderUpdated", store: int = 1, origin: str = "test", **changes: str
    ) -> int:
        """Change an order's rows and say so; returns the event's outbox id."""
        with self.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT state FROM sales_order WHERE entity_id = %s FOR UPDATE", (entity_id,))
            if "quantity" in changes:
                cursor.execute(
                    "UPDATE sales_order_item SET qty_ordered = %s WHERE order_id = %s", (changes["quantity"], entity_id)
                )
            if "state" in changes:
                cursor.execute(
                    "UPDATE sales_order SET state = %s, status = %s WHERE entity_id = %s",
                    (changes["state"], changes["state"], entity_id),
                )
            return self.emit(connection, kind, entity_id, store=store, origin=origin, **changes)

    def cancel(self, entity_id: int, *, origin: str = "test") -> int:
        """Cancel an order."""
        return self.update(entity_id, kind="OrderCancelled", state="canceled", origin=origin)

    def pay(self, entity_id: int) -> None:
        """Capture the whole amount, as a payment provider's webhook does."""
        self.execute("UPDATE sales_order SET base_total_paid = base_grand_total WHERE entity_id = %s", entity_id)

    def emit(
        self,
        connection: "Connection[Cursor]",
        kind: str,
        entity_id: int,
        *,
        store: int = 1,
        origin: str = "test",
        **facts: str,
    ) -> int:
        """Insert an order's event as the module does; returns its outbox id."""
        event_id = str(uuid4())
        payload = order_payload(kind, entity_id, event_id, **facts)
        lane, content = f"order:{entity_id}", json.dumps(payload)
        return self.insert(connection, kind, lane, str(entity_id), content, event_id, store=store, origin=origin)

    def insert(
        self,
        connection: "Connection[Cursor]",
        kind: str,
        lane: str | None,
        aggregate_id: str,
        payload: str,
        event_id: str = "",
        version: int = 1,
        *,
        store: int | None = 1,
        origin: str = "test",
    ) -> int:
        """Insert any outbox row."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO erp_outbox (event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,"
                " occurred_at_us, origin, payload_bytes, payload)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    event_id or str(uuid4()),
                    kind,
                    version,
                    lane,
                    (lane or "sku:").partition(":")[0],
                    aggregate_id,
                    store,
                    time.time_ns() // 1000,
                    origin,
                    len(payload),
                    payload,
                ),
            )
            return int(cursor.lastrowid)

    def emit_raw(self, kind: str, lane: str | None, payload: str, version: int = 1, *, origin: str = "test") -> int:
        """Insert an outbox row of a producer that does as it likes."""
        about = (lane or ":0").split(":")[-1]
        with self.transaction() as connection:
            return self.insert(connection, kind, lane, about, payload, version=version, origin=origin)

    def adjust(
        self, sku: str, quantity: str, *, source: str = "west", reason: str = "shipment", origin: str = "test"
    ) -> int:
        """Insert one stock delta; returns its outbox id."""
        with self.transaction() as connection:
            return self.insert_delta(connection, sku, quantity, source=source, reason=reason, origin=origin)

    def reserve(self, sku: str, quantity: str, order: str = "000000042") -> int:
        """Insert one reservation; returns its outbox id."""
        sale = {"event_type": "order_placed", "object_type": "order", "object_id": "", "object_increment_id": order}
        payload = {"sku": sku, "stock_id": 1, "quantity": quantity, "sales_event": sale}
        with self.transaction() as connection:
            return self.insert(connection, "InventoryReserved", None, sku, json.dumps(payload))

    def tell(self, kind: str, lane: str = "order:42", *, origin: str = "test") -> int:
        """Insert an event beside an order's own, such as an invoice in the order's lane; returns its outbox id."""
        return self.emit_raw(kind, lane, json.dumps({"type": kind, "schema_version": 1}), origin=origin)

    def refund(self, entity_id: int, order: int = 42, **changes: Any) -> int:  # noqa: ANN401 -- JSON
        """Write a credit memo of an order in its lane; returns the event's outbox id."""
        payload = creditmemo_payload(entity_id, order, event_id=str(uuid4()), **changes)
        return self._tell_of(payload, f"order:{order}")

    def save_customer(self, entity_id: int, **changes: Any) -> int:  # noqa: ANN401 -- JSON
        """Save an account; returns the event's outbox id."""
        return self._tell_of(customer_payload(entity_id, event_id=str(uuid4()), **changes), f"customer:{entity_id}")

    def _tell_of(self, payload: dict[str, Any], lane: str) -> int:
        with self.transaction() as connection:
            about, content = lane.partition(":")[2], json.dumps(payload)
            return self.insert(connection, payload["type"], lane, about, content, payload["event_id"])

    def insert_delta(
        self,
        connection: "Connection[Cursor]",
        sku: str,
        quantity: str,
        *,
        source: str = "west",
        reason: str = "shipment",
        origin: str = "test",
    ) -> int:
        """Insert one stock delta in a transaction of the caller's."""
        payload = {"sku": sku, "source_code": source, "quantity": quantity, "reason": reason}
        return self.insert(connection, "InventoryAdjusted", None, sku, json.dumps(payload), origin=origin)

    def place_past_the_module(self, entity_id: int) -> None:
        """Place an order as raw SQL does: every row that an event tells of, complete, and no event."""
        outbox_id = self.place(entity_id)
        self.execute(
            "INSERT INTO sales_order_address (parent_id, address_type, firstname, street, city, country_id)"
            " VALUES (%s, 'billing', 'Zoë', %s, 'Köln', 'DE')",
            entity_id,
            "1 Road\nBack door",
        )
        for statement in STORE:
            self.execute(statement.format(prefix="").replace("INSERT INTO", "INSERT IGNORE INTO"))
        self.execute(
            "UPDATE sales_order SET customer_email = 'zoe@example.com', store_id = 1,"
            " shipping_method = 'flatrate_flatrate' WHERE entity_id = %s",
            entity_id,
        )
        self.execute("UPDATE sales_order_item SET base_row_total = 1, tax_amount = 0 WHERE order_id = %s", entity_id)
        self.execute("DELETE FROM erp_outbox WHERE id = %s", outbox_id)

    def execute(self, sql: str, *values: object) -> None:
        """Run one statement in a transaction of its own."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())


def order_payload(
    kind: str,
    entity_id: int,
    event_id: str,
    *,
    method: str = "checkmo",
    state: str = "new",
    quantity: str = "2.0000",
    note: str | None = None,
) -> dict[str, Any]:
    """The smallest payload of an order with two lines."""
    address = {"firstname": "Ann", "lastname": "Example", "street": ["1 Road"], "city": "Berlin", "country_id": "DE"}
    return {
        "event_id": event_id,
        "type": kind,
        "schema_version": 1,
        "order": {
            "entity_id": entity_id,
            "increment_id": f"{entity_id:09d}",
            "store_id": 1,
            "state": state,
            "status": "pending",
            "order_currency_code": "EUR",
            "created_at": "2026-11-23 10:00:00",
            "customer_email": "ann@example.com",
            "customer_note": note,
            "shipping_method": "flatrate_flatrate",
            "subtotal": "30.0000",
            "shipping_amount": "5.0000",
            "shipping_tax_amount": "0.0000",
            "tax_amount": "0.0000",
            "discount_amount": "0.0000",
            "grand_total": "35.0000",
        },
        "items": [
            {
                "item_id": entity_id * 10 + number,
                "product_type": "simple",
                "role": "both",
                "sku": f"sku-{number}",
                "name": "Thing",
                "qty_ordered": quantity,
                "price": "5.0000",
                "row_total": str(Decimal(10 * number).quantize(Decimal("0.0001"))),
            }
            for number in (1, 2)
        ],
        "addresses": {"billing": address, "shipping": address},
        "payment": {"method": method},
    }


def _is_sql(text: str) -> bool:
    return any(line.strip() and not line.strip().startswith("--") for line in text.splitlines())
