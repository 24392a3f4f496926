"""The reconciler: compares what Magento holds with what the ERP holds, order by order, and writes findings.

Magento is read first, then the ERP, then which lanes still have something under way: an order that changed in
between is excused by that evidence and compared at the next run. A run that could not read one side to its end
proposes nothing from the part that it missed.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import DocumentKind, Found, Presence, Reference
from sidecar.domain.errors import Retryable
from sidecar.domain.events import Lane
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, KnownDocument, RunSummary, compare
from sidecar.ports import ErpAdapter, MagentoStore, Observer, ReconciliationStore

ORDERS_CHECK: Final = "orders"
PAGE: Final = 250
"""Orders that are looked up together: an ERP whose look-up takes five calls is asked once for fifty of them."""


class Reconciler:
    """Runs the checks of one destination."""

    def __init__(
        self,
        policy: DestinationPolicy,
        adapter: ErpAdapter,
        magento: MagentoStore,
        store: ReconciliationStore,
        observer: Observer,
    ) -> None:
        """Nothing is read yet."""
        self._policy, self._adapter = policy, adapter
        self._magento, self._store, self._observer = magento, store, observer
        self._deadline = max(policy.call_deadline, timedelta(seconds=30)).total_seconds()

    def compare_orders(self, proceed: Callable[[], bool]) -> RunSummary:
        """Compare every confirmed order with the ERP; stops early, incomplete, when `proceed` says no."""
        compared = excused = findings = after = 0
        complete = False
        while proceed():
            page = self._store.documents_page(self._policy.name, after, PAGE)
            if not page:
                complete = True
                break
            after = page[-1].entity_id
            try:
                found, passed_over = self._compare_page(page)
            except Retryable as error:
                self._observer.note("reconciliation.interrupted", destination=self._policy.name, error=str(error))
                break
            self._store.record_findings(found)
            compared += len(page) - passed_over
            excused += passed_over
            findings += len(found)
        summary = RunSummary(ORDERS_CHECK, self._policy.name, compared, excused, findings, complete)
        self._store.record_run(summary)
        self._observer.note(
            "reconciliation.finished",
            destination=self._policy.name,
            check=ORDERS_CHECK,
            compared=compared,
            excused=excused,
            findings=findings,
            complete=complete,
        )
        return summary

    def _compare_page(self, page: Sequence[KnownDocument]) -> tuple[list[Finding], int]:
        facts = self._magento.order_facts([document.entity_id for document in page])
        refs = [_reference(document) for document in page]
        found = self._adapter.find(refs, self._deadline)
        moving = self._moving(page)
        lag = self._adapter.capabilities().find_visibility_lag
        findings: list[Finding] = []
        excused = 0
        for document, ref in zip(page, refs, strict=True):
            expected = facts.get(document.entity_id)
            answer = found.get(ref.idempotency_key, Found(Presence.UNSEARCHABLE)).standing()
            young = document.confirmed_age < lag and answer.presence is Presence.ABSENT
            unsearched = answer.presence is Presence.UNSEARCHABLE
            if expected is None or document.entity_id in moving or young or unsearched:
                excused += 1
                continue
            findings.extend(
                compare(self._policy.name, "reconciliation", expected, answer.snapshots, self._policy.tolerance)
            )
        return findings, excused

    def _moving(self, page: Sequence[KnownDocument]) -> set[int]:
        """Orders with something under way, or whose document changed since the page was read."""
        lanes = {Lane(f"order:{document.entity_id}"): document.entity_id for document in page}
        moving = {lanes[lane] for lane in self._store.lanes_in_flight(self._policy.name, list(lanes))}
        again = self._store.documents_of(self._policy.name, [document.entity_id for document in page])
        revisions = {document.entity_id: document.revision for document in again}
        return moving | {d.entity_id for d in page if revisions.get(d.entity_id) != d.revision}


def _reference(document: KnownDocument) -> Reference:
    return Reference(DocumentKind.ORDER, document.external_ref, document.revision, document.payload_sha256, "")
