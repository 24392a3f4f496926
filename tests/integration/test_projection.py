"""The ERP's number on its way back into Magento: once, without waiting, and again when a stale save removed it."""

from dataclasses import replace

from sidecar.domain.lifecycle import Lifecycle
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database


def deliver(rig: Rig, *entity_ids: int) -> None:
    events = {rig.shop.place(entity_id) for entity_id in entity_ids}
    turn_until(rig.relay(), lambda: events <= set(rig.receipts_by_event()))


def number_of(rig: Rig, entity_id: int) -> str | None:
    number: str | None = rig.shop.rows("SELECT ext_order_id FROM sales_order WHERE entity_id = %s", entity_id)[0][0]
    return number


def comments(rig: Rig) -> list[tuple[int, str]]:
    return rig.shop.rows("SELECT parent_id, comment FROM sales_order_status_history ORDER BY entity_id")


def test_the_number_lands_in_the_order_in_one_comment_and_in_the_grid(rig: Rig) -> None:
    deliver(rig, 42)

    turn_until(rig.projector(), lambda: number_of(rig, 42) is not None)

    number = number_of(rig, 42)
    assert number == rig.accepted(42)[0]["number"]
    assert rig.shop.rows("SELECT ext_order_id FROM sales_order_grid WHERE entity_id = 42") == [(number,)]
    assert comments(rig) == [(42, f"erp booked this order as {number}.")]


def test_a_second_turn_changes_nothing_and_leaves_updated_at_alone(rig: Rig) -> None:
    deliver(rig, 42)
    projector = rig.projector()
    turn_until(projector, lambda: number_of(rig, 42) is not None)
    rig.shop.execute("UPDATE sales_order SET updated_at = '2020-01-01 00:00:00' WHERE entity_id = 42")

    projector.turn()

    assert str(rig.shop.rows("SELECT updated_at FROM sales_order")[0][0]) == "2020-01-01 00:00:00"
    assert len(comments(rig)) == 1


def test_an_order_that_a_checkout_holds_is_passed_over_and_written_later(rig: Rig) -> None:
    deliver(rig, 41, 42)
    projector = rig.projector()
    with rig.shop.transaction() as checkout, checkout.cursor() as cursor:
        cursor.execute("SELECT entity_id FROM sales_order WHERE entity_id = 41 FOR UPDATE")
        turn_until(projector, lambda: number_of(rig, 42) is not None)
        assert number_of(rig, 41) is None

    turn_until(projector, lambda: number_of(rig, 41) is not None)


def test_a_number_that_a_stale_save_removed_is_written_again_without_a_second_comment(rig: Rig) -> None:
    deliver(rig, 42)
    projector = rig.projector()
    turn_until(projector, lambda: number_of(rig, 42) is not None)

    rig.shop.execute("UPDATE sales_order SET ext_order_id = NULL WHERE entity_id = 42")
    turn_until(projector, lambda: number_of(rig, 42) is not None)

    assert len(comments(rig)) == 1


def test_the_erp_s_status_is_shown_as_the_lifecycle_map_says(database: Database, erp: Sandbox) -> None:
    policy = replace(POLICY, lifecycle=Lifecycle.showing({"open": {"new": "booked"}}))
    with rig_on(database, erp, policy=policy) as rig:
        deliver(rig, 42)

        turn_until(rig.projector(), lambda: number_of(rig, 42) is not None)

        assert rig.shop.rows("SELECT status FROM sales_order") == [("booked",)]
        assert rig.shop.rows("SELECT status FROM sales_order_grid") == [("booked",)]


def test_a_status_that_magento_does_not_pair_with_the_state_is_refused_with_a_hint(
    database: Database, erp: Sandbox
) -> None:
    policy = replace(POLICY, lifecycle=Lifecycle.showing({"open": {"new": "no_such_status"}}))
    with rig_on(database, erp, policy=policy) as rig:
        deliver(rig, 42)

        turn_until(rig.projector(), lambda: bool(rig.notes.named("order.acknowledgement_refused")))

        assert rig.notes.named("order.acknowledgement_refused")[0]["hint"]
        assert rig.shop.rows("SELECT status FROM sales_order") == [("pending",)]


def test_a_refusal_is_noted_once_and_again_after_the_problem_changed(database: Database, erp: Sandbox) -> None:
    statuses = {"new": "no_such_status"}
    lifecycle = Lifecycle.showing({"open": statuses, "closed": {"new": "another_one"}})
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=lifecycle)) as rig:
        deliver(rig, 42)
        projector = rig.projector()
        projector.turn()
        projector.turn()
        assert len(rig.notes.named("order.acknowledgement_refused")) == 1

        statuses["new"] = "another_one"
        projector.turn()
        assert len(rig.notes.named("order.acknowledgement_refused")) == 2

        statuses["new"] = "booked"
        turn_until(projector, lambda: number_of(rig, 42) is not None)
        assert rig.shop.rows("SELECT kind, state FROM erp_finding") == [("not_acknowledged", "repaired")]
        rig.shop.execute("UPDATE erp_document SET erp_status = 'closed', change_count = change_count + 1")
        projector.turn()
        assert len(rig.notes.named("order.acknowledgement_refused")) == 3


def test_a_projector_that_lost_its_lease_begins_no_further_order(rig: Rig) -> None:
    deliver(rig, 41, 42)
    answers = iter((True, False))

    assert rig.projector(trusted=lambda: next(answers)).turn()

    assert rig.shop.rows("SELECT COUNT(*) FROM sales_order WHERE ext_order_id IS NOT NULL") == [(1,)]


def test_a_replaced_projector_does_not_write_an_older_status_over_a_newer_one(database: Database, erp: Sandbox) -> None:
    policy = replace(POLICY, lifecycle=Lifecycle.showing({"open": {"new": "pending"}, "closed": {"new": "booked"}}))
    with rig_on(database, erp, policy=policy) as rig:
        deliver(rig, 42)
        newer = rig.projector()

        def replaced_meanwhile() -> bool:
            rig.shop.execute("UPDATE erp_document SET erp_status = 'closed', change_count = change_count + 1")
            assert newer.turn()
            return True

        assert not rig.projector(trusted=replaced_meanwhile).turn()

        assert rig.shop.rows("SELECT status FROM sales_order") == [("booked",)]
        assert rig.shop.rows("SELECT status FROM sales_order_grid") == [("booked",)]
