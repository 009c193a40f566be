"""For machines: is the process alive, is every part of it doing its work, and the numbers."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from backchannel.config import HealthConfig, Settings
from backchannel.reload import ReloadStatus
from backchannel.web.metrics import since
from backchannel.web.state import STATE, Finding, WebState
from ledger import cursors, mentions, outbox, steps
from ledger.database import Database
from listener.stream import StreamStatus

_MEBIBYTE = 1024 * 1024
_PATIENCE = 5.0  # seconds that the database may take to say how things stand


def health_routes() -> list[web.RouteDef]:
    """Give the routes for machines; each may be asked without a login and holds ids and reasons only."""
    return [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)]


async def livez(request: web.Request) -> web.Response:  # noqa: ARG001  that the loop answers is the answer
    """Say that the process runs its loop; restart it when this is silent."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """Name every part and which is broken; 503 while any is."""
    findings = await all_findings(request.app[STATE])
    broken = [finding.part for finding in findings if not finding.ok]
    parts = [{"part": one.part, "ok": one.ok, "detail": one.detail} for one in findings]
    body = {"ready": not broken, "broken": broken, "parts": parts}
    return web.json_response(body, status=503 if broken else 200)


async def metrics(request: web.Request) -> web.Response:
    """Give the numbers in Prometheus' text format; 503 where the ledger cannot be read."""
    state = request.app[STATE]
    try:
        async with asyncio.timeout(_PATIENCE), state.db.read() as conn:
            await state.metrics.refresh(conn, state.clock.now(), reload_ok=state.reload_status().ok)
    except (SQLAlchemyError, OSError, TimeoutError):
        raise web.HTTPServiceUnavailable(text="The database cannot be read.\n") from None
    return web.Response(body=state.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def all_findings(state: WebState) -> list[Finding]:
    """Ask every part: those that the service sees, the ledger, the disk and the configuration."""
    settings, now = state.settings(), state.clock.now()
    return [
        *state.findings(),
        *await ledger_findings(state.db, settings, now),
        disk_finding(state.db, settings.health),
        configuration_finding(state.reload_status()),
    ]


async def ledger_findings(db: Database, settings: Settings, now: datetime) -> list[Finding]:
    """Say from the ledger alone whether reading, deciding, the clock and delivery keep up."""
    try:
        async with asyncio.timeout(_PATIENCE), db.read() as conn:
            kept_up = [*await _sources(conn, settings, now), *await _queues(conn, settings.health, now)]
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return [Finding("database", False, f"it cannot be read ({type(error).__name__}): run 'backchannel doctor'")]
    return [Finding("database", True, "it answers"), *kept_up]


async def _sources(conn: AsyncConnection, settings: Settings, now: datetime) -> list[Finding]:
    moved = await cursors.ages(conn)
    return [_source(name, moved.get(name), settings.health.cursor_age, now) for name in settings.sources]


def _source(name: str, moved: datetime | None, limit: timedelta | None, now: datetime) -> Finding:
    if moved is None:
        return Finding(f"cursor of {name}", True, "nothing was read yet")
    age = timedelta(seconds=since(moved, now))
    if limit is None or age <= limit:
        return Finding(f"cursor of {name}", True, f"it moved {_span(age)} ago")
    return Finding(f"cursor of {name}", False, f"it has stood still for {_span(age)}: see the log for its reason")


async def _queues(conn: AsyncConnection, limits: HealthConfig, now: datetime) -> Sequence[Finding]:
    dead = (await outbox.counts(conn)).get("dead", 0)
    return [
        _queue("clock", "the most overdue step is {} late", await steps.next_due(conn), limits.step_late, now),
        _queue("outbox", "the most overdue message is {} late", await outbox.next_at(conn), limits.message_late, now),
        _queue("pipeline", "a mention has waited {}", await mentions.oldest_waiting(conn), limits.mention_waits, now),
        Finding("dead letters", not dead, f"{dead} undeliverable: run 'backchannel dead-letters'" if dead else "none"),
    ]


def _queue(part: str, told: str, moment: datetime | None, limit: timedelta, now: datetime) -> Finding:
    late = timedelta(seconds=since(moment, now))
    return Finding(part, late <= limit, told.format(_span(late)) if late else "nothing waits")


def stream_finding(status: StreamStatus, now: datetime) -> Finding:
    """Say whether a source is heard: connected and giving signs of life."""
    part = f"source {status.source}"
    if status.stalled(now):
        silent = _span(timedelta(seconds=since(status.last_event_at, now)))
        return Finding(part, False, f"connected, but silent for {silent}: it is about to be connected anew")
    if status.state in ("waiting", "failed"):
        again = f", tried again at {status.retry_at:%H:%M:%S} UTC" if status.retry_at else ""
        return Finding(part, False, f"{status.last_error or 'not connected'}{again}")
    return Finding(part, True, status.state)


def disk_finding(db: Database, limits: HealthConfig) -> Finding:
    """Say whether the disk below an embedded database has room."""
    if not db.is_sqlite:
        return Finding("disk", True, "the database is on a server of its own")
    free = shutil.disk_usage(Path(db.url.database or ".").absolute().parent).free // _MEBIBYTE
    if free >= limits.disk_free_mb:
        return Finding("disk", True, f"{free} MiB free")
    return Finding("disk", False, f"only {free} MiB free, {limits.disk_free_mb} wanted: make room beside the database")


def configuration_finding(status: ReloadStatus) -> Finding:
    """Say whether what is saved is what is in force."""
    if status.ok:
        waiting = f"; a restart is needed for: {', '.join(status.waiting)}" if status.waiting else ""
        return Finding("configuration", True, f"the saved file is in force{waiting}")
    count = len(status.problems)
    told = f"{count} problem{'s' if count != 1 else ''} in the saved file, so an older one is in force"
    return Finding("configuration", False, f"{told}: run 'backchannel check-config'")


def _span(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
