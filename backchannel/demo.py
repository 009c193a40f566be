"""``backchannel demo``: the story that the product exists for, told by the real service against the playground."""

import asyncio
import json
import os
import re
import sys
import tempfile
import webbrowser
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from backchannel.commands.failure import CommandError
from playground import brewery
from playground.slack.terminal import render
from playground.world import CHANNELS, EMAIL, HEAD, PHONE, World

Found = TypeVar("Found")

_PATIENCE = 90.0  # seconds; a small machine that is busy needs more than one at rest
_LOG_SHOWN = 12  # lines
_FRAME = 6  # columns of a panel's border and padding, and for signs that are two columns wide
_STEPS = re.compile(r"reminder at (\d\d:\d\d), escalation at (\d\d:\d\d)")
_JESS, _CARYS, _PRAISE, _JOB = 1, 2, 0, 3  # places among the brewery's posts


def main(folder: Path | None = None, *, stay: bool | None = None) -> None:
    """Tell the story; with a terminal the page stays open until Ctrl-C, without one it ends by itself."""
    stay = sys.stdout.isatty() and sys.stdin.isatty() if stay is None else stay
    with tempfile.TemporaryDirectory(prefix="backchannel-demo-") as scratch:
        demo = _Demo(folder or Path(scratch), Console(highlight=False), stay=stay)
        try:
            asyncio.run(demo.run())
        except KeyboardInterrupt:
            demo.end()
        except TimeoutError:
            raise CommandError(demo.stuck()) from None


