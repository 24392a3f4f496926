"""A step: what one fenced transaction of the relay writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sidecar.domain.delivery import Delivery, EntityType, ErpId, Intent, Receipt, ReceiptRange
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.hydration import Hydrated
from sidecar.domain.reconciliation import Finding


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything at or below `accounted_to` is receipted, unrouted, in `erp_delivery`, or inside an open gap.

    `held_because` is what the governor says about calls that it holds back, for people to read.
    """

    accounted_to: OutboxId
    gaps: tuple[Gap, ...] = ()
    intents: tuple[Intent, ...] = ()
    held_because: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmedDocument:
    """The truth of an acknowledgement, written with its receipt; `lines` maps our line references to the ERP's."""

    entity_id: int
    external_ref: str
    erp_id: ErpId
    erp_number: str
    erp_status: str
    revision: int
    payload_sha256: str
    blueprint_version: str
    lines: Mapping[str, str] = field(default_factory=dict)
    entity_type: EntityType = EntityType.ORDER


@dataclass(frozen=True, slots=True)
class Step:
    """What one fenced transaction of the relay writes.

    `cursor` replaces the whole cursor row; `deliveries` are inserted or replaced by id; `settled` delivery rows
    are deleted; afterwards the oldest HELD row of each lane in `promoted` becomes READY. `hydrated` become edits.
    `resolved` are fingerprints of findings whose difference is gone.
    """

    cursor: Cursor
    receipts: tuple[Receipt, ...] = ()
    ranges: tuple[ReceiptRange, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    settled: tuple[OutboxId, ...] = ()
    promoted: tuple[Lane, ...] = ()
    documents: tuple[ConfirmedDocument, ...] = ()
    findings: tuple[Finding, ...] = ()
    hydrated: tuple[Hydrated, ...] = ()
    resolved: tuple[str, ...] = ()
