"""After a declared restore nothing is sent twice, nothing that is new gets lost, and what nobody can know is said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.domain.errors import NotDeclarable
from sidecar.domain.restore import Claim, Declaration
from sidecar.engine.identity import Guard
from sidecar.engine.restore import Restoration
from sidecar.mysql.instance_store import InstanceStore
from sidecar.mysql.restore_store import RestoreStore
from sidecar.state_file import StateFile
from tests.support.backups import back_up
from tests.support.profiles import profile_with
from tests.support.rig import Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow


@pytest.fixture
def host(rig: Rig, tmp_path: Path) -> Path:
    """A host that has served the database from the beginning."""
    remember(rig, tmp_path / "host")
    return tmp_path / "host"


def remember(rig: Rig, host: Path) -> None:
    Guard(InstanceStore(rig.session), StateFile(host), "M1", rig.notes).begin()


def deliver(rig: Rig) -> None:
    """A relay's life: until every event has its receipt or waits for something."""
    relay = rig.relay()
    turn_until(relay, lambda: not unfinished(rig))
    relay.close()


def unfinished(rig: Rig) -> list[tuple[int]]:
    return rig.shop.rows(
        "SELECT o.id FROM erp_outbox o LEFT JOIN erp_receipt r ON r.outbox_id = o.id"
        " LEFT JOIN erp_delivery d ON d.outbox_id = o.id AND (d.state IN ('waiting', 'parked')"
        " OR d.state = 'unknown' AND d.next_attempt_at IS NULL)"
        " WHERE o.type LIKE 'Order%%' AND r.outbox_id IS NULL AND d.outbox_id IS NULL"
    )


def restoration(rig: Rig, host: Path, name: str = "M1") -> Restoration:
    return Restoration(
        name,
        [rig.policy],
        StateFile(host),
        InstanceStore(rig.session),
        RestoreStore(rig.session),
        rig.outbox,
        rig.receipts,
        rig.stock,
    )


def stop(rig: Rig) -> None:
    rig.shop.execute("UPDATE erp_lease SET expires_at = NOW(6)")


def declare(rig: Rig, host: Path, claim: Claim = Claim.RESTORED, at: datetime | None = None) -> Declaration:
    """Declare it, and begin again on the same host."""
    stop(rig)
    made = restoration(rig, host)
    declaration = made.plan(claim, at)
    made.declare(declaration, "ann", "the disk died")
    remember(rig, host)
    return declaration


def references(rig: Rig) -> list[str]:
    return [row["reference"] for row in rig.erp.rows("SELECT reference FROM orders ORDER BY number")]


def movements(rig: Rig) -> list[str]:
    return [row["reference"] for row in rig.erp.rows("SELECT reference FROM stock_movements ORDER BY reference")]


def booked(rig: Rig, reference: str) -> dict[str, str]:
    rows = rig.erp.rows("SELECT m.reference, l.* FROM stock_movement_lines l JOIN stock_movements m USING (number)")
    return {row["sku"]: row["quantity"] for row in rows if row["reference"] == reference}


def windows(rig: Rig) -> list[str]:
    return [state for (state,) in rig.shop.rows("SELECT state FROM erp_stock_window ORDER BY sequence")]


def findings(rig: Rig) -> list[tuple[str, str, str]]:
    return rig.shop.rows("SELECT kind, subject, magento_value FROM erp_finding")


# --- Orders ---------------------------------------------------------------------------------------


def test_new_orders_under_ids_that_the_erp_knows_from_the_lost_time_get_through(rig: Rig, host: Path) -> None:
    rig.shop.place(1)
    deliver(rig)
    backup = back_up(rig.shop.database)
    lost = rig.shop.place(2)
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    reused = rig.shop.place(2, quantity="7.0000")
    declare(rig, host)
    deliver(rig)

    assert reused == lost
    assert references(rig) == ["M1-1", "M1-2", "M1.2-2"]
    assert len(rig.accepted(1)) == 1
    assert rig.shop.rows("SELECT external_ref FROM erp_document ORDER BY entity_id") == [("M1-1",), ("M1.2-2",)]


def test_an_order_sent_in_the_lost_time_is_found_and_not_sent_again(rig: Rig, host: Path) -> None:
    first = rig.shop.place(1)
    backup = back_up(rig.shop.database)
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    deliver(rig)

    assert references(rig) == ["M1-1"]
    assert rig.receipts_by_event() == {first: "already_there"}
    assert findings(rig) == []


