"""The crew: as many threads as a call's wait is worth, and more at once when nothing comes back."""

from sidecar.engine.crew import LULL, Crew


def staffed(crew: Crew, calls: int) -> int:
    while crew.join(calls):
        pass
    return crew.size


def test_an_erp_that_answers_at_once_is_served_by_few() -> None:
    crew = Crew(8, now=0.0)

    for number in range(20):
        crew.answered(number / 1000, took=0.0005, worked=0.0003)

    assert staffed(crew, 64) == 2


def test_an_erp_that_takes_its_time_is_served_by_as_many_as_allowed() -> None:
    crew = Crew(32, now=0.0)

    crew.answered(0.1, took=0.1, worked=0.0005)

    assert staffed(crew, 64) == 32


def test_no_more_threads_than_calls_are_called() -> None:
    crew = Crew(32, now=0.0)
    crew.answered(0.1, took=0.1, worked=0.0005)

    assert staffed(crew, 3) == 3


def test_whoever_is_too_many_leaves_when_the_erp_becomes_quick() -> None:
    crew = Crew(8, now=0.0)
    crew.answered(0.1, took=0.1, worked=0.0005)
    assert staffed(crew, 64) == 8

    crew.answered(0.2, took=0.0006, worked=0.0005)
    left = [crew.leave() for _ in range(8)]

    assert left == [True] * 6 + [False] * 2
    assert crew.size == 2


def test_a_wait_that_only_others_caused_is_forgotten_and_one_that_lasts_is_not() -> None:
    crew = Crew(8, now=0.0)
    crew.answered(0.1, took=0.0006, worked=0.0005)

    crew.answered(0.2, took=0.05, worked=0.0005)
    assert staffed(crew, 64) == 2

    for number in range(100):
        crew.answered(0.3 + number, took=0.05, worked=0.0005)
    assert staffed(crew, 64) == 8


def test_while_nothing_comes_back_the_crew_doubles() -> None:
    crew = Crew(8, now=0.0)

    assert not crew.is_wanting(LULL / 2)
    assert crew.is_wanting(LULL * 1.5)
    assert not crew.is_wanting(LULL * 2)
    assert crew.is_wanting(LULL * 3)
    assert not crew.is_wanting(LULL * 9)

    assert staffed(crew, 64) == 8
