"""``backchannel replay FILE``: what the rules would hear in recorded posts, and if asked, hears it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from backchannel.commands.failure import CommandError
from backchannel.config import Settings
from ledger.clock import Clock
from ledger.database import Database
from listener.intake import Intake
from listener.post import Post
from listener.rules import Rulebook

_SHOWN = 100


class Replayed(msgspec.Struct):
    """What came of a file: posts read, posts heard, and hits by rule."""

    read: int = 0
    heard: int = 0
    by_rule: Counter[str] = Counter()


def posts(path: Path) -> Iterator[tuple[int, Post]]:
    """Give each post with its line; raises CommandError at the first line that is none.

    A line is ``{"native_id": .., "author": {"handle": ..}, "text": .., "posted_at": "2026-01-02T03:04:05Z"}``, and may
    hold the other fields of ``listener.post.Post``.
    """
    decoder = msgspec.json.Decoder(Post)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                post = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise CommandError(f"{path.name}:{number}: this line is no post: {error}") from None
            if post.posted_at.tzinfo is None:
                raise CommandError(f"{path.name}:{number}: posted_at has no zone: end it with Z or +00:00")
            yield number, msgspec.structs.replace(post, cursor=None)


def source_named(settings: Settings, name: str | None) -> tuple[str, str]:
    """Give the source in whose name to replay, and its platform."""
    chosen = name or next(iter(settings.sources))
    if chosen not in settings.sources:
        raise CommandError(f"no source is called '{chosen}': there are {', '.join(settings.sources)}")
    return chosen, settings.sources[chosen].kind


def preview(settings: Settings, path: Path, platform: str, out: Console) -> Replayed:
    """Print the posts that the rules hear, and change nothing."""
    rulebook, result = Rulebook(settings.rules, settings.own_accounts), Replayed(by_rule=Counter())
    for number, post in posts(path):
        hits = rulebook.hears(post, platform)
        result.read += 1
        if not hits:
            continue
        result.heard += 1
        result.by_rule.update(hit.rule for hit in hits)
        if result.heard <= _SHOWN:
            out.print(f"[bold]{number}[/] {escape(post.native_id)} [cyan]{escape(', '.join(h.rule for h in hits))}[/]")
            out.print(f"    {escape(' '.join(post.text.split())[:160])}", style="dim")
    return result


async def record(settings: Settings, db: Database, path: Path, source: str, platform: str, clock: Clock) -> Replayed:
    """Take the posts in as if their source had given them; a running service handles them within seconds."""
    rulebook = Rulebook(settings.rules, settings.own_accounts)
    intake, result = Intake(db, lambda: rulebook, clock, on_mention=lambda: None), Replayed(by_rule=Counter())
    for _, post in posts(path):
        intake.take(source, platform, post)
        result.read += 1
        if result.read % 1000 == 0:
            await intake.flush()
    await intake.flush()
    result.heard = intake.tallies[source].heard if source in intake.tallies else 0
    return result
