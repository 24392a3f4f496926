"""Steps that several of the suite's tests share."""
# ruff: noqa: S101, D102 -- assertions, and names that are sentences

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from erp_adapters.conformance.documents import order, order_reference
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.traits import Suited
from sidecar.domain.delivery import ErpId, Outcome, Presence, Reference, Result, Snapshot
from sidecar.domain.documents import OrderDocument
from sidecar.domain.order import Order, order_of
from sidecar.domain.reconciliation import OrderFacts, compare

DEADLINE = 10.0


class Orders(Suited):
    """Steps that several tests share."""

    def submit(self, harness: Harness, payload: dict[str, Any], reference: str, revision: int = 1) -> Result:
        """Send an order."""
        document = OrderDocument(order_of(payload))
        return harness.adapter.submit(document, order_reference(reference, revision), DEADLINE)

    def arrived(self, harness: Harness, payload: dict[str, Any]) -> str:
        """Send an order, and see that the ERP's books hold it to the cent; its reference."""
        reference = harness.new_reference()
        result = self.submit(harness, payload, reference)
        assert result.outcome is Outcome.CONFIRMED, result.words()
        assert result.erp_id is not None
        assert self.differences(harness, order_of(payload), result.erp_id) == []
        assert harness.documents(reference) == 1
        return reference

    def holds(self, harness: Harness, reference: str, *told: str) -> None:
        """See that the ERP's own books hold all of this of an order."""
        held = harness.held(reference)
        assert [text for text in told if text not in held] == [], held

    def create(self, harness: Harness, reference: str) -> Result:
        return harness.adapter.submit(OrderDocument(order(harness.skus)), order_reference(reference), DEADLINE)

    def created(self, harness: Harness) -> tuple[str, ErpId]:
        reference = harness.new_reference()
        erp_id = self.create(harness, reference).erp_id
        assert erp_id is not None
        return reference, erp_id

    def found(self, harness: Harness, reference: str) -> Snapshot:
        """The one document that a look-up finds under a reference."""
        ref = order_reference(reference)
        found = harness.adapter.find([ref], DEADLINE)[ref.idempotency_key]
        assert found.presence is Presence.ONE
        return found.snapshots[0]

    def presence(self, harness: Harness, ref: Reference) -> Presence:
        return harness.adapter.find([ref], DEADLINE)[ref.idempotency_key].presence

    def differences(
        self, harness: Harness, sent: Order, erp_id: ErpId, custom_fields: Mapping[str, str] | None = None
    ) -> list[str]:
        facts = OrderFacts(sent.entity_id, sent.increment_id, sent.currency, sent.lines, sent.totals)
        facts = replace(facts, custom_fields=custom_fields or {})
        snapshot = harness.adapter.read_back(erp_id, DEADLINE)
        return [f"{f.kind} {f.path}" for f in compare("erp", "suite", facts, [snapshot], Decimal(0))]
