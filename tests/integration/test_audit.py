"""The audit finds what nobody would ever send, and what was never written; and each has a way back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sidecar.domain.special_cases import Skus
from sidecar.engine.auditor import Auditor
from sidecar.engine.pace import Terms
from sidecar.mysql.audit_store import AuditStore
from sidecar.mysql.session import Session
from tests.support.rig import Rig, turn_until

pytestmark = pytest.mark.slow

UNHURRIED = Terms(busy_threads=10_000, target=timedelta(seconds=1))


def auditor(rig: Rig) -> Auditor:
    return Auditor(AuditStore(rig.session), rig.clock, rig.notes, UNHURRIED)


def findings(rig: Rig) -> list[tuple[str, str, str]]:
    return rig.shop.rows("SELECT kind, subject, state FROM erp_finding ORDER BY id")


@pytest.fixture
def nosy(rig: Rig) -> Iterator[Session]:
    """A session of a user who lacks PROCESS, so that gaps are given up after a time."""
    database = rig.shop.database
    rig.shop.execute("CREATE USER 'no_process'@'%%' IDENTIFIED BY 'pw'")
    rig.shop.execute(f"GRANT ALL ON `{database.name}`.* TO 'no_process'@'%%'")
    server = database.server
    session = Session(f"mysql://no_process:pw@{server.host}:{server.port}/{database.name}")
    yield session
    session.close()
    rig.shop.execute("DROP USER 'no_process'@'%%'")


def test_where_everything_is_accounted_for_the_audit_finds_nothing(rig: Rig) -> None:
    ids = [rig.shop.place(order) for order in range(1, 6)]
    waiting = rig.shop.place(6, method="card")
    rig.shop.adjust("TEE", "-1.0000")
    relay = rig.relay()
    turn_until(relay, lambda: set(ids) == set(rig.receipts_by_event()) and waiting in rig.states())

    summary = auditor(rig).run()

    assert (summary.events, summary.orders, summary.complete) == (7, 6, True)
    assert (summary.unaccounted, summary.without_event) == ((), ())
    assert rig.shop.rows("SELECT check_name, compared, findings FROM erp_reconciliation_run") == [("audit", 13, 0)]


def test_an_event_that_appears_after_its_gap_was_given_up_is_found_and_delivered_after_the_repair(
    rig: Rig, nosy: Session
) -> None:
    relay = rig.relay_without_process(nosy, patience=timedelta(milliseconds=50))
    with rig.shop.transaction() as slow:
        late = rig.shop.place_in(slow, 7)
        neighbour = rig.shop.place(42)
        turn_until(relay, lambda: neighbour in rig.receipts_by_event())
        turn_until(relay, lambda: _given_up(rig, late))
    for _ in range(20):
        relay.turn()
    assert late not in rig.receipts_by_event()

    found = auditor(rig).run()

    assert [(one.destination, one.id, one.lane) for one in found.unaccounted] == [("erp", late, "order:7")]
    assert findings(rig) == [("unaccounted_event", "order:7", "open")]

    AuditStore(rig.session).open_gaps_again(found.unaccounted, "ann", "gap was given up")
    relay.close()
    turn_until(rig.relay(), lambda: late in rig.receipts_by_event())

    assert len(rig.accepted(7)) == 1
    assert len(rig.accepted(42)) == 1
    assert findings(rig) == [("unaccounted_event", "order:7", "repaired")]
    assert rig.shop.rows("SELECT action, actor, outbox_id FROM erp_operator_action") == [("repair", "ann", late)]
    assert auditor(rig).run().unaccounted == ()


def test_a_repair_fences_out_the_relay_that_runs_and_does_nothing_for_what_has_a_receipt_by_now(rig: Rig) -> None:
    ids = [rig.shop.place(order) for order in range(1, 4)]
    relay = rig.relay()
    turn_until(relay, lambda: set(ids) == set(rig.receipts_by_event()))
    rig.shop.execute("DELETE FROM erp_receipt WHERE outbox_id = %s", ids[1])
    found = auditor(rig).look().unaccounted
    store = AuditStore(rig.session)
    ((token,),) = rig.shop.rows("SELECT token FROM erp_cursor WHERE stream = 'documents'")

    assert store.open_gaps_again(found, "ann", "lost") == list(found)
    assert store.open_gaps_again(found, "ann", "lost") == []

    assert rig.shop.rows("SELECT token FROM erp_cursor WHERE stream = 'documents'") == [(token + 1,)]
    assert [(gap.first, gap.last) for gap in rig.receipts.load_cursor(rig.policy.name).gaps] == [(ids[1], ids[1])]


def test_a_stock_delta_that_appears_after_its_gap_was_given_up_joins_a_later_window_after_the_repair(rig: Rig) -> None:
    store = AuditStore(rig.session, {"erp": frozenset({"shipment"})})
    stock = rig.aggregator()
    with rig.shop.transaction() as slow:
        late = rig.shop.insert_delta(slow, "TEE", "-5.0000")
        unrouted = rig.shop.insert_delta(slow, "TEE", "-9.0000", reason="correction")
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(stock, lambda: booked(rig) == [1])
        rig.shop.execute("UPDATE erp_cursor SET open_gaps = '[]' WHERE stream = 'stock'")
        stock.close()
    turn_until(
        rig.aggregator(), lambda: rig.shop.rows("SELECT 1 FROM erp_cursor WHERE accounted_to >= %s", unrouted) != []
    )

    found = store.forgotten_deltas()
    supplied = {"erp": Skus(named=frozenset({"TEE"}))}
    assert not AuditStore(rig.session, {"erp": frozenset({"shipment"})}, nowhere=supplied).forgotten_deltas()
    assert [(one.id, one.stream) for one in found] == [(late, "stock")]
    assert store.open_gaps_again(found, "ann", "gap was given up") == list(found)
    turn_until(rig.aggregator(), lambda: booked(rig) == [1, 5])

    assert store.forgotten_deltas() == []
    assert store.open_gaps_again(found, "ann", "gap was given up") == []


def test_of_reservations_nothing_is_forgotten_where_a_destination_takes_them(rig: Rig) -> None:
    with rig.shop.transaction() as slow:
        late = rig.shop.insert(slow, "InventoryReserved", None, "TEE", "{}", origin="erp")
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(rig.aggregator(), lambda: booked(rig) == [1])
        rig.shop.execute("UPDATE erp_cursor SET open_gaps = '[]' WHERE stream = 'stock'")

    assert AuditStore(rig.session, withholding=["erp"]).forgotten_deltas() == []
    demanding = AuditStore(rig.session, withholding=["erp"], demanding=["erp"])
    assert [one.id for one in demanding.forgotten_deltas()] == [late]


def booked(rig: Rig) -> list[int]:
    rows = rig.shop.rows("SELECT l.quantity FROM erp_stock_window w JOIN erp_stock_window_line l ON l.window_id = w.id"
                         " WHERE w.state = 'booked' ORDER BY w.sequence")  # fmt: skip
    return [-int(quantity) for (quantity,) in rows]


def test_a_busy_relay_is_never_accused(rig: Rig) -> None:
    relay = rig.relay()
    with rig.shop.transaction() as slow:
        rig.shop.place_in(slow, 7)
        for order in range(50, 60):
            rig.shop.place(order)
        for _ in range(30):
            relay.turn()
            assert auditor(rig).look().unaccounted == ()


def _given_up(rig: Rig, late: int) -> bool:
    cursor = rig.receipts.load_cursor(rig.policy.name)
    return cursor.accounted_to > late and not cursor.gaps


def test_what_was_there_before_a_destination_began_is_none_of_its_business(rig: Rig) -> None:
    before = [rig.shop.place(order) for order in range(1, 4)]
    relay = rig.relay()
    turn_until(relay, lambda: set(before) == set(rig.receipts_by_event()))
    rig.shop.execute("DELETE FROM erp_receipt WHERE outbox_id <= %s", before[1])
    rig.shop.execute("UPDATE erp_cursor SET started_after = %s WHERE stream = 'documents'", before[0])

    found = auditor(rig).look().unaccounted

    assert [one.id for one in found] == [before[1]]
