"""An ERP that owns the stock, and a shop that sells it: orders go there, deliveries and levels come back.

Everything is real but the people: Magento's tables, its services in PHP, the relay, the reader and writer of what comes
back, the importer, and an ERP over HTTP, of which the test sets the levels that its books would show.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from erp_adapters.registry import profile_path, read_profile
from sidecar.daemon import SystemClock
from sidecar.domain.naming import Names
from sidecar.domain.stock_feed import (
    FeedGuards,
    Quantity,
    SnapshotState,
    SourceItem,
    SourceShare,
    StockChange,
    StockFeedPolicy,
    Written,
)
from sidecar.engine.stock_importer import StockImporter
from sidecar.engine.stock_watch import PATIENCE as PATIENCE_OF_WATCH
from sidecar.engine.stock_watch import StockWatch
from sidecar.magento.client import RestServices
from sidecar.magento.stock import RestStock
from sidecar.mysql.feed_facts import FeedFacts
from sidecar.mysql.salable import SalableStock
from sidecar.mysql.snapshot_store import SnapshotStore
from sidecar.mysql.source_items import SourceItemRows
from sidecar.wiring.stock import ShopStock
from tests.support.magento_rest import MagentoRest
from tests.support.patience import wait_until
from tests.support.rig import rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database
from tests.support.stores import STOCK_TABLES
from tests.support.way_back import POLICY_BACK, WayBack

SKUS = ("sku-1", "sku-2")
PATIENCE = timedelta(seconds=10)
FEED = StockFeedPolicy(
    Quantity.ON_HAND,
    {"main": (SourceShare("west"),)},
    uncertainty=timedelta(milliseconds=20),
    guards=FeedGuards(jump_share=None),
)


def nothing() -> None:
    """Happens between two steps of an import, unless a test says otherwise."""


@dataclass
class Watched:
    """Magento's source items, with something that happens meanwhile: after the reading, or before the write."""

    items_: ShopStock
    before_reading: Callable[[], None] = nothing
    before_write: Callable[[], None] = nothing

    def items(self, sources: Sequence[str], after: tuple[str, str], limit: int) -> Sequence[SourceItem]:
        """As they are."""
        return self.items_.items(sources, after, limit)

    def items_of(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[SourceItem]:
        """As they are, after what happens once the ERP was read."""
        happens, self.before_reading = self.before_reading, nothing
        happens()
        return self.items_.items_of(sources, skus)

    def write(self, changes: Sequence[StockChange], deadline: float) -> Sequence[Written]:
        """After what happens between reading and writing."""
        happens, self.before_write = self.before_write, nothing
        happens()
        return self.items_.write(changes, deadline)

    def problems(self) -> Sequence[str]:
        """None."""
        return self.items_.problems()


class Later(SystemClock):
    """A clock that a test puts forward."""

    ahead = 0.0

    def monotonic(self) -> float:
        """Later than it is."""
        return super().monotonic() + self.ahead


class StockWorld:
    """One shop and one ERP, and the hands that a test has on them."""

    def __init__(self, way: WayBack, feed: StockFeedPolicy) -> None:
        self.way, self.shop, self.erp = way, way.shop, way.erp
        self._feed, self._store = feed, SnapshotStore(way.session)
        self.items = Watched(ShopStock(SourceItemRows(way.session), RestStock(way.services)))
        self._later = Later()
        salable = SalableStock(way.session)
        self.watch = StockWatch(way.policy.name, feed.sources, salable, self._later, way.rig.notes)
        self.importer = StockImporter(
            way.policy,
            feed,
            Names("M1"),
            way.rig.adapter,
            way.rig.governor,
            self._store,
            FeedFacts(way.session, way.policy),
            self.items,
            way.rig.reconciliation,
            way.rig.leadership("feed"),
            way.rig.clock,
            way.rig.notes,
            self.watch,
        )

    def erp_has(self, quantity: int) -> None:
        """What the ERP's books show from now on, of each SKU."""
        balances = [{"warehouse": "main", "sku": sku, "quantity": f"{quantity}.0000"} for sku in SKUS]
        assert self.erp.control("POST", "stock", {"balances": balances}).status == 200

    def order(self, entity_id: int, quantity: int) -> str:
        """A shopper buys of each SKU, and the ERP gets the order; its number there."""
        event = self.shop.place(entity_id, quantity=f"{quantity}.0000")
        for sku in SKUS:
            self.shop.execute(
                "INSERT INTO inventory_reservation (stock_id, sku, quantity, metadata) VALUES (2, %s, %s, '{}')",
                sku,
                -quantity,
            )
        turn_until(self.way.relay, lambda: event in self.way.rig.receipts_by_event())
        ((number,),) = self.shop.rows("SELECT erp_number FROM erp_document WHERE entity_id = %s", entity_id)
        return str(number)

    def carry_back(self) -> None:
        """What the ERP did becomes Magento's, as far as Magento takes it."""
        self.way.carry()

    def take_baseline(self) -> None:
        """Read for the first time, and a person takes it."""
        self.importer.import_now()
        newest = self._store.newest(self.way.policy.name, {SnapshotState.COMPLETE})
        assert newest is not None
        self._store.accept_baseline(self.way.policy.name, newest.number, "ann", "counted")
        while self.importer.turn():
            continue

    def import_once(self) -> int:
        """Read and write, once; returns how many SKUs wait for the next reading."""
        self.importer.import_now()
        waiting = self.way.rig.notes.named("stock.imported")[-1]["waiting"]
        assert isinstance(waiting, int)
        return waiting

    def import_stock(self) -> None:
        """Read and write until nothing waits: what happened a moment before a reading may be in it, or not."""
        wait_until(lambda: self.import_once() == 0, lambda: "something waits for ever", PATIENCE)

    def look_whether_it_is_sold(self) -> list[tuple[str, str]]:
        """What the watch finds of what was written when its patience is over, twice; and whether it still stands."""
        for _ in range(2):
            self._later.ahead += 2 * PATIENCE_OF_WATCH.total_seconds()
            self.watch.look()
        found = self.shop.rows("SELECT DISTINCT kind, state FROM erp_finding ORDER BY kind, state")
        return [(kind, state) for kind, state in found]

    def in_source(self) -> int:
        """What the source holds of each SKU."""
        ((held,),) = self.shop.rows("SELECT DISTINCT quantity FROM inventory_source_item WHERE source_code = 'west'")
        return int(held)

    def reserved(self) -> int:
        """What is reserved of each SKU; negative."""
        found = self.shop.rows("SELECT sku, SUM(quantity) FROM inventory_reservation GROUP BY sku")
        (reserved,) = {quantity for _, quantity in found} or {0}
        return int(reserved)

    def salable(self) -> int:
        """What Magento sells of each SKU."""
        return self.in_source() + self.reserved()


@contextmanager
def stock_world(
    database: Database, erp: Sandbox, magento: MagentoRest, folder: Path, counts: Quantity
) -> Iterator[StockWorld]:
    """A shop with 100 of each SKU, and an ERP whose levels count that."""
    feed = replace(FEED, quantity=counts)
    policy = replace(POLICY_BACK, stock=None, stock_feed=feed)
    with rig_on(database, erp, policy, profile=_profile(folder)) as rig:
        _make_stock_tables(database)
        services = RestServices(magento.base_url, SecretStr(magento.token))
        way = WayBack(rig, magento, policy, services)
        way.put_in_stock(100)
        way.reader.turn()  # the ERP's deliveries were read: there are none
        try:
            yield StockWorld(way, feed)
        finally:
            way.close()


def _profile(folder: Path) -> str:
    """An ERP that tells its level as what is available, too: which of both it is, the test sets."""
    data: Any = read_profile(profile_path("sandbox", folder))
    data["operations"]["stock_read"]["levels"]["available"] = "onHand"
    path = folder / "stock.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return str(path)


def _make_stock_tables(database: Database) -> None:
    """Those that Magento's services in PHP have not made already."""
    script = STOCK_TABLES.read_text(encoding="utf-8").replace("{prefix}", "")
    script = script.replace("CREATE TABLE inv", "CREATE TABLE IF NOT EXISTS inv")
    with database.connect() as connection, connection.cursor() as cursor:
        for statement in script.split(";\n"):
            words = "\n".join(line for line in statement.splitlines() if not line.startswith("--")).strip()
            if words:
                cursor.execute(words)
        for sku in SKUS:
            cursor.execute("INSERT INTO catalog_product_entity (sku) VALUES (%s)", (sku,))
            cursor.execute("INSERT INTO inventory_stock_2 (sku, quantity, is_salable) VALUES (%s, 100, 1)", (sku,))
        cursor.execute("INSERT INTO inventory_stock (stock_id, name) VALUES (2, 'Europe')")
        cursor.execute(
            "INSERT INTO inventory_source (source_code, name, country_id, postcode) VALUES ('west', 'West', 'DE', '1')"
        )
        cursor.execute(
            "INSERT INTO inventory_source_stock_link (stock_id, source_code, priority) VALUES (2, 'west', 1)"
        )
