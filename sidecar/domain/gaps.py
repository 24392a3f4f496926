"""Gaps: ids missing below the newest seen.

An AUTO_INCREMENT id is handed out at INSERT and appears at COMMIT, so a missing id may still appear, however
late. A gap is closed for ever once every transaction that was alive when the gap was first seen has ended and
one more read, begun after that, finds nothing. Until then it stays listed. Gaps are ranges: a purge below, or a
rolled-back bulk insert, costs one entry, and re-reading a range touches only the rows that exist.
"""

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from sidecar.domain.events import OutboxId


class AliveTransaction(NamedTuple):
    """A transaction of the database server that may hold an id, told apart by its connection and its start."""

    thread_id: int
    started: str


class Gap(NamedTuple):
    """Ids `first`..`last`, both included, none of them seen."""

    first: OutboxId
    last: OutboxId

    def without(self, outbox_id: OutboxId) -> Sequence["Gap"]:
        """Cut one id out."""
        left = [Gap(self.first, OutboxId(outbox_id - 1))] if self.first < outbox_id else []
        right = [Gap(OutboxId(outbox_id + 1), self.last)] if outbox_id < self.last else []
        return left + right


def missing_between(newest: OutboxId, seen: Sequence[OutboxId]) -> list[Gap]:
    """List the ranges that are absent between `newest` and the ids `seen` above it, which ascend."""
    if not seen or seen[-1] - newest == len(seen):
        return []
    gaps = []
    for outbox_id in seen:
        if outbox_id > newest + 1:
            gaps.append(Gap(OutboxId(newest + 1), OutboxId(outbox_id - 1)))
        newest = outbox_id
    return gaps


def cut(gaps: Sequence[Gap], seen: Iterable[OutboxId]) -> list[Gap]:
    """Take ids that have appeared out of the gaps, which ascend and do not overlap."""
    remaining = list(gaps)
    for outbox_id in seen:
        at = bisect_right(remaining, outbox_id, key=lambda gap: gap.first) - 1
        if at >= 0 and outbox_id <= remaining[at].last:
            remaining[at : at + 1] = remaining[at].without(outbox_id)
    return remaining


def coarsened(gaps: Sequence[Gap], most: int) -> tuple[Gap, ...]:
    """At most `most` ranges that cover all the gaps, which ascend; the closest neighbours are joined.

    A range then covers ids that were seen: whoever reads it again has to ask which of them are done with.
    """
    if len(gaps) <= most:
        return tuple(gaps)
    between = ((right.first - left.last, at) for at, (left, right) in enumerate(pairwise(gaps), 1))
    kept_apart = sorted(at for _, at in heapq.nlargest(most - 1, between))
    starts, ends = [0, *kept_apart], [*kept_apart, len(gaps)]
    return tuple(Gap(gaps[start].first, gaps[end - 1].last) for start, end in zip(starts, ends, strict=True))
