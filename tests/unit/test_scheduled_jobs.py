"""A scheduled job that fails is told once, in our words."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sidecar.domain.errors import StorageUnavailable
from sidecar.scheduling import Job, ScheduledJobs
from tests.support.daemon import until


class Told:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, dict[str, object]]] = []

    def note(self, event: str, **facts: object) -> None:
        self.notes.append((event, facts))


def test_a_job_that_fails_is_told_once_and_without_the_librarys_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def fail(proceed: Callable[[], bool]) -> None:
        assert proceed()
        message = "the database is away"
        raise StorageUnavailable(message, hint="wait")

    told = Told()

    jobs = ScheduledJobs([Job("orders erp", timedelta(hours=1), lambda: None, fail)], lambda: True, told)
    until(lambda: bool(told.notes))
    jobs.close()

    facts = {"job": "orders erp", "error": "StorageUnavailable: the database is away", "hint": "wait"}
    assert told.notes == [("job.failed", facts)]
    assert caplog.records == []
