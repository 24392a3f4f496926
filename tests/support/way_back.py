"""The way back under test: the sandbox ERP's documents on one side, a server that behaves like Magento's on the other.

Reader and writer are driven by the test itself, a turn at a time, so that it can stop either at any moment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.inbound import InboundEntry, InboundState
from sidecar.domain.lifecycle import ErpStatus, Lifecycle
from sidecar.domain.naming import Epoch, Names
from sidecar.domain.policy import Capture, DestinationPolicy, InboundPolicy
from sidecar.engine.changes_reader import ChangesReader
from sidecar.engine.inbound_writer import InboundWriter
from sidecar.engine.relay import Relay
from sidecar.magento.client import RestServices
from sidecar.mysql.changes_store import ChangesStore
from sidecar.mysql.inbound_decisions import InboundDecisions
from sidecar.mysql.inbound_store import InboundStore
from sidecar.mysql.magento_documents import MagentoDocuments
from sidecar.ports import Clock, MagentoServices
from tests.support.magento_rest import MagentoRest
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

INBOUND = InboundPolicy(
    takes=frozenset(ChangeKind),
    every=timedelta(0),
    sources={"main": "west", "other": "east"},
    capture={"checkmo": Capture.NONE, "card": Capture.ONLINE},
    refunds="magento",
    call_deadline=timedelta(seconds=10),
)
LIFECYCLE = Lifecycle(
    {
        "open": ErpStatus(next=("posted", "partly_delivered", "delivered", "invoiced", "cancelled")),
        "posted": ErpStatus(next=("partly_delivered", "delivered", "invoiced")),
        "partly_delivered": ErpStatus(next=("delivered", "invoiced")),
        "delivered": ErpStatus(next=("invoiced",)),
        "invoiced": ErpStatus(next=("closed",)),
        "closed": ErpStatus(irreversible=True),
        "cancelled": ErpStatus(irreversible=True),
    },
    first=("open",),
)
POLICY_BACK = replace(POLICY, lifecycle=LIFECYCLE, withholds_echoes=True, inbound=INBOUND)


@dataclass
class WayBack:
    """One order's way back, and the hands that a test has on it."""

    rig: Rig
    magento: MagentoRest
    policy: DestinationPolicy
    services: RestServices
    writers: list[InboundWriter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop, self.erp, self.session = self.rig.shop, self.rig.erp, self.rig.session
        self.decisions = InboundDecisions(self.session)
        self.relay: Relay = self.rig.relay()
        self.reader = self.read_anew()
        self.writer = self.write_anew()

    @property
    def inbound(self) -> InboundPolicy:
        assert self.policy.inbound is not None
        return self.policy.inbound

    def read_anew(self, clock: Clock | None = None) -> ChangesReader:
        """A reader as a freshly started process has it."""
        return ChangesReader(
            self.policy,
            self.inbound,
            Names("M1"),
            self.rig.adapter,
            self.rig.governor,
            ChangesStore(self.session),
            self.rig.leadership("changes"),
            clock or self.rig.clock,
            self.rig.notes,
        )

    def write_anew(
        self, services: MagentoServices | None = None, deadline: timedelta | None = None, *epochs: Epoch
    ) -> InboundWriter:
        """A writer as a freshly started process has it."""
        inbound = self.inbound if deadline is None else replace(self.inbound, call_deadline=deadline)
        self.writer = InboundWriter(
            self.policy,
            inbound,
            Names("M1", epochs),
            InboundStore(self.session),
            MagentoDocuments(self.session),
            services or self.services,
            lambda: True,
            self.rig.clock,
            self.rig.notes,
        )
        self.writers.append(self.writer)
        return self.writer

    def place(self, entity_id: int, *, method: str = "checkmo", stock: int = 100) -> str:
        """An order of two items, two pieces each, that the ERP holds; its number there."""
        self.put_in_stock(stock)
        event = self.shop.place(entity_id, method=method)
        if method != "checkmo":
            self.shop.execute(
                "UPDATE sales_order_payment SET base_amount_authorized = 35, amount_authorized = 35"
                " WHERE parent_id = %s",
                entity_id,
            )
            self.shop.pay(entity_id)
        turn_until(self.relay, lambda: event in self.rig.receipts_by_event())
        if method != "checkmo":
            self.shop.execute("UPDATE sales_order SET base_total_paid = 0 WHERE entity_id = %s", entity_id)
        ((number,),) = self.shop.rows("SELECT erp_number FROM erp_document WHERE entity_id = %s", entity_id)
        return str(number)

    def put_in_stock(self, quantity: int) -> None:
        """What both sources hold of both SKUs from now on."""
        for source in ("west", "east"):
            self.shop.execute(
                "INSERT IGNORE INTO inventory_source (source_code, name, country_id, postcode)"
                " VALUES (%s, 'S', 'DE', '1')",
                source,
            )
            for sku in ("sku-1", "sku-2"):
                self.shop.execute(
                    "INSERT INTO inventory_source_item (source_code, sku, quantity, status) VALUES (%s, %s, %s, 1)"
                    " ON DUPLICATE KEY UPDATE quantity = VALUES(quantity)",
                    source,
                    sku,
                    quantity,
                )

    def carry(self, seconds: float = 20) -> None:
        """Read and write until nothing is due."""
        until = time.monotonic() + seconds
        while self.reader.turn():
            assert time.monotonic() < until
        while self.writer.turn():
            assert time.monotonic() < until

    def time_passes(self) -> None:
        """Let an hour go by, for everything that waits."""
        self.shop.execute(
            "UPDATE erp_inbound_document SET called_at = called_at - INTERVAL 1 HOUR,"
            " next_attempt_at = next_attempt_at - INTERVAL 1 HOUR"
        )
        for table in ("sales_shipment", "sales_invoice", "sales_creditmemo"):
            self.shop.execute(f"UPDATE {table} SET created_at = created_at - INTERVAL 1 HOUR")  # noqa: S608 -- fixed
        self.writer._paused_until = 0.0  # noqa: SLF001 -- the pause is over by then, too

    def entries(self) -> list[InboundEntry]:
        """Every inbound document, oldest first."""
        states = [str(state) for state in InboundState]
        return sorted((entry for _, entry in self.decisions.listed(states, 99)), key=lambda entry: entry.id)

    def only(self) -> InboundEntry:
        """The one inbound document that there is."""
        (entry,) = self.entries()
        return entry

    def states(self) -> list[tuple[str, str]]:
        """Kind and state of every inbound document, oldest first."""
        return [(str(entry.document.kind), str(entry.state)) for entry in self.entries()]

    def findings(self) -> list[str]:
        """The kinds of the findings, oldest first."""
        return [str(kind) for (kind,) in self.shop.rows("SELECT kind FROM erp_finding ORDER BY id")]

    def documents(self, kind: str) -> list[dict[int, Any]]:
        """Magento's documents of a kind, each as {order item: quantity}."""
        rows = self.shop.rows(
            f"SELECT parent_id, order_item_id, qty FROM sales_{kind}_item ORDER BY parent_id, order_item_id"  # noqa: S608
        )
        found: dict[int, dict[int, Any]] = {}
        for parent, item, quantity in rows:
            found.setdefault(parent, {})[item] = quantity
        return list(found.values())

    def close(self) -> None:
        """Let threads and sockets go."""
        for writer in self.writers:
            writer.close()
        self.services.close()


def lines(*told: tuple[int, str], **more: str) -> list[dict[str, str]]:
    """Lines of an ERP's document: (order item, quantity)."""
    return [{"lineReference": str(item), "quantity": quantity, **more} for item, quantity in told]


@contextmanager
def way_back_on(
    database: Database, erp: Sandbox, magento: MagentoRest, policy: DestinationPolicy = POLICY_BACK
) -> Iterator[WayBack]:
    """A way back over an empty shop, whose REST server runs in the same database."""
    with rig_on(database, erp, policy) as rig:
        services = RestServices(magento.base_url, SecretStr(magento.token))
        way = WayBack(rig, magento, policy, services)
        try:
            yield way
        finally:
            way.close()
