"""Waits for what another process does, with a deadline: the one place where a test looks at the clock."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

ONE_LOOK = 0.1


def wait_until(is_so: Callable[[], bool], or_say: Callable[[], str], within: timedelta) -> None:
    """Return when it is so; fail the test with `or_say`'s words when that takes too long."""
    deadline = time.monotonic() + within.total_seconds()
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(or_say())
        threading.Event().wait(ONE_LOOK)
