"""Gaps as ranges: noticed, cut, never invented."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap, coarsened, cut, missing_between


def ids_in(gaps: list[Gap]) -> set[int]:
    return {outbox_id for gap in gaps for outbox_id in range(gap.first, gap.last + 1)}


def test_a_range_of_absent_ids_costs_one_entry() -> None:
    gaps = missing_between(OutboxId(0), [OutboxId(1_000_000)])

    assert gaps == [Gap(OutboxId(1), OutboxId(999_999))]


@given(newest=st.integers(0, 50), ids=st.sets(st.integers(51, 120)))
def test_missing_ids_are_exactly_those_between_the_newest_and_the_seen(newest: int, ids: set[int]) -> None:
    seen = [OutboxId(i) for i in sorted(ids)]

    gaps = missing_between(OutboxId(newest), seen)

    expected = set(range(newest + 1, max(ids) + 1)) - ids if ids else set()
    assert ids_in(gaps) == expected


@given(ids=st.sets(st.integers(1, 60), min_size=1), appeared=st.sets(st.integers(1, 60)))
def test_an_id_that_appears_leaves_its_gap_and_no_other_does(ids: set[int], appeared: set[int]) -> None:
    gaps = missing_between(OutboxId(0), [OutboxId(i) for i in sorted(ids)])
    before = ids_in(gaps)

    after = cut(gaps, [OutboxId(i) for i in sorted(appeared)])

    assert ids_in(after) == before - appeared
    assert sum(gap.last - gap.first + 1 for gap in after) == len(before - appeared)


@given(ids=st.sets(st.integers(1, 200), min_size=1), most=st.integers(1, 12))
def test_a_coarse_list_is_short_and_covers_every_gap(ids: set[int], most: int) -> None:
    gaps = missing_between(OutboxId(0), [OutboxId(i) for i in sorted(ids)])

    coarse = coarsened(gaps, most)

    assert len(coarse) <= max(most, 0 if not gaps else 1)
    assert ids_in(list(coarse)) >= ids_in(gaps)
    assert list(coarse) == sorted(coarse)
    assert len(gaps) > most or list(coarse) == gaps
