"""The governor: less when the ERP asks for less or slows down, nothing in quiet hours, one probe when it is gone."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sidecar.domain.policy import GovernorTerms, RequestBudget
from sidecar.domain.quiet_hours import QuietHours, QuietRange
from sidecar.engine.governor import FAILURES_TO_OPEN, Governor

FAST = timedelta(milliseconds=50)
MINUTE = timedelta(minutes=1)
SLOW = timedelta(milliseconds=900)


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self, now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)) -> None:
        self.hands, self.started = 0.0, now

    def now(self) -> datetime:
        return self.started + timedelta(seconds=self.hands)

    def monotonic(self) -> float:
        return self.hands

    def worked(self) -> float:
        return 0.0

    def jitter(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.hands += seconds


def failing(clock: Hands) -> Governor:
    governor = Governor(clock, 8)
    for _ in range(FAILURES_TO_OPEN):
        governor.unreachable()
    return governor


def answers(governor: Governor, count: int, duration: timedelta = FAST) -> None:
    for _ in range(count):
        governor.succeeded(duration)


# -- breaker -------------------------------------------------------------------------------------------------


def test_the_breaker_opens_after_calls_in_a_row_that_got_no_answer() -> None:
    governor = Governor(Hands(), 8)

    opened = [governor.unreachable() for _ in range(FAILURES_TO_OPEN)]

    assert opened == [False] * (FAILURES_TO_OPEN - 1) + [True]
    assert governor.capacity(0) == 0
    assert governor.closed_because() == "the ERP does not answer; one call at a time asks whether it is back"


def test_an_answer_in_between_keeps_the_breaker_closed() -> None:
    governor = Governor(Hands(), 8)

    for _ in range(20):
        governor.unreachable()
        governor.unreachable()
        governor.succeeded(FAST)

    assert not governor.breaker_open


def test_after_a_pause_one_probe_goes_out_and_no_more() -> None:
    clock = Hands()
    governor = failing(clock)

    clock.sleep(1.0)

    assert governor.capacity(0) == 1
    assert governor.capacity(0, ahead=3.0) == 1
    assert governor.capacity(1) == 0


def test_a_probe_that_is_answered_closes_the_breaker_and_the_limit_grows_from_one() -> None:
    clock = Hands()
    governor = failing(clock)
    clock.sleep(1.0)

    governor.succeeded(FAST)

    assert not governor.breaker_open
    assert governor.closed_because() == ""
    assert governor.capacity(0) == 2
    answers(governor, 40)
    assert governor.capacity(0) == 8


def test_a_probe_that_is_throttled_leaves_the_breaker_open_until_the_named_time() -> None:
    clock = Hands()
    governor = failing(clock)
    clock.sleep(1.0)

    governor.throttled(timedelta(seconds=20))

    assert governor.capacity(0) == 0
    clock.sleep(20)
    assert governor.capacity(0) == 1


def test_a_probe_that_fails_doubles_the_pause_up_to_a_minute() -> None:
    clock = Hands()
    governor = failing(clock)
    pauses = []
    for _ in range(8):
        begun = clock.hands
        while governor.capacity(0) == 0:
            clock.sleep(0.5)
        pauses.append(clock.hands - begun)
        governor.unreachable()

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_calls_that_were_begun_before_the_breaker_opened_do_not_lengthen_its_pause() -> None:
    clock = Hands()
    governor = failing(clock)
    for _ in range(20):
        governor.unreachable()

    clock.sleep(1.0)

    assert governor.capacity(0) == 1


# -- concurrency ---------------------------------------------------------------------------------------------


def test_throttling_halves_what_may_be_in_flight_and_honours_retry_after() -> None:
    clock = Hands()
    governor = Governor(clock, 8)

    governor.throttled(timedelta(seconds=30))

    assert governor.capacity(0) == 0
    assert governor.closed_because() == "the ERP asked to come back later"
    clock.sleep(30)
    assert governor.capacity(0) == 4


def test_a_shorter_retry_after_does_not_cut_a_longer_one_short() -> None:
    clock = Hands()
    governor = Governor(clock, 8)
    governor.throttled(timedelta(seconds=30))
    governor.throttled(timedelta(seconds=1))

    clock.sleep(29)

    assert governor.capacity(0) == 0


def test_a_whole_round_of_throttled_calls_halves_once() -> None:
    governor = Governor(Hands(), 32)

    for _ in range(32):
        governor.throttled(None)

    assert governor.limit == 16
    governor.throttled(None)
    assert governor.limit == 8


def test_the_limit_never_falls_below_one() -> None:
    governor = Governor(Hands(), 8)

    for _ in range(100):
        governor.throttled(None)

    assert governor.capacity(0) == 1


def test_successes_bring_the_concurrency_back_by_one_a_round() -> None:
    governor = Governor(Hands(), 8)
    governor.throttled(None)

    answers(governor, 4)
    assert governor.limit == 4
    answers(governor, 1)
    assert governor.limit == 5
    answers(governor, 100)
    assert governor.limit == 8


def test_calls_may_be_held_in_readiness_beyond_the_limit() -> None:
    governor = Governor(Hands(), 8)

    assert governor.capacity(6, ahead=2.0) == 10
    assert governor.capacity(20, ahead=2.0) == 0


def test_nothing_is_held_in_readiness_while_the_limit_is_held_down_or_a_budget_counts() -> None:
    throttled, budgeted = Governor(Hands(), 8), Governor(Hands(), 8, GovernorTerms((RequestBudget(100, MINUTE),)))
    throttled.throttled(None)

    assert throttled.held_down
    assert throttled.capacity(0, ahead=4.0) == 4
    assert budgeted.capacity(0, ahead=4.0) == 8


# -- latency -------------------------------------------------------------------------------------------------


def test_answers_that_become_slower_halve_the_limit_once_a_round() -> None:
    governor = Governor(Hands(), 32)
    answers(governor, 200)

    answers(governor, 15, SLOW)

    assert governor.limit == 16


def test_a_single_slow_answer_changes_nothing() -> None:
    governor = Governor(Hands(), 32)
    answers(governor, 200)

    for _ in range(20):
        governor.succeeded(timedelta(seconds=30))
        answers(governor, 40)

    assert governor.limit == 32


def test_noise_around_the_usual_time_changes_nothing() -> None:
    dice = random.Random(7)  # noqa: S311 -- noise
    for typical in (0.002, 0.1, 2.0):
        governor = Governor(Hands(), 32)
        for _ in range(20_000):
            governor.succeeded(timedelta(seconds=typical * dice.lognormvariate(0, 0.5)))
            assert governor.limit == 32


def test_a_fast_erp_whose_calls_slow_each_other_down_by_milliseconds_is_used_to_the_full() -> None:
    governor = Governor(Hands(), 32)
    answers(governor, 200, timedelta(milliseconds=1))

    answers(governor, 2_000, timedelta(milliseconds=60))

    assert governor.limit == 32


def test_an_erp_that_stays_slow_is_in_the_end_taken_as_it_is() -> None:
    governor = Governor(Hands(), 32)
    answers(governor, 200)
    answers(governor, 200, SLOW)
    assert governor.limit < 32

    answers(governor, 5_000, SLOW)

    assert governor.limit == 32


def test_an_answer_without_a_time_says_nothing_about_the_load() -> None:
    governor = Governor(Hands(), 8)
    governor.throttled(None)

    for _ in range(100):
        governor.succeeded()

    assert governor.limit == 8


# -- budgets -------------------------------------------------------------------------------------------------


def budgeted(clock: Hands, *budgets: tuple[int, timedelta]) -> Governor:
    return Governor(clock, 8, GovernorTerms(budgets=tuple(RequestBudget(*budget) for budget in budgets)))


def test_no_stretch_of_a_budget_s_length_ever_holds_more_calls_than_the_budget() -> None:
    clock, dice = Hands(), random.Random(3)  # noqa: S311 -- arrivals
    governor = budgeted(clock, (20, timedelta(seconds=10)), (50, timedelta(minutes=1)))
    begun: list[float] = []

    while clock.hands < 600:
        for _ in range(min(dice.randrange(4), governor.capacity(0))):
            calls = dice.choice((1, 2))
            governor.began(calls)
            begun += [clock.hands] * calls
        clock.sleep(dice.random())

    for length, most in ((10, 20), (60, 50)):
        assert max(sum(1 for later in begun if 0 <= later - first < length) for first in begun) <= most
    assert len(begun) > 0.8 * 50 * 10


def test_a_spent_budget_says_which_and_opens_again_by_itself() -> None:
    clock = Hands()
    governor = budgeted(clock, (10, timedelta(minutes=1)), (1000, timedelta(days=1)))
    governor.began(10)

    assert governor.capacity(0) == 0
    assert governor.closed_because() == "the budget of 10 calls in 0:01:00 is spent"
    clock.sleep(62)
    assert governor.capacity(0) == 5
    assert governor.closed_because() == ""


def test_a_budget_leaves_room_to_read_every_new_document_back() -> None:
    governor = budgeted(Hands(), (7, timedelta(minutes=1)))

    assert governor.capacity(0) == 3


# -- quiet hours ---------------------------------------------------------------------------------------------


def test_nothing_begins_in_quiet_hours_and_they_end_by_the_wall_clock() -> None:
    nights = QuietHours(ZoneInfo("Europe/Berlin"), (QuietRange(frozenset(range(7)), 22 * 60, 5 * 60 + 30),))
    clock = Hands(datetime(2026, 11, 25, 21, 0, tzinfo=UTC))  # 22:00 in Berlin
    governor = Governor(clock, 8, GovernorTerms(quiet_hours=nights))

    assert governor.capacity(0) == 0
    assert governor.closed_because() == "quiet hours until 2026-11-26 05:30 (Europe/Berlin)"
    clock.sleep(timedelta(hours=7, minutes=30).total_seconds())
    assert governor.capacity(0) == 8
    assert governor.closed_because() == ""
