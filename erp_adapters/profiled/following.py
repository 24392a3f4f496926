"""Following changes page by page, so that none is left out.

An ERP with a cursor of its own is asked to go on from it. One that only has a clock is asked for what changed at an
instant or later, in the order of the clock, and passes over what was seen of that instant:

    since 10:15, pass over 2     the instant of the last entry, and how many entries of it were seen
    since 10:10, pass over 0     at the end: back by the overlap, for what was written late or moved meanwhile

An entry that changes moves to the end, and those behind it move up by one. So each page begins with the last entry of
the page before: if it stands elsewhere now, the instant is read from its beginning again. A page of one entry has no
room for it, and is refused.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from erp_adapters.profiled.documents import found, text
from erp_adapters.profiled.listings import Clock, Listing

LONGEST_CURSOR: Final = 512

Query = tuple[tuple[str, str], ...]
Get = Callable[[str, Query], object]
"""Asks for a path with a query, and gives the body of the answer."""


class UnusableListingError(ValueError):
    """A page that cannot be gone on from; the words quote none of it."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Part of a listing: its entries, and where to go on."""

    entries: Sequence[object]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing by the clock stands: at this instant, after so many entries, of which this key is the last."""

    since: str
    seen: int = 0
    last: str = ""

    @classmethod
    def of(cls, cursor: str | None, clock: Clock) -> "_Place":
        """Read a cursor; what is none, because the profile has changed, begins anew."""
        try:
            match json.loads(cursor or ""):
                case {"since": str(since), "seen": int(seen), "last": str(last)}:
                    return cls(_written(datetime.fromisoformat(since)), seen, last)
        except ValueError:
            pass
        return cls(_written(clock.first))


def following(listing: Listing, cursor: str | None, get: Get) -> Entries:
    """The next page. Raises UnusableListingError for an answer that would leave something out."""
    if listing.clock is not None:
        return _by_clock(listing, listing.clock, _Place.of(cursor, listing.clock), get)
    first = listing.first or ""
    place = first if cursor is None or _is_of_a_clock(cursor) else cursor
    body = get(listing.path, ((listing.cursor or "", place), *listing.parameters.items()))
    entries, more = _entries(listing, body), _more(listing, body)
    after = text(listing.next, body)
    if not after or len(after) > LONGEST_CURSOR:
        raise UnusableListingError(f"the next cursor is missing, or longer than {LONGEST_CURSOR} characters")
    if more and after == place:
        raise UnusableListingError("there is more, but the cursor does not move")
    return Entries(entries, after, more)


def _by_clock(listing: Listing, clock: Clock, place: _Place, get: Get) -> Entries:
    passed_over = place.seen - 1 if place.last else place.seen
    query = ((clock.since, place.since), (clock.offset, str(passed_over)), *listing.parameters.items())
    body = get(listing.path, query)
    entries, more = _entries(listing, body), _more(listing, body)
    if place.last and (not entries or text(clock.key, entries[0]) != place.last):
        return Entries(entries, _cursor(_Place(place.since)), more=True)
    fresh = entries[1:] if place.last else entries
    if more and not fresh:
        raise UnusableListingError("a page holds one entry only; to be followed by a clock it needs two")
    after = _after(clock, place, fresh)
    if more:
        return Entries(fresh, _cursor(after), more=True)
    first = clock.first.astimezone(UTC)
    begin = max(datetime.fromisoformat(after.since) - clock.overlap, first)
    return Entries(fresh, _cursor(_Place(_written(begin))), more=False)


def _after(clock: Clock, place: _Place, fresh: Sequence[object]) -> _Place:
    """The place after these entries; one whose time cannot be read counts as of the instant before it."""
    for entry in fresh:
        since = _written(_instant(clock, entry) or datetime.fromisoformat(place.since))
        if since < place.since:
            raise UnusableListingError(f"entries are not in the order of {clock.changed_at.text}")
        seen = place.seen + 1 if since == place.since else 1
        place = _Place(since, seen, text(clock.key, entry))
    return place


def _instant(clock: Clock, entry: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text(clock.changed_at, entry))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _written(instant: datetime) -> str:
    """Of a fixed width, so that the order of the texts is that of the instants."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cursor(place: _Place) -> str:
    return json.dumps(asdict(place), separators=(",", ":"))


def _is_of_a_clock(cursor: str) -> bool:
    return cursor.startswith('{"since":')


def _entries(listing: Listing, body: object) -> list[object]:
    entries = found(listing.documents, body)
    if not isinstance(entries, list):
        raise UnusableListingError(f"{listing.documents.text} is not a list")
    return entries


def _more(listing: Listing, body: object) -> bool:
    more = found(listing.more, body)
    if not isinstance(more, bool):
        raise UnusableListingError(f"{listing.more.text} is neither true nor false")
    return more
