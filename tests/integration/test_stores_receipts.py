"""What the relay knows is written one fenced step at a time, and read back as it was."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.delivery import (
    Delivery,
    DeliveryState,
    DocumentKind,
    EntityType,
    Intent,
    Receipt,
    ReceiptOutcome,
    ReceiptRange,
)
from sidecar.domain.errors import LeaseLost, StorageError
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.step import Cursor, Step
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from tests.support.stores import (
    ERP,
    OTHER,
    SHA,
    Tables,
    confirmed,
    counted_rows,
    lane,
    session_at,
    session_for,
    statements_sent,
)

NOON = Decimal("1763899200.5")


def owned(tables: Tables) -> tuple[ReceiptStore, int]:
    token = LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    assert token is not None
    return ReceiptStore(tables.session), token


def upto(number: int) -> Cursor:
    return Cursor(OutboxId(number))


def delivery(number: int, state: DeliveryState, of: int = 1) -> Delivery:
    return Delivery(OutboxId(number), lane(of), state)


def receipt(number: int) -> Receipt:
    return Receipt(ERP, OutboxId(number), ReceiptOutcome.DELIVERED, "SO-1", 2, timedelta(milliseconds=35))


def test_a_cursor_comes_back_as_it_was_committed(tables: Tables) -> None:
    store, token = owned(tables)
    intent = Intent(OutboxId(9), lane(1), DocumentKind.ORDER, 11, SHA, (OutboxId(10), OutboxId(11)))
    store.commit_step(ERP, token, Step(Cursor(OutboxId(12), (Gap(OutboxId(3), OutboxId(5)),), (intent,))))

    assert store.load_cursor(ERP) == Cursor(OutboxId(12), (Gap(OutboxId(3), OutboxId(5)),), (intent,))


def test_a_range_of_receipts_covers_its_events_and_not_its_holes(tables: Tables) -> None:
    store, token = owned(tables)
    holes = ((OutboxId(12), OutboxId(14)), (OutboxId(18), OutboxId(18)))
    one = ReceiptRange(ERP, OutboxId(10), OutboxId(20), ReceiptOutcome.UNROUTED, 7, holes, detail="by version 1")

    store.commit_step(ERP, token, Step(upto(20), ranges=(one,), receipts=(receipt(13),)))

    assert store.receipted_above(ERP, OutboxId(0)) == {10, 11, 13, 15, 16, 17, 19, 20}
    assert store.receipted_above(ERP, OutboxId(16)) == {17, 19, 20}
    assert store.receipted_among(ERP, [OutboxId(number) for number in (9, 10, 12, 13, 18, 20, 21)]) == {10, 13, 20}
    assert store.receipted_among(ERP, []) == frozenset()


def test_rows_are_found_by_the_ids_of_their_events(tables: Tables) -> None:
    store, token = owned(tables)
    store.commit_step(ERP, token, Step(upto(9), deliveries=(delivery(3, DeliveryState.PARKED),)))

    assert store.delivery_ids_among(ERP, [OutboxId(2), OutboxId(3)]) == {3}


def test_a_destination_that_never_had_a_relay_stands_at_the_beginning(tables: Tables) -> None:
    assert ReceiptStore(tables.session).load_cursor(ERP) == Cursor(OutboxId(0))


def test_a_step_that_quotes_an_old_token_writes_nothing(tables: Tables) -> None:
    store, old = owned(tables)
    LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    finding = Finding(ERP, FindingKind.CURRENCY, "order:1", "currency", "EUR", "USD", "read-back")
    step = Step(
        upto(5),
        receipts=(receipt(1),),
        deliveries=(delivery(2, DeliveryState.PARKED),),
        documents=(confirmed(),),
        findings=(finding,),
    )

    with pytest.raises(LeaseLost):
        store.commit_step(ERP, old, step)

    assert store.load_cursor(ERP) == upto(0)
    for table in ("receipt", "delivery", "document", "document_revision", "finding"):
        assert tables.count(f"erp_{table}") == 0


def test_a_step_that_fails_half_way_is_undone_as_a_whole(tables: Tables) -> None:
    store, token = owned(tables)
    store.commit_step(ERP, token, Step(upto(1), receipts=(receipt(1),)))

    with pytest.raises(StorageError):
        store.commit_step(ERP, token, Step(upto(2), receipts=(receipt(2), receipt(1))))

    assert store.load_cursor(ERP) == upto(1)
    assert store.receipted_above(ERP, OutboxId(0)) == {1}


def test_receipts_say_what_was_done_and_by_whom(tables: Tables) -> None:
    store, token = owned(tables)

    store.commit_step(ERP, token, Step(upto(1), receipts=(receipt(1),)))

    assert tables.rows(
        "SELECT outcome, erp_number, attempts, call_ms, actor, receipted_at > NOW() - INTERVAL 1 MINUTE"
        " FROM {prefix}erp_receipt"
    ) == [("delivered", "SO-1", 2, 35, "relay", 1)]
    assert store.receipted_above(ERP, OutboxId(1)) == frozenset()
    assert store.receipted_above(OTHER, OutboxId(0)) == frozenset()


def test_a_delivery_is_replaced_by_its_id_and_comes_back_whole(tables: Tables) -> None:
    store, token = owned(tables)
    first = delivery(2, DeliveryState.WAITING)
    second = Delivery(
        OutboxId(2),
        lane(1),
        DeliveryState.UNKNOWN,
        attempts=3,
        reason="no usable answer came",
        fault="E17: tax code ünknown",
        hint="look in the ERP",
        absents=2,
        resubmitted=True,
        handle="job/7",
        revision=2,
    )

    store.commit_step(ERP, token, Step(upto(2), deliveries=(first,)))
    store.commit_step(ERP, token, Step(upto(2), deliveries=(second,)))

    assert store.load_heads(ERP) == [second]
    assert store.delivery_ids_above(ERP, OutboxId(1)) == {2}
    assert store.delivery_ids_above(ERP, OutboxId(2)) == frozenset()


def test_a_delay_counts_from_the_clock_of_the_database(tables: Tables) -> None:
    owned(tables)
    waiting = Delivery(OutboxId(2), lane(1), DeliveryState.RETRY, delay=timedelta(seconds=90))

    with session_at(tables.database, NOON) as noon:
        token = LeaseStore(noon).acquire("relay", ERP, "test", LeaseTerms())
        assert token is not None
        ReceiptStore(noon).commit_step(ERP, token, Step(upto(2), deliveries=(waiting,)))

    with session_at(tables.database, NOON + 30) as later:
        (seen,) = ReceiptStore(later).load_heads(ERP)
        assert seen.delay == timedelta(seconds=60)
    with session_at(tables.database, NOON + 3600) as much_later:
        (seen,) = ReceiptStore(much_later).load_heads(ERP)
        assert seen.delay == timedelta(0)


def test_words_that_are_too_long_or_broken_are_clipped_instead_of_stopping_the_relay(tables: Tables) -> None:
    store, token = owned(tables)
    endless = Delivery(
        OutboxId(2), lane(1), DeliveryState.PARKED, reason="r" * 5000, fault="💥" * 20_000, hint="\ud800"
    )

    store.commit_step(ERP, token, Step(upto(2), deliveries=(endless,)))

    (seen,) = store.load_heads(ERP)
    assert seen.reason.endswith("...")
    assert seen.fault.startswith("💥💥")
    assert seen.hint == "?"


def test_the_oldest_held_event_of_a_lane_is_promoted_when_its_head_is_settled(tables: Tables) -> None:
    store, token = owned(tables)
    rows = (delivery(1, DeliveryState.PARKED), delivery(2, DeliveryState.HELD), delivery(3, DeliveryState.HELD))
    store.commit_step(ERP, token, Step(upto(3), deliveries=(*rows, delivery(4, DeliveryState.HELD, of=2))))

    store.commit_step(
        ERP,
        token,
        Step(upto(3), receipts=(receipt(1),), settled=(OutboxId(1),), promoted=(lane(1),)),
    )

    assert store.load_ready(ERP) == [delivery(2, DeliveryState.READY)]
    assert tables.rows("SELECT outbox_id, state FROM {prefix}erp_delivery ORDER BY outbox_id") == [
        (2, "ready"),
        (3, "held"),
        (4, "held"),
    ]


@pytest.mark.parametrize("state", [state for state in DeliveryState if state is not DeliveryState.HELD])
def test_a_lane_that_has_a_head_is_not_given_a_second_one(tables: Tables, state: DeliveryState) -> None:
    store, token = owned(tables)
    rows = (delivery(1, state), delivery(2, DeliveryState.HELD))

    store.commit_step(ERP, token, Step(upto(2), deliveries=rows, promoted=(lane(1),)))

    assert [head.id for head in store.load_heads(ERP)] == [1]


def test_what_an_operator_decided_on_is_found_among_the_ready_ones(tables: Tables) -> None:
    store, token = owned(tables)
    states = dict.fromkeys(DeliveryState)
    rows = tuple(delivery(number, state, of=number) for number, state in enumerate(states, start=1))
    store.commit_step(ERP, token, Step(upto(9), deliveries=rows))

    found = store.load_ready(ERP)

    decided = {DeliveryState.RETRYING, DeliveryState.SKIPPING, DeliveryState.CONFIRMING}
    assert {row.state for row in found} == {DeliveryState.READY, DeliveryState.PAUSED} | decided


def test_a_lane_is_loaded_in_order_and_from_where_it_is_wanted(tables: Tables) -> None:
    store, token = owned(tables)
    for number in (4, 3, 2, 1):
        tables.add_event(number)
    tables.add_event(5, lane="order:2")
    rows = (delivery(1, DeliveryState.PARKED), *(delivery(number, DeliveryState.HELD) for number in (2, 3, 4)))
    store.commit_step(ERP, token, Step(upto(5), deliveries=(*rows, delivery(5, DeliveryState.READY, of=2))))

    assert [event.id for event in store.load_lane(ERP, lane(1), OutboxId(0), 10)] == [1, 2, 3, 4]
    assert [event.id for event in store.load_lane(ERP, lane(1), OutboxId(1), 2)] == [2, 3]
    assert store.load_lane(OTHER, lane(1), OutboxId(0), 10) == []


def test_followers_held_behind_a_parked_head_cost_nothing_when_heads_are_loaded(tables: Tables) -> None:
    store, token = owned(tables)
    followers = tuple(delivery(number, DeliveryState.HELD) for number in range(2, 20_002))
    heads = tuple(delivery(number, DeliveryState.PARKED, of=number) for number in range(30_000, 30_020))
    store.commit_step(ERP, token, Step(upto(1), deliveries=(delivery(1, DeliveryState.PARKED), *followers, *heads)))
    for number in range(19_001, 19_011):
        tables.add_event(number)
    tables.run("ANALYZE TABLE {prefix}erp_delivery")
    single = session_for(tables.database, connections=1)
    lone = ReceiptStore(single)

    with counted_rows(single) as examined:
        assert len(lone.load_heads(ERP)) == 21
        assert lone.load_ready(ERP) == []
        assert len(lone.load_lane(ERP, lane(1), OutboxId(19_000), 10)) == 10
        lone.commit_step(ERP, token, Step(upto(1), settled=(OutboxId(1),), promoted=(lane(1),)))

    single.close()
    assert [head.id for head in store.load_ready(ERP)] == [2]
    assert examined[0] < 300


def test_many_rows_go_to_the_server_in_few_statements(tables: Tables) -> None:
    _, token = owned(tables)
    single = session_for(tables.database, connections=1)
    store = ReceiptStore(single)
    many = range(1, 1001)
    step = Step(
        upto(1),
        receipts=tuple(receipt(number) for number in many),
        deliveries=tuple(delivery(number, DeliveryState.HELD) for number in many),
        documents=tuple(confirmed(number) for number in many),
        findings=tuple(
            Finding(ERP, FindingKind.CURRENCY, f"order:{number}", "", "EUR", "USD", "test") for number in many
        ),
    )
    before = statements_sent(single, "insert")

    store.commit_step(ERP, token, step)

    assert statements_sent(single, "insert") - before < 15
    single.close()
    assert len(store.receipted_above(ERP, OutboxId(0))) == 1000


def test_a_document_holds_its_newest_revision_and_keeps_the_trail_of_all(tables: Tables) -> None:
    store, token = owned(tables)
    store.commit_step(ERP, token, Step(upto(1), documents=(confirmed(42, revision=1, version="v1"),)))
    store.commit_step(ERP, token, Step(upto(7), documents=(confirmed(42, revision=7, version="v2"),)))

    known = store.known_documents(ERP, [41, 42])

    assert set(known) == {42}
    assert (known[42].erp_number, known[42].revision) == ("SO-1", 7)
    assert timedelta(0) <= known[42].confirmed_age < timedelta(minutes=1)
    assert tables.rows("SELECT revision FROM {prefix}erp_document_revision ORDER BY id") == [(1,), (7,)]
    assert (store.count_documents(ERP, "v1"), store.count_documents(ERP, "v2")) == (0, 1)
    assert store.known_documents(OTHER, [42]) == {}
    assert store.known_documents(ERP, []) == {}


def test_an_order_a_refund_and_a_customer_with_one_id_are_three_documents_and_only_the_order_is_shown(
    tables: Tables,
) -> None:
    store, token = owned(tables)
    kinds = list(EntityType)
    for revision in (1, 2):
        documents = tuple(replace(confirmed(42, revision=revision), entity_type=kind) for kind in kinds)
        store.commit_step(ERP, token, Step(upto(revision), documents=documents))

    assert [set(store.known_documents(ERP, [42], kind)) for kind in kinds] == [{42}] * 3
    assert [store.count_documents(ERP, "v1", kind) for kind in kinds] == [1, 1, 1]
    due = tables.rows("SELECT entity_type, change_count FROM {prefix}erp_document WHERE is_due = 1")
    assert due == [("order", 2)]
