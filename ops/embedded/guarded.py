"""A process that ends with its parent, however the parent ends.

A shell stands between: it starts the program, prints its process id, and reads from a pipe whose other end
only we hold. When we close it, or are killed, the shell reads the end and ends the program.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

GUARDIAN = '"$@" >&2 & echo $!; exec >&2; read -r _; kill -TERM $! 2>/dev/null; kill -CONT $! 2>/dev/null; wait $!'
"""The program's words go to the log; the one line on standard output is its process id, for us. A program that was
frozen when we went hears of its end only once it goes on."""


class GuardedProcess:
    """One running program; `kill` is kill -9, `stop` asks politely and waits."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        """Start `command`; what it prints goes to the end of `log`."""
        with log.open("ab") as output:
            self._guardian = subprocess.Popen(
                ["/bin/sh", "-c", GUARDIAN, "guardian", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        if self._guardian.stdout is None or self._guardian.stdin is None:
            message = "a guardian has pipes"
            raise AssertionError(message)
        self._lifeline = self._guardian.stdin
        self.pid = int(self._guardian.stdout.readline())

    def has_ended(self) -> bool:
        """Whether the program has ended, by itself or not."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 (proc)
                return stat.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._release()
        self._guardian.wait()

    def freeze(self) -> None:
        """Let it stand still, as a host does whose memory is swapped out; nothing tells it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on; for the program no time has passed."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def stop(self, patience: timedelta) -> None:
        """Ask it to end, wait, and kill it when `patience` is over."""
        self._release()
        try:
            self._guardian.wait(patience.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()

    def _release(self) -> None:
        with suppress(BrokenPipeError):
            self._lifeline.close()
        if self._guardian.stdout is not None:
            self._guardian.stdout.close()
