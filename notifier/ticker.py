"""Runs short jobs again and again, whatever happens to the wall clock or to one run of a job."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from ledger.clock import Clock

log = structlog.get_logger(__name__)

_DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


class Job(msgspec.Struct, frozen=True):
    """Something to do every ``every`` seconds; a run that takes longer than ``limit`` seconds is broken off."""

    name: str
    work: Callable[[], Awaitable[object]]
    every: float = 5.0
    limit: float = 30.0


class Ticker:
    """APScheduler with a memory store: what is due lives in the ledger, so there is nothing to restore.

    The scheduler counts by the wall clock; set back two hours, it would sleep for two hours. A guard that counts by
    the monotonic clock therefore starts a job again that has not run for three times its interval.
    """

    def __init__(self, jobs: Sequence[Job], clock: Clock, scheduler: AsyncIOScheduler | None = None) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._clock = clock
        self._ended = {job.name: clock.monotonic() for job in jobs}
        self._broken: asyncio.Queue[BaseException] = asyncio.Queue()
        self._scheduler = scheduler

    def age(self, name: str) -> float:
        """Give the seconds since a job last ended, well or not."""
        return self._clock.monotonic() - self._ended[name]

    async def run(self) -> None:
        """Run the jobs until cancelled; a job that breaks ends the run with its error, for the supervisor to see."""
        scheduler = self._scheduler or AsyncIOScheduler()
        scheduler.configure(timezone=UTC, job_defaults=_DEFAULTS)
        for job in self._jobs.values():
            scheduler.add_job(
                self._run, "interval", [job], id=job.name, seconds=job.every, next_run_time=datetime.now(UTC)
            )
        scheduler.start()
        try:
            await self._guard(scheduler)
        finally:
            scheduler.shutdown(wait=False)

    async def _guard(self, scheduler: AsyncIOScheduler) -> None:
        pause = min(job.every for job in self._jobs.values())
        while True:
            try:
                async with asyncio.timeout(pause):
                    raise await self._broken.get()
            except TimeoutError:
                self._rearm(scheduler)

    def _rearm(self, scheduler: AsyncIOScheduler) -> None:
        for job in self._jobs.values():
            if self.age(job.name) > max(3 * job.every, job.limit + job.every):
                log.warning("ticker re-armed", job=job.name, age=round(self.age(job.name), 1))
                self._ended[job.name] = self._clock.monotonic()
                scheduler.modify_job(job.name, next_run_time=datetime.now(UTC))

    async def _run(self, job: Job) -> None:
        """Await one run in a task of its own: the scheduler would log an error's text, which may quote a post."""
        task = asyncio.ensure_future(self._within(job))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        self._ended[job.name] = self._clock.monotonic()
        if not task.cancelled() and (error := task.exception()):
            self._broken.put_nowait(error)

    async def _within(self, job: Job) -> None:
        try:
            async with asyncio.timeout(job.limit):
                await job.work()
        except TimeoutError:
            log.error("job took too long", job=job.name, limit=job.limit)
