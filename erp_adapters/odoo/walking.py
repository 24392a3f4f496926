"""Following records by their `write_date`, so that none is left out.

Odoo stamps a record with the beginning of the transaction that writes it, keeps microseconds and shows seconds. So a
page goes on at the second where the last one ended, and passes over what it has seen of it; it begins with the last
record of the page before, and where that stands elsewhere now, the second is read from its beginning again. At the end
the cursor goes back by an overlap, for what is committed later than it is stamped.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

FORM: Final = "%Y-%m-%d %H:%M:%S"
FIRST: Final = "1970-01-01 00:00:00"

Fetch = Callable[[str, int, int], Sequence[Mapping[str, Any]]]
"""Records with `write_date` from an instant on, in its order and that of `id`: after so many, so many at most."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How a listing is followed."""

    page: int = 100
    overlap: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """Part of a listing."""

    records: Sequence[Mapping[str, Any]]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class _Place:
    since: str = FIRST
    seen: int = 0
    last: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> "_Place":
        try:
            match json.loads(cursor or ""):
                case {"since": str(since), "seen": int(seen), "last": int(last)}:
                    return cls(datetime.strptime(since, FORM).strftime(FORM), seen, last)  # noqa: DTZ007 -- UTC, as all of Odoo's
        except ValueError:
            pass
        return cls()

    def written(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def walked(walk: Walk, cursor: str | None, fetch: Fetch) -> Step:
    """The next page after the cursor."""
    place = _Place.of(cursor)
    passed_over = max(place.seen - 1, 0)
    records = fetch(place.since, passed_over, walk.page + 2)  # the one before, and one more to know of
    more = len(records) > walk.page + 1
    records = records[: walk.page + 1]
    if place.last:
        if not records or records[0]["id"] != place.last:
            return Step((), _Place(place.since).written(), more=True)
        records = records[1:]
    else:
        more = more or len(records) > walk.page
        records = records[: walk.page]
    after = _after(place, records)
    if more:
        return Step(records, after.written(), more=True)
    if not after.seen:
        return Step((), after.written(), more=False)  # nothing in all the overlap: it was gone back already
    begin = datetime.strptime(after.since, FORM) - walk.overlap  # noqa: DTZ007 -- as above
    return Step(records, _Place(max(begin.strftime(FORM), FIRST)).written(), more=False)


def _after(place: _Place, records: Sequence[Mapping[str, Any]]) -> _Place:
    for record in records:
        since = str(record["write_date"])
        seen = place.seen + 1 if since == place.since else 1
        place = _Place(max(since, place.since), seen, record["id"])
    return place
