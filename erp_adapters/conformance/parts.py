"""Orders of which a part is delivered, confirmed or refused: each line tells its own."""
# ruff: noqa: S101, D102 -- assertions, the numbers in them, and names that are sentences

from decimal import Decimal

from erp_adapters.conformance.documents import payload
from erp_adapters.conformance.following import documents
from erp_adapters.conformance.harness import Harness
from erp_adapters.conformance.steps import DEADLINE, Orders
from erp_adapters.conformance.traits import Trait, needs
from sidecar.domain.delivery import ChangeKind, ErpId
from sidecar.domain.inbound import InboundDocument
from sidecar.ports import ErpAdapter


class FollowsParts(Orders):
    """What people in the ERP decide line by line."""

    @needs(Trait.PARTIAL_DELIVERY, ChangeKind.DELIVERIES)
    def test_a_part_of_a_delivery_tells_how_much_of_which_line_and_that_more_follows(self, harness: Harness) -> None:
        reference = self.arrived(harness, payload(harness.skus, quantity=3))
        erp_id = self.found(harness, reference).erp_id

        first = harness.deliver_one_of(erp_id)
        parts = [self._delivery(follower, first) for follower in harness.followers]
        rest = harness.write(ChangeKind.DELIVERIES, erp_id)

        for part in parts:
            shipped = [line for line in part.lines if line.quantity]
            assert [(line.line_ref, line.quantity, line.ordered) for line in shipped] == [
                ("881", Decimal(1), Decimal(3))
            ]
            assert not part.final
        for follower in harness.followers:
            told = self._delivery(follower, rest)
            assert {line.line_ref: line.quantity for line in told.lines} == {"881": Decimal(2), "882": Decimal(1)}
            assert told.final

    @needs(Trait.LINE_DECISIONS)
    def test_a_line_that_people_refuse_or_confirm_in_part_says_so(self, harness: Harness) -> None:
        reference = self.arrived(harness, payload(harness.skus, quantity=3))
        erp_id = self.found(harness, reference).erp_id

        harness.decide_lines(erp_id)

        lines = {line.line_ref: line for line in harness.adapter.read_back(erp_id, DEADLINE).lines}
        assert (lines["881"].confirmed, lines["881"].rejected) == (Decimal(1), "")
        assert lines["882"].rejected
        assert not lines["882"].confirmed

    def _delivery(self, follower: ErpAdapter, erp_id: ErpId) -> InboundDocument:
        return next(one for one in documents(follower, ChangeKind.DELIVERIES) if one.erp_id == erp_id)
