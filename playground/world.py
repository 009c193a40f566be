"""A whole world on the loopback: X, Slack, a mail server, a CRM export, and the real service as its own process."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playground import brewery
from playground.mail import LoopbackMail
from playground.slack.server import LoopbackSlack
from playground.x.posts import snowflake
from playground.x.server import LoopbackX

EMAIL, PHONE, HEAD = "C0EMAILTEAM", "C0PHONETEAM", "C0HEADSUPPORT"
CHANNELS = {EMAIL: "email-team", PHONE: "phone-team", HEAD: "head-of-support"}
"""The Slack channels by id, with their names."""

BEARER = "playground-bearer"


def free_port() -> int:
    """Give a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class World:
    """Everything around the service, and the service itself, started, killed and started again."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.x = LoopbackX(bearer=BEARER)
        self.slack = LoopbackSlack()
        self.mail = LoopbackMail()
        self.port = free_port()
        self.config = folder / "config.yaml"
        self.log = folder / "service.log"
        self.process: Process | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for server in (self.x, self.slack, self.mail):
            await self._stack.enter_async_context(server)
        for channel, name in CHANNELS.items():
            self.slack.channel(channel, name=name)
        self.slack.user("U0SAM", "Sam Okafor")
        self.write_config()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(signal.SIGKILL)
        await self._stack.aclose()

    def write_config(self, change: tuple[str, str] = ("", "")) -> None:
        """Write the brewery's configuration, with one text replaced by another."""
        filled = {"DATABASE": self.database_url, "X": self.x.base_url, "SLACK": self.slack.base_url}
        told = brewery.config(**filled, SMTP=self.mail.port, PORT=self.port, LOG="info")
        self.config.write_text(told.replace(*change) if change[0] else told, "utf-8")

    def export_crm(self, now: datetime | None = None) -> Path:
        """Write the CRM's export, dated back from now."""
        folder = self.folder / "crm"
        brewery.export(folder, now or datetime.now(UTC))
        return folder

    async def command(self, *words: str) -> str:
        """Run one command of the command line to its end and give what it printed; it must succeed."""
        process = await self._spawn(words, {})
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"backchannel {' '.join(words)} failed:\n{output.decode()}")
        return output.decode()

    async def start(self, crash_at: str = "") -> None:
        """Start the service; with a crash point it dies there as by ``kill -9``."""
        self.process = await self._spawn(("run",), {"BACKCHANNEL_CRASH_AT": crash_at} if crash_at else {})

    async def listening(self, connects: int = 1) -> None:
        """Wait until the service has connected to X so many times in all."""
        async with asyncio.timeout(30):
            await self.x.connected(connects)

    async def died(self) -> int:
        """Wait until the service has ended and give its exit status."""
        if self.process is None:
            raise RuntimeError("the service was not started")
        async with asyncio.timeout(30):
            return await self.process.wait()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Stop the service, if it runs, and give its exit status."""
        if self.process is None or self.process.returncode is not None:
            return None
        self.process.send_signal(how)
        return await self.died()

    def x_cursor(self) -> str:
        """Give the cursor of somebody who has read X up to now."""
        return str(snowflake(datetime.now(UTC)))

    def says(self, index: int, **changes: Any) -> str:
        """Publish one of the brewery's posts on X and give its id."""
        told = {**brewery.story()["posts"][index], **changes}
        told.pop("after")
        return self.x.post(told.pop("text"), **told)

    async def alerts(self, channel: str, count: int = 1, patience: float = 20.0) -> list[Any]:
        """Wait for messages in a Slack channel."""
        return await self.slack.wait_for(channel, count, patience=patience)

    async def alerts_that(self, channel: str, say: str, patience: float = 20.0) -> Any:
        """Wait until the first message of a channel says something and give it."""
        found = await self.slack.wait_for(
            channel, lambda messages: bool(messages) and say in self.slack.render(messages[0]), patience=patience
        )
        return found[0]

    async def _spawn(self, words: tuple[str, ...], extra: dict[str, str]) -> Process:
        workspace = self.slack.workspace
        secrets = {
            "PLAYGROUND_X_TOKEN": BEARER,
            "PLAYGROUND_SLACK_TOKEN": workspace.bot_token,
            "PLAYGROUND_SLACK_APP_TOKEN": workspace.app_token,
        }
        command = (sys.executable, "-m", "backchannel", *words, "--config", str(self.config))
        environment = {**os.environ, **secrets, **extra}
        if words != ("run",):
            pipe = asyncio.subprocess.PIPE
            return await asyncio.create_subprocess_exec(
                *command, cwd=self.folder, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
            )
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, cwd=self.folder, env=environment, stdout=log, stderr=log
            )


def minutes_ago(minutes: float) -> datetime:
    """Give a moment in the past."""
    return datetime.now(UTC) - timedelta(minutes=minutes)
