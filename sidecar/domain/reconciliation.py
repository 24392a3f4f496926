"""Reconciliation: one order on both sides, compared into findings.

A finding is named by a fingerprint of what differs, never of when it was seen, so one difference is one finding
however often it is met.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sidecar.domain.delivery import EntityType, Snapshot, SnapshotLine, Subject
from sidecar.domain.money import differs, text_of
from sidecar.domain.order import OrderLine
from sidecar.domain.refund import RefundLine

CANCELED = "canceled"
"""Magento's state of a cancelled order; a closed one was refunded, which is no cancellation."""


class FindingKind(StrEnum):
    """What can differ between Magento and an ERP."""

    MISSING_IN_ERP = "missing_in_erp"
    DUPLICATE_IN_ERP = "duplicate_in_erp"
    LINE_MISSING = "line_missing"
    LINE_EXTRA = "line_extra"
    LINE_SKU = "line_sku"
    LINE_QUANTITY = "line_quantity"
    LINE_TOTAL = "line_total"
    HEADER_TOTAL = "header_total"
    CUSTOM_FIELD = "custom_field"
    CURRENCY = "currency"
    CANCELLATION = "cancelled_on_one_side"
    UNREADABLE = "unreadable_in_magento"
    STOCK_IN_DOUBT = "stock_in_doubt"
    UNACCOUNTED_EVENT = "unaccounted_event"
    ORDER_WITHOUT_EVENT = "order_without_event"
    DUPLICATE_ORDER = "duplicate_order"
    PREDECESSOR_OPEN = "predecessor_open"
    PENDING_TOO_LONG = "pending_too_long"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    CONTESTED = "contested_acknowledgement"
    FORBIDDEN_TRANSITION = "forbidden_transition"
    SHORT_PICK = "short_pick"
    REVERSED_DOCUMENT = "reversed_document"
    CHANGED_DOCUMENT = "changed_document"
    DOCUMENT_DIFFERS = "document_differs"
    DOUBLE_DOCUMENT = "double_document"
    CAPTURE_FAILED = "capture_failed"
    CONTRACT_CHANGED = "contract_changed"
    STOCK_SNAPSHOT = "stock_snapshot_held"
    STOCK_NEGATIVE = "stock_negative"
    STOCK_JUMP = "stock_jump"
    STOCK_UNIT = "stock_unit_unknown"
    STOCK_ROWS = "stock_several_rows"
    STOCK_SKU = "stock_sku_unknown"
    STOCK_MISSING = "stock_not_listed"
    STOCK_WAITS = "stock_waits"
    STOCK_REFUSED = "stock_refused"
    STOCK_OVERSOLD = "stock_oversold"
    STOCK_INDEX_BEHIND = "stock_index_behind"
    STOCK_NOT_SALABLE = "stock_not_salable"

    @property
    def is_critical(self) -> bool:
        """Tell whether money or goods may be gone: somebody looks today."""
        return self in (FindingKind.CAPTURE_FAILED, FindingKind.DOUBLE_DOCUMENT)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as Magento's own tables hold it now, or the content of an event that tells of one, or of a refund.

    `state` None stands for a content without a present, such as an event's: cancellations are not compared then.
    `unreadable` says why lines and totals could not be read; they are empty then.
    """

    entity_id: int
    increment_id: str
    currency: str
    lines: tuple[OrderLine | RefundLine, ...]
    totals: Mapping[str, Decimal]
    state: str | None = None
    unreadable: str = ""
    kind: EntityType = EntityType.ORDER
    custom_fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """An order, a refund or a customer that an ERP has confirmed to us.

    Its age counts from the last confirmation, by the database. `change` counts what the ERP has told of it:
    confirmations and new statuses.
    """

    entity_id: int
    external_ref: str
    erp_id: str
    erp_number: str
    revision: int
    payload_sha256: str
    erp_status: str
    confirmed_age: timedelta
    change: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, with what each side says."""

    destination: str
    kind: FindingKind
    subject: str
    path: str
    magento: str
    erp: str
    source: str

    @property
    def fingerprint(self) -> str:
        """The stable name of the difference."""
        words = f"{self.destination}\x1f{self.kind}\x1f{self.subject}\x1f{self.path}"
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one reconciliation run looked at."""

    check: str
    destination: str
    compared: int
    excused: int
    findings: int
    complete: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """When a check last ran for a destination, by the database's clock."""

    finished_at: datetime
    age_seconds: float


