"""A relay under test: real database, real stores, the legacy adapter, and the sandbox ERP over HTTP.

The rig plays the shop by writing Magento's rows and the event in one transaction, as the module does. Payloads are
the smallest that the contract allows; what the module really writes is tested with PHP.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from pydantic import SecretStr
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from erp_adapters.registry import AdapterConfiguration, build
from ops.embedded.programs import PROJECT
from sidecar.daemon import SystemClock
from sidecar.domain.delivery import Capabilities
from sidecar.domain.events import DestinationName, EventType
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.policy import DestinationPolicy, RetryPolicy, StockPolicy
from sidecar.domain.release import ReleaseRule
from sidecar.engine.leadership import Leadership
from sidecar.engine.projector import Projector
from sidecar.engine.reconciler import Reconciler
from sidecar.engine.relay import Relay
from sidecar.engine.stock_aggregator import StockAggregator
from sidecar.mysql import schema
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.session import Session
from sidecar.mysql.stock_store import StockStore
from sidecar.ports import ErpAdapter
from tests.support.sandbox import API_KEY, Sandbox
from tests.support.servers import Database

MAGENTO_TABLES = PROJECT / "ops" / "demonstration" / "magento_tables.sql"
ERP = DestinationName("erp")
POLICY = DestinationPolicy(
    name=ERP,
    version="test",
    takes=frozenset({EventType.ORDER_PLACED, EventType.ORDER_UPDATED, EventType.ORDER_CANCELLED}),
    release=(ReleaseRule(("checkmo",), "placed"), ReleaseRule(("*",), "paid")),
    retry=RetryPolicy(first=timedelta(milliseconds=50), ceiling=timedelta(milliseconds=200), attempts=5),
    lifecycle=Lifecycle(),
    stock=StockPolicy(frozenset({"shipment", "manual"}), {"west": "W1", "east": "E1"}, timedelta(milliseconds=50)),
    read_back_first=0,
    read_back_every=0,
    call_deadline=timedelta(seconds=1),
)
TERMS = LeaseTerms(timedelta(seconds=30), timedelta(seconds=5))
CODES = {"payment_methods": {"checkmo": "CHECK", "card": "CARD"}, "shipping_methods": {"flatrate_flatrate": "STD"}}


class Notes:
    """An observer that a test can wait on."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, object]]] = []

    def note(self, event: str, **facts: object) -> None:
        """Remember it."""
        self.seen.append((event, facts))

    def named(self, event: str) -> list[dict[str, object]]:
        """The facts of all notes of one name."""
        return [facts for name, facts in self.seen if name == event]


class Shop:
    """Writes Magento's rows and the outbox."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.connect() as connection, connection.cursor() as cursor:
            for statement in MAGENTO_TABLES.read_text(encoding="utf-8").replace("{prefix}", "").split(";\n"):
                if _is_sql(statement):
                    cursor.execute(statement)
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

    def place(self, entity_id: int, *, method: str = "checkmo", state: str = "new", quantity: str = "2.0000") -> int:
        """Place an order of two lines; returns the event's outbox id."""
        with self.transaction() as connection, connection.cursor() as cursor:
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
            return self.emit(connection, "OrderPlaced", entity_id, method=method, state=state, quantity=quantity)

    def update(self, entity_id: int, *, kind: str = "OrderUpdated", **changes: str) -> int:
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
            return self.emit(connection, kind, entity_id, **changes)

    def cancel(self, entity_id: int) -> int:
        """Cancel an order."""
        return self.update(entity_id, kind="OrderCancelled", state="canceled")

    def pay(self, entity_id: int) -> None:
        """Capture the whole amount, as a payment provider's webhook does."""
        self.execute("UPDATE sales_order SET base_total_paid = base_grand_total WHERE entity_id = %s", entity_id)

    def emit(self, connection: "Connection[Cursor]", kind: str, entity_id: int, **facts: str) -> int:
        """Insert an order's event as the module does; returns its outbox id."""
        event_id = str(uuid4())
        payload = order_payload(kind, entity_id, event_id, **facts)
        return self.insert(connection, kind, f"order:{entity_id}", str(entity_id), json.dumps(payload), event_id)

    def insert(
        self,
        connection: "Connection[Cursor]",
        kind: str,
        lane: str | None,
        aggregate_id: str,
        payload: str,
        event_id: str = "",
        version: int = 1,
    ) -> int:
        """Insert any outbox row."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO erp_outbox (event_id, type, schema_version, lane, aggregate_type, aggregate_id, store_id,"
                " occurred_at_us, origin, payload_bytes, payload)"
                " VALUES (%s, %s, %s, %s, 'order', %s, 1, %s, 'test', %s, %s)",
                (
                    event_id or str(uuid4()),
                    kind,
                    version,
                    lane,
                    aggregate_id,
                    time.time_ns() // 1000,
                    len(payload),
                    payload,
                ),
            )
            return int(cursor.lastrowid)

    def emit_raw(self, kind: str, lane: str | None, payload: str, version: int = 1) -> int:
        """Insert an outbox row of a producer that does as it likes."""
        with self.transaction() as connection:
            return self.insert(connection, kind, lane, (lane or ":0").split(":")[-1], payload, version=version)

    def adjust(self, sku: str, quantity: str, *, source: str = "west", reason: str = "shipment") -> int:
        """Insert one stock delta; returns its outbox id."""
        with self.transaction() as connection:
            return self.insert_delta(connection, sku, quantity, source=source, reason=reason)

    def insert_delta(
        self,
        connection: "Connection[Cursor]",
        sku: str,
        quantity: str,
        *,
        source: str = "west",
        reason: str = "shipment",
    ) -> int:
        """Insert one stock delta in a transaction of the caller's."""
        payload = {"sku": sku, "source_code": source, "quantity": quantity, "reason": reason}
        return self.insert(connection, "InventoryAdjusted", None, sku, json.dumps(payload))

    def execute(self, sql: str, *values: object) -> None:
        """Run one statement in a transaction of its own."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read."""
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())


