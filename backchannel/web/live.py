"""Tells open pages that something changed, so that they fetch themselves anew."""

import asyncio
import hashlib
from contextlib import suppress

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from backchannel.web.state import STATE, WebState
from ledger import alerts, mentions

LOOK_EVERY = 2.0  # seconds
MOST_LISTENERS = 100
_STOPPING = web.AppKey("stopping", asyncio.Event)
_LISTENERS = web.AppKey("listeners", set[asyncio.Task[object]])


def install(app: web.Application) -> None:
    """Add the stream of changes; it ends when the application shuts down."""
    app[_STOPPING] = asyncio.Event()
    app[_LISTENERS] = set()
    app.router.add_get("/changes", changes)
    app.on_shutdown.append(_stop)


async def _stop(app: web.Application) -> None:
    app[_STOPPING].set()


async def changes(request: web.Request) -> web.StreamResponse:
    """Send the page's version whenever it changes, and now and then a comment that shows a dropped connection."""
    listeners, me = request.app[_LISTENERS], asyncio.current_task()
    if len(listeners) >= MOST_LISTENERS or me is None:
        raise web.HTTPServiceUnavailable(text="Too many open pages; this one refreshes less often.\n")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    listeners.add(me)
    try:
        await _tell(request, response)
    finally:
        listeners.discard(me)
    return response


async def _tell(request: web.Request, response: web.StreamResponse) -> None:
    told = ""
    with suppress(ConnectionResetError):
        while not request.app[_STOPPING].is_set():
            version = await page_version(request.app[STATE])
            await response.write(f"data: {version}\n\n".encode() if version != told else b":\n\n")
            told = version
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await request.app[_STOPPING].wait()


async def page_version(state: WebState) -> str:
    """Give a short text that changes whenever the inbox would look different."""
    async with state.db.read() as conn:
        seen = await _seen(conn)
    status = state.reload_status()
    return hashlib.sha256(repr((seen, status.ok, status.problems)).encode()).hexdigest()[:16]


async def _seen(conn: AsyncConnection) -> object:
    live = [(row.alert_id, row.version) for row in await alerts.newest(conn, 50)]
    return live, sorted((await mentions.counts(conn)).items())
