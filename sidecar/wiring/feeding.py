"""A feed of an ERP's stock: what its importer, and what a person is shown before it, are made from."""

import socket
from uuid import uuid4

from sidecar.daemon import SystemClock
from sidecar.domain.errors import ConfigurationError, NotPossible
from sidecar.domain.events import DestinationName
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.stock_feed import StockFeedPolicy
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_importer import StockImporter
from sidecar.engine.stock_judging import Judging
from sidecar.engine.stock_watch import StockWatch
from sidecar.magento.stock import RestStock
from sidecar.mysql.feed_facts import FeedFacts
from sidecar.mysql.lease_store import STOCK_FEED, LeaseStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.salable import SalableStock
from sidecar.mysql.snapshot_store import SnapshotStore
from sidecar.mysql.source_items import SourceItemRows
from sidecar.mysql.stock_writes import SqlStock
from sidecar.ports import Clock
from sidecar.wiring.installation import Installation
from sidecar.wiring.stock import ShopStock, StockWriter


class Feeding:
    """The parts of one destination's feed."""

    def __init__(self, installation: Installation, destination: DestinationName) -> None:
        """Nothing is asked yet; raises ConfigurationError where the blueprint has no feed of it."""
        self._installation = installation
        self.policy: DestinationPolicy = installation.blueprint.policy(destination)
        if self.policy.stock_feed is None:
            message = f"the blueprint says nothing about the stock of {destination} in Magento"
            raise ConfigurationError(message, hint=f"add destinations.{destination}.stock_feed, then blueprint check")
        self.feed: StockFeedPolicy = self.policy.stock_feed
        self.snapshots = SnapshotStore(installation.database)
        self._facts = FeedFacts(installation.database, self.policy)
        self._rows = SourceItemRows(installation.database)
        self._salable = SalableStock(installation.database)

    def judging(self) -> Judging:
        """What the rule says of a reading; writes nothing, and needs no way into Magento."""
        return Judging(self.policy, self.feed, self.snapshots, self._facts, self._rows)

    def importer(self, governor: Governor, lead: Leadership, clock: Clock) -> StockImporter:
        """The importer, as a freshly started process has it."""
        installation = self._installation
        return StockImporter(
            self.policy,
            self.feed,
            installation.names(),
            installation.adapter(self.policy.name),
            governor,
            self.snapshots,
            self._facts,
            ShopStock(self._rows, self._writer()),
            ReconciliationStore(installation.database),
            lead,
            clock,
            installation.observer,
            self._watch(clock),
        )

    def import_once(self) -> None:
        """Read and import now, under the lease that the daemon's own importer holds while it lives."""
        clock, name = SystemClock(), self.policy.name
        session = self._installation.database.apart()
        lead = Leadership(
            LeaseStore(session),
            STOCK_FEED,
            name,
            f"{socket.gethostname()}:{uuid4().hex[:12]}",
            self._installation.settings.lease.terms,
            clock,
            self._installation.observer,
        )
        try:
            if not lead.acquire():
                message = f"the daemon imports the stock of {name} by itself, every {self.feed.every}"
                raise NotPossible(message, hint="wait for it, or stop it first: systemctl stop erp-sidecar")
            for may_go_on in self.importer(Governor(clock, 1, self.policy.governor), lead, clock).steps():
                lead.keep()
                if not may_go_on:
                    clock.sleep(1)
            lead.give_up()
        finally:
            session.close()

    def _watch(self, clock: Clock) -> StockWatch:
        backorders = self.feed.out_of_stock == "quantity"
        observer = self._installation.observer
        return StockWatch(self.policy.name, self.feed.sources, self._salable, clock, observer, backorders=backorders)

    def _writer(self) -> StockWriter:
        if self.feed.write == "sql":
            return SqlStock(self._installation.database, self.feed.sources)
        return RestStock(self._installation.magento_services())
