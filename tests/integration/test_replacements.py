"""An order that is edited in Magento's admin is replaced; the ERP never gets the second while it means the first."""

from dataclasses import replace

import pytest

from sidecar.domain.events import OutboxId
from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning
from sidecar.domain.policy import QuarantinePolicy
from sidecar.engine.relay import Relay
from tests.support.carts import edit_order, replace_order
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

UNAVAILABLE = {"nth": 1, "kind": "http_503", "count": 1_000_000, "retryAfter": 0}


def waits(rig: Rig, event: int, reason: str) -> bool:
    """Whether the event waits for this reason."""
    return rig.shop.rows("SELECT state, reason FROM erp_delivery WHERE outbox_id = %s", event) == [("waiting", reason)]


def findings(rig: Rig) -> list[tuple[str, str, str, str]]:
    """Every finding: kind, both orders, state."""
    return rig.shop.rows("SELECT kind, subject, path, state FROM erp_finding ORDER BY id")


def ledger(rig: Rig) -> list[tuple[str, str]]:
    """What the ERP accepted, in its order."""
    rows = rig.erp.rows("SELECT reference, kind FROM order_revisions ORDER BY change_seq")
    return [(row["reference"], row["kind"]) for row in rows]


CANCELLED_FIRST = [("M1-42", "create"), ("M1-42", "cancel"), ("M1-43", "create")]


def sent(rig: Rig, relay: Relay, entity_id: int) -> str:
    """Place an order and see it arrive; returns the ERP's number."""
    event = rig.shop.place(entity_id)
    turn_until(relay, lambda: event in rig.receipts_by_event())
    return str(rig.accepted(entity_id)[0]["number"])


def test_a_successor_goes_once_the_erp_has_confirmed_that_its_predecessor_is_cancelled(rig: Rig) -> None:
    relay = rig.relay()
    number = sent(rig, relay, 42)
    rig.erp.plan({"operation": "order.cancel", **UNAVAILABLE})

    successor, cancelled = edit_order(rig.shop, 42, 43)
    reason = f"in the place of 000000042 ({number}), and its cancellation is not confirmed by the ERP"
    turn_until(relay, lambda: waits(rig, successor, reason))
    rig.erp.plan()
    turn_until(relay, lambda: successor in rig.receipts_by_event())

    assert rig.receipts_by_event()[cancelled] == "delivered"
    assert ledger(rig) == CANCELLED_FIRST
    assert len(rig.accepted(43)) == 1
    assert findings(rig) == []


def test_a_successor_waits_in_the_moment_before_magento_cancels_its_predecessor(rig: Rig) -> None:
    relay = rig.relay()
    number = sent(rig, relay, 42)

    successor = replace_order(rig.shop, 42, 43)
    turn_until(
        relay,
        lambda: waits(rig, successor, f"in the place of 000000042 ({number}), and it is not cancelled in Magento"),
    )
    rig.shop.cancel(42)
    turn_until(relay, lambda: successor in rig.receipts_by_event())

    assert len(rig.accepted(43)) == 1


def test_a_predecessor_that_was_never_sent_does_not_block(rig: Rig) -> None:
    unpaid = rig.shop.place(42, method="card")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {unpaid: "waiting"})

    successor, _ = edit_order(rig.shop, 42, 43)
    turn_until(relay, lambda: {unpaid, successor} <= rig.receipts_by_event().keys())

    assert rig.receipts_by_event()[unpaid] == "cancelled_before_release"
    assert rig.accepted(42) == []
    assert len(rig.accepted(43)) == 1


def test_an_order_that_the_erp_refused_is_mended_by_editing_it(rig: Rig) -> None:
    rig.erp.plan({"operation": "order.create", "nth": 1, "kind": "reject", "code": "E17", "message": "no such street"})
    refused = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {refused: "parked"})

    successor, _ = edit_order(rig.shop, 42, 43)
    turn_until(relay, lambda: successor in rig.receipts_by_event())

    assert rig.states()[refused] == "parked"
    assert len(rig.accepted(43)) == 1


