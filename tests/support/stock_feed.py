"""A feed under test: the sandbox ERP's stock on one side, Magento's tables on the other, an importer driven by hand."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from erp_adapters.registry import profile_path, read_profile
from ops.embedded.programs import PROJECT
from outbox_schema.migrations.steps import statements_of
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    SnapshotState,
    SourceItem,
    SourceShare,
    StockChange,
    StockFeedPolicy,
    Writing,
    Written,
)
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_importer import StockImporter
from sidecar.engine.stock_judging import Judging
from sidecar.engine.stock_watch import StockWatch
from sidecar.mysql.feed_facts import FeedFacts
from sidecar.mysql.lease_store import STOCK_FEED
from sidecar.mysql.salable import SalableStock
from sidecar.mysql.session import Session
from sidecar.mysql.snapshot_store import SnapshotStore
from sidecar.mysql.source_items import SourceItemRows
from sidecar.ports import ErpAdapter
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

STOCK_TABLES: Final = PROJECT / "tests" / "support" / "stock_tables.sql"
FEED: Final = StockFeedPolicy(
    Quantity.AVAILABLE,
    {"W1": (SourceShare("west"),), "E1": (SourceShare("east"),)},
    guards=FeedGuards(missing="zero"),
)
FED: Final = replace(POLICY, withholds_echoes=True, stock_feed=FEED)
AN_HOUR: Final = timedelta(hours=1)


class PlainItems:
    """Source items compared and set by SQL alone; `before_write` lets a test do something just in time."""

    def __init__(self, session: Session, database: Database) -> None:
        self._rows, self._database = SourceItemRows(session), database
        self.written: list[StockChange] = []
        self.before_write: list[Callable[[], object]] = []
        self.loses_answers = False

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """Read."""
        return self._rows.items(sources, after, limit)

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:
        """Read."""
        return self._rows.items_of(sources, skus)

    def problems(self) -> Sequence[str]:
        """Nothing stands in the way."""
        return ()

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:  # noqa: ARG002 -- the port's
        """Set what is still as it was read."""
        for deed in self.before_write:
            deed()
        self.before_write.clear()
        told = [self._write(change) for change in changes]
        if self.loses_answers:
            self.loses_answers = False
            return [Written(one.change, Writing.UNKNOWN) for one in told]
        return told

    def _write(self, change: StockChange) -> Written:
        key = change.source, change.sku
        with self._database.connect(autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT quantity FROM inventory_source_item WHERE source_code = %s AND sku = %s FOR UPDATE", key
            )
            row = cursor.fetchone()
            found = None if row is None else row[0]
            if found != change.expected:
                return Written(change, Writing.MOVED, found)
            cursor.execute(
                "INSERT INTO inventory_source_item (source_code, sku, quantity, status) VALUES (%s, %s, %s, %s)"
                " ON DUPLICATE KEY UPDATE quantity = VALUES(quantity), status = VALUES(status)",
                (*key, change.quantity, change.in_stock),
            )
            connection.commit()
        self.written.append(change)
        return Written(change, Writing.WRITTEN)


@dataclass
class FeedWorld:
    """One feed, and the hands that a test has on it."""

    rig: Rig
    policy: DestinationPolicy
    lead: Leadership = field(init=False)
    importer: StockImporter = field(init=False)

    def __post_init__(self) -> None:
        self.shop, self.erp, self.session, self.notes = self.rig.shop, self.rig.erp, self.rig.session, self.rig.notes
        self.snapshots = SnapshotStore(self.session)
        self.facts = FeedFacts(self.session, self.policy)
        self.items = PlainItems(self.session, self.shop.database)
        self.importer = self.import_anew()

    @property
    def feed(self) -> StockFeedPolicy:
        assert self.policy.stock_feed is not None
        return self.policy.stock_feed

    def import_anew(self, adapter: ErpAdapter | None = None) -> StockImporter:
        """An importer as a freshly started process has it."""
        self.lead = self.rig.leadership(STOCK_FEED)
        self.importer = StockImporter(
            self.policy,
            self.feed,
            Names("M1"),
            adapter or self.rig.adapter,
            Governor(self.rig.clock, 1),
            self.snapshots,
            self.facts,
            self.items,
            self.rig.reconciliation,
            self.lead,
            self.rig.clock,
            self.notes,
            StockWatch(self.policy.name, self.feed.sources, SalableStock(self.session), self.rig.clock, self.notes),
        )
        return self.importer

    def judging(self) -> Judging:
        """What a person is shown."""
        return Judging(self.policy, self.feed, self.snapshots, self.facts, self.items)

    def tell(self, **levels: int | str) -> None:
        """The ERP's people say what there is: `W1_sku1=5` stands for five of sku-1 in W1."""
        balances = [
            {"warehouse": name.partition("_")[0], "sku": name.partition("_")[2].replace("sku", "sku-"), "quantity": q}
            for name, q in ((name, f"{Decimal(quantity):.4f}") for name, quantity in levels.items())
        ]
        reply = self.erp.control("POST", "stock", {"balances": balances})
        assert reply.status == 200, reply.body

    def stock(self, source: str, sku: str, quantity: int) -> None:
        """What a source of Magento holds from now on."""
        self.shop.execute(
            "INSERT INTO inventory_source_item (source_code, sku, quantity, status) VALUES (%s, %s, %s, 1)"
            " ON DUPLICATE KEY UPDATE quantity = VALUES(quantity)",
            source,
            sku,
            quantity,
        )

    def held(self) -> dict[str, Any]:
        """What Magento's sources hold, as `west sku-1`."""
        rows = self.shop.rows("SELECT source_code, sku, quantity FROM inventory_source_item ORDER BY 1, 2")
        return {f"{source} {sku}": quantity for source, sku, quantity in rows}

    def ship(self, entity_id: int, source: str = "west") -> None:
        """Magento ships all of an order of two items, two pieces each."""
        with self.shop.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE sales_order_item SET qty_shipped = qty_ordered WHERE order_id = %s", (entity_id,))
            cursor.execute("UPDATE sales_order SET state = 'complete' WHERE entity_id = %s", (entity_id,))
            cursor.execute(
                "UPDATE inventory_source_item SET quantity = quantity - 2 WHERE source_code = %s AND sku LIKE 'sku-_'",
                (source,),
            )

    def confirm(self, entity_id: int) -> None:
        """An order of two items, two pieces each, that the ERP confirmed some time ago."""
        event = self.shop.place(entity_id)
        relay = self.rig.relay()
        turn_until(relay, lambda: event in self.rig.receipts_by_event())
        self.age("erp_document_revision", "confirmed_at")

    def age(self, table: str, column: str, hours: int = 1) -> None:
        """Let something have happened an hour earlier than it did."""
        self.shop.execute(f"UPDATE {table} SET {column} = {column} - INTERVAL {hours} HOUR")  # noqa: S608 -- fixed names

    def run(self) -> dict[str, object]:
        """Read and import once, whatever the time; what was told of it, empty where nothing was imported."""
        before = len(self.notes.named("stock.imported"))
        for _ in self.importer.steps():
            assert self.lead.trusted()
        told = self.notes.named("stock.imported")[before:]
        return told[0] if told else {}

    def run_reading_only(self) -> None:
        """Read once more, as another process does that finds no baseline yet."""
        self.import_anew()
        for _ in self.importer.steps():
            pass

    def take_baseline(self) -> None:
        """Read once, accept it, import it."""
        self.run()
        newest = self.snapshots.newest(self.policy.name, {SnapshotState.COMPLETE})
        assert newest is not None
        self.snapshots.accept_baseline(self.policy.name, newest.number, "ann", "go-live")
        self.turn_until_idle()

    def turn_until_idle(self, seconds: float = 20) -> None:
        """Turn until there is nothing to do now."""
        until = time.monotonic() + seconds
        while self.importer.turn():
            assert time.monotonic() < until

    def findings(self, state: str = "open") -> list[tuple[str, str]]:
        """Kind and subject of the findings, oldest first."""
        return [
            (str(kind), str(subject))
            for kind, subject in self.shop.rows(
                "SELECT kind, subject FROM erp_finding WHERE state = %s ORDER BY id", state
            )
        ]

    def readings(self) -> list[str]:
        """The states of all readings, oldest first."""
        return [str(state) for (state,) in self.shop.rows("SELECT state FROM erp_stock_snapshot ORDER BY number")]


