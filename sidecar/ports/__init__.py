"""What the engine needs from the world.

Stores speak to Magento's database, one transaction per method unless it says otherwise, READ COMMITTED, UTC.
They raise StorageUnavailable (forget memory, back off), TransactionConflict (already retried a few times) and,
where a token is quoted, LeaseLost. ERP adapters never raise for what an ERP did: they classify it.
"""

from sidecar.ports.acknowledging import OrderProjections, ProjectionStore
from sidecar.ports.erp import BatchSink, ErpAdapter
from sidecar.ports.identity import InstanceStore, RestoreStore
from sidecar.ports.inbound import ChangesStore, InboundStore, MagentoDocuments, Reading
from sidecar.ports.keeping import (
    AuditStore,
    ContractStore,
    ErasureStore,
    Insights,
    JanitorStore,
    MissingEntries,
    ReconciliationStore,
)
from sidecar.ports.magento import MagentoServices
from sidecar.ports.relaying import (
    LeaseStore,
    MagentoStore,
    OutboxStore,
    ReceiptStore,
    RelatedOrders,
    WholeOrders,
)
from sidecar.ports.stock import SourceItems, SourceRows, StockStore, WindowStore
from sidecar.ports.stock_feed import FeedFacts, SnapshotStore
from sidecar.ports.stock_story import StockFacts
from sidecar.ports.surroundings import Archive, Clock, HostMemory, Observer

__all__ = [
    "Archive",
    "AuditStore",
    "BatchSink",
    "ChangesStore",
    "Clock",
    "ContractStore",
    "ErasureStore",
    "ErpAdapter",
    "FeedFacts",
    "HostMemory",
    "InboundStore",
    "Insights",
    "InstanceStore",
    "JanitorStore",
    "LeaseStore",
    "MagentoDocuments",
    "MagentoServices",
    "MagentoStore",
    "MissingEntries",
    "Observer",
    "OrderProjections",
    "OutboxStore",
    "ProjectionStore",
    "Reading",
    "ReceiptStore",
    "ReconciliationStore",
    "RelatedOrders",
    "RestoreStore",
    "SnapshotStore",
    "SourceItems",
    "SourceRows",
    "StockFacts",
    "StockStore",
    "WholeOrders",
    "WindowStore",
]
