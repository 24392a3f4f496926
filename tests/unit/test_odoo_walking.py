"""Following by a clock of whole seconds: nothing is left out, whatever moves meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.odoo.walking import FORM, Walk, walked

BEGIN = datetime(2026, 11, 26, 10, 0, 0)  # noqa: DTZ001 -- UTC, as Odoo writes it


class Listing:
    """Records by the instant of their last change, which is kept finer than it is shown."""

    def __init__(self, *changes: tuple[int, float]) -> None:
        self.at = {key: BEGIN + timedelta(seconds=seconds) for key, seconds in changes}

    def touch(self, key: int, seconds: float) -> None:
        self.at[key] = BEGIN + timedelta(seconds=seconds)

    def fetch(self, since: str, passed_over: int, limit: int) -> Sequence[dict[str, Any]]:
        ordered = sorted(self.at.items(), key=lambda one: (one[1], one[0]))
        shown = [{"id": key, "write_date": at.strftime(FORM)} for key, at in ordered]
        return [one for one in shown if one["write_date"] >= since][passed_over : passed_over + limit]  # type: ignore[operator]


def all_of(walk: Walk, listing: Listing, cursor: str | None = None) -> tuple[list[int], str]:
    seen: list[int] = []
    for _ in range(100):
        step = walked(walk, cursor, listing.fetch)
        seen += [record["id"] for record in step.records]
        cursor = step.cursor
        if not step.more:
            return seen, step.cursor
    raise AssertionError("the walk does not end")


@given(
    st.lists(st.integers(0, 4), min_size=0, max_size=15),
    st.integers(1, 5),
)
def test_every_record_is_told_whatever_the_page_and_however_many_share_a_second(seconds: list[int], page: int) -> None:
    listing = Listing(*((key, second + key / 100) for key, second in enumerate(seconds, 1)))

    seen, _ = all_of(Walk(page), listing)

    assert set(seen) == set(listing.at)


def test_a_record_that_moves_to_the_end_hides_none_behind_it() -> None:
    listing = Listing((1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4))
    walk = Walk(page=2)
    first = walked(walk, None, listing.fetch)
    listing.touch(1, 5)

    rest, _ = all_of(walk, listing, first.cursor)

    assert {record["id"] for record in first.records} | set(rest) == {1, 2, 3, 4}
    assert rest[-1] == 1


def test_what_is_committed_later_than_it_is_stamped_is_told_within_the_overlap() -> None:
    listing = Listing((1, 0), (2, 200))
    walk = Walk(overlap=timedelta(minutes=5))
    _, end = all_of(walk, listing)
    listing.touch(3, 100)

    later, again = all_of(walk, listing, end)

    assert 3 in later
    assert again == end


def test_an_end_stays_where_it_is_even_when_records_go() -> None:
    listing = Listing((1, 0), (2, 1000))
    walk = Walk()
    _, end = all_of(walk, listing)
    listing.at.clear()

    assert all_of(walk, listing, end) == ([], end)


@pytest.mark.parametrize("cursor", [None, "", "nonsense", '{"since":"yesterday","seen":1,"last":2}', "[]"])
def test_a_cursor_that_is_none_begins_anew(cursor: str | None) -> None:
    assert all_of(Walk(), Listing((1, 0)), cursor)[0] == [1]
