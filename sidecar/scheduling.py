"""Scheduling: APScheduler runs comparisons and off-peak jobs; the database remembers when each last ran.

The scheduler's own state lives in memory. What survives a restart is `erp_reconciliation_run`: a job that is overdue
when the process starts runs once, at once. The scheduler's lease keeps two hosts from running one job twice.

An off-peak job begins when its hours begin and is told to stop when they end. Where its hours passed without it, it is
made up for once. It has a thread of its own: a purge that takes hours holds up no comparison.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from sidecar.domain.errors import SidecarError
from sidecar.domain.reconciliation import LastRun
from sidecar.off_peak import OffPeak
from sidecar.ports import Observer

_OFF_PEAK: Final = "off_peak"
_SILENCE: Final = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Job:
    """One recurring task: how often, when it last ran, and how to run it while `proceed` says yes."""

    name: str
    every: timedelta
    last_run: Callable[[], LastRun | None]
    run: Callable[[Callable[[], bool]], object]
    off_peak: OffPeak | None = None
    """Once a day in these hours, instead of at an interval."""


class ScheduledJobs:
    """The scheduler loop's session: jobs run while the lease is held."""

    def __init__(self, jobs: Sequence[Job], trusted: Callable[[], bool], observer: Observer) -> None:
        """Start the scheduler with each job due when its interval since the last run is over."""
        # What nobody foresaw is told by `job.failed` too; the library would print the driver's own words beside it.
        logging.getLogger("apscheduler").propagate = False
        logging.getLogger("apscheduler").addHandler(_SILENCE)
        self._stopping = False
        self._trusted, self._observer = trusted, observer
        executors = {"default": ThreadPoolExecutor(max(1, len(jobs))), _OFF_PEAK: ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone=UTC, executors=executors)
        for job in jobs:
            trigger, first = _times_of(job, datetime.now(UTC))
            self._scheduler.add_job(
                self._run,
                trigger,
                args=(job,),
                id=job.name,
                name=job.name,
                executor="default" if job.off_peak is None else _OFF_PEAK,
                next_run_time=first,
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

    def _run(self, job: Job) -> None:
        proceed = self._proceed
        if job.off_peak is not None:
            proceed = job.off_peak.until_the_end(proceed, lambda: datetime.now(UTC))
        try:
            job.run(proceed)
        except SidecarError as error:
            self._tell(job.name, error)

    def _proceed(self) -> bool:
        return not self._stopping and self._trusted()

    def _failed(self, event: JobExecutionEvent) -> None:
        self._tell(event.job_id, event.exception)

    def _tell(self, job: str, error: BaseException) -> None:
        hint = error.hint if isinstance(error, SidecarError) else ""
        self._observer.note("job.failed", job=job, error=f"{type(error).__name__}: {error}", hint=hint)


def _times_of(job: Job, now: datetime) -> tuple[IntervalTrigger | CronTrigger, datetime]:
    """When a job runs, and when first: at once if that time has passed without it."""
    last = job.last_run()
    if job.off_peak is None:
        trigger = IntervalTrigger(seconds=max(1, int(job.every.total_seconds())), timezone=UTC)
        due_in = timedelta() if last is None else job.every - timedelta(seconds=last.age_seconds)
        return trigger, now + max(timedelta(), due_in)
    begins = job.off_peak.hours.begins
    daily = CronTrigger(hour=begins.hour, minute=begins.minute, timezone=job.off_peak.zone)
    is_missed = job.off_peak.is_missed(now, None if last is None else last.finished_at)
    return daily, now if is_missed else daily.get_next_fire_time(None, now)
