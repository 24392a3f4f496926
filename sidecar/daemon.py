"""The daemon: loops that hold a lease each, begin again after every mishap, and stop gracefully.

A loop acquires its lease, builds its session from what the database says, and turns it until the lease is no longer
trusted, something fails, or the process is asked to stop. A failure discards the session: memory is never trusted
across one. Configuration and schema errors end the process with exit 78, which systemd does not restart.
"""

import gc
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sidecar.domain.errors import ConfigurationError, SchemaError, SidecarError, StorageError
from sidecar.engine.leadership import Leadership
from sidecar.ports import Observer

EXIT_CONFIGURATION: Final = 78
GRACE: Final = timedelta(seconds=20)
_FIRST_BACK_OFF: Final = 0.5
_LONGEST_BACK_OFF: Final = 30.0
_SHORTEST_REST: Final = 0.002
_GARBAGE: Final = 20_000
"""New objects between two looks for cycles: a page of events makes a few thousand, and none of them is a cycle."""

_PATIENCE: Final = 8
"""A loop that has found nothing to do for a while rests for an eighth of that time."""


class SystemClock:
    """The machine's clocks, and chance."""

    def now(self) -> datetime:
        """The time on the wall, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def worked(self) -> float:
        """Seconds of processor time that this thread has used."""
        return time.thread_time()

    def jitter(self) -> float:
        """A random number in 0..1; spreads retries, decides nothing secret."""
        return random.random()  # noqa: S311 -- spreads retries

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        time.sleep(seconds)


class Session(Protocol):
    """Work that is done while one lease is held."""

    def turn(self) -> bool:
        """Do what can be done now; tells whether there may be more at once."""
        ...

    def rest(self, seconds: float) -> None:
        """Sleep, at most so long."""
        ...

    def finish(self, grace: timedelta) -> None:
        """Bring what is under way to an end; nothing new begins."""
        ...

    def close(self) -> None:
        """Let go of everything, at once."""
        ...


class BackOff:
    """The pause after each failure of a loop: ever longer, and short again after one that went well for a while."""

    def __init__(self) -> None:
        """Begin with the shortest."""
        self._next = _FIRST_BACK_OFF

    def after(self, worked_for: float) -> float:
        """The pause in seconds after a failure; `worked_for` is how long the loop had gone before it failed."""
        pause = _FIRST_BACK_OFF if worked_for > _LONGEST_BACK_OFF else self._next
        self._next = min(pause * 2, _LONGEST_BACK_OFF)
        return pause


@dataclass(frozen=True, slots=True)
class Loop:
    """A role of this process: its lease, how its session is built, and how long an idle one may rest."""

    name: str
    leadership: Leadership
    build: Callable[[], Session]
    longest_rest: timedelta


class Daemon:
    """Runs loops, each on a thread of its own, until told to stop."""

    def __init__(self, loops: Sequence[Loop], ttl: timedelta, observer: Observer) -> None:
        """Nothing runs yet."""
        self._loops, self._observer = loops, observer
        self._stopping = threading.Event()
        self._renew_every = ttl.total_seconds() / 4
        self._alive = {loop.name: time.monotonic() for loop in loops}
        self._fatal: SidecarError | None = None

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; raises the configuration or schema error that ended it, if one did."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        collect_less()
        renewal = threading.Thread(target=self._renew, name="leases", daemon=True)
        threads = [
            threading.Thread(target=self._keep_running, args=(loop,), name=loop.name, daemon=True)
            for loop in self._loops
        ]
        renewal.start()
        for thread in threads:
            thread.start()
        notify_systemd("READY=1")
        self._observer.note("daemon.started", loops=[loop.name for loop in self._loops])
        self._watch(threads)
        notify_systemd("STOPPING=1")
        for thread in threads:
            thread.join(GRACE.total_seconds() + 5)
        self._observer.note("daemon.stopped")
        if self._fatal is not None:
            raise self._fatal

    def _watch(self, threads: Sequence[threading.Thread]) -> None:
        """Tell systemd that we live, as long as every loop turns."""
        while not self._stopping.wait(1.0):
            stuck = [name for name, seen in self._alive.items() if time.monotonic() - seen > GRACE.total_seconds() * 3]
            if not stuck and all(thread.is_alive() for thread in threads):
                notify_systemd("WATCHDOG=1")

    def _renew(self) -> None:
        while True:
            time.sleep(self._renew_every)
            for loop in self._loops:
                loop.leadership.keep()

    def _keep_running(self, loop: Loop) -> None:
        back_off = BackOff()
        while not self._stopping.is_set():
            began = self._alive[loop.name] = time.monotonic()
            try:
                if loop.leadership.acquire():
                    self._serve(loop)
                    back_off = BackOff()
                else:
                    self._stopping.wait(self._renew_every)
                continue
            except (ConfigurationError, SchemaError) as error:
                self._fatal = error
                self._stopping.set()
                self._observer.note("loop.stopped", loop=loop.name, error=str(error), hint=error.hint)
            except StorageError as error:
                self._observer.note("loop.failed", loop=loop.name, error=str(error), hint=error.hint)
            except Exception as error:  # noqa: BLE001 -- the one place for what nobody foresaw
                self._observer.note("loop.failed", loop=loop.name, error=f"{type(error).__name__}: {error}")
            self._stopping.wait(back_off.after(time.monotonic() - began))

    def _serve(self, loop: Loop) -> None:
        token = loop.leadership.token
        session = loop.build()
        longest = loop.longest_rest.total_seconds()
        busy_at = time.monotonic()
        try:
            while not self._stopping.is_set() and loop.leadership.trusted() and loop.leadership.token == token:
                now = self._alive[loop.name] = time.monotonic()
                if session.turn():
                    busy_at = now
                session.rest(min(max(_SHORTEST_REST, (now - busy_at) / _PATIENCE), longest))
            if self._stopping.is_set() and loop.leadership.trusted():
                session.finish(GRACE)
                loop.leadership.give_up()
        finally:
            session.close()


def collect_less() -> None:
    """What start-up has made stays until the end: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def notify_systemd(state: str) -> None:
    """Tell systemd about our state, where it asked for that (Type=notify); a listener that is gone or does not listen
    stops nobody.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel, suppress(OSError):
        channel.setblocking(False)  # noqa: FBT003 -- the standard library's own argument
        channel.sendto(state.encode(), address)
