"""The guard: nothing is relayed from a database that went back in time, moved, or is a copy.

It looks before any role begins its work, and about once a second beside it, so that a restore under a running daemon
is noticed too. What it has seen it remembers on this host; what the relays read meanwhile counts at once.
"""

import threading
from dataclasses import replace
from typing import Final
from uuid import uuid4

from sidecar.domain.errors import ConfigurationError, IdentityError, StorageError
from sidecar.domain.identity import (
    FIRST_EPOCH,
    UNTROUBLED,
    Instance,
    Judgement,
    Mark,
    Memory,
    Observation,
    Standing,
    judge,
    remembered,
)
from sidecar.ports import HostMemory, InstanceStore, Observer

DECLARE: Final = 'erp-sidecar restore declare --reason "..."'
_HINTS: Final = {
    Standing.REWOUND: f"{DECLARE} shows what would be done; read 'After a restore' in the runbook first",
    Standing.MOVED: (
        f"if a replica was promoted or the server was replaced: {DECLARE} --promoted; if it was restored from a "
        f"backup: {DECLARE}; if it is a copy of the shop, leave it: a copy posts nothing"
    ),
    Standing.COPY: (
        f"a copy posts nothing. To make it a shop of its own: {DECLARE} --as-copy; "
        f"if it took the place of the original: {DECLARE} --promoted, or, restored from a backup, {DECLARE}"
    ),
    Standing.OTHER_SHOP: (
        f"compare [database] and state_dir in sidecar.toml; if the database is a copy: {DECLARE} --as-copy"
    ),
    Standing.RENAMED: "set instance in the blueprint back: it is part of every reference that the ERP keeps",
}
_SENTENCES: Final = {
    Standing.REWOUND: "the database went back in time",
    Standing.MOVED: "the database is on another server",
    Standing.COPY: "the database is a copy, or was moved",
    Standing.OTHER_SHOP: "the database is that of another shop",
    Standing.RENAMED: "the blueprint's instance was changed",
}


def trouble(judgement: Judgement) -> IdentityError:
    """The refusal that a standing deserves."""
    standing = judgement.standing
    return IdentityError(f"{_SENTENCES[standing]}: {judgement.why}", hint=_HINTS[standing])


class Guard:
    """Compares the two witnesses; thread-safe. `name` is the blueprint's instance."""

    def __init__(self, store: InstanceStore, memory: HostMemory, name: str, observer: Observer) -> None:
        """Nothing is read yet."""
        self._store, self._file, self._name, self._observer = store, memory, name, observer
        self._looking, self._reading = threading.Lock(), threading.Lock()
        self._memory: Memory | None = None
        self._written: Memory | None = None
        self._read = Mark(0, "")
        self._refused: Judgement | None = None

    def begin(self) -> None:
        """Read what this host remembers, look at the database, and write down what is seen.

        Raises IdentityError where the relay must not work, ConfigurationError where nothing can be remembered.
        """
        self._memory = self._written = self._file.read()
        self.look()
        self._remember()

    def look(self) -> None:
        """Look at the database now; raises IdentityError, from then on always, where the relay must not work."""
        with self._looking:
            self.require()
            memory = self._with_what_was_read()
            seen = self._store.observe(memory.newest.id if memory else 0)
            judgement = judge(memory, seen, self._name)
            if judgement.standing not in UNTROUBLED:
                self._refused = judgement
                raise trouble(judgement)
            self._memory = remembered(memory, seen, self._settled_in(seen))

    def require(self) -> None:
        """Raise the IdentityError that was met before, if any; cheap."""
        if self._refused is not None:
            raise trouble(self._refused)

    def saw(self, newest: Mark) -> None:
        """Take notice of an event that a relay has read, waiting for nobody; a restore that forgets it is noticed."""
        with self._reading:
            if newest.id > self._read.id:
                self._read = newest

    def keep_looking(self, stopping: threading.Event, every: float = 1.0) -> None:
        """Look and remember until asked to stop, and once more then. A database that is away is nobody's trouble.

        The one thread that writes the memory, so that no relay waits for a disk.
        """
        told = False
        asked = False
        while not asked:
            asked = stopping.wait(every)
            try:
                self.look()
                self._remember()
                told = False
            except IdentityError:
                return
            except StorageError:
                continue
            except ConfigurationError as error:
                if not told:
                    self._observer.note("identity.not_remembered", error=str(error), hint=error.hint)
                told = True

    def _with_what_was_read(self) -> Memory | None:
        memory = self._memory
        with self._reading:
            newest = self._read
        return replace(memory, newest=newest) if memory is not None and newest.id > memory.newest.id else memory

    def _settled_in(self, seen: Observation) -> Instance:
        instance = seen.instance
        if instance is None:
            instance = self._store.make(Instance(str(uuid4()), self._name, FIRST_EPOCH, seen.place))
            self._observer.note("identity.made", instance=instance.id)
        elif seen.place != instance.place:
            self._store.settle_in(seen.place)
        return instance

    def _remember(self) -> None:
        """Write where there is news; that time has passed is none."""
        memory, written = self._memory, self._written
        if memory is not None and (written is None or replace(written, seen_at=memory.seen_at) != memory):
            self._file.write(memory)
            self._written = memory
