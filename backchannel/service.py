"""The running service: six objects built in one place, one task for each part, replaced as a whole on reload."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import structlog
from aiohttp import web

from backchannel import assembly as made
from backchannel import collector, housekeeping, rereading, thresholds
from backchannel import learnt as learnt_weights
from backchannel.actions import ClickActions
from backchannel.assembly import Assembly, assemble
from backchannel.config import Settings, load
from backchannel.following import Follower
from backchannel.foundation import Foundation, open_foundation
from backchannel.gauging import Gauging
from backchannel.housekeeping import Housekeeping
from backchannel.logs import configure
from backchannel.pipeline import Pipeline
from backchannel.recalibration import Recalibration
from backchannel.relearning import Relearning
from backchannel.reload import Reloader
from backchannel.removals import Removals
from backchannel.rereading import Rereading
from backchannel.signals import on_signals
from backchannel.supervisor import Supervisor
from backchannel.web.app import make_app
from backchannel.web.health import stream_finding
from backchannel.web.metrics import Metrics
from backchannel.web.state import Finding, WebState
from ledger.clock import SystemClock
from listener.intake import Intake
from listener.recheck import Recheck
from listener.stream import Stream
from matcher.config import LinkingConfig
from matcher.mention import LinkPolicy
from matcher.model_file import LinkingModel
from matcher.threshold import LearntThresholds
from notifier import watchdog
from notifier.clock import tick
from notifier.delivery import Delivery
from notifier.ticker import Job, Ticker
from notifier.transports.slack_clicks import SlackClicks
from notifier.transports.slack_http import slack_routes
from notifier.transports.slack_socket import SlackSocket
from notifier.wallclock import WallClock

log = structlog.get_logger(__name__)

FIXED = ("database", "crm", "slack", "web", "log")
"""Sections that a reload leaves as they are until the next start."""


async def serve(config_path: Path, stop: asyncio.Event | None = None) -> None:
    """Run the service until it is told to stop by SIGTERM, SIGINT or ``stop``."""
    settings = load(config_path)
    configure(settings.log.level, settings.log.format)
    stop = stop or asyncio.Event()
    with on_signals(stop):
        async with open_foundation(settings) as foundation:
            learnt = await learnt_weights.start(foundation.db, foundation.shipped, SystemClock().now())
            service = Service(config_path, settings, foundation, learnt)
            collector.settle()
            await service.run(stop)


class Service:
    """All parts and their wiring. ``current`` is what the configuration in force has made."""

    def __init__(
        self, path: Path, settings: Settings, foundation: Foundation, learnt: LinkingModel | None = None
    ) -> None:
        self.clock = WallClock(SystemClock())
        self.foundation = foundation
        self.db = foundation.db
        self.current: Assembly = assemble(settings, foundation, learnt)
        self.metrics = Metrics()
        self.supervisor = Supervisor(self.clock)
        self.streams: dict[str, Stream] = {}
        self.reloader = Reloader(path, settings, self._prepare, self.clock, fixed=FIXED)
        self._wire()

    def _wire(self) -> None:
        db, clock = self.db, self.clock
        current = self.current
        self.delivery = Delivery(
            db,
            current.transports,
            current.settings.notifier,
            clock,
            worker=self.foundation.worker,
            on_result=self._count_message,
        )
        self.pipeline = Pipeline(
            db,
            lambda: self.current.assessor,
            lambda: self.current.dispatcher,
            self._link_policy,
            clock,
            worker=self.foundation.worker,
            on_owed=self.delivery.wake,
            on_settled=self._count_settled,
        )
        self.intake = Intake(db, lambda: self.current.rulebook, clock, on_mention=self.pipeline.wake)
        self.follower = Follower(
            db,
            self.foundation.crm,
            lambda: self.current.dispatcher,
            clock,
            poll_every=self.foundation.poll_crm_every,
            on_owed=self.delivery.wake,
        )
        self.removals = Removals(db, lambda: self.current.dispatcher, clock, on_owed=self.delivery.wake)
        self.ticker = Ticker(self._jobs(), clock)
        self.relearning = Relearning(
            db,
            self.foundation.shipped,
            lambda: self.current.settings,
            clock,
            in_use=lambda: (self.current.learnt or self.foundation.shipped).version,
            adopt=self._reweigh,
        )
        self.recalibration = Recalibration(
            db, lambda: self.current.settings, clock, judge=lambda: self.current.judge, adopt=self._rejudge
        )
        self.standing_still: list[watchdog.Finding] = []
        self.actions = ClickActions(db, lambda: self.current.dispatcher, clock, self.metrics, self.delivery.wake)

    def _jobs(self) -> list[Job]:
        def linking() -> LinkingConfig:
            return self.current.settings.matcher.linking

        tidy = Housekeeping(self.db, linking, self.clock).tidy
        read_again = Rereading(self.db, linking, self.clock).some
        return [
            Job("clock", self._tick),
            Job("watchdog", self._watch, every=30.0),
            Job("reading again", read_again, every=rereading.EVERY),
            Job("housekeeping", tidy, every=housekeeping.EVERY, limit=600.0),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Start every part, listen last and stop listening first."""
        clicks = self._open_clicks()
        runner = self._web_runner(clicks)
        try:
            await self._open_web(runner)
            await self._start_parts(clicks)
            log.info("ready", sources=list(self.streams), port=self.foundation.web_port(runner))
            await stop.wait()
            log.info("stopping")
        finally:
            await self._stop_parts()
            await runner.cleanup()
            if clicks is not None:
                await clicks.close()
            for transport in self.current.transports.values():
                await transport.close()

    async def _start_parts(self, clicks: SlackClicks | None) -> None:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "crm": self.follower.run,
            "intake": self.intake.run,
            "pipeline": self._pipeline_after_mirror,
            "removals": self.removals.run,
            "delivery": self.delivery.run,
            "clock": self.ticker.run,
            "configuration": self.reloader.watch,
            "learning": self.relearning.run,
            "thresholds": self.recalibration.run,
            "gauging": Gauging(self.metrics, self.intake.tallies, self.supervisor.health, self.clock).run,
        }
        if clicks is not None and self.current.settings.slack and self.current.settings.slack.mode == "socket":
            parts["slack clicks"] = SlackSocket(clicks).run
        for name, run in parts.items():
            self.supervisor.start(name, run)
        for name in self.current.settings.sources:
            self._listen(name)

    async def _pipeline_after_mirror(self) -> None:
        await self.follower.ready()
        await self.foundation.shelf.expect(self.clock.now())
        await self.recalibration.follow()
        await self.pipeline.run()

    def _listen(self, name: str) -> None:
        source = made.open_source(name, self.current.settings, self.foundation.reddit)
        silence = made.silence(self.current.settings.sources[name])
        stream = Stream(source, self.intake, self.db, self.clock, stall_after=silence)
        self.streams[name] = stream
        self.supervisor.start(f"source {name}", stream.run)
        every = self.current.settings.sources[name].recheck_every
        self.supervisor.start(f"recheck {name}", Recheck(source, self.intake, self.db, self.clock, every).run)

    async def _stop_parts(self) -> None:
        await self.supervisor.stop(*_parts_of(self.streams))
        await self.supervisor.stop("intake", "pipeline")
        await self.supervisor.stop_all()

    async def _prepare(self, settings: Settings) -> "Swap":
        """Build what a reload replaces; sections that wait for a restart stay as they are in every respect."""
        in_force = settings.model_copy(update={name: getattr(self.current.settings, name) for name in FIXED})
        judge = await asyncio.to_thread(made.open_judge, in_force, self.foundation, self.current)
        if judge.version == self.current.judge.version and judge.learnt != self.current.judge.learnt:
            judge = judge.with_learnt(self.current.judge.learnt)
        return Swap(self, assemble(in_force, self.foundation, self.current.learnt, judge))

    async def put_in_force(self, new: Assembly) -> None:
        """Replace what the old configuration made; streams that are unchanged go on undisturbed."""
        old, self.current = self.current, new
        before, after = old.settings.sources, new.settings.sources
        changed = [n for n in {**before, **after} if made.listening_changed(n, old.settings, new.settings)]
        await self.supervisor.stop(*_parts_of(changed))
        for name in changed:
            self.streams.pop(name, None)
            if name in after:
                self._listen(name)
        await self.delivery.adopt(new.transports, new.settings.notifier)

    async def _reweigh(self, learnt: LinkingModel | None) -> None:
        """Let linking go on by other weights; a reload that happens meanwhile is followed by the next look."""
        before = self.current
        after = await asyncio.to_thread(made.reweighed, before, self.foundation, learnt)
        if self.current is before:
            self.current = after

    async def _rejudge(self, learnt: LearntThresholds) -> None:
        """Let complaints be told by other learnt thresholds."""
        self.current = made.rejudged(self.current, learnt)

    def _open_clicks(self) -> SlackClicks | None:
        slack = self.current.settings.slack
        return None if slack is None else SlackClicks(slack, self.actions.clicked, self.actions.seen)

    def _web_runner(self, clicks: SlackClicks | None) -> web.AppRunner:
        slack = self.current.settings.slack
        routes: Sequence[web.RouteDef] = slack_routes(clicks) if clicks and slack and slack.mode == "http" else ()
        return web.AppRunner(make_app(self._web_state(), routes), access_log=None, shutdown_timeout=2.0)

    async def _open_web(self, runner: web.AppRunner) -> None:
        config = self.current.settings.web
        await runner.setup()
        await web.TCPSite(runner, config.host, config.port).start()

    def _web_state(self) -> WebState:
        return WebState(
            db=self.db,
            clock=self.clock,
            settings=lambda: self.current.settings,
            reload_status=lambda: self.reloader.status,
            findings=self.findings,
            notes=self.notes,
            metrics=self.metrics,
            actions=self.actions,
        )

    def findings(self) -> list[Finding]:
        """Say how the parts are doing that only this process can see."""
        now = self.clock.now()
        parts = [
            Finding(f"part {health.name}", health.broken is None, health.broken or "it runs")
            for health in self.supervisor.health.values()
        ]
        mirrored = self.follower.caught_up.is_set()
        mirror = Finding("crm mirror", mirrored, "it is followed" if mirrored else "the first look is not done yet")
        late = [Finding(f"watchdog: {one.code}", False, one.sentence) for one in self.standing_still]
        return [*parts, mirror, *late, *(stream_finding(stream.status, now) for stream in self.streams.values())]

    def notes(self) -> list[str]:
        """Say which thresholds answers have moved."""
        return self.current.judge.moved(thresholds.brands_learnt(self.current.settings))

    async def _tick(self) -> None:
        report = await tick(self.db, self.current.dispatcher, self.clock.now())
        if report.done or report.let_go:
            self.delivery.wake()

    async def _watch(self) -> None:
        async with self.db.read() as conn:
            found = await watchdog.audit(conn, self.clock.now(), ticker_age=self.ticker.age("clock"))
        for finding in found:
            log.error("stands still", code=finding.code, subject=finding.subject)
        self.standing_still = found

    def _count_message(self, receiver: str, result: str) -> None:
        config = self.current.settings.notifier.receivers.get(receiver)
        self.metrics.messages.labels(config.kind if config else "gone", result).inc()

    def _link_policy(self, source: str) -> LinkPolicy:
        return self.current.link_policy(source)

    def _count_settled(self, outcome: str, seconds: float) -> None:
        self.metrics.mentions_settled.labels(outcome).inc()
        self.metrics.seconds_to_decide.observe(seconds)


def _parts_of(sources: Iterable[str]) -> list[str]:
    return [f"{part} {name}" for name in sources for part in ("source", "recheck")]


class Swap:
    """A new configuration, built and waiting to be put in force."""

    def __init__(self, service: Service, assembly: Assembly) -> None:
        self._service = service
        self._assembly = assembly

    async def swap(self) -> None:
        """Put it in force."""
        await self._service.put_in_force(self._assembly)
