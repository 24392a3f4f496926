"""`python -m MODULE WORDS` that starts at once: forked from a process that has imported the modules already.

A Python that imports the command line takes a second, and tests start hundreds.
"""

import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.embedded.programs import PROJECT

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["sidecar.cli", "erp_adapters.sandbox.__main__", __name__])


class Child:
    """A running program, with what tests use of Popen; it writes to two files."""

    def __init__(self, out: Path, err: Path, env: Mapping[str, str] | None, module: str, *words: str) -> None:
        """Start it in the project's folder."""
        self._out, self._err = out, err
        out.touch()
        err.touch()
        arguments = (module, words, dict(os.environ if env is None else env), out, err)
        self._process = _context.Process(target=_become, args=arguments)
        self._process.start()

    def first_line(self, seconds: float = 20) -> str:
        """What it writes to standard output first; an AssertionError with its complaints when it ends before."""
        ends_at = time.monotonic() + seconds
        while not (said := self._out.read_text(encoding="utf-8")).endswith("\n"):
            alive = self.poll() is None and time.monotonic() < ends_at
            assert alive, self._err.read_text(encoding="utf-8")
            time.sleep(0.002)
        return said.splitlines()[0]

    @property
    def pid(self) -> int:
        """The process, for signals."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended; raises TimeoutExpired when it does not."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.join()

    def said(self) -> tuple[str, str]:
        """What it wrote, as text, to standard output and to standard error."""
        return self._out.read_text(encoding="utf-8"), self._err.read_text(encoding="utf-8")


@contextlib.contextmanager
def running(module: str, *words: str, env: Mapping[str, str] | None = None, err: Path | None = None) -> Iterator[Child]:
    """Run a program for a while; it is killed at the end, if it still lives. What it says of errors is appended."""
    with tempfile.TemporaryDirectory() as folder:
        child = Child(Path(folder, "out"), err or Path(folder, "err"), env, module, *words)
        try:
            yield child
        finally:
            child.kill()


def completed(
    module: str, *words: str, env: Mapping[str, str] | None = None, timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    with running(module, *words, env=env) as child:
        code = child.wait(timeout)
        return subprocess.CompletedProcess([module, *words], code, *child.said())


def _become(module: str, words: tuple[str, ...], env: dict[str, str], out: Path, err: Path) -> None:
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(env)
    os.chdir(PROJECT)
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