def test_a_predecessor_whose_outcome_is_unknown_blocks_until_it_is_found_out(rig: Rig) -> None:
    rig.erp.plan(
        {"operation": "order.create", "nth": 1, "kind": "lose_response_after_commit"},
        {"operation": "order.find", **UNAVAILABLE},
    )
    lost = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {lost: "unknown"})

    successor, _ = edit_order(rig.shop, 42, 43)
    turn_until(
        relay,
        lambda: waits(rig, successor, "in the place of 000000042, and whether the ERP has it is being found out"),
    )
    rig.erp.plan()
    turn_until(relay, lambda: successor in rig.receipts_by_event(), 30)

    assert ledger(rig) == CANCELLED_FIRST


def test_a_predecessor_left_open_is_for_a_person_once_the_deadline_has_passed(rig: Rig) -> None:
    relay = rig.relay()
    number = sent(rig, relay, 42)
    successor = replace_order(rig.shop, 42, 43)
    words = f"in the place of 000000042 ({number}), and it is not cancelled in Magento"
    turn_until(relay, lambda: waits(rig, successor, words))
    assert findings(rig) == []

    rig.shop.execute("UPDATE sales_order SET created_at = NOW() - INTERVAL 2 HOUR WHERE entity_id = 43")
    turn_until(relay, lambda: waits(rig, successor, f"{words}, past the deadline of 1:00:00"))
    assert findings(rig) == [("predecessor_open", "order:43", "order:42", "open")]
    assert rig.accepted(43) == []
    rig.shop.cancel(42)
    turn_until(relay, lambda: successor in rig.receipts_by_event())

    assert findings(rig) == [("predecessor_open", "order:43", "order:42", "repaired")]


def test_a_reorder_of_an_order_that_can_no_longer_be_edited_goes_at_once(rig: Rig) -> None:
    relay = rig.relay()
    sent(rig, relay, 42)
    rig.shop.execute("UPDATE sales_order SET base_total_invoiced = 35, state = 'processing' WHERE entity_id = 42")

    again = replace_order(rig.shop, 42, 43)
    turn_until(relay, lambda: again in rig.receipts_by_event())

    assert len(rig.accepted(42)) == len(rig.accepted(43)) == 1


def test_an_order_edited_twice_waits_for_the_one_that_the_erp_has(rig: Rig) -> None:
    relay = rig.relay()
    number = sent(rig, relay, 42)
    rig.erp.plan({"operation": "order.cancel", **UNAVAILABLE})
    first, _ = edit_order(rig.shop, 42, 43)
    second, _ = edit_order(rig.shop, 43, 44)

    reason = f"in the place of 000000042 ({number}), and its cancellation is not confirmed by the ERP"
    turn_until(relay, lambda: first in rig.receipts_by_event() and waits(rig, second, reason))
    rig.erp.plan()
    turn_until(relay, lambda: second in rig.receipts_by_event())

    assert rig.receipts_by_event()[first] == "cancelled_before_release"
    assert rig.accepted(43) == []
    assert len(rig.accepted(44)) == 1


def test_the_erps_own_cancellation_counts_where_the_blueprint_says_what_its_status_means(
    database: Database, erp: Sandbox
) -> None:
    lifecycle = Lifecycle({"gone": ErpStatus(Meaning.CANCELLED)})
    takes = POLICY.takes - {"OrderCancelled"}
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=lifecycle, takes=takes)) as rig:
        relay = rig.relay()
        sent(rig, relay, 42)
        successor, _ = edit_order(rig.shop, 42, 43)
        turn_until(relay, lambda: rig.states() == {successor: "waiting"})

        rig.shop.execute("UPDATE erp_document SET erp_status = 'gone' WHERE entity_id = 42")
        turn_until(relay, lambda: successor in rig.receipts_by_event())

        assert len(rig.accepted(43)) == 1


def test_a_blueprint_may_say_that_a_successor_goes_by_itself(database: Database, erp: Sandbox) -> None:
    policy = replace(POLICY, quarantine=QuarantinePolicy(deadline=POLICY.quarantine.deadline * 0))
    with rig_on(database, erp, policy=policy) as rig:
        relay = rig.relay()
        sent(rig, relay, 42)

        successor = replace_order(rig.shop, 42, 43)
        turn_until(relay, lambda: successor in rig.receipts_by_event())

        assert len(rig.accepted(43)) == 1


@pytest.mark.parametrize("parent", ["43", "99", "no number", ""])
def test_a_relation_that_leads_nowhere_or_to_itself_holds_nothing_up(rig: Rig, parent: str) -> None:
    event = OutboxId(rig.shop.place(43))
    rig.shop.execute("UPDATE sales_order SET relation_parent_id = %s", parent)

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(43)) == 1
