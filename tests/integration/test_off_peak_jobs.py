"""Off-peak jobs: once a day in their hours, made up for once, and a failure tells what to type."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sidecar.domain.errors import SchemaError
from sidecar.domain.reconciliation import LastRun
from sidecar.off_peak import Hours, OffPeak
from sidecar.scheduling import Job, ScheduledJobs
from tests.support.daemon import until
from tests.support.rig import Notes

DAY = timedelta(days=1)
PATIENCE = 20


def closed_now() -> OffPeak:
    """Hours that began six hours ago and ended five hours ago."""
    now = datetime.now(UTC)
    return OffPeak(Hours((now - timedelta(hours=6)).time(), (now - timedelta(hours=5)).time()), ZoneInfo("UTC"))


def job(name: str, ran_ago: timedelta | None, run: Callable[[Callable[[], bool]], object]) -> Job:
    last = None if ran_ago is None else LastRun(datetime.now(UTC) - ran_ago, ran_ago.total_seconds())
    return Job(name, DAY, lambda: last, run, closed_now())


def test_a_night_without_a_run_is_made_up_for_and_what_has_run_or_never_ran_waits() -> None:
    begun: list[str] = []
    made_up = threading.Event()

    def missed(proceed: Callable[[], bool]) -> None:
        assert proceed()
        begun.append("missed")
        made_up.set()

    jobs = ScheduledJobs(
        [
            job("has run", timedelta(hours=5, minutes=30), lambda _: begun.append("has run")),
            job("never ran", None, lambda _: begun.append("never ran")),
            job("missed", timedelta(days=2), missed),
        ],
        lambda: True,
        Notes(),
    )
    assert made_up.wait(PATIENCE)
    jobs.close()

    assert begun == ["missed"]


def test_a_job_that_lacks_its_rights_says_what_to_type_and_the_others_go_on() -> None:
    notes, others = Notes(), threading.Event()

    def denied(_: Callable[[], bool]) -> None:
        raise SchemaError("DELETE is denied", hint="erp-sidecar schema grants janitor")

    comparison = Job("orders erp", DAY, lambda: None, lambda _: others.set())
    jobs = ScheduledJobs([job("purge", timedelta(days=2), denied), comparison], lambda: True, notes)
    assert others.wait(PATIENCE)
    until(lambda: notes.named("job.failed") != [])
    jobs.close()

    (failed,) = notes.named("job.failed")
    assert (failed["job"], failed["hint"]) == ("purge", "erp-sidecar schema grants janitor")


def test_a_long_purge_holds_up_no_comparison() -> None:
    compared = threading.Event()

    def purge(_: Callable[[], bool]) -> None:
        assert compared.wait(PATIENCE)

    comparison = Job("orders erp", DAY, lambda: None, lambda _: compared.set())
    notes = Notes()
    jobs = ScheduledJobs([job("purge", timedelta(days=2), purge), comparison], lambda: True, notes)
    assert compared.wait(PATIENCE)
    jobs.close()

    assert notes.named("job.failed") == []
