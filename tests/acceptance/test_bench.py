"""The benchmark runs as a whole, in sizes too small to say anything, and makes every figure from what it measured."""

import json

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.bench import TINY
from tests.benchmarks.figures import TARGETS

pytestmark = [pytest.mark.slow, pytest.mark.needs_php]


def test_what_can_be_measured_here_is_measured_and_the_rest_says_why() -> None:
    names = set(TARGETS) - {"debezium_drain_ratio", "debezium_p50_ms", "debezium_p99_ms"}

    report = command.measure(names, "mariadb", TINY)

    assert report.figures.keys() | report.not_run.keys() == names
    assert {"mapping_us", "idle_statements_per_s", "producer_overhead_ms"} <= report.figures.keys()
    assert all(report.not_run.values())
    assert json.loads(json.dumps(report.as_json()))["quick"] is True
    for name, figure in report.figures.items():
        if name.endswith("_ratio") and name not in ("rss_ratio", "held_snapshot_ratio"):
            assert figure.ours
            assert figure.value > 0
