"""Plays a labelled set, and a recorded stream, through the loopback X into the running service.

``python -m bench.replay FOLDER [--stream FILE] [--out FOLDER]``. FOLDER holds ``customers.jsonl``, ``cases.jsonl`` and
``posts.blind.jsonl``. A live CRM knows no past, so every date is moved by one span that makes the newest post new, and
the CRM is imported as it stood at that moment: what was opened, written or resolved later is left out. FILE is a
gzipped recording with the lines of a filtered stream.
"""

import argparse
import asyncio
import gzip
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from crm.importer import import_folder
from ledger import alerts, gaps, mentions, outbox, quarantine
from ledger.database import Database
from ledger.migrate import upgrade
from playground.world import EMAIL, HEAD, PHONE, World

_TIMES = ("at", "opened_at", "updated_at", "resolved_at")
_PATIENCE = 240.0
_CASE = r"(?<=case )[A-Z]+-\d+"


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
            world.config.write_text(
                world.config.read_text("utf-8").replace("Brackwater", folder.name.capitalize()), "utf-8"
            )
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
    end = datetime.now(UTC) - span
    known = [case for case in rows(folder / "cases.jsonl") if datetime.fromisoformat(case["opened_at"]) < end]
    cases = (json.dumps(moved(as_it_stood(case, end), span)) for case in known)
    (into / "cases.jsonl").write_text("\n".join(cases), "utf-8")


def as_it_stood(case: dict[str, Any], end: datetime) -> dict[str, Any]:
    """Give a case as the CRM showed it at a moment: resolved later means open, and later messages are unwritten."""
    written = [each for each in case["messages"] if datetime.fromisoformat(each["at"]) <= end]
    resolved = case["resolved_at"]
    if resolved is None or datetime.fromisoformat(resolved) <= end:
        updated = min(datetime.fromisoformat(case["updated_at"]), end).isoformat()
        return {**case, "messages": written, "updated_at": updated}
    last = max([case["opened_at"], *(each["at"] for each in written)])
    return {**case, "messages": written, "status": "open", "resolved_at": None, "updated_at": last}


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
    settled = {name.partition(":")[2]: count for name, count in heard.items() if ":" in name}
    decided = {"complaints": sum(settled.values()) - settled.get("not_complaint", 0), **settled}
    kinds = Counter(row.kind for row in raised)
    lying = {name: len(world.slack.messages(name)) for name in (EMAIL, PHONE, HEAD)}
    shown = Table("what came of it", "how many")
    shown.add_row("posts played", str(played))
    shown.add_row("unreadable lines, set aside", str(odd))
    shown.add_row("gaps", str(sum(holes.values())))
    shown.add_row("mentions", str(sum(decided.values()) - decided["complaints"]))
    for name, count in (*decided.items(), *((f"alerts: {kind}", n) for kind, n in kinds.items())):
        shown.add_row(name, str(count))
    for name, count in (*told.items(), *lying.items(), ("letters", len(world.mail.letters))):
        shown.add_row(f"messages: {name}", str(count))
    Console().print(shown)
    _keep_one(world, out)


def _keep_one(world: World, out: Path) -> None:
    """Keep one alert as Slack and as e-mail show it, for looking at: a sure one where there is one."""
    out.mkdir(parents=True, exist_ok=True)
    texts = [world.slack.render(message) for message in world.slack.messages(EMAIL)]
    for text in sorted(texts, key=_doubt)[:1]:
        (out / "alert.txt").write_text(text, "utf-8")
        number = next(iter(re.findall(_CASE, text)), "")
        letters = [each for each in world.mail.letters if number in each.body("html")] or world.mail.letters
        (out / "alert.html").write_text(letters[0].body("html"), "utf-8")


def _doubt(text: str) -> tuple[bool, int]:
    """Order alerts by how much speaks against what they say; those without a reason for it come last."""
    reasons, _, against = text.partition("What speaks against")
    return "What speaks for" not in reasons, against.count("(against)")


def main() -> None:
    """Play what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=lambda text: Path(text).resolve())
    parser.add_argument("--stream", type=Path)
    parser.add_argument("--brand", default='@larkmoorbrew", "larkmoor')
    parser.add_argument("--out", type=Path, default=Path("var/replay"))
    words = parser.parse_args()
    asyncio.run(play(words.folder, words.stream, words.out, words.brand))


if __name__ == "__main__":
    main()
