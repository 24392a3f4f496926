"""Steps that several of the suite's tests share."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from decimal import Decimal

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.conformance.harness import Harness
from sidecar.domain.delivery import ErpId, Presence, Reference, Result
from sidecar.domain.documents import OrderDocument
from sidecar.domain.order import Order
from sidecar.domain.reconciliation import OrderFacts, compare

DEADLINE = 10.0


class Orders:
    """Steps that several tests share."""

    def create(self, harness: Harness, reference: str) -> Result:
        return harness.adapter.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

    def created(self, harness: Harness) -> tuple[str, ErpId]:
        reference = harness.new_reference()
        erp_id = self.create(harness, reference).erp_id
        assert erp_id is not None
        return reference, erp_id

    def presence(self, harness: Harness, ref: Reference) -> Presence:
        return harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence

    def differences(self, harness: Harness, sent: Order, erp_id: ErpId) -> list[str]:
        facts = OrderFacts(sent.entity_id, sent.increment_id, sent.currency, sent.lines, sent.totals)
        snapshot = harness.adapter.read_back(erp_id, DEADLINE)
        return [f"{f.kind} {f.path}" for f in compare("erp", "suite", facts, [snapshot], Decimal(0))]
