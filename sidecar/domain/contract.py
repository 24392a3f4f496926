"""Contract: what our calls rest on in an ERP's interface, by name, so that a change can be told in words.

The first contract of a destination is accepted as it is met. Another one is a finding until a person accepts it; one
that was accepted and comes back needs nobody.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sidecar.domain.reconciliation import Finding, FindingKind

MOST_CHANGES: Final = 40
CONTRACT_CHECK: Final = "contract"
_SHOWN: Final = 12


def digest_of(terms: Mapping[str, str]) -> str:
    """The name of a contract: the same for the same terms, in whatever order they were told; '' for none."""
    if not terms:
        return ""
    return hashlib.sha256(json.dumps(dict(terms), sort_keys=True).encode()).hexdigest()


def changes_between(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What became of each term that is not as it was, as sentence parts; at most so many as a person reads."""
    changes = list(_changes(before, now))
    more = len(changes) - MOST_CHANGES
    return changes if more <= 0 else [*changes[:MOST_CHANGES], f"and {more} more"]


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *now}):
        match before.get(name), now.get(name):
            case None, new:
                yield f"{name} is new: {new}"
            case _, None:
                yield f"{name} is gone"
            case old, new if old != new:
                yield f"{name} was {old}, is {new}"


@dataclass(frozen=True, slots=True)
class Contract:
    """What an ERP shows of its interface now."""

    product: str
    terms: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Its name."""
        return digest_of(self.terms)


@dataclass(frozen=True, slots=True)
class KeptContract:
    """One that was met, and who accepted it; `accepted_by` is empty where nobody has."""

    id: int
    destination: str
    digest: str
    product: str
    changes: str
    first_seen_at: datetime
    last_seen_at: datetime
    accepted_by: str
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """As much of its name as a person types."""
        return self.digest[:_SHOWN]


class Sighting(StrEnum):
    """What a contract is that was met."""

    FIRST = "first"
    SAME = "same"
    CHANGED = "changed"
    BACK = "back"
    """The accepted one, after another that was not."""


def sighting_of(seen: Contract, latest: KeptContract | None, accepted: KeptContract | None) -> Sighting:
    """Judge a contract by the latest one that was met, and the latest that was accepted."""
    if latest is None:
        return Sighting.FIRST
    if seen.digest == latest.digest:
        return Sighting.SAME
    if accepted is not None and seen.digest == accepted.digest:
        return Sighting.BACK
    return Sighting.CHANGED


def changed_contract(destination: str, digest: str, was: str = "", words: Sequence[str] = ()) -> Finding:
    """The finding that an interface is not the one that was accepted; named by destination and digest alone."""
    subject = f"contract {digest[:_SHOWN]}"
    said = "; ".join(words) or "other terms"
    return Finding(destination, FindingKind.CONTRACT_CHANGED, subject, "", f"accepted: {was}", said, CONTRACT_CHECK)