@pytest.mark.slow
def test_an_order_that_the_lost_time_had_not_sent_still_passes_its_release_gate(rig: Rig, host: Path) -> None:
    paid_later = rig.shop.place(1, method="card")
    backup = back_up(rig.shop.database)
    rig.shop.place(2)
    deliver(rig)
    remember(rig, host)
    backup.restore(rig.shop.database)
    declare(rig, host)

    deliver(rig)
    assert rig.states() == {paid_later: "waiting"}
    rig.shop.pay(1)
    relay = rig.relay()
    turn_until(relay, lambda: paid_later in rig.receipts_by_event())
    relay.close()

    assert references(rig) == ["M1-2", "M1-1"]
    assert rig.receipts_by_event()[paid_later] == "delivered"


def test_edits_that_went_along_in_the_lost_time_are_neither_sent_again_nor_found_different(
    rig: Rig, host: Path
) -> None:
    placed = rig.shop.place(1)
    edited = rig.shop.update(1, quantity="3.0000")
    backup = back_up(rig.shop.database)
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    deliver(rig)

    assert len(rig.accepted(1)) == 1
    assert rig.receipts_by_event() == {placed: "already_there", edited: "already_there"}
    assert findings(rig) == []


def test_an_edit_after_the_restore_reaches_an_order_that_the_lost_time_had_edited(rig: Rig, host: Path) -> None:
    rig.shop.place(1)
    deliver(rig)
    backup = back_up(rig.shop.database)
    lost = rig.shop.update(1, quantity="3.0000")
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    reused = rig.shop.update(1, quantity="4.0000")
    declare(rig, host)
    deliver(rig)

    assert reused == lost
    assert [row["kind"] for row in rig.accepted(1)] == ["create", "change", "change"]
    assert '"4.0000"' in rig.accepted(1)[-1]["body"]
    assert rig.receipts_by_event()[reused] == "delivered"


def test_a_cancellation_of_the_lost_time_is_not_sent_twice(rig: Rig, host: Path) -> None:
    rig.shop.place(1)
    deliver(rig)
    cancelled = rig.shop.cancel(1)
    backup = back_up(rig.shop.database)
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    deliver(rig)

    assert [row["kind"] for row in rig.accepted(1)] == ["create", "cancel"]
    assert rig.receipts_by_event()[cancelled] == "already_there"


def test_what_waited_to_be_tried_again_is_looked_up_first(rig: Rig, host: Path) -> None:
    rig.erp.plan({"operation": "order.create", "nth": 1, "count": 1, "kind": "http_503"})
    order = rig.shop.place(1)
    relay = rig.relay()
    turn_until(relay, lambda: rig.states() == {order: "retry"})
    backup = back_up(rig.shop.database)
    turn_until(relay, lambda: order in rig.receipts_by_event())
    relay.close()
    rig.shop.place(2)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    deliver(rig)

    assert references(rig) == ["M1-1"]
    assert rig.receipts_by_event() == {order: "already_there"}


def test_an_erp_that_cannot_be_searched_leaves_what_is_in_doubt_to_a_person(
    database: Database, erp: Sandbox, tmp_path: Path
) -> None:
    profile = profile_with("none", tmp_path)
    with rig_on(database, erp, profile=profile) as rig:
        remember(rig, tmp_path / "host")
        order = rig.shop.place(1)
        backup = back_up(rig.shop.database)
        deliver(rig)
        remember(rig, tmp_path / "host")

        backup.restore(rig.shop.database)
        declare(rig, tmp_path / "host")
        deliver(rig)

        assert rig.states() == {order: "unknown"}
        ((hint,),) = rig.shop.rows("SELECT hint FROM erp_delivery")
        assert "M1-1" in hint
        assert references(rig) == ["M1-1"]


# --- Stock ----------------------------------------------------------------------------------------


def test_windows_after_the_restore_have_names_that_the_lost_time_did_not_use(rig: Rig, host: Path) -> None:
    rig.shop.adjust("TEE", "-1.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])
    backup = back_up(rig.shop.database)
    rig.shop.adjust("TEE", "-2.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked", "booked"])
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    rig.shop.adjust("TEE", "-4.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked", "booked"])

    assert movements(rig) == ["M1.2.W1.2", "M1.W1.1", "M1.W1.2"]


