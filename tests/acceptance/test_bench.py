"""The benchmark runs as a whole, in sizes too small to say anything, and makes every figure from what it measured."""

import json

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.bench import TINY
from tests.benchmarks.figures import TARGETS

pytestmark = [pytest.mark.slow, pytest.mark.needs_php]

PEERS = {"debezium_drain_ratio", "debezium_p50_ms", "debezium_p99_ms"}
COMPARED = {"relay_http_ratio", "drain_ratio", "receipt_ratio"}


def test_every_figure_is_measured_or_says_why_not() -> None:
    report = command.measure(set(TARGETS), "mariadb", TINY)

    assert report.figures.keys() | report.not_run.keys() == TARGETS.keys()
    assert report.not_run.keys() <= PEERS
    assert all(report.not_run.values())
    assert all(figure.value > 0 for figure in report.figures.values() if "overhead" not in figure.name)
    for name in COMPARED | (PEERS & report.figures.keys() & {"debezium_drain_ratio"}):
        ours, theirs = report.figures[name].ours, report.figures[name].theirs
        assert ours
        assert theirs
        assert report.figures[name].value == pytest.approx(ours.rate / theirs.rate)
        assert min(ours.events, theirs.events) > 0
        assert min(ours.cpu_us, theirs.cpu_us) > 0
    assert json.loads(json.dumps(report.as_json()))["not_run"] == report.not_run
