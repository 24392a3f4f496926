"""`ops/demo`: three seeds, and after each of them no promise is broken."""

import json
import subprocess

import pytest

from erp_adapters.sandbox.call import Call, House
from erp_adapters.sandbox.faults import FaultPlan
from ops.demonstration import faults
from ops.embedded.programs import PROJECT

DEMO = PROJECT / "ops" / "demo"
PROMISED_NUMBERS = frozenset(
    (
        *("orders", "released", "events", "delivered", "erp_documents", "lost", "duplicates", "inversions"),
        *("acknowledged", "parked_expected", "stock_deltas", "stock_windows", "stock_mismatch"),
        *("silent_failures_injected", "silent_failures_found", "p50_ms", "p99_ms", "faulted_events"),
        *("stock_lines_rejected", "refused_unexpectedly", "unreleased_sent", "outages"),
        *("rejections_resolved", "twins", "twins_kept_back", "overwritten", "overwrites_repaired"),
        *("fulfilments", "fulfilments_in_magento"),
    )
)


@pytest.mark.slow
@pytest.mark.needs_php
@pytest.mark.parametrize("seed", [1, 2])
def test_a_round_keeps_every_promise_and_prints_one_json_object(seed: int) -> None:
    run = subprocess.run(
        [DEMO, "--once", "--json", "--seed", str(seed)], capture_output=True, text=True, timeout=180, check=False
    )

    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said.keys() >= PROMISED_NUMBERS
    assert said["lost"] == said["duplicates"] == said["inversions"] == said["stock_mismatch"] == 0
    assert said["acknowledged"] + said["parked_expected"] == said["released"] >= 25
    assert said["refused_unexpectedly"] == said["unreleased_sent"] == said["stock_lines_rejected"] == 0
    assert said["orders"] > said["released"]
    assert said["orders"] >= 40
    assert said["outages"] == 1
    assert said["twins"] == said["twins_kept_back"] == 1
    assert said["fulfilments_in_magento"] == said["fulfilments"] == 2
    assert (said["rejections_resolved"], said["parked_expected"]) == (1, 0)
    assert said["overwrites_repaired"] == said["overwritten"] >= 1
    assert said["silent_failures_found"] == said["silent_failures_injected"] >= 1
    assert said["faults"].keys() == {str(rule["kind"]) for rule in faults.ON_CREATE}
    assert said["seconds"] < 60


def test_the_demonstration_explains_itself() -> None:
    run = subprocess.run([DEMO, "--help"], capture_output=True, text=True, check=False)

    assert run.returncode == 0
    assert all(option in run.stdout for option in ("--once", "--json", "--seed", "--keep"))


def test_every_kind_of_fault_is_drawn_whatever_the_seed() -> None:
    plans = [faults.draw(seed) for seed in range(50)]

    for plan in plans:
        assert {rule["kind"] for rule in plan} == {rule["kind"] for rule in faults.ON_CREATE}
        places = [(rule["operation"], rule["nth"]) for rule in plan]
        assert len(set(places)) == len(places)
    assert faults.draw(7) == plans[7]
    assert plans[7] != plans[8]


@pytest.mark.parametrize("seed", range(50))
def test_an_order_that_is_sent_again_is_not_lost_again(seed: int) -> None:
    plan = FaultPlan(seed)
    plan.replace([dict(rule) for rule in faults.draw(seed)])

    drawn, lost = [], list[int]()
    for order in range(40):
        again = [rule.kind for each in lost if (rule := plan.draw(creation(each)))]
        assert not faults.AMBIGUOUS_AND_UNDONE.intersection(again)
        first = plan.draw(creation(order))
        lost += [order] if first and first.kind in faults.AMBIGUOUS_AND_UNDONE else []
        drawn += [*again, *([first.kind] if first else [])]

    assert len(lost) == len(faults.AMBIGUOUS_AND_UNDONE)
    assert sorted(drawn) == sorted(str(rule["kind"]) for rule in faults.ON_CREATE)


def creation(order: int) -> Call:
    """A request that makes an order of two lines."""
    sent = {"lines": [{"sku": "TEE"}, {"sku": "CABLE"}]}
    return Call("order.create", House(), None, {}, (f"demo-{order}",), sent, sent, ())
