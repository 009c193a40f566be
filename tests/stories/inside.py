"""The real service inside the test's own process, over the imitated outside: nothing has to be started or killed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
from sqlalchemy import select

from backchannel.config import load
from backchannel.foundation import Foundation
from backchannel.service import Service
from crm.importer import import_folder
from crm.source import CrmSource
from crm.sources.embedded import EmbeddedCrm
from ledger import cursors
from ledger.database import Database
from ledger.migrate import upgrade
from ledger.tables import mentions as mention_table
from listener.sources.reddit_client import RedditClients
from matcher.encoder import Encoder
from matcher.key_shelf import KeyShelf
from playground.world import World

PATIENCE = 30.0


class Inside:
    """A running service and what can be seen of it from inside."""

    def __init__(self, world: World, service: Service, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.service = service
        self.session = session
        self.base = f"http://127.0.0.1:{world.port}"

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  plain values of the service, with no event to wait for
                await asyncio.sleep(0.02)

    async def save(self, *change: tuple[str, str]) -> None:
        """Save the configuration with texts replaced, and wait until the service has looked at it."""
        before = self.service.reloader.status
        write(self.world, change)
        await self.until(lambda: self.service.reloader.status is not before)

    async def kept(self) -> list[str]:
        """Give the native ids of all mentions."""
        async with self.service.db.read() as conn:
            return list((await conn.execute(select(mention_table.c.native_id).order_by(mention_table.c.id))).scalars())

    async def keeps(self, *native_ids: str) -> None:
        """Wait until these posts are mentions."""
        async with asyncio.timeout(PATIENCE):
            while not set(native_ids) <= set(await self.kept()):  # noqa: ASYNC110  the ledger has no event
                await asyncio.sleep(0.02)

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """Give the status and the body of ``/readyz``."""
        async with self.session.get(f"{self.base}/readyz") as answer:
            return answer.status, await answer.json()

    async def page(self, path: str = "/") -> str:
        """Give a page as a browser gets it."""
        async with self.session.get(f"{self.base}{path}") as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()


def write(world: World, change: Iterable[tuple[str, str]]) -> None:
    """Write the brewery's configuration with texts replaced."""
    world.write_config()
    text = world.config.read_text("utf-8")
    for old, new in change:
        assert old in text, old
        text = text.replace(old, new, 1)
    world.config.write_text(text, "utf-8")


@asynccontextmanager
async def inside(
    world: World, encoder: Encoder, *change: tuple[str, str], crm: CrmSource | None = None
) -> AsyncIterator[Inside]:
    """Run the service until the block ends, then stop it as SIGTERM does; ``change`` replaces texts of its file."""
    write(world, change)
    db = Database(world.database_url)
    await upgrade(db)
    await import_folder(db.engine, world.export_crm())
    async with db.write("test") as conn:
        if await cursors.get(conn, "x") is None:
            await cursors.move(conn, {"x": world.x_cursor()}, datetime.now(UTC))
    foundation = Foundation(
        db=db,
        crm=crm or EmbeddedCrm(db.reader),
        poll_crm_every=0.5,
        encoder=encoder,
        worker="inside/1",
        reddit=RedditClients(),
        shelf=KeyShelf(db),
    )
    stop = asyncio.Event()
    service = Service(world.config, load(world.config), foundation)
    running = asyncio.create_task(service.run(stop))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        try:
            await _serving(service, running)
            yield Inside(world, service, session)
        finally:
            stop.set()
            await asyncio.wait({running})
            await db.close()
    running.result()


async def _serving(service: Service, running: asyncio.Task[None]) -> None:
    """Wait until every part was started, or the service has ended."""
    while "clock" not in service.supervisor.names() and not running.done():  # noqa: ASYNC110  there is no event
        await asyncio.sleep(0.01)
    if running.done():
        running.result()
