"""What the service stands on and keeps for its whole life: the database, the CRM, the encoder and shipped weights."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from backchannel.config import Settings
from backchannel.worker import free_the_dead, own_name
from crm.config import EmbeddedCrmConfig
from crm.source import CrmSource
from crm.sources import open_crm
from ledger.database import Database
from ledger.migrate import make_ready
from listener.sources.reddit_client import RedditClients
from matcher.encoder import Encoder
from matcher.key_shelf import KeyShelf
from matcher.model_file import LinkingModel, load

EMBEDDED_POLL = 2.0  # seconds at most: the embedded CRM is a table beside our own, so looking costs little


@dataclass(frozen=True)
class Foundation:
    """Everything that a reload does not replace."""

    db: Database
    crm: CrmSource
    poll_crm_every: float
    encoder: Encoder
    worker: str
    reddit: RedditClients
    shelf: KeyShelf
    shipped: LinkingModel = field(default_factory=load)

    def web_port(self, runner: web.AppRunner) -> int:
        """Give the port on which the page is served."""
        return int(runner.addresses[0][1])


@asynccontextmanager
async def open_foundation(settings: Settings) -> AsyncIterator[Foundation]:
    """Open everything, and close it at the end; raises what says which part is missing and what to do."""
    db = Database(settings.database.get_secret_value())
    encoder: Encoder | None = None
    try:
        encoder_loading = asyncio.create_task(asyncio.to_thread(Encoder))
        await make_ready(db)
        worker = own_name()
        await free_the_dead(db, worker)
        encoder = await encoder_loading
        crm = open_crm(settings.crm, db.reader)
        shelf = KeyShelf(db)
        try:
            yield Foundation(db, crm, _poll_every(settings), encoder, worker, RedditClients(), shelf)
        finally:
            await shelf.close()
            await crm.close()
    finally:
        if encoder is not None:
            await asyncio.to_thread(encoder.close)
        await db.close()


def _poll_every(settings: Settings) -> float:
    crm = settings.crm
    seconds = crm.poll_every.total_seconds()
    return min(EMBEDDED_POLL, seconds) if isinstance(crm, EmbeddedCrmConfig) else seconds
