"""The views answer an administrator's questions without the sidecar."""

from dataclasses import replace
from datetime import timedelta

from sidecar.domain.delivery import Delivery, DeliveryState, EntityType
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import Cursor, Step
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from tests.support.stores import ERP, Tables, confirmed, lane


def commit(tables: Tables, step: Step) -> None:
    token = LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    assert token is not None
    ReceiptStore(tables.session).commit_step(ERP, token, step)


def heads() -> tuple[Delivery, ...]:
    return (
        Delivery(OutboxId(1), lane(1), DeliveryState.PARKED, attempts=2, reason="refused", fault="E1", hint="mend it"),
        Delivery(OutboxId(2), lane(1), DeliveryState.HELD),
        Delivery(OutboxId(3), lane(2), DeliveryState.UNKNOWN),
        Delivery(OutboxId(4), lane(3), DeliveryState.UNKNOWN, delay=timedelta(minutes=1)),
        Delivery(OutboxId(5), lane(4), DeliveryState.RETRY, delay=timedelta(minutes=1)),
    )


def test_the_backlog_counts_what_waits_per_destination_and_stream(tables: Tables) -> None:
    tables.add_event(1)
    tables.add_event(9)
    LeaseStore(tables.session).acquire("stock", ERP, "test", LeaseTerms())
    commit(tables, Step(Cursor(OutboxId(5), (Gap(OutboxId(7), OutboxId(7)),)), deliveries=heads()))

    rows = tables.rows(
        "SELECT stream, accounted_to, newest, ids_behind, open_gaps, in_flight, ready, waiting, unknown_outcome,"
        " parked, held, oldest_at IS NULL FROM {prefix}erp_v_backlog ORDER BY stream"
    )

    assert rows == [("documents", 5, 9, 4, 1, 0, 0, 1, 2, 1, 1, 0), ("stock", 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 1)]


def test_what_awaits_a_person_is_listed_with_the_erps_words_and_its_followers(tables: Tables) -> None:
    tables.add_event(1, lane="order:1")
    commit(tables, Step(Cursor(OutboxId(5)), deliveries=heads()))

    rows = tables.rows(
        "SELECT outbox_id, lane, type, state, attempts, fault, hint, followers FROM {prefix}erp_v_parked"
        " ORDER BY outbox_id"
    )

    assert rows == [
        (1, "order:1", "OrderPlaced", "parked", 2, "E1", "mend it", 1),
        (3, "order:2", None, "unknown", 0, "", "", 0),
    ]


def test_document_links_say_whether_magento_shows_the_number(tables: Tables) -> None:
    tables.add_order(1, ext_order_id="SO-1")
    tables.add_order(2, ext_order_id="so-2")
    documents = (confirmed(1, number="SO-1"), confirmed(2, number="SO-2"), confirmed(3, number="SO-3"))
    commit(tables, Step(Cursor(OutboxId(5)), documents=documents))

    rows = tables.rows(
        "SELECT entity_id, increment_id, erp_number, ext_order_id, is_shown FROM {prefix}erp_v_document_links"
        " ORDER BY entity_id"
    )

    assert rows == [
        (1, "000000001", "SO-1", "SO-1", 1),
        (2, "000000002", "SO-2", "so-2", 0),
        (3, None, "SO-3", None, 0),
    ]


def test_the_views_run_with_the_rights_of_whoever_asks(tables: Tables) -> None:
    rows = tables.rows("SELECT DISTINCT security_type FROM information_schema.views WHERE table_schema = DATABASE()")

    assert rows == [("INVOKER",)]


def test_document_links_tell_refunds_and_customers_apart_from_orders(tables: Tables) -> None:
    tables.add_order(1, ext_order_id="SO-1")
    kinds = [replace(confirmed(1, number=f"N-{kind}"), entity_type=kind) for kind in EntityType]
    commit(tables, Step(Cursor(OutboxId(5)), documents=tuple(kinds)))

    rows = tables.rows(
        "SELECT entity_type, increment_id, erp_number, is_shown FROM {prefix}erp_v_document_links ORDER BY erp_number"
    )

    assert rows == [
        ("customer", None, "N-customer", None),
        ("order", "000000001", "N-order", 0),
        ("refund", None, "N-refund", None),
    ]
