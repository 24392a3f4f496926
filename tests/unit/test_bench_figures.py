"""A figure of the benchmark is made of both sides, and what was not measured is said."""

import pytest

from tests.benchmarks.__main__ import MODULES, Report, main
from tests.benchmarks.bench import FULL, Bench
from tests.benchmarks.figures import TARGETS, Figure, NotMeasurableError, Side, percentile, ratio
from tests.benchmarks.servers import servers

SLOW, FAST = Side(100, 10.0, 1.0), Side(100, 1.0, 0.5)


def test_a_ratio_is_the_median_of_pairs_each_with_both_sides() -> None:
    pairs = [(Side(100, seconds, 1.0), FAST) for seconds in (1.0, 2.0, 50.0)]

    figure = ratio("relay_http_ratio", pairs)

    assert figure.value == 0.5
    assert figure.ours == pairs[1][0]
    assert figure.theirs == FAST
    assert ratio("relay_http_ratio", [(FAST, SLOW)]).value == 10


def test_a_side_tells_events_a_second_and_processor_time_of_each() -> None:
    assert SLOW.rate == 10
    assert SLOW.cpu_us == 10_000


@pytest.mark.parametrize(
    ("name", "value", "is_met"),
    [
        ("relay_http_ratio", 0.8, True),
        ("relay_http_ratio", 0.79, False),
        ("p50_ms", 5.0, False),
        ("p50_ms", 4.9, True),
        ("rss_ratio", 1.1, True),
        ("rss_ratio", 1.11, False),
        ("mapping_us", 10.0, None),
    ],
)
def test_a_target_is_met_on_the_right_side_of_its_bound(name: str, value: float, *, is_met: bool | None) -> None:
    assert Figure(name, value).is_met is is_met


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7
    with pytest.raises(NotMeasurableError, match="nothing arrived"):
        percentile([], 0.5)


def test_every_figure_is_measured_by_exactly_one_module() -> None:
    assert sorted(name for module in MODULES for name in module.NAMES) == sorted(TARGETS)


def test_the_sides_of_pairs_take_turns_in_going_first() -> None:
    went: list[str] = []

    def side(name: str) -> Side:
        went.append(name)
        return FAST

    with servers("mariadb") as running:
        bench = Bench(running, FULL, went.append)
        bench.pairs(3, lambda _: side("ours"), lambda _: side("theirs"))

    assert went == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_a_report_lists_what_was_not_run_with_its_reason_and_what_was_missed() -> None:
    report = Report({"p50_ms": Figure("p50_ms", 7.0, SLOW)}, {"rss_mb": "no server"}, {"quick": True})

    shown = report.as_json()

    assert shown["p50_ms"] == 7
    assert shown["rss_mb"] is None
    assert shown["missed"] == ["p50_ms"]
    assert shown["not_run"] == {"rss_mb": "no server"}
    assert shown["figures"]["p50_ms"]["ours"] == {"events": 100, "events_per_s": 10.0, "cpu_us_per_event": 10_000.0}
    assert [row[0] for row in report.as_rows()] == ["rss_mb", "p50_ms"]


def test_a_figure_that_does_not_exist_is_refused_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["p50_ms", "p51_ms"])

    assert "no figure is called p51_ms" in capsys.readouterr().err
