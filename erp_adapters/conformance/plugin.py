"""Takes out what an ERP cannot play, and names it in the report.

A test module, or a conftest.py, says: pytest_plugins = ["erp_adapters.conformance.plugin"]
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import pytest

from erp_adapters.conformance.traits import NEEDS, Suited

_NOT_PLAYED: Final = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect each test of the suite whose class lacks what it needs, and remember why."""
    left, taken = [], []
    reasons: Counter[str] = Counter()
    for item in items:
        why = _why_not(item)
        if why is None:
            left.append(item)
        else:
            taken.append(item)
            reasons[why] += 1
    config.stash[_NOT_PLAYED] = reasons
    if taken:
        config.hook.pytest_deselected(items=taken)
        items[:] = left


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each thing that was not played, with its reason."""
    for why, count in sorted(_reasons(config).items()):
        terminalreporter.write_line(f"NOT PLAYED: {count} {'test' if count == 1 else 'tests'} {why}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was not played from a process that ran tests to the one that reports."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["not_played"] = dict(_reasons(session.config))


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, in the process that reports
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 -- its class ships no types
    """Take what one process told; they all tell the same."""
    told: Mapping[str, Any] = getattr(node, "workeroutput", {})
    if not _reasons(node.config):
        node.config.stash[_NOT_PLAYED] = Counter(told.get("not_played", {}))


def _reasons(config: pytest.Config) -> Counter[str]:
    none: Counter[str] = Counter()
    return config.stash.get(_NOT_PLAYED, none)


def _why_not(item: pytest.Item) -> str | None:
    suited = getattr(item, "cls", None)
    if not isinstance(suited, type) or not issubclass(suited, Suited):
        return None
    for need in _needs_of(item):
        if need in suited.lacks:
            return f"of {suited.__name__} for want of {need.value}: {suited.lacks[need]}"
    return None


def _needs_of(item: pytest.Item) -> Iterator[StrEnum]:
    yield from getattr(getattr(item, "function", None), NEEDS, ())
    callspec = getattr(item, "callspec", None)
    for value in callspec.params.values() if callspec is not None else ():
        if isinstance(value, StrEnum):
            yield value
