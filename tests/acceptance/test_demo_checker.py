"""The demonstration's checker: it praises a whole world and notices each single defect."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ops.demonstration.__main__ import main
from ops.demonstration.checker import Verdict, percentile
from ops.demonstration.show import summarize
from tests.acceptance.demo_world import SECOND, World, payload_of, whole_world
from tests.support.servers import Database

pytestmark = pytest.mark.slow

WHOLE = Verdict(
    orders=7,
    released=5,
    events=8,
    delivered=7,
    erp_documents=4,
    lost=0,
    duplicates=0,
    inversions=0,
    acknowledged=4,
    parked_expected=1,
    stock_deltas=2,
    stock_windows=1,
    stock_mismatch=0,
    silent_failures_injected=1,
    silent_failures_found=1,
    p50_ms=4.0,
    p99_ms=8.0,
    timed_events=5,
    faulted_events=1,
    stock_lines_rejected=0,
    refused_unexpectedly=0,
    unreleased_sent=0,
    outages=0,
    rejections_resolved=0,
    twins=1,
    twins_kept_back=1,
    overwritten=1,
    overwrites_repaired=1,
    fulfilments=1,
    fulfilments_in_magento=1,
    faults={"drop_line": 1, "reject": 1},
)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    """A world to be spoilt."""
    with whole_world(database, tmp_path) as whole:
        yield whole


def test_a_world_in_which_every_promise_was_kept_passes(world: World) -> None:
    verdict = world.verdict()

    assert verdict == WHOLE
    assert verdict.problems() == []


def twice(world: World) -> None:
    world.document("SO-9", 1)
    world.revision(99, "SO-9", 1, "create", "e1", SECOND)


def of_nobody(world: World) -> None:
    world.document("SO-9", 9)
    world.revision(99, "SO-9", 1, "create", "unheard of", SECOND)


def booked_twice(world: World) -> None:
    world.movement("MV-2", 2)


def never_sent(world: World) -> None:
    world.in_ledger("DELETE FROM order_revisions WHERE source_event = 'e2'")


def cancellation_never_sent(world: World) -> None:
    world.in_ledger("DELETE FROM order_revisions WHERE source_event = 'e8'")
    world.in_ledger("UPDATE orders SET status = 'open' WHERE number = 'SO-5'")


def sent_in_the_wrong_order(world: World) -> None:
    world.revision(12, "SO-1", 3, "change", "e1", 3 * SECOND)


def unpaid_and_sent(world: World) -> None:
    world.document("SO-2", 2)
    world.revision(20, "SO-2", 1, "create", "e4", 4 * SECOND + 4_000)


def on_hold_and_sent(world: World) -> None:
    world.in_magento("UPDATE erp_outbox SET payload = REPLACE(payload, '\"new\"', '\"holded\"') WHERE id = 1")


def another_order_refused(world: World) -> None:
    world.in_magento("UPDATE sales_order SET ext_order_id = NULL WHERE entity_id = 5")
    world.in_ledger("DELETE FROM orders WHERE number = 'SO-5'")
    world.in_ledger("DELETE FROM order_revisions WHERE number = 'SO-5'")
    world.refusal("order.create", "demo-5", "e7", "TOTALS_MISMATCH")


def change_refused(world: World) -> None:
    world.refusal("order.change", "demo-3", "e5", "REFERENCE_MISMATCH")


def both_of_a_cart_sent(world: World) -> None:
    world.document("SO-7", 7)
    world.revision(70, "SO-7", 1, "create", "e22", 22 * SECOND + 4_000)
    world.revision(71, "SO-7", 2, "cancel", "e23", 23 * SECOND + 4_000)
    world.in_ledger("UPDATE orders SET status = 'cancelled' WHERE number = 'SO-7'")


def shipped_twice(world: World) -> None:
    world.shipment(2, "2.0000")


def ledger(statement: str) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        world.in_ledger(statement)

    spoil.__name__ = statement
    return spoil


def magento(statement: str) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        world.in_magento(statement)

    spoil.__name__ = statement
    return spoil


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("spoil", "number"),
    [
        (never_sent, "lost"),
        (cancellation_never_sent, "lost"),
        (ledger("UPDATE orders SET body = replace(body, '20.0000', '20.0100') WHERE number = 'SO-1'"), "lost"),
        (ledger("UPDATE orders SET body = replace(body, '-0.5000', '-0.6000') WHERE number = 'SO-1'"), "lost"),
        (ledger("UPDATE orders SET body = replace(body, '2.0000', '3.0000') WHERE number = 'SO-1'"), "lost"),
        (ledger("UPDATE orders SET body = replace(body, 'TEE-M', 'TEE-S') WHERE number = 'SO-1'"), "lost"),
        (ledger("UPDATE orders SET body = json_remove(body, '$.lines[1]') WHERE number = 'SO-1'"), "lost"),
        (magento("UPDATE sales_order_item SET row_total = 6.01 WHERE item_id = 13"), "lost"),
        (ledger("UPDATE orders SET status = 'cancelled' WHERE number = 'SO-1'"), "lost"),
        (ledger("DELETE FROM refusals"), "lost"),
        (ledger("DELETE FROM faults WHERE kind = 'reject'"), "parked_expected"),
        (ledger("DELETE FROM faults WHERE kind = 'reject'"), "refused_unexpectedly"),
        (another_order_refused, "lost"),
        (another_order_refused, "refused_unexpectedly"),
        (change_refused, "refused_unexpectedly"),
        (unpaid_and_sent, "unreleased_sent"),
        (on_hold_and_sent, "unreleased_sent"),
        (ledger("UPDATE stock_movement_lines SET status = 'rejected'"), "stock_lines_rejected"),
        (twice, "duplicates"),
        (of_nobody, "duplicates"),
        (booked_twice, "duplicates"),
        (sent_in_the_wrong_order, "inversions"),
        (ledger("UPDATE stock_movement_lines SET quantity = '1.5000'"), "stock_mismatch"),
        (ledger("UPDATE stock_movement_lines SET sku = 'TEE-S'"), "stock_mismatch"),
        (magento("DELETE FROM erp_outbox WHERE id = 9"), "stock_mismatch"),
        (magento("UPDATE sales_order SET ext_order_id = NULL WHERE entity_id = 1"), "acknowledged"),
        (magento("UPDATE sales_order SET ext_order_id = 'SO-4' WHERE entity_id = 1"), "acknowledged"),
        (magento("UPDATE sales_order_grid SET ext_order_id = NULL WHERE entity_id = 1"), "acknowledged"),
        (magento("DELETE FROM sales_order_status_history WHERE parent_id = 1"), "acknowledged"),
        (magento("UPDATE sales_order SET status = state WHERE entity_id = 1"), "acknowledged"),
        (magento("UPDATE sales_order SET ext_order_id = NULL WHERE entity_id = 1"), "overwrites_repaired"),
        (both_of_a_cart_sent, "twins_kept_back"),
        (shipped_twice, "fulfilments_in_magento"),
        (magento("DELETE FROM sales_shipment_comment"), "fulfilments_in_magento"),
        (magento("UPDATE sales_shipment_item SET qty = 1 WHERE order_item_id = 61"), "fulfilments_in_magento"),
        (magento("UPDATE sales_order SET state = 'new' WHERE entity_id = 7"), "twins_kept_back"),
        (magento("UPDATE erp_finding SET subject = 'order:1'"), "silent_failures_found"),
        (magento("UPDATE erp_finding SET kind = 'line_sku'"), "silent_failures_found"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", None),
)
def test_each_defect_is_noticed(world: World, spoil: Callable[[World], None], number: str) -> None:
    spoil(world)

    verdict = world.verdict()
    assert getattr(verdict, number) != getattr(WHOLE, number)
    assert verdict.problems()


@pytest.mark.mariadb
def test_a_document_that_lost_a_line_without_an_injected_fault_counts_as_lost(world: World) -> None:
    world.in_ledger("DELETE FROM faults WHERE kind = 'drop_line'")

    assert world.verdict().lost == 1


@pytest.mark.mariadb
def test_a_document_that_lost_a_line_in_silence_may_be_cancelled_as_it_is(world: World) -> None:
    world.event(12, "OrderCancelled", "4", payload_of(4, "canceled", "5.0000"))
    world.in_magento("UPDATE sales_order SET state = 'canceled' WHERE entity_id = 4")
    world.revision(41, "SO-4", 2, "cancel", "e12", 12 * SECOND + 4_000)
    world.in_ledger("UPDATE orders SET status = 'cancelled' WHERE number = 'SO-4'")

    assert world.verdict().problems() == []


@pytest.mark.mariadb
def test_a_line_that_the_erp_rejected_is_a_problem_but_not_a_difference(world: World) -> None:
    world.in_ledger("UPDATE stock_movement_lines SET status = 'rejected'")

    assert world.verdict() == replace(WHOLE, stock_lines_rejected=1)
    assert world.verdict().problems() == ["1 stock lines were rejected, which nobody had told the ERP to do"]


@pytest.mark.mariadb
def test_an_older_version_that_went_out_after_the_commit_that_released_it_is_no_problem(world: World) -> None:
    on_hold_and_sent(world)
    world.in_ledger("UPDATE order_revisions SET accepted_us = ? WHERE source_event = 'e1'", 2 * SECOND + 5_000)

    assert world.verdict().problems() == []


@pytest.mark.mariadb
def test_versions_that_met_a_fault_or_an_outage_are_left_out_of_the_percentiles(world: World) -> None:
    world.fault("http_503", "e2", None, 2 * SECOND + 1_000)
    world.in_magento(
        "INSERT INTO demo_outage (from_us, until_us) VALUES (%s, %s)", 8 * SECOND + 1_000, 8 * SECOND + 2_000
    )

    assert world.verdict().timed_events == 3
    assert world.verdict().faulted_events == 3
    assert world.verdict().outages == 1


@pytest.mark.mariadb
def test_an_order_that_waited_is_timed_from_the_commit_that_released_it(world: World) -> None:
    world.in_magento("UPDATE erp_outbox SET payload = REPLACE(payload, '\"new\"', '\"holded\"') WHERE id = 1")
    world.in_ledger("UPDATE order_revisions SET accepted_us = ? WHERE source_event = 'e1'", 2 * SECOND + 5_000)

    assert world.verdict().p99_ms == 8.0
    assert world.verdict().timed_events == 5


@pytest.mark.mariadb
def test_an_order_that_was_refused_and_sent_again_counts_as_resolved_and_is_not_timed(world: World) -> None:
    world.document("SO-3", 3)
    world.revision(30, "SO-3", 1, "create", "e5", 60 * SECOND)
    world.in_magento("UPDATE sales_order SET ext_order_id = 'SO-3', status = 'erp_accepted' WHERE entity_id = 3")
    world.in_magento("UPDATE sales_order_grid SET ext_order_id = 'SO-3' WHERE entity_id = 3")
    world.in_magento("INSERT INTO sales_order_status_history (parent_id, comment) VALUES (3, 'It is SO-3 there.')")

    verdict = world.verdict()
    assert verdict.problems() == []
    assert (verdict.rejections_resolved, verdict.parked_expected) == (1, 0)
    assert verdict.timed_events == WHOLE.timed_events


def test_percentiles_are_samples_by_nearest_rank() -> None:
    assert percentile([], 50) is None
    assert percentile([3.0], 99) == 3.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.0
    assert percentile([float(n) for n in range(1, 101)], 99) == 99.0


# --- What becomes of a verdict --------------------------------------------------------------------


NOTHING_ARRIVED = replace(
    WHOLE,
    delivered=0,
    erp_documents=0,
    lost=8,
    twins=0,
    twins_kept_back=0,
    overwritten=0,
    overwrites_repaired=0,
    fulfilments=0,
    fulfilments_in_magento=0,
    acknowledged=0,
    parked_expected=0,
    silent_failures_injected=0,
    silent_failures_found=0,
    faults={},
)
BROKEN = (
    replace(WHOLE, lost=1),
    replace(WHOLE, duplicates=1),
    replace(WHOLE, inversions=1),
    replace(WHOLE, acknowledged=2),
    replace(WHOLE, parked_expected=0),
    replace(WHOLE, refused_unexpectedly=1),
    replace(WHOLE, unreleased_sent=1),
    replace(WHOLE, stock_mismatch=1),
    replace(WHOLE, stock_lines_rejected=1),
    replace(WHOLE, silent_failures_found=0),
    replace(WHOLE, twins_kept_back=0),
    replace(WHOLE, overwrites_repaired=0),
    replace(WHOLE, fulfilments_in_magento=0),
)


@pytest.mark.parametrize(("verdict", "status"), [(WHOLE, 0), *((broken, 1) for broken in BROKEN)])
def test_the_command_ends_with_1_when_a_promise_was_broken(
    verdict: Verdict, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--once", "--json"], lambda _folder, _script, _audience: verdict) == status

    said = capsys.readouterr()
    assert json.loads(said.out)["lost"] == verdict.lost
    assert said.err.count("Broken: ") == status


@pytest.mark.parametrize("verdict", BROKEN)
def test_the_summary_marks_exactly_the_promise_that_was_broken(verdict: Verdict) -> None:
    assert marks(WHOLE) == "✓✓✓✓✓✓✓✓✓"
    assert sorted(marks(verdict)) == sorted("✓✓✓✓✓✓✓✓✗")


def test_the_summary_of_a_round_in_which_nothing_arrived_praises_nothing_that_was_not_tried() -> None:
    summary = summary_of(NOTHING_ARRIVED)

    assert marks(NOTHING_ARRIVED) == "✗--✗✓--✓-"
    assert "8 of 8 events, or documents of theirs, were lost" in summary
    assert "5 of 5 released orders lack the ERP's number" in summary
    assert "to the cent" not in summary
    assert "kill -9" not in summary


def test_the_summary_counts_the_outages_that_there_were() -> None:
    assert "kill -9" not in summary_of(WHOLE)
    assert "1 x  kill -9" in summary_of(replace(WHOLE, outages=1))


def marks(verdict: Verdict) -> str:
    """The first column of the promises."""
    return "".join(line[0] for line in summary_of(verdict).splitlines() if line[:3] in ("✓  ", "✗  ", "-  "))


def summary_of(verdict: Verdict) -> str:
    printed = io.StringIO()
    summarize(verdict, 1, 7, Console(file=printed, width=120))
    return printed.getvalue()
