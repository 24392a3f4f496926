"""What the ERP refuses is told in its order in Magento, and taken back when a person has resolved it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.domain.edits import edit, with_values
from sidecar.domain.events import OutboxId
from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning, Rejection
from sidecar.engine.projector import Projector
from sidecar.engine.relay import Relay
from sidecar.mysql.operator_store import OperatorStore
from tests.support.daemon import configure
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

SHOWS = {"new": "erp_rejected"}
LIFECYCLE = Lifecycle({"open": ErpStatus(Meaning.ACCEPTED)}, ("open",), Rejection(SHOWS))
TAKEN = "The ERP has taken what it had refused before."


@pytest.fixture
def refusing(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """A rig whose lifecycle map shows refusals in orders."""
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=LIFECYCLE)) as rig:
        yield rig


def shown(rig: Rig) -> tuple[object, ...]:
    (row,) = rig.shop.rows("SELECT state, status FROM sales_order WHERE entity_id = 42")
    return row


def comments(rig: Rig) -> list[str]:
    return [text for (text,) in rig.shop.rows("SELECT comment FROM sales_order_status_history ORDER BY entity_id")]


def refused(rig: Rig, relay: Relay, projector: Projector) -> OutboxId:
    """Place order 42, have it refused, and have the order say so."""
    event = OutboxId(rig.shop.place(42))
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    turn_until(projector, lambda: shown(rig) == ("new", "erp_rejected"))
    return event


def settle(rig: Rig, relay: Relay, projector: Projector, event: OutboxId, outcome: str = "delivered") -> None:
    turn_until(relay, lambda: rig.receipts_by_event() == {event: outcome})
    turn_until(projector, lambda: shown(rig) == ("new", "pending"))


def test_an_item_that_the_erp_does_not_know_is_added_there_and_the_order_goes_on(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})

    event = refused(rig, relay, projector)
    assert "sku-1" in comments(rig)[0]
    assert "What to do: " in comments(rig)[0]

    rig.erp.control("POST", "masterdata", {"unknownItems": []})
    assert rig.insights.retry_event(ERP, event, "ann", "the item is there now")
    settle(rig, relay, projector, event)

    booked = f"erp booked this order as {rig.accepted(42)[0]['number']}."
    assert comments(rig)[1:] == [booked, TAKEN]


def test_a_customer_whom_the_erp_has_blocked_is_unblocked_and_the_order_goes_on(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"blockedCustomers": ["ann@example.com"]})

    event = refused(rig, relay, projector)
    assert "The customer is blocked for new orders." in comments(rig)[0]

    rig.erp.control("POST", "masterdata", {"blockedCustomers": []})
    assert rig.insights.retry_event(ERP, event, "ann", "the credit was raised")
    settle(rig, relay, projector, event)

    assert comments(rig)[-1] == TAKEN


def test_an_address_that_the_erp_cannot_take_is_edited_and_the_order_goes_on(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rule = {"operation": "order.create", "nth": 1, "count": 1, "kind": "reject", "code": "ADDRESS_INVALID"}
    rig.erp.plan({**rule, "message": "The city does not belong to the postcode."})

    event = refused(rig, relay, projector)
    assert "The city does not belong to the postcode." in comments(rig)[0]

    values = [("order.customer_note", "c/o Example")]
    OperatorStore(rig.session).edit_event(
        ERP, event, lambda one, now: edit(one, now, with_values(now, values)), "ann", "a better address", dry_run=False
    )
    settle(rig, relay, projector, event)

    assert comments(rig)[-1] == TAKEN
    assert json.loads(rig.accepted(42)[0]["body"])["remarks"] == "c/o Example"


def test_a_refused_event_that_is_set_aside_gives_its_order_the_old_status_back(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    event = refused(rig, relay, projector)

    assert rig.insights.skip_event(ERP, event, "ann", "a test order")
    settle(rig, relay, projector, event, "skipped")

    assert comments(rig)[-1] == "What the ERP had refused was set aside; it is not sent."
    sql = "SELECT outcome, resolved_by, status_before, resolved_at IS NOT NULL FROM erp_rejection"
    assert rig.shop.rows(sql) == [("skipped", "operator", "pending", 1)]


def test_the_shopper_sees_nothing_and_the_same_refusal_is_told_once(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    event = refused(rig, relay, projector)

    assert rig.insights.retry_event(ERP, event, "ann", "perhaps")
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    projector.turn()

    sql = "SELECT is_visible_on_front, is_customer_notified, status FROM sales_order_status_history"
    assert rig.shop.rows(sql) == [(0, 0, "erp_rejected")]


def test_a_refusal_in_other_words_is_told_again(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    event = refused(rig, relay, projector)
    rig.erp.control("POST", "masterdata", {"unknownItems": [], "blockedCustomers": ["ann@example.com"]})

    assert rig.insights.retry_event(ERP, event, "ann", "the item is there")
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    turn_until(projector, lambda: len(comments(rig)) == 2)

    assert "blocked" in comments(rig)[1]
    assert rig.shop.rows("SELECT status_before FROM erp_rejection") == [("pending",)]


def test_a_stale_save_that_hides_a_refusal_is_put_right_without_a_second_comment(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    refused(rig, relay, projector)

    rig.shop.execute("UPDATE sales_order SET status = 'pending'")
    turn_until(projector, lambda: shown(rig) == ("new", "erp_rejected"))

    assert len(comments(rig)) == 1


def test_when_one_refusal_follows_another_the_status_before_both_comes_back(refusing: Rig) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    placed = OutboxId(rig.shop.place(42))
    turn_until(relay, lambda: rig.receipts_by_event() == {placed: "delivered"})
    turn_until(projector, lambda: len(comments(rig)) == 1)
    rig.shop.execute("UPDATE sales_order SET status = 'booked'")
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    first = OutboxId(rig.shop.update(42, quantity="3.0000"))
    turn_until(relay, lambda: rig.states() == {first: "parked"})
    turn_until(projector, lambda: shown(rig) == ("new", "erp_rejected"))
    second = OutboxId(rig.shop.update(42, quantity="4.0000"))
    turn_until(relay, lambda: rig.states().get(second) == "held")

    assert rig.insights.skip_event(ERP, first, "ann", "once")
    turn_until(relay, lambda: rig.states() == {second: "parked"})
    turn_until(projector, lambda: len(comments(rig)) == 3)
    assert not projector.turn()
    assert shown(rig) == ("new", "erp_rejected")
    assert rig.insights.skip_event(ERP, second, "ann", "twice")
    turn_until(relay, lambda: not rig.states())

    turn_until(projector, lambda: shown(rig) == ("new", "booked"))


@pytest.mark.slow
def test_the_list_of_refused_orders_says_what_the_erp_said_and_what_to_type(refusing: Rig, tmp_path: Path) -> None:
    rig, relay, projector = refusing, refusing.relay(), refusing.projector()
    rig.erp.control("POST", "masterdata", {"unknownItems": ["sku-1"]})
    event = refused(rig, relay, projector)
    sidecar = configure(tmp_path, rig.shop.database, rig.erp.url)

    (row,) = json.loads(sidecar.run("--json", "order", "rejected").stdout)
    table = sidecar.run("order", "rejected").stdout

    assert (row["order"], row["event"], row["status"]) == ("000000042", event, "erp_rejected")
    assert row["shown_in_magento"] is True
    assert "sku-1" in row["words"]
    assert row["then"] == f'erp-sidecar event retry erp {event} --reason "..."'
    assert "erp-sidecar event edit" in table
    assert row["what_to_do"] in table
