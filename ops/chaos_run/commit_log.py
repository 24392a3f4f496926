"""The commit log: what the writers know to be committed, one line each, on disk before they go on."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


class CommitLog:
    """One writer's file."""

    def __init__(self, folder: Path, writer: int) -> None:
        """Append to the file of this writer."""
        self._file = (folder / f"commits-{writer}.jsonl").open("a", encoding="utf-8")
        self._conflicts = folder / f"conflicts-{writer}.jsonl"

    def committed(self, claims: Sequence[Mapping[str, Any]], *, resolved: bool = False) -> None:
        """Write that COMMIT has returned; `resolved`: that it turned out so after the server had died in it."""
        line = {"at_us": time.time_ns() // 1000, "resolved": resolved, "events": list(claims)}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def conflict(self, code: int, met: str) -> None:
        """Write that the server has undone a transaction of the shop's, and whom else it names in that."""
        with self._conflicts.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"code": code, "met": met}) + "\n")


def read_conflicts(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Every transaction of the shop's that a lock has cost."""
    for path in sorted(folder.glob("conflicts-*.jsonl")):
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def read_commit_logs(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Every event of every writer, with the moment at which its COMMIT had returned."""
    for path in sorted(folder.glob("commits-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            for event in entry["events"]:
                yield {"old": False, **event, "committed_us": entry["at_us"], "resolved": entry["resolved"]}
