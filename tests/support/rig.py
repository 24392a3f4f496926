"""A relay under test: real database, real stores, the legacy adapter, and the sandbox ERP over HTTP.

Engines are driven by the test itself, a turn at a time, so that it can stop one at any moment.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from erp_adapters.registry import AdapterConfiguration, build
from sidecar.daemon import SystemClock
from sidecar.domain.delivery import Capabilities
from sidecar.domain.events import DestinationName, EventType
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.naming import Names
from sidecar.domain.policy import DestinationPolicy, RetryPolicy, StockPolicy
from sidecar.domain.release import ReleaseRule
from sidecar.domain.start import BEGINNING, Beginning, Start
from sidecar.engine.changes_reader import ChangesReader
from sidecar.engine.feed import Feed
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.projector import Projector
from sidecar.engine.reconciler import Reconciler
from sidecar.engine.relay import Relay
from sidecar.engine.stock_aggregator import StockAggregator
from sidecar.engine.stock_folding import StockFolder
from sidecar.engine.stock_sending import WindowSender
from sidecar.mysql.insights import Insights
from sidecar.mysql.instance_store import InstanceStore
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.session import Session
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.mysql.window_store import WindowStore
from sidecar.ports import ErpAdapter
from tests.support.made_tables import make_tables
from tests.support.sandbox import API_KEY, Sandbox
from tests.support.servers import Database
from tests.support.shop import Shop

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
SOON = 0.05
"""Seconds between two looks at what people have decided."""

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


@dataclass
class Rig:
    """One destination's engine on one database and one ERP."""

    shop: Shop
    erp: Sandbox
    policy: DestinationPolicy
    wrap: Callable[[ErpAdapter], ErpAdapter]
    profile: str = "sandbox"
    beginnings: Mapping[DestinationName, Beginning] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.notes = Notes()
        self._relays: list[Relay] = []
        self._apart: list[Session] = []
        self.clock = SystemClock()
        self.session = Session(self.shop.database.url, connections=6)
        configuration = AdapterConfiguration(
            "erp", "legacy", self.profile, self.erp.url, Path("/"), CODES, self.custom_fields
        )
        self.adapter = self.wrap(Hurried(build(configuration, SecretStr(API_KEY), "M1")))
        concurrency = min(self.policy.concurrency, self.adapter.capabilities().max_concurrency)
        self.governor = Governor(self.clock, concurrency, self.policy.governor)
        self.outbox, self.receipts = OutboxStore(self.session), ReceiptStore(self.session)
        self.magento, self.stock = MagentoStore(self.session), StockStore(self.session)
        self.reconciliation, self.insights = ReconciliationStore(self.session), Insights(self.session)

    def leadership(self, role: str) -> Leadership:
        """Acquire a role for this rig."""
        self._apart.append(self.session.apart())
        leases = LeaseStore(self._apart[-1], self.beginnings)
        lead = Leadership(leases, role, self.policy.name, "one", TERMS, self.clock, self.notes)
        assert lead.acquire(), f"{role} is held by somebody else"
        return lead

    def relay(self) -> Relay:
        """A relay as a freshly started process has it."""
        return self._relay(self.outbox, timedelta(days=1))

    def relay_without_process(self, session: Session, patience: timedelta) -> Relay:
        """A relay whose user cannot see who is alive, so that it gives gaps up after a time."""
        return self._relay(OutboxStore(session), patience)

    def _relay(self, outbox: OutboxStore, patience: timedelta) -> Relay:
        lead = self.leadership("relay")
        relay = Relay(
            self.policy,
            Names("M1", InstanceStore(self.session).epochs()),
            self.adapter,
            self.governor,
            outbox,
            self.receipts,
            self.magento,
            RelatedOrders(self.session),
            lead,
            self.clock,
            self.notes,
            patience,
            WholeOrders(self.session),
            SOON,
        )
        self._relays.append(relay)
        return relay

    def aggregator(self) -> StockAggregator:
        """A stock aggregator as a freshly started process has it."""
        assert self.policy.stock is not None
        lead = self.leadership("stock")
        batch = self.adapter.capabilities().stock_batch
        folder = StockFolder(
            self.policy, self.policy.stock, self.outbox, self.stock, lead, self.clock, self.notes, batch=batch
        )
        windows = WindowStore(self.session)
        sender = WindowSender(self.policy, "M1", self.adapter, self.governor, windows, lead, self.clock, self.notes)
        return StockAggregator(folder, sender, self.clock)

    def projector(self, trusted: Callable[[], bool] = lambda: True) -> Projector:
        """A projector; `trusted` says whether its lease still holds."""
        return Projector(
            self.policy.name,
            self.policy.lifecycle,
            self.policy.number,
            ProjectionStore(self.session, self.policy.name),
            Projections(self.session),
            self.clock,
            self.notes,
            trusted,
        )

    def reconciler(self) -> Reconciler:
        """A reconciler."""
        return Reconciler(self.policy, self.adapter, self.magento, self.reconciliation, self.notes)

    def receipts_by_event(self) -> dict[int, str]:
        """The outcome of every event that has a receipt of this destination, of its own or in a range."""
        single = "SELECT outbox_id, outcome FROM erp_receipt WHERE destination = %s"
        ranges = (
            "SELECT o.id, r.outcome, r.holes FROM erp_receipt_range r"
            " JOIN erp_outbox o ON o.id BETWEEN r.first_id AND r.last_id WHERE r.destination = %s"
        )
        covered = {
            outbox_id: outcome
            for outbox_id, outcome, holes in self.shop.rows(ranges, self.policy.name)
            if not any(first <= outbox_id <= last for first, last in json.loads(holes))
        }
        return {**covered, **dict(self.shop.rows(single, self.policy.name))}

    def states(self) -> dict[int, str]:
        """The state of every delivery row of this destination."""
        return dict(
            self.shop.rows("SELECT outbox_id, state FROM erp_delivery WHERE destination = %s", self.policy.name)
        )

    def accepted(self, entity_id: int) -> list[dict[str, Any]]:
        """What the ERP's ledger accepted for an order, in its order."""
        rows = self.erp.rows(
            "SELECT r.*, o.reference FROM order_revisions r JOIN orders o ON o.number = r.number ORDER BY r.change_seq"
        )
        return [row for row in rows if row["reference"] == f"M1-{entity_id}"]

    def beside(self, erp: Sandbox, policy: DestinationPolicy, start: Start = BEGINNING) -> "Rig":
        """Another destination of the same shop; the caller closes it."""
        beginnings = {policy.name: Beginning(start, ("documents", "stock"), policy.version)}
        return Rig(self.shop, erp, policy, self.wrap, self.profile, beginnings)

    def close(self) -> None:
        """Give threads, connections and sockets back."""
        for relay in self._relays:
            relay.close()
        for session in (self.session, *self._apart):
            session.close()
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


def turn_until(
    engine: Relay | Feed | StockAggregator | Projector | ChangesReader,
    condition: Callable[[], bool],
    seconds: float = 15,
) -> None:
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


@contextmanager
def rig_on(
    database: Database,
    erp: Sandbox,
    policy: DestinationPolicy = POLICY,
    wrap: Callable[[ErpAdapter], ErpAdapter] = lambda adapter: adapter,
    profile: str = "sandbox",
    custom_fields: Mapping[str, str] | None = None,
) -> Iterator[Rig]:
    """A rig on an empty schema: Magento's tables, the module's outbox, the sidecar's own tables.

    `profile` is a shipped one's name or the path of a file.
    """
    shop = Shop(database)
    make_tables(database)
    rig = Rig(shop, erp, policy, wrap, profile, custom_fields=custom_fields or {})
    try:
        yield rig
    finally:
        rig.close()
