"""What is around the engine: time and chance, who listens, what this host remembers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from sidecar.domain.events import OutboxId
from sidecar.domain.identity import Memory


class Clock(Protocol):
    """Time that passes here, and chance; instants of the world come from the database."""

    def now(self) -> datetime:
        """The time on the wall, aware, by this host's clock: for hours that people agreed on, and nothing else."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    def worked(self) -> float:
        """Seconds of processor time that the calling thread has used so far."""
        ...

    def jitter(self) -> float:
        """A random number in 0..1."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        ...


class Observer(Protocol):
    """Is told what happened; logs, metrics and tests hang on it. It must not fail and must not wait."""

    def note(self, event: str, **facts: object) -> None:
        """Take notice of `event`, such as 'event.parked'; facts carry no personal data and no secret."""
        ...


class HostMemory(Protocol):
    """What this host remembers of the database, whatever happens to that."""

    def read(self) -> Memory | None:
        """What was written last; None on a host that has served no database yet."""
        ...

    def write(self, memory: Memory) -> None:
        """Remember this, durably; raises ConfigurationError where that cannot be."""
        ...


class Archive(Protocol):
    """Where purged events are kept."""

    def keep(self, first: OutboxId, last: OutboxId, rows: Iterable[Mapping[str, object]]) -> str:
        """Write the events of a range; on return they are on disk for good. Returns where."""
        ...