def compare(
    destination: str,
    source: str,
    expected: OrderFacts,
    snapshots: Sequence[Snapshot],
    tolerance: Decimal,
) -> list[Finding]:
    """Compare one order, or refund, with all documents that the ERP holds under its reference; empty means equal."""
    sides = _Sides(destination, source, str(Subject(expected.kind, expected.entity_id)))
    if not snapshots:
        return [sides.differ(FindingKind.MISSING_IN_ERP, "", expected.increment_id, "no document")]
    found = []
    if len(snapshots) > 1:
        numbers = ", ".join(sorted(s.erp_number for s in snapshots))
        found.append(sides.differ(FindingKind.DUPLICATE_IN_ERP, "", expected.increment_id, numbers))
    snapshot = min(snapshots, key=lambda s: (s.cancelled, s.erp_id))
    if expected.state is not None and (expected.state == CANCELED) is not snapshot.cancelled:
        found.append(sides.differ(FindingKind.CANCELLATION, "state", expected.state, snapshot.status))
    if snapshot.currency and snapshot.currency != expected.currency:
        found.append(sides.differ(FindingKind.CURRENCY, "currency", expected.currency, snapshot.currency))
    if expected.unreadable:
        return [*found, sides.differ(FindingKind.UNREADABLE, "", expected.unreadable, snapshot.erp_number)]
    found += _compare_lines(sides, expected.lines, snapshot.lines, tolerance)
    for name, amount in expected.totals.items():
        theirs = snapshot.totals.get(name)
        if theirs is not None and differs(amount, theirs, tolerance):
            found.append(sides.differ(FindingKind.HEADER_TOTAL, name, text_of(amount), text_of(theirs)))
    return [*found, *_compare_fields(sides, expected.custom_fields, snapshot.custom_fields)]


@dataclass(frozen=True, slots=True)
class _Sides:
    destination: str
    source: str
    subject: str

    def differ(self, kind: FindingKind, path: str, magento: str, erp: str) -> Finding:
        return Finding(self.destination, kind, self.subject, path, magento, erp, self.source)


def _compare_fields(sides: _Sides, ours: Mapping[str, str], theirs: Mapping[str, str] | None) -> Iterator[Finding]:
    """A finding is kept for long and read by many: it tells how long a text is, and not what somebody wrote."""
    if theirs is None:
        return
    for name, text in ours.items():
        other = theirs.get(name)
        if other != text:
            there = "absent" if other is None else f"another text of {len(other)} characters"
            yield sides.differ(FindingKind.CUSTOM_FIELD, name, f"a text of {len(text)} characters", there)


def _compare_lines(
    sides: _Sides, ours: Sequence[OrderLine | RefundLine], theirs: Sequence[SnapshotLine], tolerance: Decimal
) -> list[Finding]:
    found = []
    extra = {line.line_ref: line for line in theirs}
    for line in ours:
        path = f"lines[{line.line_ref}]"
        other = extra.pop(line.line_ref, None)
        if other is None:
            here = f"{text_of(line.quantity)} x {line.sku}"
            found.append(sides.differ(FindingKind.LINE_MISSING, path, here, "absent"))
            continue
        if other.sku != line.sku:
            found.append(sides.differ(FindingKind.LINE_SKU, path, line.sku, other.sku))
        if other.quantity != line.quantity:
            quantities = text_of(line.quantity), text_of(other.quantity)
            found.append(sides.differ(FindingKind.LINE_QUANTITY, path, *quantities))
        if other.total is not None and differs(line.total, other.total, tolerance):
            found.append(sides.differ(FindingKind.LINE_TOTAL, path, text_of(line.total), text_of(other.total)))
    for ref, foreign in sorted(extra.items()):
        there = f"{text_of(foreign.quantity)} x {foreign.sku}"
        found.append(sides.differ(FindingKind.LINE_EXTRA, f"lines[{ref}]", "absent", there))
    return found