class _Demo:
    def __init__(self, folder: Path, console: Console, *, stay: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.console = console
        self.stay = stay
        self.started = datetime.now(UTC)
        self.chapters = 0
        self.log = folder / "service.log"
        self.doing = "starting"
        self.times: list[tuple[str, float]] = []

    async def run(self) -> None:
        """Tell every chapter in turn."""
        async with World(self.folder, f"sqlite:///{self.folder / 'backchannel.db'}") as world:
            self.log = world.log
            await self._prepare(world)
            await self._wife_complains(world)
            await self._others_post(world)
            await self._somebody_takes_it(world)
            await self._case_is_resolved(world)
            self._sum_up(world)
            if self.stay:
                await self._show_pages(world)
            await world.stop()
        self.end()

    def end(self) -> None:
        """Say where to go on."""
        self._say("\nThe demo is over and has left nothing behind. README.md says how to connect your own accounts.")

    def stuck(self) -> str:
        """Say what the demo waited for in vain, with the end of the service's log."""
        log = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        told = "\n".join(log[-_LOG_SHOWN:]) or "(empty)"
        return f"{self.doing}: nothing came within {_PATIENCE:.0f} s. The end of the service's log:\n{told}"

    async def _prepare(self, world: World) -> None:
        self._title("Brackwater Brewing, an invented brewery")
        await self._timed(
            "import of the CRM, as a command of its own",
            world.command("crm", "import", str(world.export_crm(self.started))),
        )
        self._say("Its CRM is imported: 16 customers with 16 cases, 14 of them unanswered.")
        await world.start()
        took = await self._timed("start of the service, until it reads X", world.listening())
        self._say(f"The service has started in {took[1]:.1f} s. It reads X by the tweepy client and follows the CRM.")
        self._say("X, Slack and the mail server are imitations on this machine: nothing leaves it.", style="dim")

    async def _wife_complains(self, world: World) -> None:
        self._title("Nine days ago Tom Hadley e-mailed about an empty can. Nobody answered. Now his wife posts:")
        self._quote(_JESS)
        world.says(_JESS)
        told, took = await self._timed("post to Slack message", world.alerts(EMAIL, patience=_PATIENCE))
        self._say(f"{took:.1f} s later the e-mail team has this in its Slack channel:")
        self._slack(EMAIL, told[0])
        letters, took = await self._timed("from then to the letter", world.mail.wait_for(1, patience=_PATIENCE))
        self._say(f"Its mailbox has the same as a letter: “{letters[-1].message['Subject']}”")
        self._clock(told[0])

    def _clock(self, message: Any) -> None:
        found = _STEPS.search(" ".join(render(message).split()))
        if found is None:
            return
        reminder, escalation = found[1], found[2]
        self._say(
            f"\nUnless somebody takes it, the team is reminded at {reminder}, 30 minutes after the post, and the head "
            f"of support is told at {escalation}, after 60. The demo turns no clock forward: these two are not shown."
        )

    async def _others_post(self, world: World) -> None:
        self._title("Others post as well: praise, a job advert, and a daughter about her father's telephone case")
        ids = {}
        for index in (_PRAISE, _JOB, _CARYS):
            self._quote(index)
            ids[index] = world.says(index)
        told, took = await self._timed("post to Slack message, phone team", world.alerts(PHONE, patience=_PATIENCE))
        self._say(f"{took:.1f} s later the phone team has this:")
        self._slack(PHONE, told[0], head=True)
        for index, what in ((_PRAISE, "praise"), (_JOB, "job advert")):
            self._say(f"The {what}: {await self._came_to(world, ids[index])}")

    async def _came_to(self, world: World, native_id: str) -> str:
        """Say by ``backchannel explain`` what was made of a post, as soon as that is known."""
        self.doing = "judging a post"
        async with asyncio.timeout(_PATIENCE):
            while True:
                lines = [line.strip() for line in (await world.command("explain", native_id)).splitlines()]
                if "Is it a complaint?" in lines:
                    break
        verdict = lines[lines.index("Is it a complaint?") + 1]
        nobody = lines[lines.index("Came to") + 1] == "not_complaint"
        return f"a complaint? {verdict}. " + ("Nobody was told." if nobody else f"#{CHANNELS[HEAD]} was asked to look.")

    async def _somebody_takes_it(self, world: World) -> None:
        self._title("Sam presses Take it: the clock stops, and the message is rewritten in place")
        before = world.slack.messages(EMAIL)[0]
        old = self._lines(before)
        taken, took = await self._timed("press of the button to rewritten message", self._press(world, before["ts"]))
        self._say(f"{took:.1f} s later the same message says:")
        self._changes(old, taken)

    async def _press(self, world: World, ts: str) -> Any:
        await world.slack.click(EMAIL, ts, "take", via="socket")
        return await world.alerts_that(EMAIL, "Taken by", patience=_PATIENCE)

    async def _case_is_resolved(self, world: World) -> None:
        self._title("Tom gets his answer by e-mail, the CRM says resolved, and the alert closes itself")
        cases = (self.folder / "crm" / "cases.jsonl").read_text("utf-8").splitlines()
        told = [self._resolved(json.loads(line)) for line in cases]
        (self.folder / "crm" / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), "utf-8")
        old = self._lines(world.slack.messages(EMAIL)[0])
        closed, took = await self._timed("CRM imported anew to closed alert", self._import_anew(world))
        self._say(f"{took:.1f} s after the import began (the CRM is looked at every 15 s) the same message says:")
        self._changes(old, closed)

    async def _import_anew(self, world: World) -> Any:
        await world.command("crm", "import", str(self.folder / "crm"))
        return await world.alerts_that(EMAIL, "resolved", patience=_PATIENCE)

    def _resolved(self, case: dict[str, Any]) -> dict[str, Any]:
        if case["case_id"] != "BW-2001":
            return case
        now = datetime.now(UTC).isoformat()
        answer = {"at": now, "author": "agent", "text": "Sorry, Tom. A new 12-pack leaves us today, with our thanks."}
        done = {"status": "resolved", "resolved_at": now, "updated_at": now}
        return {**case, **done, "messages": [*case["messages"], answer]}

    def _sum_up(self, world: World) -> None:
        self._title("What happened")
        for channel, name in CHANNELS.items():
            self._say(f"  Slack #{name}: {_counted(len(world.slack.messages(channel)), 'message')}")
        self._say(f"  Mailbox of the e-mail team: {_counted(len(world.mail.letters), 'letter')}")
        for what, seconds in self.times:
            self._say(f"  {seconds:5.1f} s  {what}")

    async def _show_pages(self, world: World) -> None:
        page = f"http://127.0.0.1:{world.port}/"
        self._title(f"The inbox: {page}")
        self._say(f"Slack as its users see it: {world.slack.url}/view/{EMAIL}")
        self._say("Nobody has taken the phone team's alert: stay, and its reminder and escalation come by the clock.")
        if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(page)
        self._say("Press Ctrl-C to end the demo.", style="bold")
        await asyncio.Event().wait()

    async def _timed(self, what: str, waiting: Awaitable[Found]) -> tuple[Found, float]:
        """Wait for something and give it with the seconds that it took."""
        self.doing = what
        clock = asyncio.get_running_loop()
        before = clock.time()
        found = await waiting
        self.times.append((what, clock.time() - before))
        return found, self.times[-1][1]

    def _title(self, text: str) -> None:
        self.chapters += 1
        self.console.print(Text(f"\n{self.chapters}. {text}", style="bold cyan"))

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def _quote(self, index: int) -> None:
        post = brewery.story()["posts"][index]
        self._panel(post["text"], f"@{post['handle']} on X", "blue")

    def _slack(self, channel: str, message: Any, *, head: bool = False) -> None:
        lines = self._lines(message)
        if head:
            end = next((at for at, line in enumerate(lines) if line.startswith("Why we think so")), len(lines))
            lines = [*lines[:end], "…"]
        self._panel("\n".join(lines), f"Slack #{CHANNELS[channel]}", "magenta")

    def _changes(self, old: list[str], message: Any) -> None:
        new = [line for line in self._lines(message) if line and line not in old and set(line) != {"="}]
        self._panel("\n".join([*new, "… (the rest has stayed)"]), f"Slack #{CHANNELS[EMAIL]}", "magenta")

    def _lines(self, message: Any) -> list[str]:
        return render(message, self.console.width - _FRAME).splitlines()

    def _panel(self, text: str, title: str, colour: str) -> None:
        self.console.print(Panel(Text(text), title=title, title_align="left", border_style=colour))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
