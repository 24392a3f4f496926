"""ops/bench: measure, and show the figures as a table, as JSON or as Markdown."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import pymysql

from ops.embedded.server import ServerNotStartedError
from sidecar.domain.errors import SidecarError
from tests.benchmarks import (
    acknowledging,
    adapters,
    debezium,
    drain,
    folding,
    followers,
    http,
    idle,
    mapping,
    producer,
    snapshot,
    traffic,
)
from tests.benchmarks.apart import ApartError
from tests.benchmarks.bench import FULL, QUICK, Bench, Sizes
from tests.benchmarks.figures import TARGETS, Figure, NotMeasurableError
from tests.benchmarks.servers import servers

MODULES: Final[tuple[ModuleType, ...]] = (
    idle,
    producer,
    http,
    mapping,
    adapters,
    acknowledging,
    drain,
    folding,
    traffic,
    snapshot,
    followers,
    debezium,
)
"""The idle shop first: nothing in it is timed, so the second server may start beside it. Orders are placed next, while
no server is still writing down what a backlog has left."""
FAILURES: Final = (NotMeasurableError, ApartError, SidecarError, ServerNotStartedError, pymysql.MySQLError, OSError)
"""What makes figures NOT RUN, with the reason, instead of losing those that were measured."""
BUSY: Final = 0.75
"""A load average above this, with nothing of ours running yet, spoils what is measured."""


@dataclass(frozen=True)
class Report:
    """What a run has brought."""

    figures: dict[str, Figure]
    not_run: dict[str, str]
    circumstances: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Values by name first, then everything about each."""
        asked = [name for name in TARGETS if name in self.figures or name in self.not_run]
        return {
            **self.circumstances,
            **{name: round(self.figures[name].value, 4) if name in self.figures else None for name in asked},
            "missed": [name for name, figure in self.figures.items() if figure.is_met is False],
            "not_run": self.not_run,
            "figures": {name: figure.shown() for name, figure in self.figures.items()},
        }

    def as_rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """Name, value, target, ours, theirs, words."""
        rows = []
        for name in TARGETS:
            if figure := self.figures.get(name):
                mark = {True: "met", False: "MISSED", None: ""}[figure.is_met]
                target = f"{figure.target} {mark}" if figure.target else ""
                rows.append((name, f"{figure.value:.4g}", target, *_sides(figure), figure.says))
            elif name in self.not_run:
                rows.append((name, "NOT RUN", "", "", "", self.not_run[name]))
        return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 0 also when a target is missed: a figure is an answer, not a failure."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - TARGETS.keys()):
        parser.error(f"no figure is called {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    if load > BUSY:
        _tell(f"This machine is busy (load {load:.1f} per core): what is measured now says little.")
    report = measure(set(options.names) or set(TARGETS), options.server, QUICK if options.quick else FULL)
    if options.json:
        sys.stdout.write(json.dumps(report.as_json(), indent=1) + "\n")
    else:
        sys.stdout.write(_table(report, markdown=options.markdown))
    return 0


def measure(names: set[str], family: str, sizes: Sizes) -> Report:
    """Measure the named figures; those that cannot be measured say why."""
    began = time.monotonic()
    figures: dict[str, Figure] = {}
    not_run: dict[str, str] = {}
    parts: dict[str, float] = {}
    before = os.getloadavg()[0]
    with servers(family) as running:
        bench = Bench(running, sizes, _tell)
        running.start(family, *(["mysql"] if names.intersection(debezium.NAMES) else []))
        for module in MODULES:
            wanted = [name for name in module.NAMES if name in names]
            if not wanted:
                continue
            part_began = time.monotonic()
            if module is not idle:
                running.wait()
            try:
                found = {figure.name: figure for figure in module.measure(bench)}
            except FAILURES as reason:
                not_run |= dict.fromkeys(wanted, str(reason) or type(reason).__name__)
                _tell(f"NOT RUN: {', '.join(wanted)}: {reason}")
                continue
            finally:
                parts[module.__name__.rpartition(".")[2]] = round(time.monotonic() - part_began, 1)
            figures |= {name: found[name] for name in wanted if name in found}
            not_run |= {name: "only a full run measures it" for name in wanted if name not in found}
    circumstances = {
        "server": family,
        "quick": sizes is not FULL,
        "backlog": sizes.backlog,
        "cores": os.cpu_count(),
        "load_before": round(before, 2),
        "commit": _commit(),
        "seconds": round(time.monotonic() - began, 1),
        "seconds_of_parts": parts,
    }
    return Report(figures, not_run, circumstances)


def _sides(figure: Figure) -> tuple[str, str]:
    sides = (figure.ours, figure.theirs)
    ours, theirs = ("" if side is None else f"{side.rate:,.0f}/s, {side.cpu_us:,.0f} us" for side in sides)
    return ours, theirs


def _table(report: Report, *, markdown: bool) -> str:
    heading = ("figure", "value", "target", "ours: events/s, CPU each", "theirs", "")
    rows = [heading, *report.as_rows()]
    if markdown:
        rows.insert(1, ("---",) * 6)
        return "".join("| " + " | ".join(row) + " |\n" for row in rows)
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ("  ".join([*(row[c].ljust(widths[c]) for c in range(5)), row[5]]).rstrip() for row in rows)
    return "\n".join([*lines, "", _circumstances(report), ""])


def _circumstances(report: Report) -> str:
    facts = report.circumstances
    size = "quick" if facts["quick"] else "full"
    return f"{size} run on {facts['server']}, {facts['cores']} cores, {facts['seconds']} s, commit {facts['commit']}"


def _commit() -> str:
    run = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return run.stdout.strip()


def _tell(words: str) -> None:
    sys.stderr.write(words + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ops/bench", description="Measure what the sidecar costs on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--quick", action="store_true", help="measure less, within a minute")
    parser.add_argument("--server", choices=("mariadb", "mysql"), default="mariadb")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one object, with every side of every figure")
    shape.add_argument("--markdown", action="store_true", help="a table for a document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
