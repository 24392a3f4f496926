"""Echoes: what an ERP has caused in the shop is not sent back to it, and the receipts say so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sidecar.domain.events import OutboxId
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.operator_store import OperatorStore
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database


@pytest.fixture
def rig(database: Database, erp: Sandbox) -> Iterator[Rig]:
    with rig_on(database, erp, replace(POLICY, withholds_echoes=True)) as made:
        yield made


def booked(rig: Rig) -> list[int]:
    sql = "SELECT l.quantity FROM erp_stock_window w JOIN erp_stock_window_line l ON l.window_id = w.id"
    return [int(quantity) for (quantity,) in rig.shop.rows(sql + " WHERE w.state = 'booked' ORDER BY w.id")]


def test_a_change_that_the_erp_caused_is_receipted_with_words_and_not_sent_back(rig: Rig) -> None:
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    echo = rig.shop.update(42, quantity="3.0000", origin="erp")
    turn_until(relay, lambda: echo in rig.receipts_by_event())

    assert rig.receipts_by_event() == {placed: "delivered", echo: "unrouted"}
    assert len(rig.accepted(42)) == 1
    record = OperatorStore(rig.session).event(OutboxId(echo), [ERP])
    assert record.origin == "erp"
    assert [one.reason for one in record.standings] == ["an echo of the ERP's own change, withheld by blueprint test"]


def test_what_somebody_else_changes_after_an_echo_goes_with_all_that_stands_in_the_order(rig: Rig) -> None:
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())
    rig.shop.update(42, quantity="3.0000", origin="erp")

    changed = rig.shop.update(42, quantity="4.0000")
    turn_until(relay, lambda: changed in rig.receipts_by_event())

    assert [row["source_revision"] for row in rig.accepted(42)] == [placed, changed]


def test_a_cancellation_by_the_erp_is_not_asked_of_it_again(rig: Rig) -> None:
    placed = rig.shop.place(42)
    relay = rig.relay()
    turn_until(relay, lambda: placed in rig.receipts_by_event())

    echo = rig.shop.cancel(42, origin="erp")
    turn_until(relay, lambda: echo in rig.receipts_by_event())

    assert rig.receipts_by_event()[echo] == "unrouted"
    assert len(rig.accepted(42)) == 1


def test_an_order_that_waits_and_that_the_erp_cancels_is_not_sent(rig: Rig) -> None:
    placed = rig.shop.place(42, method="card")
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {placed: "waiting"})

    echo = rig.shop.cancel(42, origin="erp")
    turn_until(relay, lambda: {placed, echo} == set(rig.receipts_by_event()))

    assert rig.receipts_by_event() == {placed: "cancelled_before_release", echo: "unrouted"}
    assert rig.accepted(42) == []


def test_echoes_and_what_nobody_takes_are_told_apart_in_the_receipts(rig: Rig) -> None:
    rig.shop.tell("InvoiceCreated")
    rig.shop.cancel(rig.shop.place(7, method="card") and 7, origin="erp")
    rig.shop.tell("ShipmentCreated", origin="erp")

    turn_until(rig.relay(), lambda: len(rig.receipts_by_event()) == 4)

    rows = rig.shop.rows("SELECT detail, SUM(events) FROM erp_receipt_range GROUP BY detail ORDER BY detail")
    assert rows == [
        ("an echo of the ERP's own change, withheld by blueprint test", 1),
        ("not taken by blueprint test", 2),
    ]


def test_stock_that_the_erp_changed_is_in_no_line_of_a_window_and_is_not_missed_by_the_audit(rig: Rig) -> None:
    stock = rig.aggregator()
    with rig.shop.transaction() as slow:
        rig.shop.insert_delta(slow, "TEE", "-7.0000", origin="erp")
        rig.shop.adjust("TEE", "-9.0000", reason="manual", origin="erp")
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(stock, lambda: booked(rig) == [-1])
    last = rig.shop.adjust("TEE", "-2.0000")
    turn_until(stock, lambda: booked(rig) == [-1, -2])

    assert rig.stock.load_stock_cursor(ERP).accounted_to >= last
    assert AuditStore(rig.session, {ERP: frozenset({"shipment", "manual"})}, [ERP]).forgotten_deltas() == []
