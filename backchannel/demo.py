"""``backchannel demo``: the story that the product exists for, told by the real service against the playground."""

import asyncio
import json
import sys
import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from playground import brewery
from playground.world import EMAIL, HEAD, PHONE, World

_NAMES = {EMAIL: "#email-team", PHONE: "#phone-team", HEAD: "#head-of-support"}


def main(folder: Path | None = None, *, stay: bool | None = None) -> None:
    """Tell the story; with a terminal the page stays open until Ctrl-C, without one it ends by itself."""
    stay = sys.stdout.isatty() if stay is None else stay
    with tempfile.TemporaryDirectory(prefix="backchannel-demo-") as scratch:
        try:
            asyncio.run(_Demo(folder or Path(scratch), Console(highlight=False), stay=stay).run())
        except KeyboardInterrupt:
            return


class _Demo:
    def __init__(self, folder: Path, console: Console, *, stay: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.console = console
        self.stay = stay
        self.started = datetime.now(UTC)

    async def run(self) -> None:
        """Tell every chapter in turn."""
        async with World(self.folder, f"sqlite:///{self.folder / 'backchannel.db'}") as world:
            await self._prepare(world)
            await self._wife_complains(world)
            await self._others_post(world)
            await self._somebody_takes_it(world)
            await self._case_is_resolved(world)
            await self._show_inbox(world)
            await world.stop()
        self._say("The service has stopped. [bold]README.md[/] says how to connect your own accounts.")

    async def _prepare(self, world: World) -> None:
        self._title("Brackwater Brewing, an invented brewery")
        self._say("Its CRM is imported: 16 customers with 16 cases, 14 of them unanswered.")
        await world.command("crm", "import", str(world.export_crm(self.started)))
        await world.start()
        await world.listening()
        self._say("The service runs, reads X by the genuine tweepy client, and follows the CRM.")

    async def _wife_complains(self, world: World) -> None:
        self._title("Nine days ago Tom Hadley e-mailed about an empty can. Nobody answered. Now his wife posts:")
        self._quote(1)
        before = asyncio.get_running_loop().time()
        world.says(1)
        message = (await world.alerts(EMAIL))[0]
        took = asyncio.get_running_loop().time() - before
        self._say(f"{took:.1f} s later, in the e-mail team's Slack channel and in its mailbox:")
        self._slack(world, EMAIL, message)
        letter = (await world.mail.wait_for(1, patience=20.0))[-1]
        self._say(f"The mailbox holds: [bold]{Text(str(letter.message['Subject'])).markup}[/]")

    async def _others_post(self, world: World) -> None:
        self._title("Others post as well: praise, a job advert, and a daughter about her father's telephone case")
        for index in (0, 3, 2):
            self._quote(index)
            world.says(index)
        self._slack(world, PHONE, (await world.alerts(PHONE))[0])
        self._say("Nobody was told about the praise and the job advert.")

    async def _somebody_takes_it(self, world: World) -> None:
        self._title("Sam presses [bold]Take it[/]: the clock stops, and the message is rewritten in place")
        message = world.slack.messages(EMAIL)[0]
        await world.slack.click(EMAIL, message["ts"], "take", via="socket")
        taken = await world.alerts_that(EMAIL, "Taken by")
        self._slack(world, EMAIL, taken)

    async def _case_is_resolved(self, world: World) -> None:
        self._title("Tom gets his answer by e-mail, the CRM says resolved, and the alert closes itself")
        cases = (self.folder / "crm" / "cases.jsonl").read_text("utf-8").splitlines()
        told = [self._resolved(json.loads(line)) for line in cases]
        (self.folder / "crm" / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), "utf-8")
        await world.command("crm", "import", str(self.folder / "crm"))
        self._slack(world, EMAIL, await world.alerts_that(EMAIL, "resolved"))

    def _resolved(self, case: dict[str, Any]) -> dict[str, Any]:
        if case["case_id"] != "BW-2001":
            return case
        now = datetime.now(UTC).isoformat()
        answer = {"at": now, "author": "agent", "text": "Sorry, Tom. A new 12-pack leaves us today, with our thanks."}
        done = {"status": "resolved", "resolved_at": now, "updated_at": now}
        return {**case, **done, "messages": [*case["messages"], answer]}

    async def _show_inbox(self, world: World) -> None:
        page = f"http://127.0.0.1:{world.port}/"
        async with aiohttp.ClientSession() as session, session.get(page) as answer:
            self._title(f"The inbox: {page} (HTTP {answer.status})")
        self._say(f"Slack as its users see it: {world.slack.url}/view/{EMAIL}")
        if self.stay:
            webbrowser.open(page)
            self._say("Press Ctrl-C to end the demo.")
            await asyncio.Event().wait()

    def _title(self, text: str) -> None:
        self.console.print()
        self.console.rule(text, align="left")

    def _say(self, text: str) -> None:
        self.console.print(text)

    def _quote(self, index: int) -> None:
        post = brewery.story()["posts"][index]
        self.console.print(Panel(Text(post["text"]), title=f"@{post['handle']} on X", title_align="left"))

    def _slack(self, world: World, channel: str, message: Any) -> None:
        told = Text(world.slack.render(message))
        self.console.print(Panel(told, title=f"Slack {_NAMES[channel]}", title_align="left", border_style="magenta"))
