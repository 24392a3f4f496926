"""A loop that fails again and again waits ever longer; one that had gone well for a while begins anew."""

from sidecar.daemon import BackOff


def test_a_loop_that_fails_at_once_waits_ever_longer_up_to_half_a_minute() -> None:
    back_off = BackOff()

    assert [back_off.after(0.1) for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_database_that_is_restarted_once_a_day_costs_half_a_second_each_time() -> None:
    back_off = BackOff()

    assert [back_off.after(86_400) for _ in range(8)] == [0.5] * 8
