"""Refits the weights of linking every night, and sees to it that the service uses those in force."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from backchannel.config import Settings
from backchannel.learnt import in_force, relearn
from backchannel.nightly import Nightly
from ledger.clock import Clock
from ledger.database import Database
from matcher.model_file import LinkingModel

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # seconds: how late weights are noticed that a command promoted or rolled back
ACTOR = "backchannel"


class Relearning:
    """A part of the service.

    ``in_use`` gives the version of the weights that decide at present; ``adopt`` puts others in their place, None for
    the shipped ones.
    """

    def __init__(
        self,
        db: Database,
        shipped: LinkingModel,
        settings: Callable[[], Settings],
        clock: Clock,
        *,
        in_use: Callable[[], str],
        adopt: Callable[[LinkingModel | None], Awaitable[None]],
    ) -> None:
        self._db = db
        self._shipped = shipped
        self._settings = settings
        self._clock = clock
        self._in_use = in_use
        self._adopt = adopt
        self._night = Nightly(settings, clock)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Refit if the night has come, and follow what is in force."""
        day = self._night.due()
        if day is not None and self._settings().matcher.linking.learning.enabled:
            await self._relearn()
            self._night.done(day)
        async with self._db.read() as conn:
            learnt = await in_force(conn, self._shipped)
        version = (learnt or self._shipped).version
        if version != self._in_use():
            await self._adopt(learnt)
            log.info("weights in force", model=version)

    async def _relearn(self) -> None:
        target = self._settings().matcher.linking.target_precision
        done = await relearn(self._db, self._shipped, target, self._clock.now(), actor=ACTOR)
        log.info("weights refitted", state=done.state, labels=done.labels, reason=done.reason)
