"""Stock deltas on their way to the ERP: one batch per warehouse and window, each delta in exactly one."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sidecar.domain.delivery import Capabilities, Found, Outcome, Presence, Reference, Result
from sidecar.domain.documents import Document
from sidecar.domain.errors import Retryable
from sidecar.domain.policy import StockPolicy
from sidecar.domain.special_cases import Skus
from sidecar.engine.stock_aggregator import StockAggregator
from sidecar.ports import ErpAdapter
from tests.support.rig import POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database


class Silent(ErpAdapter if TYPE_CHECKING else object):  # type: ignore[misc]
    """An ERP that never answers a movement usefully, and whose look-ups say what a test wants."""

    def __init__(self, adapter: ErpAdapter, lag: timedelta, processing: timedelta) -> None:
        self._caps = replace(
            adapter.capabilities(),
            find_visibility_lag=lag,
            longest_processing=processing,
            absent_confirmations=3,
            native_dedupe="none",
            find_by_ref="exact",
        )
        self.outcome, self.says = Outcome.UNKNOWN, Presence.ABSENT
        self.calls: list[str] = []
        self.after_call: Callable[[], None] = lambda: None

    def capabilities(self) -> Capabilities:
        """With the times of the test's choice."""
        return self._caps

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        """Take it, and say nothing useful."""
        self.calls.append(f"submit {ref.external_ref}")
        self.after_call()
        return Result(self.outcome)

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:  # noqa: ARG002 -- the port's
        """Answer as told; UNSEARCHABLE stands for a look-up that fails."""
        self.calls.extend(f"find {ref.external_ref}" for ref in refs)
        self.after_call()
        if self.says is Presence.UNSEARCHABLE:
            raise Retryable("the ERP does not answer")
        return {ref.idempotency_key: Found(self.says) for ref in refs}

    def close(self) -> None:
        """Nothing is held."""


LAG, NOTHING, LONG = timedelta(milliseconds=10), timedelta(), timedelta(hours=1)


def silent_rig(
    database: Database, erp: Sandbox, lag: timedelta, processing: timedelta, warehouses: int = 1
) -> AbstractContextManager[Rig]:
    sources = {f"s{n}": f"W{n}" for n in range(1, warehouses + 1)}
    stock = StockPolicy(frozenset({"shipment"}), sources, timedelta(milliseconds=50))
    policy = replace(POLICY, call_deadline=timedelta(milliseconds=40), stock=stock)
    return rig_on(database, erp, policy, lambda adapter: Silent(adapter, lag, processing))


def silence(rig: Rig) -> Silent:
    assert isinstance(rig.adapter, Silent)
    return rig.adapter


def count(rig: Rig, kind: str) -> int:
    return len([call for call in silence(rig).calls if call.startswith(kind)])


def turn(aggregator: StockAggregator, times: int) -> None:
    for _ in range(times):
        aggregator.turn()
        aggregator.rest(0.002)


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


def test_what_no_warehouse_has_goes_into_no_window_and_parks_nothing(database: Database, erp: Sandbox) -> None:
    stock = replace(POLICY.stock or StockPolicy(), drop_shipped=Skus(prefix="DS-"))
    with rig_on(database, erp, replace(POLICY, stock=stock)) as rig:
        rig.shop.adjust("DS-1", "-3.0000")
        rig.shop.adjust("DS-2", "-3.0000", source="supplier")
        rig.shop.adjust("TEE", "-1.0000")

        turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

        assert booked(rig) == {("W1", "TEE"): Decimal(-1)}
        assert rig.shop.rows("SELECT outbox_id FROM erp_delivery") == []


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


@pytest.mark.slow
def test_a_window_is_sent_at_most_twice_and_awaits_a_person_then(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LAG, NOTHING) as rig:
        rig.shop.adjust("TEE", "-1.0000", source="s1")
        turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "parked")])

        sent, asked = "submit M1.W1.1", "find M1.W1.1"
        assert silence(rig).calls == [sent, asked, asked, asked, sent, asked, asked, asked]


def test_the_wait_between_two_look_ups_survives_a_restart(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LAG, LONG) as rig:
        rig.shop.adjust("TEE", "-1.0000", source="s1")
        turn_until(rig.aggregator(), lambda: count(rig, "find") == 1)

        for _ in range(3):
            turn(rig.aggregator(), 20)

        assert (count(rig, "submit"), count(rig, "find")) == (1, 1)
        assert rig.shop.rows("SELECT state, absents FROM erp_stock_window") == [("unknown", 1)]


