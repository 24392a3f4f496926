"""Runs one function in a process of its own, so that its processor time and its memory are its own.

The two speak JSON lines: the parent sends arguments first and "stop" later; the child may say things before it
returns its result. `python -m tests.benchmarks.apart module:function` is the child.
"""

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Protocol, Self

from ops.embedded.programs import PROJECT
from sidecar.daemon import collect_less
from tests.benchmarks.figures import NotMeasurableError

STOP: Final = "stop"


class ApartError(Exception):
    """The child ended without a result; the message holds its last words."""


class Parent(Protocol):
    """What a function that runs apart may say and hear; `stopping` is set by "stop"; the parent's end ends all."""

    stopping: threading.Event

    def say(self, **words: object) -> None:
        """Tell the parent something now."""
        ...

    def next_order(self) -> str:
        """Wait for what the parent says next."""
        ...

    def next_order_if_any(self) -> str | None:
        """What the parent has said, or None where it has said nothing new."""
        ...


class Apart:
    """A function that runs in a child; ended by the end of the block if it still runs."""

    def __init__(
        self,
        function: str,
        environment: Mapping[str, str] | None = None,
        /,
        *,
        log: Path | None = None,
        **given: object,
    ) -> None:
        """Start `module:function` with these arguments; with a log it works in the log's folder."""
        command = [sys.executable, "-m", "tests.benchmarks.apart", function]
        self._log = log
        words = subprocess.DEVNULL if log is None else log.open("ab")
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if log is None else words,
                text=True,
                cwd=PROJECT if log is None else log.parent,
                env={**os.environ, **(environment or {})},
            )
        finally:
            if not isinstance(words, int):
                words.close()
        self._tell(json.dumps(given))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def hear(self) -> dict[str, Any]:
        """The next thing that the child says; raises ApartError when it has ended, NotMeasurableError if it cannot."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ApartError(f"a measurement ended with {self._process.wait()}{self._last_words()}")
        words: dict[str, Any] = json.loads(line)
        if "not_measurable" in words:
            raise NotMeasurableError(words["not_measurable"])
        return words

    def order(self, word: str) -> None:
        """Tell the child what to do next."""
        self._tell(word)

    def stop(self) -> None:
        """Ask the child to come to its end."""
        self._tell(STOP)

    def result(self) -> dict[str, Any]:
        """Wait for the result."""
        while True:
            words = self.hear()
            if "result" in words:
                result: dict[str, Any] = words["result"]
                return result

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _last_words(self) -> str:
        if self._log is None:
            return "; its last words are on standard error"
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return ": " + " / ".join(line[:200] for line in lines if "rror" in line or "xception" in line)[-600:]


def run_apart(function: str, /, **given: Any) -> dict[str, Any]:  # noqa: ANN401 -- what the function takes
    """Run a function in a child to its end."""
    with Apart(function, **given) as child:
        return child.result()


def peak_rss_mb() -> float:
    """The most memory that this process has held, in MiB; not its parent's, which getrusage would include."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


class Spent:
    """Time and processor time from its making until it is asked."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def so_far(self) -> dict[str, float]:
        """Both, in seconds."""
        return {"seconds": time.perf_counter() - self._began, "cpu_seconds": time.process_time() - self._cpu}


class _Parent:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._orders: SimpleQueue[str] = SimpleQueue()
        self._out = os.fdopen(os.dup(1), "w")  # what a library prints goes elsewhere
        os.dup2(2, 1)

    def say(self, **words: object) -> None:
        self._out.write(json.dumps(words) + "\n")
        self._out.flush()

    def next_order(self) -> str:
        return self._orders.get()

    def next_order_if_any(self) -> str | None:
        return None if self._orders.empty() else self._orders.get()

    def listen(self) -> None:
        for line in sys.stdin:
            if line.strip() == STOP:
                self.stopping.set()
            self._orders.put(line.strip())
        os._exit(1)  # the parent is gone, and nobody wants the result


def _child(path: str) -> None:
    module, _, name = path.partition(":")
    parent = _Parent()
    given = json.loads(sys.stdin.readline())
    threading.Thread(target=parent.listen, daemon=True).start()
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    collect_less()  # as the daemon does, on both sides
    try:
        parent.say(result=function(parent, **given))
    except NotMeasurableError as reason:
        parent.say(not_measurable=str(reason))
    os._exit(0)  # a thread that still waits for something must not hold the figures back


if __name__ == "__main__":
    _child(sys.argv[1])
