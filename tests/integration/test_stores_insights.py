"""Operators see what waits, and decide on what is parked; every decision is on record."""

from datetime import timedelta

import pytest

from sidecar.domain.delivery import Delivery, DeliveryState, DocumentKind, Intent
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.overview import Backlog
from sidecar.domain.step import Cursor, Step
from sidecar.domain.stock import Membership
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.stock_store import StockStore
from tests.support.stores import ERP, SHA, Tables, lane

PARKED = Delivery(OutboxId(3), lane(1), DeliveryState.PARKED, attempts=4, reason="refused", fault="VAT_ID: not valid")
FOR_A_PERSON = Delivery(OutboxId(5), lane(2), DeliveryState.UNKNOWN, attempts=1, fault="no answer")
LOOKING = Delivery(OutboxId(6), lane(3), DeliveryState.UNKNOWN, attempts=1, delay=timedelta(hours=1))


def commit(tables: Tables, *deliveries: Delivery) -> None:
    token = LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    assert token is not None
    cursor = Cursor(
        OutboxId(7),
        (Gap(OutboxId(1), OutboxId(2)),),
        (Intent(OutboxId(8), lane(9), DocumentKind.ORDER, 8, SHA),),
    )
    ReceiptStore(tables.session).commit_step(ERP, token, Step(cursor, deliveries=deliveries))


def actions(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows(
        "SELECT action, actor, reason, outbox_id, state_before, fault_before FROM {prefix}erp_operator_action"
    )


def state_of(tables: Tables, outbox_id: int) -> tuple[object, ...]:
    (row,) = tables.rows(
        "SELECT state, attempts, reason, next_attempt_at FROM {prefix}erp_delivery WHERE outbox_id = %s", outbox_id
    )
    return row


def test_the_backlog_says_how_far_each_destination_is_and_what_waits(tables: Tables) -> None:
    tables.add_event(9)
    commit(tables, PARKED, FOR_A_PERSON, LOOKING)

    backlog = Insights(tables.session).backlog()

    assert backlog == [Backlog(ERP, 7, 9, {"parked": 1, "unknown": 2}, open_gaps=1, intents=1)]


def test_what_waits_is_shown_parked_first_with_the_erps_words_and_its_followers(tables: Tables) -> None:
    tables.add_event(3, lane="order:1")
    held = tuple(Delivery(OutboxId(number), lane(1), DeliveryState.HELD) for number in (10, 11))
    waiting = Delivery(OutboxId(1), lane(4), DeliveryState.WAITING, reason="not paid in full")
    commit(tables, waiting, PARKED, LOOKING, *held)

    seen = Insights(tables.session).waiting_events(10)

    assert [event.delivery.id for event in seen] == [3, 6, 1]
    assert seen[0].delivery == PARKED
    assert (seen[0].destination, seen[0].type, seen[0].aggregate_id, seen[0].followers) == (ERP, "OrderPlaced", "1", 2)
    assert (seen[2].type, seen[2].followers) == ("", 0)
    assert len(Insights(tables.session).waiting_events(1)) == 1


@pytest.mark.parametrize("head", [PARKED, FOR_A_PERSON])
def test_a_head_that_awaits_a_person_is_retried_on_their_word(tables: Tables, head: Delivery) -> None:
    commit(tables, head)

    assert Insights(tables.session).retry_event(ERP, head.id, "ann", "VAT id mended")

    assert state_of(tables, head.id) == ("retrying", head.attempts, "retried by ann: VAT id mended", None)
    assert actions(tables) == [("retry", "ann", "VAT id mended", head.id, head.state, head.fault)]


def test_a_skipped_head_is_handed_to_the_relay_which_alone_writes_its_receipt(tables: Tables) -> None:
    commit(tables, PARKED)

    assert Insights(tables.session).skip_event(ERP, OutboxId(3), "ann", "booked by hand")

    assert state_of(tables, 3) == ("skipping", 4, "skipped by ann: booked by hand", None)
    assert tables.count("erp_receipt") == 0
    assert actions(tables) == [("skip", "ann", "booked by hand", 3, "parked", "VAT_ID: not valid")]


def test_what_does_not_await_a_person_cannot_be_decided_on(tables: Tables) -> None:
    stopped = (DeliveryState.PARKED, DeliveryState.UNKNOWN, DeliveryState.PAUSED)
    others = [state for state in DeliveryState if state not in stopped]
    deliveries = [Delivery(OutboxId(20 + number), lane(20 + number), state) for number, state in enumerate(others)]
    commit(tables, LOOKING, *deliveries)
    insights = Insights(tables.session)

    for delivery in (LOOKING, *deliveries, PARKED):
        assert not insights.retry_event(ERP, delivery.id, "ann", "try")
        assert not insights.skip_event(ERP, delivery.id, "ann", "try")

    assert actions(tables) == []


def test_a_stock_delta_that_is_skipped_is_receipted_here_and_now(tables: Tables) -> None:
    token = LeaseStore(tables.session).acquire("stock", ERP, "test", LeaseTerms())
    assert token is not None
    unreadable = Delivery(OutboxId(4), Lane("#4"), DeliveryState.PARKED, fault="quantity is missing")
    membership = Membership(OutboxId(0), OutboxId(4))
    StockStore(tables.session).freeze_windows(ERP, token, Cursor(OutboxId(4)), membership, [], "v1", [unreadable])

    assert Insights(tables.session).skip_event(ERP, OutboxId(4), "ann", "counted by hand")

    assert tables.count("erp_delivery") == 0
    assert tables.rows("SELECT outbox_id, outcome, actor, detail FROM {prefix}erp_receipt") == [
        (4, "skipped", "ann", "counted by hand")
    ]
