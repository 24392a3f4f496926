"""The release gate on Magento's own rows: what the shop writes in each case, and what goes to the ERP."""

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

import pytest

from sidecar.domain.events import OutboxId
from sidecar.domain.release import ReleaseRule, deadline_in
from tests.support.daemon import configure
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

CARD: Final = "card"


def waits(rig: Rig, event: int, reason: str) -> bool:
    """Whether the event waits for this reason."""
    return rig.shop.rows("SELECT state, reason FROM erp_delivery WHERE outbox_id = %s", event) == [("waiting", reason)]


def write(rig: Rig, entity_id: int, **columns: object) -> None:
    """Write an order's columns as a save in Magento does, and its event in the same transaction."""
    with rig.shop.transaction() as connection, connection.cursor() as cursor:
        for name, value in columns.items():
            cursor.execute(f"UPDATE sales_order SET {name} = %s WHERE entity_id = %s", (value, entity_id))  # noqa: S608
        rig.shop.emit(connection, "OrderUpdated", entity_id, method=CARD, state=str(columns.get("state", "new")))


def rig_for(database: Database, erp: Sandbox, *rules: ReleaseRule) -> AbstractContextManager[Rig]:
    """A rig whose destination has these release rules."""
    return rig_on(database, erp, policy=replace(POLICY, release=rules))


def test_a_payment_captured_in_parts_releases_the_order_with_the_last_part(rig: Rig) -> None:
    event = rig.shop.place(42, method=CARD)
    relay = rig.relay()
    turn_until(relay, lambda: waits(rig, event, "not paid in full"))

    write(rig, 42, state="processing", status="processing", base_total_paid="20.0000")
    last = rig.shop.place(43)
    turn_until(relay, lambda: last in rig.receipts_by_event())
    assert rig.accepted(42) == []
    write(rig, 42, base_total_paid="35.0000", state="processing")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


def test_an_order_whose_rest_was_cancelled_goes_with_what_was_paid(rig: Rig) -> None:
    event = rig.shop.place(42, method=CARD)
    relay = rig.relay()
    turn_until(relay, lambda: waits(rig, event, "not paid in full"))

    write(rig, 42, state="complete", status="complete", base_total_paid="20.0000", base_total_canceled="15.0000")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


@pytest.mark.parametrize(
    ("state", "status", "word"),
    [
        ("payment_review", "payment_review", "payment_review"),
        ("payment_review", "fraud", "payment_review"),
        ("processing", "fraud", "fraud"),
        ("pending_payment", "pending_payment", "pending_payment"),
    ],
)
def test_a_review_holds_an_order_though_it_is_paid_and_its_end_releases_it(
    rig: Rig, state: str, status: str, word: str
) -> None:
    event = rig.shop.place(42, state=state)
    rig.shop.execute("UPDATE sales_order SET status = %s, base_total_paid = 35 WHERE entity_id = 42", status)
    relay = rig.relay()
    turn_until(relay, lambda: waits(rig, event, f"the order is in {word}"))

    write(rig, 42, state="processing", status="processing")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


def test_a_payment_that_was_denied_sends_nothing_and_says_so(rig: Rig) -> None:
    event = rig.shop.place(42, state="payment_review")
    relay = rig.relay()
    turn_until(relay, lambda: waits(rig, event, "the order is in payment_review"))

    cancelled = rig.shop.cancel(42)
    turn_until(relay, lambda: cancelled in rig.receipts_by_event())

    assert set(rig.receipts_by_event().values()) == {"cancelled_before_release"}
    assert rig.accepted(42) == []


def test_an_order_put_on_hold_waits_and_goes_in_its_latest_version_when_the_hold_ends(rig: Rig) -> None:
    event = rig.shop.place(42, state="holded")
    relay = rig.relay()
    turn_until(relay, lambda: waits(rig, event, "the order is in holded"))
    edited = rig.shop.update(42, state="holded", quantity="3.0000")

    released = rig.shop.update(42, state="new", quantity="3.0000")
    turn_until(relay, lambda: released in rig.receipts_by_event())

    (revision,) = rig.accepted(42)
    assert revision["source_revision"] == released
    assert rig.receipts_by_event() == {event: "delivered", edited: "absorbed", released: "absorbed"}


@pytest.mark.parametrize("when", ["placed", "authorized", "paid"])
def test_an_order_with_nothing_to_pay_goes_at_once(
    database: Database, erp: Sandbox, when: Literal["placed", "authorized", "paid"]
) -> None:
    with rig_for(database, erp, ReleaseRule(("*",), when)) as rig:
        event = rig.shop.place(42, method=CARD)
        rig.shop.execute("UPDATE sales_order SET base_grand_total = 0, base_total_paid = NULL WHERE entity_id = 42")

        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

        assert len(rig.accepted(42)) == 1


def test_fractions_of_a_cent_that_nobody_can_pay_hold_no_order(rig: Rig) -> None:
    event = rig.shop.place(42, method=CARD)
    rig.shop.execute("UPDATE sales_order SET base_grand_total = 44.1645, base_total_paid = 44.1600")

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


def test_an_order_refunded_while_nobody_was_there_to_send_it_is_sent_all_the_same(rig: Rig) -> None:
    event = rig.shop.place(42, method=CARD)
    write(rig, 42, state="closed", status="closed", base_total_paid="35.0000", base_total_refunded="35.0000")

    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


