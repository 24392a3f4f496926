"""Scheduling: APScheduler runs the reconciliation jobs; the database remembers when each last ran.

The scheduler's own state lives in memory. What survives a restart is `erp_reconciliation_run`: a job that is overdue
when the process starts runs once, at once. The scheduler's lease keeps two hosts from running one job twice.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from sidecar.domain.reconciliation import LastRun
from sidecar.ports import Observer


@dataclass(frozen=True, slots=True)
class Job:
    """A check of one destination: how often, when it last ran, and how to run it while `proceed` says yes."""

    name: str
    every: timedelta
    last_run: Callable[[], LastRun | None]
    run: Callable[[Callable[[], bool]], object]


class ScheduledJobs:
    """The scheduler loop's session: jobs run while the lease is held."""

    def __init__(self, jobs: Sequence[Job], trusted: Callable[[], bool], observer: Observer) -> None:
        """Start the scheduler with each job due when its interval since the last run is over."""
        self._stopping = False
        self._trusted, self._observer = trusted, observer
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
        for job in jobs:
            self._scheduler.add_job(
                job.run,
                IntervalTrigger(seconds=max(1, int(job.every.total_seconds())), timezone=UTC),
                args=(self._proceed,),
                id=job.name,
                name=job.name,
                next_run_time=datetime.now(UTC) + _due_in(job),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._scheduler.start()

    def turn(self) -> bool:
        """Nothing to do: the scheduler has its own thread."""
        return False

    def rest(self, seconds: float) -> None:
        """Sleep; jobs go on meanwhile."""
        time.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Let a running job stop at its next page."""
        del grace
        self._stopping = True

    def close(self) -> None:
        """Stop the scheduler; a job that runs ends at its next page."""
        self._stopping = True
        self._scheduler.shutdown(wait=True)

    def _proceed(self) -> bool:
        return not self._stopping and self._trusted()

    def _failed(self, event: JobExecutionEvent) -> None:
        error = event.exception
        self._observer.note("job.failed", job=event.job_id, error=f"{type(error).__name__}: {error}")


def _due_in(job: Job) -> timedelta:
    last = job.last_run()
    if last is None:
        return timedelta()
    return max(timedelta(), job.every - timedelta(seconds=last.age_seconds))
