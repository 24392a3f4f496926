"""The independent checker: counts what was lost, doubled, turned round or left unsaid between Magento and the ERP.

It imports nothing of the product. What each number means:

orders            orders in Magento
released          orders that some committed version of themselves sets free to go (see `expectation`), but for those of
                  `twins_kept_back`
events            order events of released orders, but for what the ERP itself caused (origin `erp`)
delivered         those that the ledger accepted, or of whose order it accepted a later version, or that changed nothing
                  of what this ERP is told since the version accepted before
erp_documents     orders in the ERP
lost              events of released orders that are not delivered, and documents that differ from Magento's rows by a
                  line, a cent, a SKU or a quantity. Not counted: orders of `parked_expected`, and documents that the
                  ERP shortened in silence and has not been sent again
duplicates        documents of one order beyond the first, documents that no event explains, and stock movements of one
                  reference beyond the first
inversions        accepted versions of one order that are older than a version accepted before
acknowledged      released orders whose ERP number stands in Magento's order, in its grid, and in a status comment, and
                  whose status says what the ERP's does
parked_expected   released orders that the ERP was told to refuse, did refuse, and holds no document of
rejections_resolved    orders that the ERP was told to refuse, did refuse, and holds in the end
twins             orders beyond the first of one quote
twins_kept_back   orders of a quote from which the ERP holds another one, that it does not hold, and that are cancelled
overwritten       orders whose ERP number a stale save took away, as the shop saw it
overwrites_repaired    those of them that are acknowledged in the end
fulfilments       deliveries and invoices that the ERP wrote on its own
fulfilments_in_magento    those of them of which Magento has exactly one shipment or invoice, with the same units
refused_unexpectedly   requests that the ERP refused for what they say (400, 422), though no injected fault told it to
unreleased_sent   documents of orders that were never released, and accepted versions that are older than the first one
                  of their order that was free to go and came before its commit
stock_deltas      committed stock changes whose reason flows to the ERP
stock_windows     references of accepted stock movements
stock_mismatch    warehouse and SKU pairs whose deltas do not add up to what the ERP booked; lines that it rejected are
                  taken as said and counted in `stock_lines_rejected`. No fault makes it reject one
silent_failures_injected   documents that the ERP falsified while it answered that all was well
silent_failures_found      those of them that `erp_finding` names: the one claim of the sidecar's that is read here
p50_ms, p99_ms    from the return of COMMIT to the ledger's acceptance, for versions that were accepted themselves. An
                  event that waited for its release is timed from the commit that released it. Events that met an
                  injected fault are left out and counted in `faulted_events`: their own, that of the version before
                  them (it may have been looked for when they were due), the ERP's refusal of their order, the second
                  in which the ERP asked everybody to come back later, or a stop of the daemon. Orders that settle
                  first are not timed
outages           how often the daemon was ended as by a power cut
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from ops.demonstration.evidence import STOCK_EVENT, Document, Event, InjectedFault, Ledger, Magento, Refusal, Revision
from ops.demonstration.expectation import (
    FLOWING_REASONS,
    SETTLE_FIRST,
    WAREHOUSES,
    booked_document,
    content_of,
    expected_document,
    is_free_to_go,
    shows,
)

SILENT: Mapping[str, tuple[str, ...]] = {
    "drop_line": ("line_missing",),
    "round_totals": ("header_total",),
    "drop_custom_fields": ("custom_field",),
}
"""Faults that the ERP answers as success, and the findings that name them."""

CLOSED_US: Mapping[str, int] = {"http_503": 1_000_000, "http_429": 1_000_000}
"""Faults with which the ERP asks everybody to come back later, and for how long."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a round; the module's opening words define each number."""

    orders: int
    released: int
    events: int
    delivered: int
    erp_documents: int
    lost: int
    duplicates: int
    inversions: int
    acknowledged: int
    parked_expected: int
    stock_deltas: int
    stock_windows: int
    stock_mismatch: int
    silent_failures_injected: int
    silent_failures_found: int
    p50_ms: float | None
    p99_ms: float | None
    timed_events: int
    faulted_events: int
    stock_lines_rejected: int
    refused_unexpectedly: int
    unreleased_sent: int
    outages: int
    rejections_resolved: int
    twins: int
    twins_kept_back: int
    overwritten: int
    overwrites_repaired: int
    fulfilments: int
    fulfilments_in_magento: int
    faults: dict[str, int] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Every promise that was not kept, in words; empty when all were."""
        said = {
            "lost": "events or documents were lost",
            "duplicates": "documents or movements were made twice",
            "inversions": "versions went out in the wrong order",
            "stock_mismatch": "stock balances do not add up",
            "stock_lines_rejected": "stock lines were rejected, which nobody had told the ERP to do",
            "refused_unexpectedly": "requests were refused, which nobody had told the ERP to do",
            "unreleased_sent": "documents or versions went out before their order was free to go",
        }
        found = [f"{getattr(self, name)} {words}" for name, words in said.items() if getattr(self, name)]
        if self.acknowledged + self.parked_expected != self.released:
            found.append(
                f"{self.released} orders were released, {self.acknowledged} are acknowledged"
                f" and {self.parked_expected} were refused as planned"
            )
        if self.twins_kept_back < self.twins:
            found.append(f"of {self.twins} carts ordered twice {self.twins_kept_back} came down to one order")
        if self.overwrites_repaired < self.overwritten:
            found.append(
                f"of {self.overwritten} ERP numbers that were overwritten {self.overwrites_repaired} came back"
            )
        if self.fulfilments_in_magento < self.fulfilments:
            found.append(f"Magento has {self.fulfilments_in_magento} of {self.fulfilments} documents of the ERP")
        if self.silent_failures_found < self.silent_failures_injected:
            found.append(f"of {self.silent_failures_injected} silent failures {self.silent_failures_found} were found")
        return found

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self))


def judge(magento: Magento, ledger: Ledger) -> Verdict:
    """Weigh both sides."""
    story = _Story(magento, ledger)
    released = story.released()
    refused = {order for order in released if story.is_refused(order)}
    events = [event for order in released for event in story.events[order]]
    undelivered = [event for event in events if not story.is_delivered(event)]
    lost = [event for event in undelivered if event.order_id not in refused]
    deltas, mismatches = _stock(magento, ledger)
    injected, found = story.silent_failures()
    twins, kept_back = story.twins()
    samples, faulted = story.latencies(released)
    return Verdict(
        orders=len(magento.orders),
        released=len(released),
        events=len(events),
        delivered=len(events) - len(undelivered),
        erp_documents=len(ledger.documents),
        lost=len(lost) + sum(story.differs(order) for order in released),
        duplicates=story.duplicates() + _repeated(ledger.movements),
        inversions=sum(story.inversions(order) for order in story.revisions),
        acknowledged=sum(story.is_acknowledged(order) for order in released),
        parked_expected=len(refused),
        stock_deltas=deltas,
        stock_windows=len(set(ledger.movements)),
        stock_mismatch=mismatches,
        silent_failures_injected=injected,
        silent_failures_found=found,
        p50_ms=percentile(samples, 50),
        p99_ms=percentile(samples, 99),
        timed_events=len(samples),
        faulted_events=faulted,
        stock_lines_rejected=sum(not line.booked for line in ledger.lines),
        refused_unexpectedly=story.refused_unexpectedly(),
        unreleased_sent=sum(story.sent_unreleased(order) for order in story.events),
        outages=len(magento.outages),
        rejections_resolved=sum(story.was_refused(order) and order in story.documents for order in released),
        twins=twins,
        twins_kept_back=len(kept_back),
        fulfilments=len(ledger.fulfilments),
        fulfilments_in_magento=sum(magento.fulfilments.count(one) == 1 for one in ledger.fulfilments),
        overwritten=len(magento.overwritten),
        overwrites_repaired=sum(map(story.is_acknowledged, magento.overwritten)),
        faults=dict(sorted(Counter(fault.kind for fault in ledger.faults).items())),
    )


def percentile(samples: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile, in milliseconds with one decimal."""
    if not samples:
        return None
    rank = max(1, math.ceil(len(samples) * percent / 100))
    return round(sorted(samples)[rank - 1], 1)


