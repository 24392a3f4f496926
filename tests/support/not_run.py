"""What this machine cannot run is deselected, counted, and named before pytest's closing line. Nothing is skipped.

Where pytest runs in several processes, each of them collects every test and would deselect the same ones: the
last to end tells the one that reports.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

NOT_RUN = pytest.StashKey[Counter[str]]()
DESELECTED = pytest.StashKey[int]()
A_SKIP_FAILS = (
    "A test may not be skipped in silence: give it a marker of pyproject.toml, "
    "and where that cannot run it is deselected and listed as NOT RUN."
)


class LeftOut:
    """Stands for a test that another process left out."""


Reasons = Mapping[str, Callable[[], str | None]]
"""By marker or fixture name: why it cannot run here, or None where it can."""


def deselect_what_cannot_run(
    config: pytest.Config, items: list[pytest.Item], reason_of: Callable[[pytest.Item], str | None]
) -> None:
    """Take out of `items` each test that has a reason not to run, and remember the reasons."""
    left, taken = [], []
    reasons: Counter[str] = Counter()
    for item in items:
        reason = reason_of(item)
        if reason is None:
            left.append(item)
        else:
            taken.append(item)
            reasons[reason] += 1
    config.stash[NOT_RUN] = reasons
    if taken:
        config.hook.pytest_deselected(items=taken)
        items[:] = left


def count_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember how many tests were left out, for whatever reason."""
    for item in items:
        if isinstance(item, pytest.Item):
            item.config.stash[DESELECTED] = item.config.stash.get(DESELECTED, 0) + 1


def tell_reporter(config: pytest.Config) -> None:
    """Hand what did not run from a process that ran tests to the one that reports."""
    told = getattr(config, "workeroutput", None)
    if told is not None:
        not_run: Counter[str] = config.stash.get(NOT_RUN, Counter())
        told["not_run"] = dict(not_run)
        told["deselected"] = config.stash.get(DESELECTED, 0)


def hear_from_worker(config: pytest.Config, told: Mapping[str, Any]) -> None:
    """Take what one process told; they all tell the same."""
    if NOT_RUN not in config.stash:
        config.stash[NOT_RUN] = Counter(told.get("not_run", {}))
        config.hook.pytest_deselected(items=[LeftOut()] * told.get("deselected", 0))


def first_reason(names: Iterable[str], reasons: Reasons) -> str | None:
    """The first reason among `names` that have one."""
    for name in names:
        reason = reasons[name]() if name in reasons else None
        if reason is not None:
            return reason
    return None


def not_run_lines(config: pytest.Config) -> list[str]:
    """One line for each reason, most tests first."""
    reasons = config.stash.get(NOT_RUN, Counter())
    return [f"NOT RUN: {count} {'test' if count == 1 else 'tests'}: {why}" for why, count in reasons.most_common()]


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says what to do instead."""
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = A_SKIP_FAILS
