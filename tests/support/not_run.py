"""What this machine cannot run is deselected, counted, and named before pytest's closing line. Nothing is skipped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest

NOT_RUN = pytest.StashKey[Counter[str]]()
A_SKIP_FAILS = (
    "A test may not be skipped in silence: give it a marker of pyproject.toml, "
    "and where that cannot run it is deselected and listed as NOT RUN."
)

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
