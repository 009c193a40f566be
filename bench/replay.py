"""Plays a labelled set, and a recorded stream, through the loopback X into the running service.

``python -m bench.replay FOLDER [--stream FILE] [--out FOLDER]``. FOLDER holds ``customers.jsonl``, ``cases.jsonl`` and
``posts.blind.jsonl``. A live CRM knows no past, so every date is moved by one span that makes the newest post new, and
the CRM is imported as it stood at the end. FILE is a gzipped recording with the lines of a filtered stream.
"""

import argparse
import asyncio
import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from crm.importer import import_folder
from ledger import alerts, gaps, mentions, outbox, quarantine
from ledger.database import Database
from ledger.migrate import upgrade
from playground.world import EMAIL, HEAD, PHONE, World

_TIMES = ("at", "opened_at", "updated_at", "resolved_at")
_PATIENCE = 240.0


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSON Lines file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def moved(row: dict[str, Any], span: timedelta) -> dict[str, Any]:
    """Give a case with every date moved."""
    new = {k: _moved(v, span) if k in _TIMES and v else v for k, v in row.items()}
    return {**new, "messages": [moved(each, span) for each in row["messages"]]} if "messages" in row else new


def _moved(text: str, span: timedelta) -> str:
    return (datetime.fromisoformat(text) + span).isoformat()


async def play(folder: Path, stream: Path | None, out: Path, brand: str) -> None:
    """Run the world, wait until everything is settled and told, and print what came of it."""
    posts = rows(folder / "posts.blind.jsonl")
    span = datetime.now(UTC) - max(datetime.fromisoformat(post["posted_at"]) for post in posts)
    with tempfile.TemporaryDirectory(prefix="backchannel-replay-") as scratch:
        database = Database(f"sqlite:///{scratch}/backchannel.db")
        async with World(Path(scratch), f"sqlite:///{scratch}/backchannel.db") as world:
            world.write_config(('["@brackwaterbrew", brackwater, "harbour lager"]', f'["{brand}", covid, coronavirus]'))
            await _import(database, folder, Path(scratch) / "crm", span)
            await world.start()
            await world.listening()
            recorded = _replay_recording(world, stream) if stream else 0
            for post in posts:
                _publish(world, post, span)
            await _settled(database)
            await _report(world, database, out, recorded + len(posts))
        await database.close()


async def _import(database: Database, folder: Path, into: Path, span: timedelta) -> None:
    _export(folder, into, span)
    await upgrade(database)
    report = await import_folder(database.engine, into)
    Console().print(f"imported: {report.customers} customers, {report.cases} cases, {len(report.problems)} problems")


def _export(folder: Path, into: Path, span: timedelta) -> None:
    into.mkdir()
    (into / "customers.jsonl").write_bytes((folder / "customers.jsonl").read_bytes())
    cases = (json.dumps(moved(case, span)) for case in rows(folder / "cases.jsonl"))
    (into / "cases.jsonl").write_text("\n".join(cases), "utf-8")


def _replay_recording(world: World, stream: Path) -> int:
    """Send the recorded lines as they were, and once more the last one cut off in its middle."""
    lines = [json.dumps(json.loads(line)["body"]).encode() for line in _lines(stream)]
    for line in lines:
        world.x.send_raw(line + b"\r\n")
    world.x.send_raw(lines[-1][: len(lines[-1]) // 2] + b"\r\n")
    return len(lines)


def _lines(path: Path) -> Iterator[bytes]:
    return (line for line in gzip.decompress(path.read_bytes()).split(b"\n") if line.strip())


def _publish(world: World, post: dict[str, Any], span: timedelta) -> None:
    author, seen = post["author"], post["metrics"]
    world.x.post(
        post["text"],
        handle=author["handle"],
        name=author["display_name"],
        bio=author["bio"],
        location=author["location"],
        followers=author["followers"],
        lang=post["lang"],
        at=datetime.fromisoformat(post["posted_at"]) + span,
        likes=seen["likes"],
        reposts=seen["reposts"],
        replies=seen["replies"],
    )


async def _settled(database: Database) -> None:
    """Wait until nothing is new, claimed or owed any more; the pace of Slack's channels sets how long that takes."""
    quiet = 0
    async with asyncio.timeout(_PATIENCE):
        while quiet < 3:
            await asyncio.sleep(1.0)
            async with database.read() as conn:
                waiting, owed = await mentions.counts(conn), await outbox.counts(conn)
            busy = sum(waiting.get(s, 0) for s in ("new", "claimed")) + sum(owed.get(s, 0) for s in ("owed", "claimed"))
            quiet = 0 if busy or not waiting else quiet + 1


async def _report(world: World, database: Database, out: Path, played: int) -> None:
    async with database.read() as conn:
        heard, raised = await mentions.counts(conn), await alerts.newest(conn, 1_000)
        told, odd, holes = await outbox.counts(conn), await quarantine.count(conn), await gaps.counts(conn)
    console = Console()
    console.print(f"posts played: {played}; mentions: {heard}; unreadable: {odd}; gaps: {holes}")
    console.print(f"alerts: {dict(Counter(row.kind for row in raised))}; messages: {told}")
    console.print({name: len(world.slack.messages(name)) for name in (EMAIL, PHONE, HEAD)}, len(world.mail.letters))
    _keep_one(world, out)


def _keep_one(world: World, out: Path) -> None:
    """Keep one alert as Slack and as e-mail show it, for looking at."""
    out.mkdir(parents=True, exist_ok=True)
    if world.slack.messages(EMAIL):
        (out / "alert.txt").write_text(world.slack.render(world.slack.messages(EMAIL)[0]), "utf-8")
    if world.mail.letters:
        (out / "alert.html").write_text(world.mail.letters[0].body("html"), "utf-8")


def main() -> None:
    """Play what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stream", type=Path)
    parser.add_argument("--brand", default='@larkmoorbrew", "larkmoor')
    parser.add_argument("--out", type=Path, default=Path("var/replay"))
    words = parser.parse_args()
    asyncio.run(play(words.folder, words.stream, words.out, words.brand))


if __name__ == "__main__":
    main()
