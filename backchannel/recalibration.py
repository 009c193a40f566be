"""Moves the thresholds of brands every night by what people answered, and sees to it that the service uses them."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from backchannel.config import Settings
from backchannel.nightly import Nightly
from backchannel.relearning import ACTOR, LOOK_EVERY
from backchannel.thresholds import brands_learnt, in_force, outdated, recalibrate
from ledger import models
from ledger.clock import Clock
from ledger.database import Database
from matcher.threshold import ByBrand, LearntThresholds, given, in_use

log = structlog.get_logger(__name__)


class Recalibration:
    """A part of the service. ``judge`` gives the one in use, ``adopt`` puts other learnt thresholds to use."""

    def __init__(
        self,
        db: Database,
        settings: Callable[[], Settings],
        clock: Clock,
        *,
        judge: Callable[[], ByBrand],
        adopt: Callable[[LearntThresholds], Awaitable[None]],
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._judge = judge
        self._adopt = adopt
        self._night = Nightly(settings, clock)
        self._model = ""
        self._used: dict[str, float] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Learn if the night has come, and follow what is in force; without ``learn``, nothing learnt is."""
        settings, judge, day = self._settings(), self._judge(), self._night.due()
        if day is not None and settings.matcher.complaint.learn:
            await self._recalibrate(settings, judge)
            self._night.done(day)
        await self.follow()

    async def _recalibrate(self, settings: Settings, judge: ByBrand) -> None:
        now = self._clock.now()
        for one in await recalibrate(self._db, settings, judge.version, judge.default, now, actor=ACTOR):
            event = "threshold moved" if one.state == models.PROMOTED else "threshold kept"
            said = {"before": one.before, "after": one.after, "answers": one.answers, "reason": one.reason}
            log.info(event, brand=one.brand, **said)

    async def follow(self) -> None:
        """Put what is in force to use."""
        brands, judge = brands_learnt(self._settings()), self._judge()
        async with self._db.read() as conn:
            learnt = await in_force(conn, judge.version, brands)
            lost = await outdated(conn, judge.version, brands) if judge.version != self._model else {}
        for brand, threshold in lost.items():
            if threshold > judge.default(brand):
                log.warning("threshold not in use", brand=brand, learnt=threshold, reason="learnt for another model")
        self._model = judge.version
        if learnt != judge.learnt:
            await self._adopt(learnt)
        used = _in_use(self._settings(), judge, learnt)
        if used != self._used:
            self._used = used
            log.info("thresholds in force", learnt=used)


def _in_use(settings: Settings, judge: ByBrand, learnt: LearntThresholds) -> dict[str, float]:
    """Give the learnt thresholds that decide, by brand: none without ``learn``, nor one below the default."""
    config = settings.matcher.complaint
    found = {brand: in_use(config, brand, given(config, brand, judge.default(brand)), learnt) for brand in learnt}
    return {brand: one.value for brand, one in found.items() if one.origin == "learnt"}
