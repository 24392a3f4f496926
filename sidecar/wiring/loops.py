"""The daemon's loops: one for each role of each destination, under a lease each."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from sidecar.daemon import Daemon, Loop, Session, SystemClock
from sidecar.domain.contract import CONTRACT_CHECK
from sidecar.domain.events import DestinationName, Event, OutboxId
from sidecar.domain.identity import Mark
from sidecar.domain.policy import DestinationPolicy, InboundPolicy, StockPolicy
from sidecar.domain.reconciliation import RunSummary
from sidecar.engine.auditor import AUDIT
from sidecar.engine.changes_reader import ChangesReader
from sidecar.engine.feed import Feed
from sidecar.engine.governor import Governor
from sidecar.engine.identity import Guard
from sidecar.engine.inbound_writer import InboundWriter
from sidecar.engine.janitor import PURGE
from sidecar.engine.leadership import Leadership
from sidecar.engine.named_entries import release_what_is_named
from sidecar.engine.projector import Projector
from sidecar.engine.reconciler import ORDERS_CHECK
from sidecar.engine.relay import Relay
from sidecar.engine.stock_aggregator import StockAggregator
from sidecar.engine.stock_folding import StockFolder
from sidecar.engine.stock_sending import WindowSender
from sidecar.mysql.changes_store import ChangesStore
from sidecar.mysql.inbound_store import InboundStore
from sidecar.mysql.lease_store import CHANGES, STOCK_FEED, LeaseStore
from sidecar.mysql.magento_documents import MagentoDocuments
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.missing_entries import MissingEntries
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.session import Session as DatabaseSession
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.mysql.window_store import WindowStore
from sidecar.ports import BatchSink, ErpAdapter
from sidecar.scheduling import Job, ScheduledJobs
from sidecar.wiring.feeding import Feeding
from sidecar.wiring.installation import Installation

SHORTEST_LOCK_WAIT: Final = timedelta(seconds=1)
"""The projector asks for rows without waiting; for what is no row, such as a gap, the server knows nothing shorter."""

_A_SECOND: Final = timedelta(seconds=1)


def daemon_of(installation: Installation, guard: Guard) -> Daemon:
    """The daemon with every loop of every destination."""
    loops = Loops(installation, guard).all()
    return Daemon(loops, installation.settings.lease.ttl, installation.observer)


class Loops:
    """Builds loops; what a loop holds is built anew whenever it begins."""

    def __init__(self, installation: Installation, guard: Guard) -> None:
        """Leases are asked for in the name of this process."""
        self._installation, self._guard = installation, guard
        self._database, self._observer, self._clock = installation.database, installation.observer, SystemClock()
        self._outbox = WatchedOutbox(self._database, guard)
        self._owner = f"{socket.gethostname()}:{uuid4().hex[:12]}"
        self._leases = LeaseStore(self._database.apart(), installation.beginnings())

    def all(self) -> list[Loop]:
        """The scheduler's, and those of every destination; each begins with a look of the guard."""
        blueprint = self._installation.blueprint
        governors = {name: self._governor(name) for name in blueprint.destinations}
        scheduler = self._leadership("scheduler", "")
        loops = [Loop("scheduler", scheduler, partial(self._jobs, scheduler, governors), _A_SECOND)]
        for name in blueprint.destinations:
            policy = blueprint.policy(name)
            if blueprint.takes_batches(name):
                loops.append(self._feed_loop(policy, governors[name]))
            else:
                loops += self._document_loops(policy, governors[name])
        return [self._begun_with_a_look(loop) for loop in loops]

    def _document_loops(self, policy: DestinationPolicy, governor: Governor) -> Iterator[Loop]:
        """One destination that takes documents: its relay, and what its blueprint asks for besides."""
        settings, adapter = self._installation.settings, self._installation.adapter(policy.name)
        relay = self._leadership("relay", policy.name)
        yield Loop(
            f"relay {policy.name}", relay, partial(self._relay, policy, adapter, governor, relay), settings.relay.poll
        )
        if policy.acknowledges:
            projector = self._leadership("projector", "")
            magento = self._database.apart(lock_wait=SHORTEST_LOCK_WAIT)
            build = partial(self._projector, policy, magento, projector)
            yield Loop("projector", projector, build, settings.projector.poll)
        if policy.inbound is not None:
            yield from self._inbound_loops(policy, policy.inbound, adapter, governor)
        if policy.stock_feed is not None:
            feeding, feeder = Feeding(self._installation, policy.name), self._leadership(STOCK_FEED, policy.name)
            build_feeder = partial(feeding.importer, governor, feeder, self._clock)
            yield Loop(f"stock feed {policy.name}", feeder, build_feeder, _A_SECOND)
        if policy.stock is not None:
            stock = self._leadership("stock", policy.name)
            build_stock = partial(self._stock, policy, policy.stock, adapter, governor, stock)
            yield Loop(f"stock {policy.name}", stock, build_stock, settings.stock.poll)

    def _leadership(self, role: str, scope: str) -> Leadership:
        terms = self._installation.settings.lease.terms
        return Leadership(self._leases, role, scope, self._owner, terms, self._clock, self._observer)

    def _begun_with_a_look(self, loop: Loop) -> Loop:
        def build() -> Session:
            self._guard.look()
            return loop.build()

        return replace(loop, build=build)

    def _feed_loop(self, policy: DestinationPolicy, governor: Governor) -> Loop:
        lead = self._leadership("relay", policy.name)
        build = partial(self._feed, policy, self._installation.sink(policy.name), governor, lead)
        return Loop(f"feed {policy.name}", lead, build, self._installation.settings.relay.poll)

    def _inbound_loops(
        self, policy: DestinationPolicy, inbound: InboundPolicy, adapter: ErpAdapter, governor: Governor
    ) -> Iterator[Loop]:
        """What brings a destination's own doings into Magento: one loop reads them, one has Magento make them."""
        services = self._installation.magento_services()
        reading = self._leadership(CHANGES, policy.name)
        writing = self._leadership("inbound", policy.name)
        documents = MagentoDocuments(self._database)

        def build_reader() -> Session:
            store, names = ChangesStore(self._database), self._installation.names()
            return ChangesReader(policy, inbound, names, adapter, governor, store, reading, self._clock, self._observer)

        def build_writer() -> Session:
            store, names = InboundStore(self._database), self._installation.names()
            return InboundWriter(
                policy, inbound, names, store, documents, services, writing.trusted, self._clock, self._observer
            )

        yield Loop(f"changes {policy.name}", reading, build_reader, _A_SECOND)
        yield Loop(f"inbound {policy.name}", writing, build_writer, _A_SECOND)

    def _governor(self, destination: DestinationName) -> Governor:
        blueprint = self._installation.blueprint
        policy, is_fed = blueprint.policy(destination), blueprint.takes_batches(destination)
        most = 1 if is_fed else self._installation.adapter(destination).capabilities().max_concurrency
        return Governor(self._clock, min(policy.concurrency, most), policy.governor)

    def _relay(self, policy: DestinationPolicy, adapter: ErpAdapter, governor: Governor, lead: Leadership) -> Relay:
        named = partial(self._installation.blueprint.stores_of, policy.name)
        release_what_is_named(MissingEntries(self._database), policy.name, named, policy.version, self._observer)
        return Relay(
            replace(policy, mapping=self._installation.mapping_version(policy.name)),
            self._installation.names(),
            adapter,
            governor,
            self._outbox,
            ReceiptStore(self._database),
            MagentoStore(self._database),
            RelatedOrders(self._database),
            lead,
            self._clock,
            self._observer,
            self._installation.settings.relay.gap_patience,
            WholeOrders(self._database),
        )

    def _feed(self, policy: DestinationPolicy, sink: BatchSink, governor: Governor, lead: Leadership) -> Feed:
        return Feed(
            policy,
            sink,
            self._outbox,
            ReceiptStore(self._database),
            lead,
            self._clock,
            self._observer,
            self._installation.settings.relay.gap_patience,
            governor,
            WholeOrders(self._database),
        )

    def _stock(
        self, policy: DestinationPolicy, stock: StockPolicy, adapter: ErpAdapter, governor: Governor, lead: Leadership
    ) -> StockAggregator:
        patience = self._installation.settings.relay.gap_patience
        folder = StockFolder(
            policy,
            stock,
            self._outbox,
            StockStore(self._database),
            lead,
            self._clock,
            self._observer,
            patience,
            adapter.capabilities().stock_batch,
        )
        sender = WindowSender(
            policy,
            self._installation.blueprint.instance,
            adapter,
            governor,
            WindowStore(self._database),
            lead,
            self._clock,
            self._observer,
        )
        return StockAggregator(folder, sender, self._clock)

    def _projector(self, policy: DestinationPolicy, magento: DatabaseSession, lead: Leadership) -> Projector:
        return Projector(
            policy.name,
            policy.lifecycle,
            policy.number,
            ProjectionStore(self._database, policy.name),
            Projections(magento),
            self._clock,
            self._observer,
            lead.trusted,
        )

    def _jobs(self, lead: Leadership, governors: Mapping[DestinationName, Governor]) -> ScheduledJobs:
        installation, runs = self._installation, ReconciliationStore(self._database)

        def reconcile(name: DestinationName, proceed: Callable[[], bool]) -> RunSummary:
            return installation.reconcile_orders(name, lambda: governors[name].admitted(proceed))

        jobs = [
            Job(
                f"{ORDERS_CHECK} {name}",
                installation.settings.reconciliation.every,
                partial(runs.last_run, ORDERS_CHECK, name),
                partial(reconcile, name),
            )
            for name in installation.blueprint.with_documents
        ]
        jobs += [self._contract_job(name, runs, governors[name]) for name in installation.blueprint.destinations]
        return ScheduledJobs([*jobs, *self._off_peak_jobs(runs)], lead.trusted, self._observer)

    def _contract_job(self, name: DestinationName, runs: ReconciliationStore, governor: Governor) -> Job:
        watch = self._installation.contract_watch(name)
        return Job(
            f"{CONTRACT_CHECK} {name}",
            self._installation.settings.reconciliation.contracts,
            partial(runs.last_run, CONTRACT_CHECK, name),
            lambda proceed: watch.look(lambda: governor.admitted(proceed)),
        )

    def _off_peak_jobs(self, runs: ReconciliationStore) -> list[Job]:
        part = self._installation.settings.janitor
        if not part.enabled:
            return []
        last_purge = partial(runs.last_run, PURGE, DestinationName(""))
        last_audit = partial(runs.last_run, AUDIT, DestinationName(""))
        day = timedelta(days=1)
        return [
            Job(AUDIT, day, last_audit, self._installation.auditor().run, part.off_peak),
            Job(PURGE, day, last_purge, self._installation.janitor().purge, part.off_peak),
        ]


class WatchedOutbox(OutboxStore):
    """The outbox, with a guard that learns of every page at once and that can forbid the next."""

    def __init__(self, session: DatabaseSession, guard: Guard) -> None:
        """Read through this session."""
        super().__init__(session)
        self._guard = guard

    def read_tail(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same; raises IdentityError once the guard has met trouble."""
        self._guard.require()
        return self._told(super().read_tail(after, limit))

    def read_fresh(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same; raises IdentityError once the guard has met trouble."""
        self._guard.require()
        return self._told(super().read_fresh(after, limit))

    def read_stock(self, after: OutboxId, limit: int) -> Sequence[Event]:
        """The same; raises IdentityError once the guard has met trouble."""
        self._guard.require()
        return self._told(super().read_stock(after, limit))

    def _told(self, events: Sequence[Event]) -> Sequence[Event]:
        if events:
            self._guard.saw(Mark(events[-1].id, events[-1].event_id))
        return events
