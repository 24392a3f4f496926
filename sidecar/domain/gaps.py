"""Gaps: ids missing below the newest seen.

An AUTO_INCREMENT id is handed out at INSERT and appears at COMMIT, so a missing id may still appear, however
late. A gap is closed for ever once every transaction that was alive when the gap was first seen has ended and
one more read, begun after that, finds nothing. Until then it stays listed. Gaps are ranges: a purge below, or a
rolled-back bulk insert, costs one entry, and re-reading a range touches only the rows that exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sidecar.domain.events import OutboxId


@dataclass(frozen=True, slots=True)
class AliveTransaction:
    """A transaction of the database server, told apart by its connection and its start."""

    thread_id: int
    started: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Ids `first`..`last`, both included, none of them seen; witnesses are None until a snapshot was taken."""

    first: OutboxId
    last: OutboxId
    witnesses: frozenset[AliveTransaction] | None = None

    def without(self, outbox_id: OutboxId) -> Sequence["Gap"]:
        """Cut one id out, keeping the witnesses of what is left."""
        left = [replace(self, last=OutboxId(outbox_id - 1))] if self.first < outbox_id else []
        right = [replace(self, first=OutboxId(outbox_id + 1))] if outbox_id < self.last else []
        return left + right


def missing_between(newest: OutboxId, seen: Iterable[OutboxId]) -> list[Gap]:
    """List the ranges that are absent between `newest` and the ids `seen` above it, which ascend."""
    gaps = []
    for outbox_id in seen:
        if outbox_id > newest + 1:
            gaps.append(Gap(OutboxId(newest + 1), OutboxId(outbox_id - 1)))
        newest = outbox_id
    return gaps


def cut(gaps: Sequence[Gap], seen: Iterable[OutboxId]) -> list[Gap]:
    """Take ids that have appeared out of the gaps."""
    remaining = list(gaps)
    for outbox_id in seen:
        remaining = [
            part
            for gap in remaining
            for part in (gap.without(outbox_id) if gap.first <= outbox_id <= gap.last else [gap])
        ]
    return remaining
