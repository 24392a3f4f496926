"""Reconciliation from end to end: what one side alone knows is found, and no order keeps others from being compared."""

from collections.abc import Sequence

import pytest

from sidecar.domain.delivery import Reference
from sidecar.engine import reconciler
from tests.support.rig import Rig, turn_until


def deliver(rig: Rig, *entity_ids: int) -> None:
    events = {rig.shop.place(entity_id) for entity_id in entity_ids}
    turn_until(rig.relay(), lambda: events <= set(rig.receipts_by_event()))


def findings(rig: Rig) -> list[tuple[str, str]]:
    return rig.shop.rows("SELECT kind, subject FROM erp_finding ORDER BY subject, kind")


def test_a_run_over_no_documents_is_complete(rig: Rig) -> None:
    summary = rig.reconciler().compare_orders(lambda: True)

    assert (summary.compared, summary.findings, summary.complete) == (0, 0, True)


@pytest.mark.parametrize("damage", ["sku = NULL", """product_type = 'bundle', product_options = 'a:1:{s:4:"info";}'"""])
def test_an_order_that_cannot_be_read_is_a_finding_and_those_behind_it_are_compared(rig: Rig, damage: str) -> None:
    rig.erp.plan({"operation": "order.create", "match": {"reference": "M1-43"}, "kind": "drop_line", "count": 1})
    deliver(rig, 42, 43)
    rig.shop.execute(f"UPDATE sales_order_item SET {damage} WHERE order_id = 42 LIMIT 1")  # noqa: S608 -- given above

    summary = rig.reconciler().compare_orders(lambda: True)

    assert summary.complete
    assert findings(rig) == [("unreadable_in_magento", "order:42"), ("line_missing", "order:43")]


def test_an_order_that_only_the_erp_has_cancelled_is_found(rig: Rig) -> None:
    deliver(rig, 42, 43)
    rig.erp.control("POST", f"orders/{rig.accepted(42)[0]['number']}", {"status": "cancelled"})

    rig.reconciler().compare_orders(lambda: True)

    assert findings(rig) == [("cancelled_on_one_side", "order:42")]


def test_an_order_that_only_magento_has_cancelled_is_found(rig: Rig) -> None:
    deliver(rig, 42, 43)
    rig.shop.execute("UPDATE sales_order SET state = 'canceled' WHERE entity_id = 42")
    rig.shop.execute("UPDATE sales_order SET state = 'closed' WHERE entity_id = 43")

    rig.reconciler().compare_orders(lambda: True)

    assert findings(rig) == [("cancelled_on_one_side", "order:42")]


def test_a_cancellation_is_excused_on_its_way_and_equal_when_it_has_arrived(rig: Rig) -> None:
    deliver(rig, 42)
    cancelled = rig.shop.cancel(42)

    under_way = rig.reconciler().compare_orders(lambda: True)
    turn_until(rig.relay(), lambda: cancelled in rig.receipts_by_event())
    arrived = rig.reconciler().compare_orders(lambda: True)

    assert (under_way.excused, under_way.findings) == (1, 0)
    assert (arrived.excused, arrived.findings) == (0, 0)


def test_an_order_that_moved_is_excused_although_new_ones_were_confirmed_beside_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciler, "PAGE", 2)
    deliver(rig, 41, 43)
    rig.shop.execute("UPDATE sales_order_item SET qty_ordered = 9 WHERE order_id = 43")
    find = rig.adapter.find
    began: list[bool] = []

    def find_while_it_moves(refs: Sequence[Reference], deadline: float) -> object:
        if not began:
            began.append(True)
            rig.shop.execute(INSERT_BETWEEN)
            rig.shop.execute("UPDATE erp_document SET revision = revision + 1 WHERE entity_id = 43")
        return find(refs, deadline)

    monkeypatch.setattr(rig.adapter, "find", find_while_it_moves, raising=False)

    rig.reconciler().compare_orders(lambda: True)

    assert findings(rig) == []


INSERT_BETWEEN = (
    "INSERT INTO erp_document (destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status,"
    " revision, payload_sha256, blueprint_version)"
    " SELECT destination, entity_type, 42, 'M1-42', '0', 'SO-0', erp_status, 1, payload_sha256, blueprint_version"
    " FROM erp_document WHERE entity_id = 41"
)
