"""An installation: settings, blueprint and database of one sidecar, and what its commands are made from."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Self

from erp_adapters.profiled.authentication import TokenPlace
from erp_adapters.registry import AdapterConfiguration, build, build_feed, mapping_version
from sidecar.archive import FileArchive
from sidecar.blueprint import Blueprint, load_blueprint
from sidecar.daemon import SystemClock
from sidecar.domain.documents import Health
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName
from sidecar.domain.identity import Judgement, judge
from sidecar.domain.naming import Names
from sidecar.domain.reconciliation import RunSummary
from sidecar.domain.start import Beginning
from sidecar.engine.auditor import Auditor
from sidecar.engine.contracts import ContractWatch
from sidecar.engine.eraser import Eraser
from sidecar.engine.identity import Guard
from sidecar.engine.inbound_planner import InboundPlanner
from sidecar.engine.janitor import Janitor
from sidecar.engine.pace import Terms
from sidecar.engine.reconciler import Reconciler
from sidecar.engine.restore import Restoration
from sidecar.magento.client import RestServices
from sidecar.mysql.actions import Actions
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.contract_store import ContractStore
from sidecar.mysql.erasure_store import ErasureStore
from sidecar.mysql.fence import DOCUMENTS, STOCK
from sidecar.mysql.inbound_decisions import InboundDecisions
from sidecar.mysql.inbound_store import InboundStore
from sidecar.mysql.insights import Insights
from sidecar.mysql.instance_store import InstanceStore
from sidecar.mysql.janitor_store import JanitorStore
from sidecar.mysql.line_decisions import LineDecisions
from sidecar.mysql.magento_documents import MagentoDocuments
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.missing_entries import MissingEntries
from sidecar.mysql.operator_store import OperatorStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.restore_store import RestoreStore
from sidecar.mysql.session import Session as DatabaseSession
from sidecar.mysql.stock_insights import StockInsights
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.synthesis_store import SynthesisStore
from sidecar.ports import BatchSink, ErpAdapter, Observer
from sidecar.settings import Settings, load_settings
from sidecar.state_file import StateFile
from sidecar.transport import Secret, Way
from sidecar.wiring.adapters import configuration_of
from sidecar.wiring.connections import open_database

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
    _services: list[RestServices] = field(default_factory=list)
    _ways: dict[DestinationName, Way] = field(default_factory=dict)

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

    def _parts(self, destination: DestinationName) -> tuple[AdapterConfiguration, Secret, str]:
        told = configuration_of(self.blueprint, destination, self.settings.blueprint)
        configuration = replace(told, way=self.way_to(destination), token=self._token_place(destination))
        return configuration, self.settings.secret_for(destination), self.blueprint.instance

    def _token_place(self, destination: DestinationName) -> TokenPlace:
        part = self.settings.destinations.get(destination)
        told = {} if part is None else part.oauth2.model_dump(exclude_none=True)
        return TokenPlace(**told)

    def way_to(self, destination: DestinationName) -> Way:
        """How a destination is reached, and what was seen on the way."""
        if destination not in self._ways:
            self._ways[destination] = self.settings.way_to(destination)
        return self._ways[destination]

    def magento_services(self) -> RestServices:
        """Magento's own services, one client for all who call them; raises ConfigurationError without [magento]."""
        part = self.settings.magento
        if part is None:
            message = "magento: found nothing, allowed: a table with base_url, where documents come back into Magento"
            raise ConfigurationError(message, hint="add [magento] with base_url to sidecar.toml")
        if not self._services:
            token, way = self.settings.magento_token(), self.settings.way_to_magento()
            self._services.append(RestServices(part.base_url, token, host=part.host, way=way))
        return self._services[0]

    def probe(self, destination: DestinationName) -> Health:
        """Ask a destination whether it listens and what stands in the way; changes nothing there."""
        is_fed = self.blueprint.takes_batches(destination)
        return (self.sink(destination) if is_fed else self.adapter(destination)).probe()

    def contracts(self) -> ContractStore:
        """What ERPs' interfaces were."""
        return ContractStore(self.database)

    def contract_watch(self, destination: DestinationName) -> ContractWatch:
        """Who looks whether a destination's interface is still what it was."""
        probe = partial(self.probe, destination)
        runs = ReconciliationStore(self.database)
        return ContractWatch(destination, probe, self.contracts(), runs, self.observer)

    def insights(self) -> Insights:
        """What operators look at."""
        return Insights(self.database)

    def outbox(self) -> OutboxStore:
        """What Magento wrote."""
        return OutboxStore(self.database)

    def stock_insights(self) -> StockInsights:
        """What people look at of stock."""
        return StockInsights(self.database)

    def operations(self) -> OperatorStore:
        """What operators may do to lanes and events."""
        return OperatorStore(self.database)

    def line_decisions(self) -> LineDecisions:
        """What people see of refused stock lines, and decide about them."""
        return LineDecisions(self.database)

    def mapping_version(self, destination: DestinationName) -> str:
        """A short name of all that decides about the words in which an ERP is told, the profile's file included."""
        return mapping_version(configuration_of(self.blueprint, destination, self.settings.blueprint))

    def missing_entries(self) -> MissingEntries:
        """What waits for an entry of a mapping."""
        return MissingEntries(self.database)

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
        return InboundPlanner(destination, policy.inbound, policy.tolerance, self.names(), store, documents)

    def names(self) -> Names:
        """How this shop names its effects."""
        return Names(self.blueprint.instance, InstanceStore(self.database).epochs())

    def restoration(self) -> Restoration:
        """What a person may declare about a database that was restored, moved or copied."""
        return Restoration(
            self.blueprint.instance,
            [self.blueprint.policy(name) for name in self.blueprint.destinations],
            StateFile(self.settings.state_dir),
            InstanceStore(self.database),
            RestoreStore(self.database, self.beginnings()),
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
        withholding = [policy.name for policy in policies if policy.withholds_echoes]
        demanding = [policy.name for policy in policies if policy.stock is not None and policy.stock.demand]
        nowhere = {
            str(policy.name): policy.stock.drop_shipped
            for policy in policies
            if policy.stock is not None and policy.stock.drop_shipped is not None
        }
        return AuditStore(self.database, reasons, withholding, demanding, nowhere)

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

    def beginnings(self) -> dict[DestinationName, Beginning]:
        """Where each destination begins when it is met for the first time."""
        policies = [self.blueprint.policy(name) for name in self.blueprint.destinations]
        streams = {policy.name: (DOCUMENTS,) if policy.stock is None else (DOCUMENTS, STOCK) for policy in policies}
        return {policy.name: Beginning(policy.start, streams[policy.name], policy.version) for policy in policies}

    def _reconciler(self, destination: DestinationName) -> Reconciler:
        return Reconciler(
            self.blueprint.policy(destination),
            self.adapter(destination),
            MagentoStore(self.database),
            ReconciliationStore(self.database),
            self.observer,
        )


def install(settings_path: Path | None, observer: Observer, blueprint: Path | None = None) -> Installation:
    """Read settings and blueprint; raises ConfigurationError for anything wrong with either.

    `blueprint` is one to try, in the place of the one that the settings name.
    """
    settings = load_settings(settings_path)
    if blueprint is not None:
        settings = settings.model_copy(update={"blueprint": blueprint})
    return Installation(settings, load_blueprint(settings.blueprint), open_database(settings), observer)