def available_profile(folder: Path, **levels: object) -> str:
    """The profile of an ERP whose one figure is what is available; `levels` changes how it is read."""
    data: Any = read_profile(profile_path("sandbox", folder))
    data["operations"]["stock_read"]["levels"] |= {"available": "onHand", **levels}
    path = folder / "available.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return str(path)


@contextmanager
def feed_on(
    database: Database,
    erp: Sandbox,
    folder: Path,
    policy: DestinationPolicy = FED,
    wrap: Callable[[ErpAdapter], ErpAdapter] = lambda adapter: adapter,
    levels: Mapping[str, object] | None = None,
) -> Iterator[FeedWorld]:
    """A feed over an empty shop with two sources and two products."""
    with rig_on(database, erp, policy, wrap, available_profile(folder, **(levels or {}))) as rig:
        prepare(rig)
        yield FeedWorld(rig, policy)


def prepare(rig: Rig) -> None:
    """Magento's tables of stock, two sources of one stock, two products."""
    text = STOCK_TABLES.read_text(encoding="utf-8").replace("CREATE TABLE {", "CREATE TABLE IF NOT EXISTS {")
    for statement in statements_of(text.replace("CREATE SQL", "CREATE OR REPLACE SQL"), ""):
        rig.shop.execute(statement)
    rig.shop.execute("INSERT IGNORE INTO inventory_stock (stock_id, name) VALUES (1, 'Default')")
    for priority, source in enumerate(("west", "east"), start=1):
        rig.shop.execute(
            "INSERT IGNORE INTO inventory_source (source_code, name, country_id, postcode) VALUES (%s, 'S', 'DE', '1')",
            source,
        )
        rig.shop.execute(
            "INSERT IGNORE INTO inventory_source_stock_link (stock_id, source_code, priority) VALUES (1, %s, %s)",
            source,
            priority,
        )
    for sku in ("sku-1", "sku-2"):
        rig.shop.execute("INSERT INTO catalog_product_entity (sku, type_id) VALUES (%s, 'simple')", sku)
