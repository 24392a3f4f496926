"""Several destinations: each with its own start, filter, cursor, lanes and receipts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.start import BEGINNING, NOW, Start
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox, sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

CRM = replace(POLICY, name=DestinationName("crm"), acknowledges=False)


@pytest.fixture
def other_erp(tmp_path: Path) -> Iterator[Sandbox]:
    (tmp_path / "other").mkdir()
    with sandbox(tmp_path / "other") as running:
        yield running


def deliver(rig: Rig, *events: int) -> None:
    relay = rig.relay()
    turn_until(relay, lambda: set(events) <= set(rig.receipts_by_event()))
    relay.close()


def orders(erp: Sandbox) -> list[str]:
    return [row["reference"] for row in erp.rows("SELECT reference FROM orders ORDER BY reference")]


def test_one_event_gets_a_receipt_of_each_destination_and_one_number_in_magento(rig: Rig, other_erp: Sandbox) -> None:
    crm = rig.beside(other_erp, CRM)
    event = rig.shop.place(42)

    deliver(rig, event)
    deliver(crm, event)
    turn_until(rig.projector(), lambda: rig.shop.rows("SELECT ext_order_id FROM sales_order") != [(None,)])
    crm.close()

    rows = rig.shop.rows("SELECT destination, outbox_id, outcome FROM erp_receipt ORDER BY destination")
    assert rows == [("crm", event, "delivered"), ("erp", event, "delivered")]
    (number,) = (row["number"] for row in rig.accepted(42))
    assert rig.shop.rows("SELECT ext_order_id FROM sales_order") == [(number,)]
    assert rig.shop.rows("SELECT COUNT(*) FROM sales_order_status_history") == [(1,)]


def test_a_destination_that_is_down_for_long_holds_up_no_other_and_catches_up_in_order(
    rig: Rig, other_erp: Sandbox
) -> None:
    other_erp.plan({"operation": "any", "nth": 1, "kind": "http_503", "count": 1_000_000, "retryAfter": 0})
    crm = rig.beside(other_erp, CRM)
    flowing, stuck = rig.relay(), crm.relay()
    events = []
    for number in range(1, 6):
        events.append(rig.shop.place(number))
        turn_until(
            stuck, lambda: bool(crm.states()) or bool(other_erp.control("GET", "faults").body["plan"][0]["seen"])
        )
        turn_until(flowing, lambda: events[-1] in rig.receipts_by_event())
        events.append(rig.shop.update(number, quantity="7.0000"))
        turn_until(flowing, lambda: events[-1] in rig.receipts_by_event())
    assert orders(other_erp) == []
    assert crm.receipts_by_event() == {}

    other_erp.plan()
    turn_until(stuck, lambda: set(events) == set(crm.receipts_by_event()))
    crm.close()

    assert orders(other_erp) == orders(rig.erp)
    assert {row["quantity"] for row in last_lines(other_erp)} == {"7.0000"}


def last_lines(erp: Sandbox) -> list[dict[str, str]]:
    sql = "SELECT json_extract(body, '$.lines[0].quantity') AS quantity FROM orders"
    return [dict(row) for row in erp.rows(sql)]


def test_a_destination_that_starts_now_gets_nothing_of_the_past(rig: Rig, other_erp: Sandbox) -> None:
    past = [rig.shop.place(number) for number in range(1, 4)]
    deliver(rig, *past)
    crm = rig.beside(other_erp, CRM, NOW)
    relay = crm.relay()

    new = rig.shop.place(4)
    turn_until(relay, lambda: new in crm.receipts_by_event())
    crm.close()

    assert orders(other_erp) == ["M1-4"]


def test_an_event_that_commits_after_the_start_is_delivered_though_its_id_is_older(
    rig: Rig, other_erp: Sandbox
) -> None:
    with rig.shop.transaction() as slow:
        late = rig.shop.place_in(slow, 1)
        past = rig.shop.place(2)
        crm = rig.beside(other_erp, CRM, NOW)
        relay = crm.relay()

    turn_until(relay, lambda: late in crm.receipts_by_event())
    crm.close()

    assert crm.receipts_by_event() == {late: "delivered", past: "unrouted"}
    assert orders(other_erp) == ["M1-1"]


def test_changes_of_an_order_from_before_the_start_do_not_create_it(rig: Rig, other_erp: Sandbox) -> None:
    past = [rig.shop.place(1), rig.shop.place(2)]
    crm = rig.beside(other_erp, CRM, NOW)
    relay = crm.relay()

    updated, cancelled = rig.shop.update(1, quantity="5.0000"), rig.shop.cancel(2)
    broken = rig.shop.emit_raw("OrderUpdated", "order:1", "{")
    turn_until(relay, lambda: {*past, updated, cancelled, broken} == set(crm.receipts_by_event()))
    crm.close()

    assert orders(other_erp) == []
    assert crm.receipts_by_event() == {
        **dict.fromkeys(past, "unrouted"),
        updated: "unrouted",
        cancelled: "cancelled_before_release",
        broken: "unrouted",
    }
    assert rig.shop.rows("SELECT detail FROM erp_receipt WHERE outbox_id = %s", updated) == [
        ("this ERP was not given the order when it was placed",)
    ]


def test_the_next_change_of_an_order_that_a_person_skipped_does_not_create_it(rig: Rig) -> None:
    event = rig.shop.place(1, method="unmapped")
    rig.shop.pay(1)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {event: "parked"})
    rig.insights.skip_event(POLICY.name, OutboxId(event), "ann", "entered by hand")
    turn_until(relay, lambda: rig.receipts_by_event() == {event: "skipped"})

    update = rig.shop.update(1, quantity="5.0000")
    turn_until(relay, lambda: update in rig.receipts_by_event())

    assert rig.receipts_by_event()[update] == "unrouted"
    assert orders(rig.erp) == []


def test_a_destination_takes_the_stores_that_are_its_own_and_what_belongs_to_none(
    database: Database, erp: Sandbox
) -> None:
    with rig_on(database, erp, policy=replace(POLICY, stores=frozenset({2, 3}))) as rig:
        theirs, ours = rig.shop.place(1, store=1), rig.shop.place(2, store=2)

        deliver(rig, theirs, ours)

        assert rig.receipts_by_event() == {theirs: "unrouted", ours: "delivered"}
        ranges = rig.shop.rows("SELECT first_id, last_id, detail FROM erp_receipt_range")
        assert ranges == [(theirs, theirs, "not taken by blueprint test")]


def test_a_wider_filter_sends_nothing_of_what_was_decided(database: Database, erp: Sandbox) -> None:
    with rig_on(database, erp, policy=replace(POLICY, stores=frozenset({2}))) as rig:
        decided = [rig.shop.place(number, store=1) for number in range(1, 6)]
        deliver(rig, *decided)

        rig.policy = replace(POLICY, version="wider")
        change, new = rig.shop.update(1, quantity="5.0000"), rig.shop.place(6, store=1)
        deliver(rig, change, new)

        assert orders(erp) == ["M1-6"]
        assert rig.receipts_by_event() == {**dict.fromkeys([*decided, change], "unrouted"), new: "delivered"}


def test_a_narrower_filter_leaves_what_waits_already_as_it_is(rig: Rig) -> None:
    waiting = rig.shop.place(1, method="card", store=1)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {waiting: "waiting"})
    relay.close()

    rig.policy = replace(POLICY, version="narrower", stores=frozenset({2}))
    rig.shop.pay(1)
    new = rig.shop.place(2, store=1)
    deliver(rig, waiting, new)

    assert rig.receipts_by_event() == {waiting: "delivered", new: "unrouted"}


@pytest.mark.parametrize("start", [BEGINNING, NOW, Start("2000-01-01")])
def test_a_restart_goes_on_whatever_the_start_was(rig: Rig, other_erp: Sandbox, start: Start) -> None:
    crm = rig.beside(other_erp, CRM, start)
    crm.relay().close()
    events = [rig.shop.place(number) for number in range(1, 4)]
    deliver(crm, *events)
    more = rig.shop.place(9)

    deliver(crm, more)
    crm.close()

    assert orders(other_erp) == ["M1-1", "M1-2", "M1-3", "M1-9"]