@dataclass
class Rig:
    """One destination's engine on one database and one ERP."""

    shop: Shop
    erp: Sandbox
    policy: DestinationPolicy
    wrap: Callable[[ErpAdapter], ErpAdapter]

    def __post_init__(self) -> None:
        self.notes = Notes()
        self.clock = SystemClock()
        self.session = Session(self.shop.database.url, connections=6)
        configuration = AdapterConfiguration("erp", "legacy", "sandbox", self.erp.url, Path(), CODES, {})
        self.adapter = self.wrap(Hurried(build(configuration, SecretStr(API_KEY), "M1")))
        self.outbox, self.receipts = OutboxStore(self.session), ReceiptStore(self.session)
        self.magento, self.stock = MagentoStore(self.session), StockStore(self.session)
        self.reconciliation, self.insights = ReconciliationStore(self.session), Insights(self.session)

    def leadership(self, role: str) -> Leadership:
        """Acquire a role for this rig."""
        leases = LeaseStore(self.session.apart())
        lead = Leadership(leases, role, ERP, "one", TERMS, self.clock, self.notes)
        assert lead.acquire(), f"{role} is held by somebody else"
        return lead

    def relay(self) -> Relay:
        """A relay as a freshly started process has it."""
        lead = self.leadership("relay")
        return Relay(
            self.policy, "M1", self.adapter, self.outbox, self.receipts, self.magento, lead, self.clock, self.notes
        )

    def aggregator(self) -> StockAggregator:
        """A stock aggregator as a freshly started process has it."""
        assert self.policy.stock is not None
        lead = self.leadership("stock")
        return StockAggregator(
            self.policy,
            self.policy.stock,
            "M1",
            self.adapter,
            self.outbox,
            self.stock,
            lead,
            self.clock,
            self.notes,
        )

    def projector(self) -> Projector:
        """A projector."""
        return Projector(
            {ERP: self.policy.lifecycle}, ProjectionStore(self.session), self.magento, self.clock, self.notes
        )

    def reconciler(self) -> Reconciler:
        """A reconciler."""
        return Reconciler(self.policy, self.adapter, self.magento, self.reconciliation, self.notes)

    def receipts_by_event(self) -> dict[int, str]:
        """Every receipt's outcome."""
        return dict(self.shop.rows("SELECT outbox_id, outcome FROM erp_receipt"))

    def states(self) -> dict[int, str]:
        """Every delivery row's state."""
        return dict(self.shop.rows("SELECT outbox_id, state FROM erp_delivery"))

    def accepted(self, entity_id: int) -> list[dict[str, Any]]:
        """What the ERP's ledger accepted for an order, in its order."""
        rows = self.erp.rows(
            "SELECT r.*, o.reference FROM order_revisions r JOIN orders o ON o.number = r.number ORDER BY r.change_seq"
        )
        return [row for row in rows if row["reference"] == f"M1-{entity_id}"]

    def close(self) -> None:
        """Give connections and sockets back."""
        self.session.close()
        close = getattr(self.adapter, "close", None)
        if close is not None:
            close()


class Hurried(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """The real adapter with shorter promises about time, so that a look-up need not wait for seconds."""

    def __init__(self, adapter: ErpAdapter) -> None:
        self._adapter = adapter

    def capabilities(self) -> Capabilities:
        """The adapter's own, with the sandbox's true times: it forgets nothing and hides nothing."""
        return replace(
            self._adapter.capabilities(),
            find_visibility_lag=timedelta(milliseconds=50),
            longest_processing=timedelta(milliseconds=100),
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            return getattr(self._adapter, name)


def turn_until(engine: Relay | StockAggregator | Projector, condition: Callable[[], bool], seconds: float = 15) -> None:
    """Turn an engine until a condition holds; an AssertionError when it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "the condition never came true"
        if not engine.turn():
            engine.rest(0.005)


def turning(engine: Relay | StockAggregator) -> "Turning":
    """Turn an engine on a thread of its own until the block ends."""
    return Turning(engine)


class Turning:
    """A context in which an engine runs beside the test."""

    def __init__(self, engine: Relay | StockAggregator) -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._failure: list[BaseException] = []
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if not self._engine.turn():
                    self._engine.rest(0.005)
        except BaseException as failure:  # noqa: BLE001 -- shown to the test when the block ends
            self._failure.append(failure)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure:
            raise self._failure[0]


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


@contextmanager
def rig_on(
    database: Database,
    erp: Sandbox,
    policy: DestinationPolicy = POLICY,
    wrap: Callable[[ErpAdapter], ErpAdapter] = lambda adapter: adapter,
) -> Iterator[Rig]:
    """A rig on an empty schema: Magento's tables, the module's outbox, the sidecar's own tables."""
    shop = Shop(database)
    session = Session(database.url)
    schema.apply(session)
    session.close()
    rig = Rig(shop, erp, policy, wrap)
    try:
        yield rig
    finally:
        rig.close()


def _is_sql(text: str) -> bool:
    return any(line.strip() and not line.strip().startswith("--") for line in text.splitlines())
