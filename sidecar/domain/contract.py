"""Contract: what our calls rest on in an ERP's interface, by name, so that a change can be told in words."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Final

MOST_CHANGES: Final = 40


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
