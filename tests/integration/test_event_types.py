"""Events beside an order's own: each ends in a receipt, and none is ever taken for an order or for a stock change."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sidecar.domain.delivery import ErpId, NamedDocument
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import KNOWN_TYPES, MAPPED_TYPES, STOCK_TYPES, EventType, OutboxId
from sidecar.mysql.operator_store import OperatorStore
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

BESIDE_ORDERS = sorted(KNOWN_TYPES - MAPPED_TYPES - STOCK_TYPES)
EVERYTHING = replace(POLICY, takes=frozenset(EventType))


@pytest.fixture
def greedy(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """A relay that is given what its adapter makes nothing of, as rows of an earlier blueprint or sidecar are."""
    with rig_on(database, erp, EVERYTHING) as made:
        yield made


def booked(rig: Rig) -> list[tuple[str, int]]:
    sql = "SELECT l.sku, l.quantity FROM erp_stock_window w JOIN erp_stock_window_line l ON l.window_id = w.id"
    return [
        (sku, int(quantity)) for sku, quantity in rig.shop.rows(sql + " WHERE w.state = 'booked' ORDER BY w.id, l.sku")
    ]


def test_documents_of_an_order_are_receipted_as_unrouted_and_never_change_it_in_the_erp(rig: Rig) -> None:
    placed = rig.shop.place(42)
    beside = [rig.shop.tell(kind) for kind in BESIDE_ORDERS]
    changed = rig.shop.update(42, quantity="3.0000")
    relay = rig.relay()

    turn_until(relay, lambda: {placed, *beside, changed} == set(rig.receipts_by_event()))

    outcomes = rig.receipts_by_event()
    assert {outcomes[one] for one in beside} == {"unrouted"}
    assert rig.accepted(42)[-1]["source_revision"] == changed
    assert {row["source_revision"] for row in rig.accepted(42)} <= {placed, changed}
    assert rig.states() == {}


@pytest.mark.parametrize("kind", BESIDE_ORDERS)
def test_an_event_without_an_order_before_it_creates_none(greedy: Rig, kind: str) -> None:
    event = greedy.shop.tell(kind)

    turn_until(greedy.relay(), lambda: event in greedy.receipts_by_event())

    assert greedy.receipts_by_event() == {event: "unrouted"}
    assert greedy.accepted(42) == []


def test_an_order_that_waits_holds_what_follows_in_its_lane_and_then_everything_goes_in_turn(greedy: Rig) -> None:
    placed = greedy.shop.place(42, method="card")
    invoice = greedy.shop.tell("InvoiceCreated")
    changed = greedy.shop.update(42, method="card", quantity="3.0000")
    relay = greedy.relay()
    turn_until(relay, lambda: greedy.states() == {placed: "waiting", invoice: "held", changed: "held"})
    assert greedy.receipts_by_event() == {}

    greedy.shop.pay(42)
    turn_until(relay, lambda: len(greedy.receipts_by_event()) == 3)

    assert greedy.receipts_by_event() == {placed: "delivered", invoice: "unrouted", changed: "delivered"}
    assert [row["source_revision"] for row in greedy.accepted(42)] == [placed, changed]


def test_documents_after_a_cancellation_before_the_release_send_nothing(greedy: Rig) -> None:
    placed = greedy.shop.place(42, method="card")
    invoice, cancelled = greedy.shop.tell("InvoiceCreated"), greedy.shop.cancel(42)
    memo = greedy.shop.refund(17)

    turn_until(greedy.relay(), lambda: len(greedy.receipts_by_event()) == 4)

    before = "cancelled_before_release"
    assert greedy.receipts_by_event() == {placed: before, invoice: "unrouted", cancelled: before, memo: "unrouted"}
    assert greedy.accepted(42) == []


def test_a_customer_with_an_orders_number_is_not_taken_for_the_order(greedy: Rig) -> None:
    placed = greedy.shop.place(42)
    relay = greedy.relay()
    turn_until(relay, lambda: placed in greedy.receipts_by_event())

    customer = greedy.shop.save_customer(42)
    turn_until(relay, lambda: customer in greedy.receipts_by_event())

    assert greedy.receipts_by_event() == {placed: "delivered", customer: "delivered"}
    assert len(greedy.accepted(42)) == 1
    assert [row["reference"] for row in greedy.erp.rows("SELECT reference FROM customers")] == ["M1-C-42"]


def test_what_an_older_sidecar_parked_as_unknown_goes_out_of_the_way_when_it_is_retried(rig: Rig) -> None:
    event = rig.shop.tell("InvoiceCreated")
    rig.relay().close()
    rig.shop.execute(
        "INSERT INTO erp_delivery (destination, outbox_id, stream, lane, state, reason, fault)"
        " VALUES (%s, %s, 'documents', 'order:42', 'parked', 'the event cannot be understood', '')",
        ERP,
        event,
    )
    rig.shop.execute("UPDATE erp_cursor SET accounted_to = %s", event)

    assert rig.insights.retry_event(ERP, OutboxId(event), "ann", "the sidecar was upgraded")
    turn_until(rig.relay(), lambda: event in rig.receipts_by_event())

    assert rig.receipts_by_event() == {event: "unrouted"}
    assert rig.states() == {}


def test_a_person_cannot_tie_an_invoice_to_the_erps_document_of_an_order(rig: Rig) -> None:
    event = rig.shop.tell("InvoiceCreated", "order:42")
    rig.shop.execute(
        "INSERT INTO erp_delivery (destination, outbox_id, stream, lane, state, fault)"
        " VALUES (%s, %s, 'documents', 'order:42', 'parked', '')",
        ERP,
        event,
    )

    with pytest.raises(NotPossible, match="InvoiceCreated"):
        OperatorStore(rig.session).confirm_event(
            ERP, OutboxId(event), NamedDocument(ErpId("7"), "SO-7"), "ann", "found it"
        )


def test_reservations_are_no_part_of_the_stock_stream(rig: Rig) -> None:
    first = rig.shop.reserve("TEE", "-9.0000")
    rig.shop.adjust("TEE", "-2.0000")
    last = rig.shop.reserve("TEE", "-9.0000")
    stock = rig.aggregator()

    turn_until(stock, lambda: booked(rig) == [("TEE", -2)])
    turn_until(stock, lambda: rig.stock.load_stock_cursor(ERP).accounted_to == last)

    assert first < last
    assert rig.states() == {}


def test_a_reservation_that_commits_late_disturbs_no_window(rig: Rig) -> None:
    stock = rig.aggregator()
    with rig.shop.transaction() as slow:
        late = rig.shop.insert(slow, "InventoryReserved", None, "TEE", "{}")
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(stock, lambda: booked(rig) == [("TEE", -1)])
    rig.shop.adjust("TEE", "-4.0000")

    turn_until(stock, lambda: booked(rig) == [("TEE", -1), ("TEE", -4)])

    assert late not in rig.states()
    assert rig.stock.load_stock_cursor(ERP).gaps == ()