def test_stock_changes_that_the_lost_time_may_have_booked_are_kept_out_and_named_to_a_person(
    rig: Rig, host: Path
) -> None:
    kept_out = rig.shop.adjust("TEE", "-2.0000")
    backup = back_up(rig.shop.database)
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    rig.shop.adjust("CUP", "1.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])

    assert movements(rig) == ["M1.2.W1.1", "M1.W1.1"]
    assert booked(rig, "M1.2.W1.1") == {"CUP": "1"}
    assert findings(rig) == [("stock_in_doubt", "warehouse:W1", "not sent again: TEE -2.0000")]
    assert rig.receipts_by_event() == {kept_out: "skipped"}


def test_a_refused_line_that_the_lost_time_may_have_carried_waits_for_a_person_who_is_told(
    rig: Rig, host: Path
) -> None:
    rig.erp.control("POST", "masterdata", {"unknownItems": ["GHOST"]})
    rig.shop.adjust("GHOST", "-2.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])
    rig.erp.control("POST", "masterdata", {"unknownItems": []})
    rig.shop.execute("UPDATE erp_stock_window_line SET state = 'retrying'")
    backup = back_up(rig.shop.database)
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked", "booked"])
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    rig.shop.adjust("CUP", "1.0000")
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked", "booked"])

    assert booked(rig, "M1.2.W1.2") == {"CUP": "1"}
    ((state, fault),) = rig.shop.rows("SELECT state, fault FROM erp_stock_window_line WHERE sku = 'GHOST'")
    assert state == "parked"
    assert fault.startswith("before a restore was declared; compare the ERP's stock")


def test_a_window_that_was_about_to_go_is_looked_up_and_not_sent_twice(rig: Rig, host: Path) -> None:
    rig.shop.adjust("TEE", "-2.0000")
    aggregator = rig.aggregator()
    aggregator.turn()
    aggregator.freeze()
    assert windows(rig) == ["frozen"]
    backup = back_up(rig.shop.database)
    turn_until(aggregator, lambda: windows(rig) == ["booked"])
    rig.shop.place(1)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    turn_until(rig.aggregator(), lambda: windows(rig) == ["booked"])

    assert movements(rig) == ["M1.W1.1"]


# --- Declaring ------------------------------------------------------------------------------------


def test_a_plan_changes_nothing_and_says_what_would_follow(rig: Rig, host: Path) -> None:
    rig.shop.place(1)
    rig.shop.adjust("TEE", "-2.0000")
    backup = back_up(rig.shop.database)
    deliver(rig)
    remember(rig, host)
    backup.restore(rig.shop.database)
    before = back_up(rig.shop.database)

    steps = restoration(rig, host).plan(Claim.RESTORED, None).steps

    assert back_up(rig.shop.database) == before
    assert any("orders up to 1 are older" in step for step in steps)
    assert "1 events for erp are looked up there before anything is sent" in steps
    assert "warehouse:W1 at erp: not sent again: TEE -2.0000" in steps
    assert "new orders are named as M1.2-2" in steps


def test_a_declaration_is_recorded_with_who_and_why(rig: Rig, host: Path) -> None:
    declare(rig, host, at=datetime.now(UTC))

    assert rig.shop.rows("SELECT action, actor, reason FROM erp_operator_action") == [
        ("declare_restored", "ann", "the disk died")
    ]
    assert rig.shop.rows("SELECT epoch, kind, actor FROM erp_epoch") == [(2, "restored", "ann")]


def test_nothing_is_declared_where_nothing_happened_unless_somebody_says_when(rig: Rig, host: Path) -> None:
    stop(rig)

    with pytest.raises(NotDeclarable, match="does not fit what this host sees") as caught:
        restoration(rig, host).plan(Claim.RESTORED, None)

    assert "--restored-at" in caught.value.hint


def test_nothing_is_declared_beside_a_running_sidecar(rig: Rig, host: Path) -> None:
    rig.relay().close()

    with pytest.raises(NotDeclarable, match="the sidecar is running") as caught:
        restoration(rig, host).plan(Claim.RESTORED, datetime.now(UTC))

    assert "systemctl stop" in caught.value.hint


def test_a_promotion_is_refused_where_something_is_missing(rig: Rig, host: Path) -> None:
    backup = back_up(rig.shop.database)
    rig.shop.place(1)
    remember(rig, host)
    backup.restore(rig.shop.database)

    with pytest.raises(NotDeclarable, match="event 1 is gone"):
        restoration(rig, host).plan(Claim.PROMOTED, None)


def test_after_a_declared_promotion_everything_goes_on_as_it_was(rig: Rig, host: Path) -> None:
    rig.shop.place(1)
    deliver(rig)
    remember(rig, host)
    rig.shop.execute("UPDATE erp_instance SET server = 'server_uuid of the old primary'")

    declare(rig, host, Claim.PROMOTED)
    rig.shop.place(2)
    deliver(rig)

    assert references(rig) == ["M1-1", "M1-2"]
    assert rig.shop.rows("SELECT COUNT(*) FROM erp_epoch") == [(0,)]


def test_a_second_restore_begins_a_third_epoch_even_where_the_second_was_forgotten(rig: Rig, host: Path) -> None:
    backup = back_up(rig.shop.database)
    rig.shop.place(1)
    deliver(rig)
    remember(rig, host)
    backup.restore(rig.shop.database)
    declare(rig, host)
    rig.shop.place(1)
    deliver(rig)
    remember(rig, host)

    backup.restore(rig.shop.database)
    declare(rig, host)
    rig.shop.place(1)
    deliver(rig)

    assert references(rig) == ["M1-1", "M1.2-1", "M1.3-1"]
