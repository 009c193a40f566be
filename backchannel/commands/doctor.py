"""``backchannel doctor``: asks every part and everything outside whether the service could do its work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from backchannel.commands.check_config import hints, summary
from backchannel.config import Settings, SourceConfig
from backchannel.web.health import disk_finding
from backchannel.web.state import Finding
from crm.source import CrmError
from crm.sources import open_crm
from ledger.database import Database
from ledger.migrate import SchemaError, require_current, revision
from listener.source import SourceError
from listener.sources.reddit_client import RedditClient
from listener.sources.reddit_config import RedditConfig
from listener.sources.x import XConfig
from listener.sources.x_api import XApi
from listener.sources.x_pace import SystemClock
from matcher.config import ComplaintConfig
from matcher.custom_model import CustomModelError, decision_for
from matcher.encoder import Encoder, EncoderFilesError
from matcher.heads import HeadsMissingError
from matcher.second_reader import SecondReaderError
from notifier.receivers import open_transport
from notifier.transport import TransportError

_SAMPLE = "Two weeks and still no reply."
PATIENCE = 20.0
"""Seconds that each part may take to answer."""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Give a finding for each part, as soon as it is known."""
    yield Finding("configuration", True, summary(settings))
    db = Database(settings.database.get_secret_value())
    try:
        yield await _finding("database", lambda: _database(db))
        yield await _finding("CRM", lambda: _crm(settings, db))
        yield disk_finding(db, settings.health)
    finally:
        await db.close()
    yield await _finding("model", lambda: asyncio.to_thread(_model, settings.matcher.complaint))
    for name, source in settings.sources.items():
        yield await _finding(f"source {name}", lambda source=source: _source(source))  # type: ignore[misc]
    for name in settings.notifier.receivers:
        yield await _finding(f"receiver {name}", lambda name=name: _receiver(settings, name))  # type: ignore[misc]


async def show(settings: Settings, out: Console) -> bool:
    """Print each finding as a line, OK or FAIL, and say whether all is well."""
    well = True
    async for finding in examine(settings):
        well = well and finding.ok
        mark = "[green]OK  [/]" if finding.ok else "[red]FAIL[/]"
        out.print(f"{mark} [bold]{escape(finding.part)}[/]: {escape(finding.detail)}", soft_wrap=True)
    for hint in hints(settings):
        out.print(f"[yellow]NOTE[/] {escape(hint)}", soft_wrap=True)
    return well


async def _finding(part: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return Finding(part, True, await ask())
    except (
        CrmError,
        SchemaError,
        SourceError,
        TransportError,
        CustomModelError,
        EncoderFilesError,
        SecondReaderError,
        HeadsMissingError,
    ) as error:
        return Finding(part, False, str(error))
    except SQLAlchemyError as error:
        told = "check its address, that it runs, and that its user may read and write"
        return Finding(part, False, f"it does not answer ({type(error).__name__}): {told}")
    except ValueError as error:
        return Finding(
            part, False, f"its files do not fit together ({type(error).__name__}): install this version anew"
        )
    except TimeoutError:
        return Finding(part, False, f"no answer within {PATIENCE:.0f} s: check the address and the firewall")
    except (OSError, aiohttp.ClientError) as error:
        return Finding(
            part, False, f"it cannot be reached ({type(error).__name__}): check the address and the firewall"
        )


async def _database(db: Database) -> str:
    if await _absent(db):
        return f"{db.url.database} is not there yet: it is made at the first start"
    if await revision(db) is None:
        return "it answers and is empty: it is filled at the first start"
    await require_current(db)
    return f"{db.url.get_backend_name()} answers, revision {await revision(db)}"


async def _absent(db: Database) -> bool:
    """Say whether an embedded database is still to be made; merely connecting would make it."""
    return db.is_sqlite and not await asyncio.to_thread(Path(db.url.database or "").exists)


async def _crm(settings: Settings, db: Database) -> str:
    if settings.crm.kind == "embedded" and await _absent(db):
        raise CrmError("the embedded CRM is empty: run 'backchannel crm import FOLDER'")
    crm = open_crm(settings.crm, db.reader)
    try:
        return await crm.check()
    finally:
        await crm.close()


def _model(config: ComplaintConfig) -> str:
    with Encoder() as encoder:
        if config.reads_twice:
            encoder.prepare_second()
        verdict = decision_for(config, encoder).judge([_SAMPLE], [None], [None])[0]
    return f"loaded; “{_SAMPLE}” is {'a' if verdict.complaint else 'no'} complaint ({verdict.probability:.0%})"


async def _source(config: SourceConfig) -> str:
    return await (_reddit(config) if isinstance(config, RedditConfig) else _x(config))


async def _x(config: XConfig) -> str:
    async with aiohttp.ClientSession() as session:
        api = XApi(session, config.base_url, config.bearer_token.get_secret_value(), SystemClock())
        rules = await api.rules()
    ours = sum(rule.ours for rule in rules)
    return f"X takes the token; it holds {len(rules)} rules, {ours} of them ours"


async def _reddit(config: RedditConfig) -> str:
    client = RedditClient(config)
    try:
        await client.page(f"/r/{config.joined}/comments", None)
    finally:
        await client.close()
    return f"Reddit takes the credentials and shows r/{config.joined}"


async def _receiver(settings: Settings, name: str) -> str:
    transport = open_transport(name, settings.notifier.receivers[name])
    try:
        return await transport.check()
    finally:
        await transport.close()