def test_a_window_whose_call_a_dead_process_began_waits_for_the_lag_before_it_is_looked_up(
    database: Database, erp: Sandbox
) -> None:
    with silent_rig(database, erp, LONG, NOTHING) as rig:
        rig.shop.adjust("TEE", "-1.0000", source="s1")
        turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "unknown")])
        rig.shop.execute("UPDATE erp_stock_window SET state = 'sending', next_attempt_at = NULL")

        turn(rig.aggregator(), 20)

        assert silence(rig).calls == ["submit M1.W1.1"]
        assert rig.shop.rows("SELECT state, next_attempt_at > NOW(6) + INTERVAL 59 MINUTE FROM erp_stock_window") == [
            ("unknown", 1)
        ]


def test_a_look_up_that_fails_keeps_what_was_found_out_before(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LAG, NOTHING) as rig:
        rig.shop.adjust("TEE", "-1.0000", source="s1")
        aggregator = rig.aggregator()
        turn_until(aggregator, lambda: count(rig, "find") == 1)
        silence(rig).says = Presence.UNSEARCHABLE

        turn_until(aggregator, lambda: count(rig, "find") == 3)

        assert rig.shop.rows("SELECT state, absents, fault FROM erp_stock_window") == [
            ("unknown", 1, "the ERP does not answer")
        ]


def test_one_turn_makes_one_call_and_every_warehouse_has_its_turn(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LONG, NOTHING, warehouses=4) as rig:
        for number in range(1, 5):
            rig.shop.adjust("TEE", "-1.0000", source=f"s{number}")
        aggregator, calls = rig.aggregator(), []

        while len(silence(rig).calls) < 4:
            before = len(silence(rig).calls)
            aggregator.turn()
            calls.append(len(silence(rig).calls) - before)

        assert max(calls) == 1
        assert silence(rig).calls == [f"submit M1.W{number}.1" for number in range(1, 5)]


def test_a_process_that_stops_sends_nothing_more_when_its_grace_is_over(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LONG, NOTHING, warehouses=4) as rig:
        aggregator = rig.aggregator()
        for number in range(1, 5):
            rig.shop.adjust("TEE", "-1.0000", source=f"s{number}")
        aggregator.turn()
        silence(rig).after_call = lambda: rig.clock.sleep(0.4)

        aggregator.finish(timedelta(milliseconds=300))

        assert silence(rig).calls == ["submit M1.W1.1"]
        assert [state for _, _, state in windows(rig)] == ["unknown", "frozen", "frozen", "frozen"]


@pytest.mark.slow
def test_an_erp_that_asks_to_come_back_later_never_parks_a_window(database: Database, erp: Sandbox) -> None:
    with silent_rig(database, erp, LAG, NOTHING) as rig:
        silence(rig).outcome = Outcome.RETRY_LATER
        rig.shop.adjust("TEE", "-1.0000", source="s1")

        turn_until(rig.aggregator(), lambda: count(rig, "submit") > POLICY.retry.attempts + 1)

        assert windows(rig) == [("W1", 1, "frozen")]


def test_a_movement_of_the_erp_with_another_quantity_is_not_taken_for_ours(rig: Rig) -> None:
    theirs = {"sku": "TEE", "quantity": "-9.0000", "unit": "PCE"}
    reply = rig.erp.ask("POST", "/api/stock-movements", {"reference": "M1.W1.1", "warehouse": "W1", "lines": [theirs]})
    assert reply.status < 300, reply.body
    rig.erp.plan({"operation": "stock.post", "nth": 1, "kind": "lose_request", "count": 1})
    rig.shop.adjust("TEE", "-1.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "parked")])

    ((fault,),) = rig.shop.rows("SELECT fault FROM erp_stock_window")
    assert fault == "the ERP has our reference with other content: TEE: -1 was sent, the ERP has -9.0000"


@pytest.mark.parametrize(
    "payload",
    [
        '{"sku": "\\ud800", "source_code": "west", "quantity": "1.0000", "reason": "shipment"}',
        '{"sku": "TEE", "source_code": "\\ud800", "quantity": "1.0000", "reason": "shipment"}',
        '{"sku": "TEE", "source_code": ["west"], "quantity": "1.0000", "reason": "shipment"}',
        '{"sku": "TEE", "source_code": "west", "quantity": "1.0000", "reason": {}}',
        '{"error": "\\ud800"}',
        "[" * 100_000,
    ],
    ids=["sku", "source", "list", "reason", "error", "nested"],
)
def test_a_delta_that_no_reader_can_read_is_parked_alone(rig: Rig, payload: str) -> None:
    bad = rig.shop.emit_raw("InventoryAdjusted", None, payload)
    rig.shop.adjust("TEE", "-1.0000")

    turn_until(rig.aggregator(), lambda: windows(rig) == [("W1", 1, "booked")])

    assert rig.states() == {bad: "parked"}
    assert booked(rig) == {("W1", "TEE"): Decimal(-1)}
