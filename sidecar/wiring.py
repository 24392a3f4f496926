"""Wiring: the only module that knows both sides; it puts stores, adapters, engine and daemon together."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote
from uuid import uuid4

from pydantic import SecretStr

from erp_adapters.registry import AdapterConfiguration, build, build_feed
from sidecar.archive import FileArchive
from sidecar.blueprint import Blueprint, load_blueprint
from sidecar.blueprint.inbound import untold_problems
from sidecar.blueprint.lifecycle_checks import stranger_problems
from sidecar.configuration import Problem, refusal
from sidecar.daemon import Daemon, Loop, Session, SystemClock
from sidecar.domain.documents import Health
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName, Event, OutboxId
from sidecar.domain.identity import Judgement, Mark, judge
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy, StockPolicy
from sidecar.domain.reconciliation import RunSummary
from sidecar.domain.start import Beginning
from sidecar.engine.auditor import AUDIT, Auditor
from sidecar.engine.changes_reader import ChangesReader
from sidecar.engine.eraser import Eraser
from sidecar.engine.feed import Feed
from sidecar.engine.governor import Governor
from sidecar.engine.identity import Guard
from sidecar.engine.inbound_planner import InboundPlanner
from sidecar.engine.inbound_writer import InboundWriter
from sidecar.engine.janitor import PURGE, Janitor
from sidecar.engine.leadership import Leadership
from sidecar.engine.pace import Terms
from sidecar.engine.projector import Projector
from sidecar.engine.reconciler import ORDERS_CHECK, Reconciler
from sidecar.engine.relay import Relay
from sidecar.engine.restore import Restoration
from sidecar.engine.stock_aggregator import StockAggregator
from sidecar.magento.client import RestServices
from sidecar.mysql.actions import Actions
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.changes_store import ChangesStore
from sidecar.mysql.erasure_store import ErasureStore
from sidecar.mysql.fence import DOCUMENTS, STOCK
from sidecar.mysql.inbound_decisions import InboundDecisions
from sidecar.mysql.inbound_store import InboundStore
from sidecar.mysql.insights import Insights
from sidecar.mysql.instance_store import InstanceStore
from sidecar.mysql.janitor_store import JanitorStore
from sidecar.mysql.lease_store import CHANGES, LeaseStore
from sidecar.mysql.magento_documents import MagentoDocuments
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.operator_store import OperatorStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.restore_store import RestoreStore
from sidecar.mysql.session import Session as DatabaseSession
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.synthesis_store import SynthesisStore
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.ports import BatchSink, Clock, ErpAdapter, MagentoServices, Observer
from sidecar.scheduling import Job, ScheduledJobs
from sidecar.settings import Settings, load_settings
from sidecar.state_file import StateFile

SHORTEST_LOCK_WAIT: Final = timedelta(seconds=1)
"""The projector asks for rows without waiting; for what is no row, such as a gap, the server knows nothing shorter."""

LONGEST_LAST_LOOK: Final = 5.0
"""Seconds that the end of the process may wait for the guard's last look."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One configured sidecar: everything that its commands and its daemon are made from."""

    settings: Settings
    blueprint: Blueprint
    database: DatabaseSession
    observer: Observer
    _adapters: dict[DestinationName, ErpAdapter] = field(default_factory=dict)
    _sinks: dict[DestinationName, BatchSink] = field(default_factory=dict)
    _services: list[MagentoServices] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Use it in a `with`: connections are given back at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close adapters and database."""
        for adapter in self._adapters.values():
            adapter.close()
        for sink in self._sinks.values():
            sink.close()
        for services in self._services:
            services.close()
        self.database.close()

    def adapter(self, destination: DestinationName) -> ErpAdapter:
        """The one adapter of a destination that takes documents or single events; it connects with its first call."""
        if destination not in self._adapters:
            self._adapters[destination] = build(*self._parts(destination))
        return self._adapters[destination]

    def sink(self, destination: DestinationName) -> BatchSink:
        """The one receiver of a destination that is fed in batches; it connects with its first call."""
        if destination not in self._sinks:
            self._sinks[destination] = build_feed(*self._parts(destination))
        return self._sinks[destination]

    def _parts(self, destination: DestinationName) -> tuple[AdapterConfiguration, SecretStr, str]:
        configuration = _configuration(self.blueprint, destination, self.settings.blueprint)
        return configuration, self.settings.secret_for(destination), self.blueprint.instance

    def magento_services(self) -> MagentoServices:
        """Magento's own services, one client for all who call them; raises ConfigurationError without [magento]."""
        part = self.settings.magento
        if part is None:
            message = "magento: found nothing, allowed: a table with base_url, where documents come back into Magento"
            raise ConfigurationError(message, hint="add [magento] with base_url to sidecar.toml")
        if not self._services:
            self._services.append(RestServices(part.base_url, self.settings.magento_token(), host=part.host))
        return self._services[0]

    def probe(self, destination: DestinationName) -> Health:
        """Ask a destination whether it listens and what stands in the way; changes nothing there."""
        is_fed = self.blueprint.takes_batches(destination)
        return (self.sink(destination) if is_fed else self.adapter(destination)).probe()

    def insights(self) -> Insights:
        """What operators look at."""
        return Insights(self.database)

    def operations(self) -> OperatorStore:
        """What operators may do to lanes and events."""
        return OperatorStore(self.database)

    def inbound_decisions(self) -> InboundDecisions:
        """What people see of inbound documents, and may decide about them."""
        return InboundDecisions(self.database)

    def inbound_planner(self, destination: DestinationName) -> InboundPlanner | None:
        """Who works out what Magento would be asked for; None where the blueprint brings nothing back from there."""
        if destination not in self.blueprint.destinations:
            return None
        policy = self.blueprint.policy(destination)
        if policy.inbound is None:
            return None
        store, documents = InboundStore(self.database), MagentoDocuments(self.database)
        return InboundPlanner(destination, policy.inbound, policy.tolerance, self._names(), store, documents)

    def _names(self) -> Names:
        return Names(self.blueprint.instance, InstanceStore(self.database).epochs())

    def restoration(self) -> Restoration:
        """What a person may declare about a database that was restored, moved or copied."""
        return Restoration(
            self.blueprint.instance,
            [self.blueprint.policy(name) for name in self.blueprint.destinations],
            StateFile(self.settings.state_dir),
            InstanceStore(self.database),
            RestoreStore(self.database, self._beginnings()),
            OutboxStore(self.database),
            ReceiptStore(self.database),
            StockStore(self.database),
        )

    def standing(self) -> Judgement:
        """What this host and the database say together about which database that is; changes nothing."""
        memory = StateFile(self.settings.state_dir).read()
        seen = InstanceStore(self.database).observe(memory.newest.id if memory else 0)
        return judge(memory, seen, self.blueprint.instance)

    def reconcile_orders(self, destination: DestinationName, proceed: Callable[[], bool] = lambda: True) -> RunSummary:
        """Run the orders check once, now."""
        return self._reconciler(destination).compare_orders(proceed)

    def record_action(self, action: str, actor: str, reason: str) -> None:
        """Keep what a person did, and why."""
        actions = Actions(self.database)
        self.database.transaction(lambda work: actions.record(work, action, actor, reason))

    def auditor(self) -> Auditor:
        """Who compares orders, outbox and receipts."""
        terms = Terms(largest=self.settings.janitor.chunk)
        return Auditor(self.audit_store(), SystemClock(), self.observer, terms)

    def audit_store(self) -> AuditStore:
        """The way back for events that nobody has accounted for."""
        policies = [self.blueprint.policy(name) for name in self.blueprint.destinations]
        reasons = {str(policy.name): policy.stock.reasons for policy in policies if policy.stock is not None}
        return AuditStore(self.database, reasons, [policy.name for policy in policies if policy.withholds_echoes])

    def synthesis(self) -> SynthesisStore:
        """Who writes the events that the module did not."""
        return SynthesisStore(self.database, self.blueprint.instance)

    def eraser(self) -> Eraser:
        """Who takes a person out of what the sidecar keeps."""
        return Eraser(ErasureStore(self.database), self._archive(), self.observer)

    def _archive(self) -> FileArchive | None:
        folder = self.settings.janitor.archive
        return None if folder is None else FileArchive(folder)

    def janitor(self) -> Janitor:
        """Who purges; deletes nothing before it is told to."""
        part = self.settings.janitor
        return Janitor(
            JanitorStore(self.database),
            self._archive(),
            SystemClock(),
            self.observer,
            part.retention,
            Terms(largest=part.chunk),
        )

    @contextmanager
    def guarded(self) -> Iterator[Guard]:
        """Look at the database first, and go on looking beside whatever the block does.

        Raises IdentityError for one that went back in time, moved, or is a copy.
        """
        session, stopping = self.database.apart(), threading.Event()
        memory = StateFile(self.settings.state_dir)
        guard = Guard(InstanceStore(session), memory, self.blueprint.instance, self.observer)
        try:
            guard.begin()
            watch = threading.Thread(target=guard.keep_looking, args=(stopping,), name="identity", daemon=True)
            watch.start()
            try:
                yield guard
            finally:
                stopping.set()
                watch.join(LONGEST_LAST_LOOK)
        finally:
            session.close()

    def daemon(self, guard: Guard) -> Daemon:
        """The daemon with every loop of every destination; each begins with a look of the guard."""
        settings, clock = self.settings, SystemClock()
        outbox = WatchedOutbox(self.database, guard)
        owner = f"{socket.gethostname()}:{uuid4().hex[:12]}"
        leases = LeaseStore(self.database.apart(), self._beginnings())

        def leadership(role: str, scope: str) -> Leadership:
            return Leadership(leases, role, scope, owner, settings.lease.terms, clock, self.observer)

        governors = {name: self._governor(name, clock) for name in self.blueprint.destinations}
        scheduler = leadership("scheduler", "")
        build_jobs = partial(self._scheduled_jobs, scheduler, governors)
        loops = [Loop("scheduler", scheduler, build_jobs, timedelta(seconds=1))]
        for name in self.blueprint.destinations:
            policy = self.blueprint.policy(name)
            relay, stock = leadership("relay", name), leadership("stock", name)
            if self.blueprint.takes_batches(name):
                build_feed_loop = partial(self._feed, policy, self.sink(name), governors[name], outbox, relay, clock)
                loops.append(Loop(f"feed {name}", relay, build_feed_loop, settings.relay.poll))
                continue
            adapter = self.adapter(name)
            build_relay = partial(self._relay, policy, adapter, governors[name], outbox, relay, clock)
            loops.append(Loop(f"relay {name}", relay, build_relay, settings.relay.poll))
            if policy.acknowledges:
                projector = leadership("projector", "")
                magento = self.database.apart(lock_wait=SHORTEST_LOCK_WAIT)
                build_projector = partial(self._projector, policy, magento, projector, clock)
                loops.append(Loop("projector", projector, build_projector, settings.projector.poll))
            loops += self._inbound_loops(policy, adapter, governors[name], leadership, clock)
            if policy.stock is not None:
                build_stock = partial(self._stock, policy, policy.stock, adapter, governors[name], outbox, stock, clock)
                loops.append(Loop(f"stock {name}", stock, build_stock, settings.stock.poll))
        return Daemon([_begun_with(guard, loop) for loop in loops], settings.lease.ttl, self.observer)

    def _inbound_loops(
        self,
        policy: DestinationPolicy,
        adapter: ErpAdapter,
        governor: Governor,
        leadership: Callable[[str, str], Leadership],
        clock: Clock,
    ) -> list[Loop]:
        """What brings a destination's own doings into Magento: one loop reads them, one has Magento make them."""
        inbound = policy.inbound
        if inbound is None:
            return []
        services = self.magento_services()
        reading, writing = leadership(CHANGES, policy.name), leadership("inbound", policy.name)
        documents = MagentoDocuments(self.database)

        def build_reader() -> Session:
            store = ChangesStore(self.database)
            return ChangesReader(
                policy, inbound, self._names(), adapter, governor, store, reading, clock, self.observer
            )

        def build_writer() -> Session:
            store = InboundStore(self.database)
            return InboundWriter(
                policy, inbound, self._names(), store, documents, services, writing.trusted, clock, self.observer
            )

        return [
            Loop(f"changes {policy.name}", reading, build_reader, timedelta(seconds=1)),
            Loop(f"inbound {policy.name}", writing, build_writer, timedelta(seconds=1)),
        ]

    def _beginnings(self) -> dict[DestinationName, Beginning]:
        policies = [self.blueprint.policy(name) for name in self.blueprint.destinations]
        streams = {policy.name: (DOCUMENTS,) if policy.stock is None else (DOCUMENTS, STOCK) for policy in policies}
        return {policy.name: Beginning(policy.start, streams[policy.name], policy.version) for policy in policies}

    def _governor(self, destination: DestinationName, clock: Clock) -> Governor:
        policy, is_fed = self.blueprint.policy(destination), self.blueprint.takes_batches(destination)
        most = 1 if is_fed else self.adapter(destination).capabilities().max_concurrency
        return Governor(clock, min(policy.concurrency, most), policy.governor)

    def _relay(
        self,
        policy: DestinationPolicy,
        adapter: ErpAdapter,
        governor: Governor,
        outbox: OutboxStore,
        lead: Leadership,
        clock: Clock,
    ) -> Relay:
        return Relay(
            policy,
            Names(self.blueprint.instance, InstanceStore(self.database).epochs()),
            adapter,
            governor,
            outbox,
            ReceiptStore(self.database),
            MagentoStore(self.database),
            RelatedOrders(self.database),
            lead,
            clock,
            self.observer,
            self.settings.relay.gap_patience,
            WholeOrders(self.database),
        )

    def _feed(
        self,
        policy: DestinationPolicy,
        sink: BatchSink,
        governor: Governor,
        outbox: OutboxStore,
        lead: Leadership,
        clock: Clock,
    ) -> Feed:
        return Feed(
            policy,
            sink,
            outbox,
            ReceiptStore(self.database),
            lead,
            clock,
            self.observer,
            self.settings.relay.gap_patience,
            governor,
            WholeOrders(self.database),
        )

    def _stock(
        self,
        policy: DestinationPolicy,
        stock: StockPolicy,
        adapter: ErpAdapter,
        governor: Governor,
        outbox: OutboxStore,
        lead: Leadership,
        clock: Clock,
    ) -> StockAggregator:
        return StockAggregator(
            policy,
            stock,
            self.blueprint.instance,
            adapter,
            governor,
            outbox,
            StockStore(self.database),
            lead,
            clock,
            self.observer,
            self.settings.relay.gap_patience,
        )

    def _projector(
        self, policy: DestinationPolicy, magento: DatabaseSession, lead: Leadership, clock: Clock
    ) -> Projector:
        return Projector(
            policy.name,
            policy.lifecycle,
            policy.number,
            ProjectionStore(self.database, policy.name),
            Projections(magento),
            clock,
            self.observer,
            lead.trusted,
        )

    def _scheduled_jobs(self, lead: Leadership, governors: Mapping[DestinationName, Governor]) -> ScheduledJobs:
        runs = ReconciliationStore(self.database)

        def reconcile(name: DestinationName, proceed: Callable[[], bool]) -> RunSummary:
            return self.reconcile_orders(name, lambda: governors[name].admitted(proceed))

        jobs = [
            Job(
                f"{ORDERS_CHECK} {name}",
                self.settings.reconciliation.every,
                partial(runs.last_run, ORDERS_CHECK, name),
                partial(reconcile, name),
            )
            for name in self.blueprint.with_documents
        ]
        return ScheduledJobs([*jobs, *self._off_peak_jobs(runs)], lead.trusted, self.observer)

    def _off_peak_jobs(self, runs: ReconciliationStore) -> list[Job]:
        part = self.settings.janitor
        if not part.enabled:
            return []
        last_purge = partial(runs.last_run, PURGE, DestinationName(""))
        last_audit = partial(runs.last_run, AUDIT, DestinationName(""))
        day = timedelta(days=1)
        return [
            Job(AUDIT, day, last_audit, self.auditor().run, part.off_peak),
            Job(PURGE, day, last_purge, self.janitor().purge, part.off_peak),
        ]

    def _reconciler(self, destination: DestinationName) -> Reconciler:
        return Reconciler(
            self.blueprint.policy(destination),
            self.adapter(destination),
            MagentoStore(self.database),
            ReconciliationStore(self.database),
            self.observer,
        )


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

    def _told(self, events: Sequence[Event]) -> Sequence[Event]:
        if events:
            self._guard.saw(Mark(events[-1].id, events[-1].event_id))
        return events


