"""A configuration, a clock that is turned by hand, pipelines, and a ledger that tells the story of the empty can."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from backchannel.config import Settings, parse
from backchannel.reload import ReloadStatus
from backchannel.web.app import make_app
from backchannel.web.metrics import Metrics
from backchannel.web.state import Act, Finding, WebState
from ledger.database import Database
from matcher.encoder import Encoder
from playground.world import BEARER, World
from tests.backchannel.line import Line
from tests.backchannel.told import NOW, Story, tell
from tests.stories.inside import Inside, inside

SECRETS = {
    "X_BEARER_TOKEN": "x-canary-bearer-token",
    "SLACK_BOT_TOKEN": "xoxb-canary-bot-token",
    "SLACK_APP_TOKEN": "xapp-canary-app-token",
    "WEB_SECRET": "canary-web-secret",
}

MINIMAL = """\
crm: {kind: embedded}
sources:
  x: {kind: x, bearer_token: {env: X_BEARER_TOKEN}}
rules:
  - name: larkmoor
    brand: Larkmoor
    any: [larkmoor, "@larkmoor"]
notifier:
  receivers:
    email-team: {kind: slack, channel: C0123ABCD, bot_token: {env: SLACK_BOT_TOKEN}}
  fallback: email-team
"""


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def turn(self, by: timedelta) -> None:
        self._now += by
        self._elapsed += by.total_seconds()


@dataclass
class FakeActions:
    """Remembers what the page asked for."""

    asked: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    async def act(
        self, act: Act, alert_id: str, *, by: str, case_id: str | None = None, relation: str | None = None
    ) -> str:
        self.asked.append((act, alert_id, by, case_id or relation))
        return f"{by} did: {act}"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The secrets that the configurations name, in the environment."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return SECRETS


@pytest.fixture
def minimal() -> str:
    """The smallest configuration that does something."""
    return MINIMAL


@pytest.fixture
def settings(secrets: Mapping[str, str]) -> Settings:
    """The smallest settings that do something."""
    return parse(MINIMAL.encode(), "config.yaml")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def actions() -> FakeActions:
    return FakeActions()


@dataclass
class Page:
    """The web page over a ledger; what its state gives can be changed while it runs."""

    state: WebState
    app: web.Application
    client: TestClient[web.Request, web.Application]
    actions: FakeActions
    status: ReloadStatus
    findings: list[Finding]
    settings: Settings
    notes: list[str] = field(default_factory=list)

    async def text(self, path: str, **headers: str) -> str:
        async with self.client.get(path, headers=headers) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()


@pytest.fixture
async def page(sqlite_db: Database, settings: Settings, clock: HandClock, actions: FakeActions) -> AsyncIterator[Page]:
    """The web page on a loopback port of its own."""
    box: list[Page] = []
    state = WebState(
        db=sqlite_db,
        clock=clock,
        settings=lambda: box[0].settings,
        reload_status=lambda: box[0].status,
        findings=lambda: box[0].findings,
        metrics=Metrics(),
        actions=actions,
        notes=lambda: box[0].notes,
    )
    app = make_app(state)
    client = TestClient(TestServer(app, host="127.0.0.1"))
    box.append(Page(state, app, client, actions, ReloadStatus(True, NOW, NOW), [], settings))
    await client.start_server()
    yield box[0]
    await client.close()


@pytest.fixture
async def story(sqlite_db: Database) -> Story:
    """A wife posted about an empty can; nine days ago her husband had written an e-mail that nobody answered."""
    return await tell(sqlite_db)


@pytest.fixture
def tell_story() -> Any:
    """Tells the story with other words: ``await tell_story(db, text=..., name=...)``."""
    return tell


@pytest.fixture
def config_file(tmp_path: Path, secrets: Mapping[str, str]) -> Path:
    """A file with the smallest configuration, its database beside it."""
    path = tmp_path / "config" / "config.yaml"
    path.parent.mkdir()
    path.write_text(MINIMAL + f"database: sqlite:///{tmp_path}/ledger.db\n", "utf-8")
    return path


@pytest.fixture
def line(database: Database) -> Line:
    """A pipeline on each kind of database."""
    return Line(database)


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    with Encoder() as opened:
        yield opened


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> AsyncIterator[Inside]:
    """The service in this process, over the brewery's world, listening to the loopback X."""
    monkeypatch.setenv("PLAYGROUND_X_TOKEN", BEARER)
    monkeypatch.setenv("PLAYGROUND_SLACK_TOKEN", "xoxb-loopback")
    monkeypatch.setenv("PLAYGROUND_SLACK_APP_TOKEN", "xapp-loopback")
    async with World(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as world, inside(world, encoder) as opened:
        await world.listening()
        yield opened