class _Story:
    """Both sides' rows, by order."""

    def __init__(self, magento: Magento, ledger: Ledger) -> None:
        self.magento, self.ledger = magento, ledger
        self.events: dict[int, list[Event]] = defaultdict(list)
        for event in magento.events:
            if event.order_id is not None and not event.is_echo:
                self.events[event.order_id].append(event)
        self.order_of_event = {event.event_id: event.order_id for event in magento.events}
        self.outbox_ids = {event.event_id: event.id for event in magento.events}
        self.revisions: dict[int, list[Revision]] = defaultdict(list)
        for revision in ledger.revisions:
            order = self.order_of_event.get(revision.event_id)
            if order is not None:
                self.revisions[order].append(revision)
        self.planned_refusals = {
            (fault.operation, fault.reference, fault.event_id) for fault in ledger.faults if fault.kind == "reject"
        }
        self.refused_as_planned = {
            refusal.event_id
            for refusal in ledger.refusals
            if refusal.operation == "order.create" and self._is_planned(refusal)
        }
        self.order_of_document = {r.number: order for order, rs in self.revisions.items() for r in rs}
        self.documents: dict[int | None, list[Document]] = defaultdict(list)
        for document in ledger.documents:
            self.documents[self.order_of_document.get(document.number)].append(document)
        self.closed = list(magento.outages) + [
            (fault.at_us, fault.at_us + CLOSED_US[fault.kind]) for fault in ledger.faults if fault.kind in CLOSED_US
        ]
        self.order_of_reference = {
            document.reference: order for order, documents in self.documents.items() for document in documents
        }

    def released(self) -> list[int]:
        _, kept_back = self.twins()
        free = [order for order, events in self.events.items() if any(map(is_free_to_go, events))]
        return [order for order in free if order not in kept_back]

    def twins(self) -> tuple[int, frozenset[int]]:
        """How many orders there are beyond the first of a quote, and which of them stayed in the shop for good."""
        quotes: dict[int, list[int]] = defaultdict(list)
        for order, shop in self.magento.orders.items():
            if shop.row["quote_id"] is not None:
                quotes[shop.row["quote_id"]].append(order)
        several = [orders for orders in quotes.values() if len(orders) > 1]
        kept_back = {
            order
            for orders in several
            if any(order in self.documents for order in orders)
            for order in orders
            if order not in self.documents and self.magento.orders[order].row["state"] == "canceled"
        }
        return sum(len(orders) - 1 for orders in several), frozenset(kept_back)

    def is_refused(self, order: int) -> bool:
        return order not in self.documents and self.was_refused(order)

    def was_refused(self, order: int) -> bool:
        return any(event.event_id in self.refused_as_planned for event in self.events[order])

    def refused_unexpectedly(self) -> int:
        return sum(not self._is_planned(refusal) for refusal in self.ledger.refusals)

    def _is_planned(self, refusal: Refusal) -> bool:
        return (refusal.operation, refusal.reference, refusal.event_id) in self.planned_refusals

    def sent_unreleased(self, order: int) -> int:
        """The gate judges Magento's row, so a version may go out that is older than the commit that set it free."""
        free = next((event for event in self.events[order] if is_free_to_go(event)), None)
        if free is None:
            return len(self.documents.get(order, ()))
        return sum(
            self.outbox_ids[revision.event_id] < free.id
            and (free.committed_at_us is None or revision.accepted_us < free.committed_at_us)
            for revision in self.revisions.get(order, ())
        )

    def is_delivered(self, event: Event) -> bool:
        if event.order_id is None:
            return True
        accepted = [self.outbox_ids[revision.event_id] for revision in self.revisions.get(event.order_id, ())]
        if any(sent >= event.id for sent in accepted):
            return True
        before = max((sent for sent in accepted if sent < event.id), default=None)
        versions = {version.id: version for version in self.events[event.order_id]}
        return before is not None and content_of(versions[before]) == content_of(event)

    def differs(self, order: int) -> bool:
        """Whether the order's document is not what Magento's rows say, through no known fault of the ERP's."""
        if order not in self.documents:
            return False
        document = min(self.documents[order], key=lambda d: d.number)
        sent_whole = [revision for revision in self.revisions[order] if revision.kind != "cancel"]
        last = max(sent_whole, key=lambda r: r.sequence, default=None)
        if last and any(fault.kind in SILENT and fault.event_id == last.event_id for fault in self.ledger.faults):
            return False
        return booked_document(document.body, document.status) != expected_document(self.magento.orders[order])

    def duplicates(self) -> int:
        return sum(len(documents) - (order is not None) for order, documents in self.documents.items())

    def inversions(self, order: int) -> int:
        newest, turned = 0, 0
        for revision in sorted(self.revisions[order], key=lambda r: r.sequence):
            sent = self.outbox_ids[revision.event_id]
            turned += sent < newest
            newest = max(newest, sent)
        return turned

    def is_acknowledged(self, order: int) -> bool:
        statuses = {document.number: document.status for document in self.documents.get(order, ())}
        shop = self.magento.orders[order]
        told = shop.row["ext_order_id"]
        if told not in statuses or not shows(shop.row, statuses[told]):
            return False
        return shop.grid_ext_order_id == told and any(told in comment for comment in shop.comments)

    def silent_failures(self) -> tuple[int, int]:
        silent = {(fault.kind, fault.number) for fault in self.ledger.faults if fault.kind in SILENT}
        found = sum(
            any(
                (f"order:{self.order_of_document.get(number or '')}", name) in self.magento.findings
                for name in SILENT[kind]
            )
            for kind, number in silent
        )
        return len(silent), found

    def latencies(self, released: Iterable[int]) -> tuple[list[float], int]:
        """Milliseconds of each version that was accepted itself and met no fault; and how many met one."""
        faults = self._faults_by_order()
        samples, faulted = [], 0
        for order in released:
            if self.magento.orders[order].row["payment_method"] in SETTLE_FIRST:
                continue
            if self.was_refused(order):
                faulted += len(list(self._first_acceptances(order)))
                continue
            free = next(event.committed_at_us for event in self.events[order] if is_free_to_go(event))
            commits = {event.event_id: event.committed_at_us for event in self.events[order]}
            held_up_until, before_was_disturbed = 0, False
            for event_id, accepted in self._first_acceptances(order):
                committed = commits[event_id]
                if committed is None or free is None:
                    continue
                due = max(committed, free)
                is_disturbed = self._was_disturbed(due, accepted, faults[order])
                if is_disturbed or before_was_disturbed or due <= held_up_until:
                    faulted += 1
                    held_up_until = accepted
                else:
                    samples.append(max(0, accepted - due) / 1000)
                before_was_disturbed = is_disturbed
        return samples, faulted

    def _first_acceptances(self, order: int) -> Iterable[tuple[str, int]]:
        first: dict[str, int] = {}
        for revision in sorted(self.revisions.get(order, ()), key=lambda r: r.sequence):
            first.setdefault(revision.event_id, revision.accepted_us)
        return first.items()

    def _faults_by_order(self) -> Mapping[int, list[InjectedFault]]:
        faults: dict[int, list[InjectedFault]] = defaultdict(list)
        for fault in self.ledger.faults:
            order = self.order_of_event.get(fault.event_id or "") or self.order_of_reference.get(fault.reference or "")
            if order is not None:
                faults[order].append(fault)
        return faults

    def _was_disturbed(self, due: int, accepted: int, faults: Iterable[InjectedFault]) -> bool:
        fault = any(due <= fault.at_us <= accepted for fault in faults)
        return fault or any(begin <= accepted and due <= end for begin, end in self.closed)


def _repeated(references: Sequence[str]) -> int:
    return len(references) - len(set(references))


def _stock(magento: Magento, ledger: Ledger) -> tuple[int, int]:
    """How many deltas flow, and how many warehouse and SKU pairs do not add up."""
    due: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    deltas = 0
    for event in magento.events:
        if event.type == STOCK_EVENT and not event.is_echo and event.payload["reason"] in FLOWING_REASONS:
            deltas += 1
            due[WAREHOUSES[event.payload["source_code"]], event.payload["sku"]] += Decimal(event.payload["quantity"])
    for line in ledger.lines:
        due[line.warehouse, line.sku] -= line.quantity
    return deltas, sum(difference != 0 for difference in due.values())
