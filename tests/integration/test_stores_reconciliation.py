"""Reconciliation remembers runs and findings, and excuses what is still under way."""

from datetime import UTC, datetime
from decimal import Decimal

from sidecar.domain.delivery import Delivery, DeliveryState, Receipt, ReceiptOutcome
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.reconciliation import Finding, FindingKind, RunSummary
from sidecar.domain.step import Cursor, Step
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from tests.support.stores import ERP, OTHER, Tables, confirmed, lane, session_at

MISSING = Finding(ERP, FindingKind.LINE_MISSING, "order:1", "lines[7]", "2 x CUP", "absent", "reconciliation")
TOTAL = Finding(ERP, FindingKind.HEADER_TOTAL, "order:1", "tax", "1.00", "0.99", "reconciliation")


def commit(tables: Tables, step: Step) -> None:
    token = LeaseStore(tables.session).acquire("relay", ERP, "test", LeaseTerms())
    assert token is not None
    ReceiptStore(tables.session).commit_step(ERP, token, step)


def findings(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows("SELECT kind, erp_value, state, seen_count FROM {prefix}erp_finding ORDER BY id")


def test_a_difference_that_is_seen_again_is_one_finding_counted_twice(tables: Tables) -> None:
    store = ReconciliationStore(tables.session)

    first = store.record_findings([MISSING])
    second = store.record_findings([MISSING, TOTAL])

    assert (first, second) == (1, 1)
    assert findings(tables) == [("line_missing", "absent", "open", 2), ("header_total", "0.99", "open", 1)]
    assert store.record_findings([]) == 0


def test_a_repaired_difference_that_comes_back_is_open_again_and_an_ignored_one_is_not(tables: Tables) -> None:
    store = ReconciliationStore(tables.session)
    store.record_findings([MISSING, TOTAL])
    tables.run("UPDATE {prefix}erp_finding SET state = IF(kind = 'line_missing', 'repaired', 'ignored')")

    store.record_findings([MISSING, TOTAL])

    assert {(kind, state) for kind, _, state, _ in findings(tables)} == {
        ("line_missing", "open"),
        ("header_total", "ignored"),
    }
    assert Insights(tables.session).open_findings(10) == [(MISSING, "open", 2)]


def test_documents_are_paged_by_order(tables: Tables) -> None:
    commit(tables, Step(Cursor(OutboxId(1)), documents=tuple(confirmed(number) for number in (9, 3, 7))))
    store = ReconciliationStore(tables.session)

    assert [document.entity_id for document in store.documents_page(ERP, 0, 2)] == [3, 7]
    assert [document.entity_id for document in store.documents_page(ERP, 7, 2)] == [9]
    assert store.documents_page(OTHER, 0, 2) == []


def test_documents_are_read_again_by_their_orders_however_many_lie_between(tables: Tables) -> None:
    commit(tables, Step(Cursor(OutboxId(1)), documents=tuple(confirmed(number) for number in range(1, 10))))
    store = ReconciliationStore(tables.session)

    assert {document.entity_id for document in store.documents_of(ERP, [1, 9, 77])} == {1, 9}
    assert store.documents_of(ERP, []) == []
    assert store.documents_of(OTHER, [1]) == []


def test_a_lane_is_in_flight_while_one_of_its_events_has_no_receipt(tables: Tables) -> None:
    for outbox_id, number in ((5, 1), (8, 2), (10, 3), (11, 4), (12, 5), (3, 6)):
        tables.add_event(outbox_id, lane=f"order:{number}")
    done = tuple(Receipt(ERP, OutboxId(outbox_id), ReceiptOutcome.DELIVERED) for outbox_id in (3, 12))
    parked = Delivery(OutboxId(8), lane(2), DeliveryState.PARKED)
    gaps = (Gap(OutboxId(4), OutboxId(6)),)
    commit(tables, Step(Cursor(OutboxId(10), gaps), receipts=done, deliveries=(parked,)))

    in_flight = ReconciliationStore(tables.session).lanes_in_flight(ERP, [lane(number) for number in range(1, 8)])

    assert in_flight == {lane(1), lane(2), lane(4)}
    assert ReconciliationStore(tables.session).lanes_in_flight(ERP, []) == frozenset()


def test_the_latest_complete_run_of_a_check_is_remembered_with_its_age_by_the_databases_clock(tables: Tables) -> None:
    with session_at(tables.database, Decimal("1763899200.5")) as then:
        store = ReconciliationStore(then)
        store.record_run(RunSummary("orders", ERP, 10, 1, 2, complete=True))
        store.record_run(RunSummary("stock", ERP, 10, 1, 2, complete=True))
    with session_at(tables.database, Decimal(1763899230)) as interrupted:
        ReconciliationStore(interrupted).record_run(RunSummary("orders", ERP, 3, 0, 0, complete=False))

    with session_at(tables.database, Decimal("1763899290.75")) as later:
        last = ReconciliationStore(later).last_run("orders", ERP)
        never = ReconciliationStore(later).last_run("orders", OTHER)

    assert last is not None
    assert last.finished_at == datetime(2025, 11, 23, 12, 0, 0, 500_000, tzinfo=UTC)
    assert last.age_seconds == 90.25
    assert never is None
