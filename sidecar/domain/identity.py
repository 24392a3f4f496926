"""Identity: which database this is, and whether time has gone backwards in it.

What the ERP has been told cannot be taken back, so a database that was restored, copied or replaced must not be
relayed as if nothing had happened. Two witnesses are compared: a row in the database, which travels with every
backup and every copy, and the memory of this host, which does not. The memory names the newest event by id *and*
event id: after a restore new orders soon reach the same ids, but never the same event ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

FIRST_EPOCH: Final = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database lives. `server` stays the same when its host is renamed; `address` does not."""

    server: str
    schema: str
    address: str

    def is_home_of(self, other: "Place") -> bool:
        """Tell whether both are the same schema of the same server, wherever that runs now."""
        return (self.server, self.schema) == (other.server, other.schema)

    def __str__(self) -> str:
        """As a person reads it."""
        return f"schema {self.schema} at {self.address} ({self.server})"


@dataclass(frozen=True, slots=True)
class Instance:
    """The database's own word: which shop it is, how often it went back in time, and where it belongs.

    `name` is the blueprint's `instance`, with which every reference begins.
    """

    id: str
    name: str
    epoch: int
    place: Place


@dataclass(frozen=True, slots=True)
class Mark:
    """An event, by both its names."""

    id: int
    event_id: str


@dataclass(frozen=True, slots=True)
class StreamMark:
    """How far a stream was, and the newest token that its owner had."""

    token: int
    accounted_to: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What a host remembers of the database; `seen_at` is by the database's clock, UTC."""

    instance_id: str
    epoch: int
    place: Place
    newest: Mark
    streams: Mapping[str, StreamMark]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Observation:
    """What the database says now; `at_mark` is the event id found under the id that was asked for, if any."""

    now: datetime
    place: Place
    instance: Instance | None
    newest: Mark
    oldest_id: int
    at_mark: str | None
    streams: Mapping[str, StreamMark] = field(default_factory=lambda: MappingProxyType({}))


class Standing(StrEnum):
    """What the two witnesses say together."""

    SAME = "same"
    UNMARKED = "unmarked"
    FIRST_HERE = "first_here"
    RENAMED = "renamed"
    REWOUND = "rewound"
    MOVED = "moved"
    COPY = "copy"
    OTHER_SHOP = "other_shop"


UNTROUBLED: Final = frozenset({Standing.SAME, Standing.UNMARKED, Standing.FIRST_HERE})
"""Standings in which the relay may work: UNMARKED is a database that no sidecar has served yet."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standing, and what shows it."""

    standing: Standing
    why: str = ""


def judge(memory: Memory | None, seen: Observation, name: str) -> Judgement:
    """Compare what this host remembers with what the database says; `name` is the blueprint's instance."""
    instance = seen.instance
    if instance is None:
        if memory is None:
            return Judgement(Standing.UNMARKED)
        return Judgement(Standing.REWOUND, "it bears no trace of the shop that this host has served")
    if memory is None or memory.instance_id != instance.id:
        return _met_for_the_first_time(memory, instance, seen.place, name)
    if memory.epoch <= instance.epoch:
        behind = _behind(memory, seen) if memory.epoch == instance.epoch else ""
    else:
        behind = f"it is in epoch {instance.epoch}, and this host has seen epoch {memory.epoch}"
    if behind:
        return Judgement(Standing.REWOUND, behind)
    if not seen.place.is_home_of(instance.place):
        return Judgement(Standing.MOVED, f"it was in {instance.place}, and is in {seen.place}")
    return _named(instance, name, Standing.SAME)


def remembered(memory: Memory | None, seen: Observation, instance: Instance) -> Memory:
    """The memory after an untroubled look; a mark only moves forward, unless somebody has declared a new epoch."""
    known = memory if memory and (memory.instance_id, memory.epoch) == (instance.id, instance.epoch) else None
    newest = known.newest if known is not None and known.newest.id > seen.newest.id else seen.newest
    streams = {**(known.streams if known else {}), **seen.streams}
    return Memory(instance.id, instance.epoch, seen.place, newest, streams, seen.now)


def _met_for_the_first_time(memory: Memory | None, instance: Instance, place: Place, name: str) -> Judgement:
    """Nothing but the database's own word: it must be where it says that it belongs, to the letter."""
    if place != instance.place:
        return Judgement(Standing.COPY, f"it belongs in {instance.place}, and is in {place}")
    if memory is not None:
        return Judgement(
            Standing.OTHER_SHOP, f"it is shop {instance.id}, and this host has served {memory.instance_id}"
        )
    return _named(instance, name, Standing.FIRST_HERE)


def _named(instance: Instance, name: str, standing: Standing) -> Judgement:
    if instance.name == name:
        return Judgement(standing)
    return Judgement(Standing.RENAMED, f"its documents are named {instance.name}, and the blueprint says {name}")


def _behind(memory: Memory, seen: Observation) -> str:
    """Say what shows that the database has forgotten something; empty when nothing does.

    A purge deletes from the oldest event on, and never one that a cursor does not account for.
    """
    for stream, mark in sorted(memory.streams.items()):
        now = seen.streams.get(stream, StreamMark(0, 0))
        if now.accounted_to < mark.accounted_to:
            return f"the cursor of {stream} is at {now.accounted_to}, and was at {mark.accounted_to}"
        if now.token < mark.token:
            return f"the fencing token of {stream} is {now.token}, and was {mark.token}"
    newest = memory.newest
    if newest.id == 0 or seen.at_mark == newest.event_id:
        return ""
    if seen.at_mark is not None:
        return f"event {newest.id} is another one than it was"
    is_purged = any(stream.accounted_to >= newest.id for stream in seen.streams.values())
    if is_purged and not 0 < seen.oldest_id < newest.id:
        return ""
    return f"event {newest.id} is gone"
