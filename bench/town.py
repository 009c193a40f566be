"""The service as its own process in a world of loopback X, Slack and mail, over a ledger that mirrors many cases."""

import asyncio
import json
import os
import shutil
import time
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from bench.cases import Told
from playground.world import World

CHANNELS = 20
_TOKEN = {"env": "PLAYGROUND_SLACK_TOKEN"}


class Stamped(list[Any]):
    """The calls that the loopback Slack has had, and when each came in."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    def append(self, call: Any) -> None:
        """Keep one more."""
        self.at.append(time.perf_counter())
        super().append(call)


class Town:
    """A world whose brands each have a team and a Slack channel of their own, so that Slack's pace holds up nobody."""

    def __init__(self, folder: Path, ledger: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ledger, folder / "backchannel.db")
        self.world = World(folder, f"sqlite:///{folder / 'backchannel.db'}")
        self.asked = Stamped()
        self.posted: dict[str, float] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        world = await self._stack.enter_async_context(self.world)
        world.slack.asked = self.asked
        for number in range(CHANNELS):
            world.slack.channel(f"C0BENCH{number}")
        world.config.write_text(json.dumps(_config(world)), "utf-8")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def start(self) -> float:
        """Start the service and give the seconds until it listened to X."""
        began = time.perf_counter()
        await self.world.start()
        await self.world.listening()
        return time.perf_counter() - began

    def say(self, told: Told, number: int) -> str:
        """Publish a complaint about one of the brands and give its id."""
        text = told.text.replace("@norvik", f"@norvik{number % CHANNELS}")
        began = time.perf_counter()
        native_id = self.world.x.post(text, handle=told.handle, name=told.name, location=told.location)
        self.posted[native_id] = began
        return native_id

    def heard(self) -> dict[str, float]:
        """Give, by post, the seconds until Slack was first asked to show it."""
        found: dict[str, float] = {}
        for (method, arguments), at in zip(self.asked, self.asked.at, strict=True):
            if method == "chat.postMessage":
                told = str(arguments)
                for native_id in [one for one in self.posted if one not in found and f"/status/{one}" in told]:
                    found[native_id] = at - self.posted[native_id]
        return found

    async def all_heard(self, patience: float) -> None:
        """Wait until Slack has been told of every post, or no longer than ``patience`` seconds."""
        try:
            async with asyncio.timeout(patience), self.world.slack.workspace.changed:
                await self.world.slack.workspace.changed.wait_for(lambda: len(self.heard()) == len(self.posted))
        except TimeoutError:
            return

    def processor_seconds(self) -> float:
        """Give the processor time that the service has used so far."""
        assert self.world.process is not None
        after_name = Path(f"/proc/{self.world.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        """Give the most memory that the service has had at once."""
        assert self.world.process is not None
        status = Path(f"/proc/{self.world.process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _config(world: World) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(world.config.read_text("utf-8"))
    brands = [f"norvik{number}" for number in range(CHANNELS)]
    slack = {"kind": "slack", "bot_token": _TOKEN, "base_url": world.slack.base_url}
    notifier = told["notifier"]
    notifier["receivers"] |= {brand: {**slack, "channel": f"C0BENCH{n}"} for n, brand in enumerate(brands)}
    kinds = ["link", "possible", "unlinked"]
    notifier["routes"] = [{"name": b, "match": {"brand": b, "kind": kinds}, "receivers": [b]} for b in brands]
    notifier["group_beyond"] = 1000
    told["rules"] = [{"name": brand, "brand": brand, "any": [f"@{brand}"]} for brand in brands]
    told["log"] = {"level": "warning"}
    return told