def _begun_with(guard: Guard, loop: Loop) -> Loop:
    def build() -> Session:
        guard.look()
        return loop.build()

    return replace(loop, build=build)


def check_blueprint(path: Path) -> Blueprint:
    """Read a blueprint and try everything that can be tried without a secret or a network, adapters included."""
    blueprint = load_blueprint(path)
    problems: list[Problem] = []
    for name in blueprint.destinations:
        parts = _configuration(blueprint, name, path), SecretStr("not the real one"), blueprint.instance
        if blueprint.takes_batches(name):
            build_feed(*parts).close()
            continue
        adapter = build(*parts)
        adapter.close()
        told = adapter.capabilities().order_statuses
        policy = blueprint.policy(name)
        problems += stranger_problems(f"destinations.{name}.lifecycle", policy.lifecycle, told)
        problems += untold_problems(f"destinations.{name}.inbound", policy.inbound, adapter.capabilities().changes)
    if problems:
        raise refusal(path, problems, hint=f"erp-sidecar blueprint check {path}")
    return blueprint


def _configuration(blueprint: Blueprint, destination: DestinationName, path: Path) -> AdapterConfiguration:
    part = blueprint.adapter_settings(destination)
    return AdapterConfiguration(
        destination=destination,
        kind=part.kind,
        profile=part.profile,
        base_url=part.base_url,
        folder=path.parent,
        code_maps=part.code_maps,
        custom_fields=part.custom_fields,
        concurrency=blueprint.policy(destination).concurrency,
    )


def open_database(settings: Settings) -> DatabaseSession:
    """A pool of connections to Magento's database; nothing is connected yet."""
    prefix, ttl = settings.database.table_prefix, settings.lease.ttl
    return DatabaseSession(database_url(settings), prefix=prefix, connections=12, silence=ttl)


def database_url(settings: Settings) -> str:
    """The settings' database as a URL with its password in it: never to be shown."""
    part = settings.database
    password = "" if part.password is None else ":" + quote(part.password.get_secret_value(), safe="")
    account = f"{quote(part.user, safe='')}{password}"
    if part.socket is not None:
        return f"mysql://{account}@/{quote(part.name, safe='')}?unix_socket={quote(str(part.socket))}"
    return f"mysql://{account}@{part.host or '127.0.0.1'}:{part.port}/{quote(part.name, safe='')}"


def install(settings_path: Path | None, observer: Observer) -> Installation:
    """Read settings and blueprint; raises ConfigurationError for anything wrong with either."""
    settings = load_settings(settings_path)
    return Installation(settings, load_blueprint(settings.blueprint), open_database(settings), observer)
