"""The governor: less when the ERP asks for less, one probe when it is gone, full speed when it is back."""

from datetime import timedelta

from sidecar.engine.governor import FAILURES_TO_OPEN, Governor


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def jitter(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def failing(clock: Hands) -> Governor:
    governor = Governor(clock, 8)
    for _ in range(FAILURES_TO_OPEN):
        governor.unreachable()
    return governor


def test_the_breaker_opens_after_calls_in_a_row_that_got_no_answer() -> None:
    governor = Governor(Hands(), 8)

    opened = [governor.unreachable() for _ in range(FAILURES_TO_OPEN)]

    assert opened == [False] * (FAILURES_TO_OPEN - 1) + [True]
    assert governor.capacity(0) == 0


def test_after_a_pause_one_probe_goes_out_and_no_more() -> None:
    clock = Hands()
    governor = failing(clock)

    clock.sleep(1.0)

    assert governor.capacity(0) == 1
    assert governor.capacity(1) == 0


def test_a_probe_that_is_answered_closes_the_breaker() -> None:
    clock = Hands()
    governor = failing(clock)
    clock.sleep(1.0)

    governor.succeeded()

    assert not governor.breaker_open
    assert governor.capacity(0) == 8


def test_a_probe_that_fails_doubles_the_pause() -> None:
    clock = Hands()
    governor = failing(clock)
    clock.sleep(1.0)
    governor.unreachable()

    clock.sleep(1.5)
    assert governor.capacity(0) == 0
    clock.sleep(0.5)
    assert governor.capacity(0) == 1


def test_calls_that_were_begun_before_the_breaker_opened_do_not_lengthen_its_pause() -> None:
    clock = Hands()
    governor = failing(clock)
    for _ in range(20):
        governor.unreachable()

    clock.sleep(1.0)

    assert governor.capacity(0) == 1


def test_throttling_halves_what_may_be_in_flight_and_honours_retry_after() -> None:
    clock = Hands()
    governor = Governor(clock, 8)

    governor.throttled(timedelta(seconds=30))

    assert governor.capacity(0) == 0
    clock.sleep(30)
    assert governor.capacity(0) == 4


def test_successes_bring_the_concurrency_back_step_by_step() -> None:
    governor = Governor(Hands(), 8)
    governor.throttled(None)

    for _ in range(4):
        governor.succeeded()
    assert governor.capacity(0) == 4
    for _ in range(100):
        governor.succeeded()
    assert governor.capacity(0) == 8