def test_an_order_whose_status_a_comment_erased_waits_for_a_person_in_magento(rig: Rig) -> None:
    event = rig.shop.place(42)
    rig.shop.execute("UPDATE sales_order SET status = NULL WHERE entity_id = 42")
    relay = rig.relay()

    turn_until(relay, lambda: rig.states() == {event: "waiting"})
    ((reason,),) = rig.shop.rows("SELECT reason FROM erp_delivery")
    assert "no status" in reason
    rig.shop.execute("UPDATE sales_order SET status = 'pending' WHERE entity_id = 42")
    turn_until(relay, lambda: event in rig.receipts_by_event())

    assert len(rig.accepted(42)) == 1


def test_an_authorization_releases_where_the_rule_says_so(database: Database, erp: Sandbox) -> None:
    with rig_for(database, erp, ReleaseRule((CARD,), "authorized")) as rig:
        event = rig.shop.place(42, method=CARD)
        relay = rig.relay()
        turn_until(relay, lambda: waits(rig, event, "not authorized in full"))

        rig.shop.execute("UPDATE sales_order_payment SET base_amount_authorized = 35.0000 WHERE parent_id = 42")
        turn_until(relay, lambda: event in rig.receipts_by_event())

        assert len(rig.accepted(42)) == 1


def test_an_order_settles_by_the_database_s_clock_before_it_goes(database: Database, erp: Sandbox) -> None:
    with rig_for(database, erp, ReleaseRule(("*",), "placed", settle=timedelta(minutes=10))) as rig:
        event = rig.shop.place(42)
        relay = rig.relay()
        turn_until(relay, lambda: waits(rig, event, "settling for 0:10:00"))
        assert rig.accepted(42) == []

        rig.shop.execute("UPDATE sales_order SET created_at = NOW() - INTERVAL 10 MINUTE WHERE entity_id = 42")
        turn_until(relay, lambda: event in rig.receipts_by_event())

        assert len(rig.accepted(42)) == 1


def test_past_its_deadline_an_order_is_for_a_person_and_goes_once_it_is_paid_and_retried(
    database: Database, erp: Sandbox
) -> None:
    with rig_for(database, erp, ReleaseRule(("*",), "paid", deadline=timedelta(days=3))) as rig:
        event = OutboxId(rig.shop.place(42, method=CARD))
        relay = rig.relay()
        turn_until(relay, lambda: waits(rig, event, "not paid in full"))

        rig.shop.execute("UPDATE sales_order SET created_at = NOW() - INTERVAL 4 DAY WHERE entity_id = 42")
        turn_until(relay, lambda: rig.states() == {event: "parked"})
        ((reason,),) = rig.shop.rows("SELECT reason FROM erp_delivery")
        assert reason == "not paid in full, past the deadline of 3 days, 0:00:00"
        rig.shop.pay(42)
        assert rig.insights.retry_event(POLICY.name, event, "ann", "the money is there")
        turn_until(relay, lambda: event in rig.receipts_by_event())

        assert len(rig.accepted(42)) == 1


def test_orders_that_wait_are_listed_with_reason_age_and_deadline(database: Database, erp: Sandbox) -> None:
    rules = (ReleaseRule((CARD,), "paid", deadline=timedelta(days=3)), ReleaseRule(("*",), "placed"))
    with rig_for(database, erp, *rules) as rig:
        paying = rig.shop.place(42, method=CARD)
        reviewed = rig.shop.place(43, state="payment_review")
        rig.shop.execute("UPDATE sales_order SET created_at = NOW() - INTERVAL 2 HOUR WHERE entity_id = 42")
        relay = rig.relay()
        turn_until(relay, lambda: rig.states() == {paying: "waiting", reviewed: "waiting"})

        first, second = rig.insights.waiting_orders(10)

        assert (first.increment_id, first.reason, first.facts.payment_method) == ("000000042", "not paid in full", CARD)
        assert timedelta(hours=2) <= first.facts.age < timedelta(hours=2, minutes=5)
        left = deadline_in(rules, first.facts)
        assert left is not None
        assert timedelta(hours=69, minutes=55) < left <= timedelta(hours=70)
        assert (second.increment_id, second.facts.state) == ("000000043", "payment_review")
        assert deadline_in(rules, second.facts) is None
        assert rig.shop.rows("SELECT increment_id, payment_method, reason, to_pay FROM erp_v_waiting ORDER BY 1") == [
            ("000000042", CARD, "not paid in full", first.facts.to_pay),
            ("000000043", "checkmo", "the order is in payment_review", second.facts.to_pay),
        ]


@pytest.mark.slow
def test_the_command_lists_orders_that_wait(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> None:
    event = rig.shop.place(42, method="demo_card")
    turn_until(rig.relay(), lambda: rig.states() == {event: "waiting"})
    sidecar = configure(tmp_path_factory.mktemp("configured"), rig.shop.database, rig.erp.url)

    (listed,) = json.loads(sidecar.run("--json", "order", "waiting").stdout)

    assert (listed["order"], listed["payment"], listed["reason"]) == ("000000042", "demo_card", "not paid in full")
    assert listed["age_s"] >= 0
    assert "000000042" in sidecar.run("order", "waiting").stdout
