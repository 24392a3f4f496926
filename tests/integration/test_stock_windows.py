"""Stock deltas on their way to the ERP: one batch per warehouse and window, each delta in exactly one."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.support.rig import Rig, turn_until


def windows(rig: Rig) -> list[tuple[Any, ...]]:
    return rig.shop.rows("SELECT warehouse, sequence, state FROM erp_stock_window ORDER BY warehouse, sequence")


def booked(rig: Rig) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    rows = rig.erp.rows(
        "SELECT m.warehouse, l.sku, l.quantity FROM stock_movements m"
        " JOIN stock_movement_lines l ON m.number = l.number"
    )
    for row in rows:
        key = row["warehouse"], row["sku"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["quantity"])
    return sums


def test_the_deltas_of_one_window_reach_the_erp_as_one_batch_per_warehouse(rig: Rig) -> None:
    for quantity in ("-1.0000", "-2.0000", "0.5000"):
        rig.shop.adjust("TEE", quantity)
    rig.shop.adjust("CUP", "-4.0000")
    rig.shop.adjust("TEE", "-1.0000", source="east")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("E1", 1, "booked"), ("W1", 1, "booked")])

    expected = {("W1", "TEE"): Decimal("-2.5"), ("W1", "CUP"): Decimal(-4), ("E1", "TEE"): Decimal(-1)}
    assert booked(rig) == expected
    assert len(rig.erp.rows("SELECT number FROM stock_movements")) == 2


def test_deltas_that_cancel_out_are_kept_and_not_sent(rig: Rig) -> None:
    rig.shop.adjust("TEE", "-3.0000")
    rig.shop.adjust("TEE", "3.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "net_zero")])

    assert rig.erp.rows("SELECT number FROM stock_movements") == []
    assert rig.shop.rows("SELECT sku, quantity, deltas FROM erp_stock_window_line") == [("TEE", Decimal(0), 2)]


def test_reasons_that_the_blueprint_does_not_name_do_not_flow(rig: Rig) -> None:
    rig.shop.adjust("TEE", "-3.0000", reason="import")
    rig.shop.adjust("TEE", "-1.0000", reason="manual")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    assert booked(rig) == {("W1", "TEE"): Decimal(-1)}


def test_a_delta_that_commits_late_joins_a_later_window_by_its_id(rig: Rig) -> None:
    aggregator = rig.aggregator()
    with rig.shop.transaction() as slow:
        late = rig.shop.insert_delta(slow, "TEE", "-5.0000")
        rig.shop.adjust("TEE", "-1.0000")
        turn_until(aggregator, lambda: windows(rig) == [("W1", 1, "booked")])
        (holes,) = rig.shop.rows("SELECT holes FROM erp_stock_window")[0]
        assert json.loads(holes) == [[late, late]]

    turn_until(aggregator, lambda: windows(rig)[1:] == [("W1", 2, "booked")])

    (late_ids,) = rig.shop.rows("SELECT late_ids FROM erp_stock_window WHERE sequence = 2")[0]
    assert json.loads(late_ids) == [late]
    assert booked(rig) == {("W1", "TEE"): Decimal(-6)}


def test_an_open_window_is_read_again_by_the_next_process(rig: Rig) -> None:
    first = rig.aggregator()
    rig.shop.adjust("TEE", "-1.0000")
    first.turn()
    assert windows(rig) == []

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    assert booked(rig) == {("W1", "TEE"): Decimal(-1)}


@pytest.mark.parametrize("kind", ["lose_response_after_commit", "lose_request"])
def test_a_window_whose_answer_is_lost_is_booked_once(rig: Rig, kind: str) -> None:
    rig.erp.plan({"operation": "stock.post", "nth": 1, "kind": kind, "count": 1})
    rig.shop.adjust("TEE", "-1.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    assert booked(rig) == {("W1", "TEE"): Decimal(-1)}


def test_a_process_that_stops_freezes_its_open_window(rig: Rig) -> None:
    aggregator = rig.aggregator()
    rig.shop.adjust("TEE", "-1.0000")
    aggregator.turn()

    aggregator.finish(rig.policy.call_deadline)

    assert windows(rig) == [("W1", 1, "booked")]


def test_a_delta_that_cannot_be_counted_is_parked_alone(rig: Rig) -> None:
    bad = rig.shop.emit_raw("InventoryAdjusted", None, '{"sku": "TEE", "source_code": "moon"')
    rig.shop.adjust("TEE", "-1.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    assert rig.states() == {bad: "parked"}
    assert booked(rig) == {("W1", "TEE"): Decimal(-1)}


def test_a_line_that_the_erp_refuses_is_parked_alone(rig: Rig) -> None:
    reply = rig.erp.control("POST", "masterdata", {"unknownItems": ["GHOST"]})
    assert reply.status == 200, reply.body
    rig.shop.adjust("GHOST", "-1.0000")
    rig.shop.adjust("TEE", "-1.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    lines = dict(rig.shop.rows("SELECT sku, state FROM erp_stock_window_line"))
    assert lines["TEE"] != "parked"
    assert lines["GHOST"] == "parked"
