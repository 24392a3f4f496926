"""Following changes by a clock leaves none out, whatever moves meanwhile and however coarse the clock is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.profiled.following import Query, UnusableListingError, following
from erp_adapters.profiled.listings import Listing

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
OVERLAP = 60
LISTING = Listing.model_validate(
    {
        "path": "/documents",
        "clock": {
            "since": "since",
            "offset": "offset",
            "first": "2026-01-01T00:00:00Z",
            "changed_at": "at",
            "key": "key",
            "overlap": f"{OVERLAP}s",
        },
        "documents": "documents",
        "more": "more",
    }
)


@dataclass
class ErpWithAClock:
    """Documents that are listed by a coarse clock; a change shows up some time after its stamp."""

    tick: int
    page: int
    now: int = 0
    documents: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def change(self, key: str, lag: int) -> None:
        """Give a document its next version: (version, stamp, visible from)."""
        version, _, visible = self.documents.get(key, (0, 0, 0))
        if visible <= self.now:
            self.documents[key] = (version + 1, self.now // self.tick * self.tick, self.now + lag)

    def get(self, _path: str, query: Query) -> dict[str, Any]:
        asked = dict(query)
        since = (datetime.fromisoformat(asked["since"]) - BEGIN) / timedelta(seconds=1)
        shown = sorted(
            (stamp, key, version)
            for key, (version, stamp, visible) in self.documents.items()
            if visible <= self.now and stamp >= since
        )
        part = shown[int(asked["offset"]) :]
        documents = [
            {"key": key, "version": version, "at": (BEGIN + timedelta(seconds=stamp)).isoformat()}
            for stamp, key, version in part[: self.page]
        ]
        return {"documents": documents, "more": len(part) > self.page}


changes = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 5), st.integers(0, 2))
bursts = st.lists(st.tuples(st.integers(0, 200), st.lists(changes, max_size=16)), min_size=1, max_size=4)


@given(bursts=bursts, tick=st.sampled_from([1, 5, 20]), page=st.integers(2, 4))
def test_a_clock_leaves_no_change_out(
    bursts: list[tuple[int, list[tuple[str, int, int]]]], tick: int, page: int
) -> None:
    erp = ErpWithAClock(tick, page)
    told: dict[str, int] = {}
    cursor: str | None = None

    for pause, burst in (*bursts, (OVERLAP, [])):
        erp.now += pause
        left, more = list(burst), True
        while more or left:
            if left:
                key, lag, step = left.pop(0)
                erp.change(key, lag)
                erp.now += step
            part = following(LISTING, cursor, erp.get)
            cursor, more = part.cursor, part.more
            told |= {entry["key"]: entry["version"] for entry in part.entries if isinstance(entry, dict)}

    assert told == {key: version for key, (version, _, _) in erp.documents.items()}


def test_pages_of_one_entry_are_refused_as_they_would_leave_changes_out() -> None:
    erp = ErpWithAClock(tick=1, page=1)
    for key in "abc":
        erp.change(key, 0)
    first = following(LISTING, None, erp.get)

    with pytest.raises(UnusableListingError, match="one entry only"):
        following(LISTING, first.cursor, erp.get)


@given(page=st.integers(2, 4), documents=st.integers(1, 12))
def test_what_does_not_change_is_told_once_in_a_listing(page: int, documents: int) -> None:
    erp = ErpWithAClock(tick=1000, page=page)
    for number in range(documents):
        erp.change(f"d{number:02}", 0)

    told: list[str] = []
    cursor, more = None, True
    while more:
        part = following(LISTING, cursor, erp.get)
        cursor, more = part.cursor, part.more
        told += [entry["key"] for entry in part.entries if isinstance(entry, dict)]

    assert sorted(set(told)) == sorted(erp.documents)
    assert len(told) == documents
