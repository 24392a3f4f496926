"""The proof of a lifecycle map: complete, consistent, and without dead ends.

What is proved, given that every status it names is its own: each status is reached from a first one; from each an
order comes to an end; what is irreversible has no way back; each meaning is in it or said to be absent; no status of
Magento says two things that exclude each other; and none is left standing after it stopped being true.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from sidecar.blueprint.lifecycle import ErpStatusPart, LifecyclePart
from sidecar.configuration import Problem, listed
from sidecar.domain.lifecycle import ENDING, STANDING, Lifecycle, Meaning

HOLDED: Final = "holded"


class _Tells(Enum):
    """What a person reads in a status of Magento; two of these cannot be one status."""

    GOES_ON = "that the order goes on"
    STANDS_STILL = "that it stands still in the ERP"
    REFUSED = "that the ERP refuses it"
    IS_OVER = "that it was cancelled"


_TELLS: Final = {
    **dict.fromkeys(Meaning, _Tells.GOES_ON),
    **dict.fromkeys(STANDING, _Tells.STANDS_STILL),
    Meaning.REJECTED: _Tells.REFUSED,
    Meaning.CANCELLED: _Tells.IS_OVER,
}


def lifecycle_problems(at: str, part: LifecyclePart, *, is_shown: bool) -> Iterator[Problem]:
    """Everything that is wrong with one destination's map; `is_shown`: Magento's orders carry it."""
    if not is_shown:
        if part != LifecyclePart():
            yield Problem(at, "a table that is never used", "none, as the destination does not acknowledge orders")
        return
    lifecycle = part.map()
    yield from _two_things_at_once(at, part)
    yield from _misplaced_holds(at, part)
    if not part.statuses:
        for key in ("first", "absent"):
            if getattr(part, key):
                yield Problem(f"{at}.{key}", "names without a map", "none, or the ERP's statuses in statuses")
        return
    yield from _meanings(at, part)
    unknown = list(_unknown_names(at, lifecycle))
    yield from unknown
    if not unknown:  # a wrong name tears the map apart: what follows would speak of the tear
        yield from _ways(at, lifecycle)
        yield from _left_standing(at, part, lifecycle)


def stranger_problems(at: str, lifecycle: Lifecycle, theirs: frozenset[str]) -> Iterator[Problem]:
    """Where a map and the statuses that the ERP's adapter can tell differ; nothing where one of them is empty."""
    if not lifecycle.statuses or not theirs:
        return
    for name in lifecycle.statuses:
        if name not in theirs:
            yield Problem(f"{at}.statuses.{name}", "a status that the adapter never tells", listed(sorted(theirs)))
    for name in sorted(theirs.difference(lifecycle.statuses)):
        yield Problem(f"{at}.statuses", f"nothing about {name!r}", "an entry for each status that the adapter tells")


def _unknown_names(at: str, lifecycle: Lifecycle) -> Iterator[Problem]:
    known = listed(lifecycle.statuses)
    if not lifecycle.first:
        yield Problem(f"{at}.first", "nothing", f"at least one status that an order may begin in, of {known}")
    for index, name in enumerate(lifecycle.first):
        if name not in lifecycle.statuses:
            yield Problem(f"{at}.first[{index}]", repr(name), known)
    for name, status in lifecycle.statuses.items():
        for index, follower in enumerate(status.next):
            if follower not in lifecycle.statuses:
                yield Problem(f"{at}.statuses.{name}.next[{index}]", repr(follower), known)
            elif follower == name:
                yield Problem(f"{at}.statuses.{name}.next[{index}]", f"{name!r} after itself", "another status")


def _ways(at: str, lifecycle: Lifecycle) -> Iterator[Problem]:
    met = lifecycle.reached_from(*lifecycle.first).union(lifecycle.first)
    for name, status in lifecycle.statuses.items():
        if name not in met:
            allowed = f"a path from a first one: {name} in the next of a status before it, or in first"
            yield Problem(f"{at}.statuses.{name}", "a status that is never reached", allowed)
        ahead = lifecycle.reached_from(name)
        if not status.ends and not any(lifecycle.statuses[follower].ends for follower in ahead):
            allowed = f"a way to an end: a status that means {listed(sorted(ENDING))}, or an irreversible rejected one"
            yield Problem(f"{at}.statuses.{name}.next", "a dead end", allowed)
        if status.irreversible and name in ahead:
            back = listed(f for f in status.next if name in lifecycle.reached_from(f))
            allowed = f"statuses without a way back to {name}, as it is irreversible"
            yield Problem(f"{at}.statuses.{name}.next", f"{back}, from where {name} comes again", allowed)


def _meanings(at: str, part: LifecyclePart) -> Iterator[Problem]:
    covered = {status.means: name for name, status in part.statuses.items()}
    silent = [meaning for meaning in Meaning if meaning not in covered and meaning not in part.absent]
    if silent:
        allowed = "each of them as a status that means it, or here, where this ERP has no such status"
        yield Problem(f"{at}.absent", f"nothing about {listed(silent)}", allowed)
    for meaning in sorted(part.absent.intersection(covered)):
        found = f"{meaning}, which statuses.{covered[meaning]} means"
        yield Problem(f"{at}.absent", found, "only meanings that no status has")


def _misplaced_holds(at: str, part: LifecyclePart) -> Iterator[Problem]:
    for name, status in part.statuses.items():
        if status.holds and status.means not in STANDING:
            allowed = f"only what means {listed(sorted(STANDING))}: a hold blocks invoice, shipment and cancel"
            yield Problem(f"{at}.statuses.{name}.holds", f"true for {status.means}", allowed)


def _two_things_at_once(at: str, part: LifecyclePart) -> Iterator[Problem]:
    everything = [(f"statuses.{name}", _TELLS[status.means], status.shows) for name, status in part.statuses.items()]
    everything.append(("rejection", _Tells.REFUSED, part.rejection.shows))
    said: dict[str, tuple[str, _Tells]] = {}
    for where, tells, shows in everything:
        for state, code in shows.items():
            first, meant = said.setdefault(code, (f"{where}.shows.{state}", tells))
            if meant is not tells:
                found = f"{code!r}, which says {meant.value} in {first}"
                yield Problem(f"{at}.{where}.shows.{state}", found, f"a status that says {tells.value}")


def _left_standing(at: str, part: LifecyclePart, lifecycle: Lifecycle) -> Iterator[Problem]:
    """What says that an order stands still has to be taken back, in the same state, when that is over."""
    for after, status in part.statuses.items():
        stale: dict[str, str] = {}
        for before, earlier in part.statuses.items():
            if after in lifecycle.reached_from(before) and _is_over(earlier, status):
                stale |= dict.fromkeys(_outlived(earlier).difference(status.shows), before)
        for state, before in sorted(stale.items()):
            code = lifecycle.statuses[before].shows[state]
            allowed = f"a status for {state}: an order that was {before} would go on showing {code!r}"
            yield Problem(f"{at}.statuses.{after}.shows", f"nothing for {state}", allowed)


def _outlived(status: ErpStatusPart) -> frozenset[str]:
    """The states in which what a status shows may be left standing: not in that of its own hold, which ends with it."""
    return frozenset(status.shows).difference({HOLDED} if status.holds else ())


def _is_over(earlier: ErpStatusPart, later: ErpStatusPart) -> bool:
    """Tell whether what the earlier status said is no longer true; a cancelled order leaves its state anyway."""
    tells, then = _TELLS[earlier.means], _TELLS[later.means]
    return tells is not _Tells.GOES_ON and then not in (tells, _Tells.IS_OVER)
