"""Raw posts per second on one core: decode, rules and durable intake, beside compiled regexes and a bare automaton."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.report import Report
from bench.rules import Words, bare_automaton, make_posts, make_rules, regex_loop
from bench.turns import Pace, Run, take_turns
from ledger import mentions
from ledger.clock import SystemClock
from ledger.database import Database
from ledger.migrate import upgrade
from listener.config import RuleConfig
from listener.intake import Intake
from listener.post import Alive, Event, Post
from listener.rules import Rulebook
from listener.sources.x_api import EXPANSIONS, POST_FIELDS, USER_FIELDS
from listener.sources.x_payload import Notice, read_line
from listener.stream import Stream
from playground.x.posts import Draft, PostBook
from playground.x.stream import line
from playground.x.wire import Asked

RULES = 200
CHUNK = 256
_PLANTED = 0.012
_ANSWERS = 0.3
OURS, DURABLE = "decode + rules", "decode + rules + durable intake"
LOOP, LOOP_RULES = "decode + loop of regexes", "loop of regexes alone"
FLOOR, BARE = "decode + ahocorasick-rs", "decode of id and text only + ahocorasick-rs"

Item = TypeVar("Item")


class _Text(msgspec.Struct):
    id: str
    text: str


class _BareLine(msgspec.Struct):
    data: _Text


def wire_lines(texts: Sequence[str], rng: random.Random, words: Words) -> list[bytes]:
    """Give the lines that X would stream for these posts, with the fields that the product asks for."""
    book = PostBook(lambda: datetime.now(UTC))
    fields = {"tweet.fields": ",".join(POST_FIELDS), "user.fields": ",".join(USER_FIELDS)}
    asked = Asked.of({**fields, "expansions": ",".join(EXPANSIONS)})
    lines: list[bytes] = []
    earlier: int | None = None
    for text in texts:
        handle = f"{rng.choice(words.all)}{rng.randrange(90)}"
        author = book.account(handle, name=handle.title(), bio=" ".join(words.draw(6)), location="Leeds", followers=80)
        reply = earlier if rng.random() < _ANSWERS else None
        post = book.publish(author, Draft(text, reply_to=reply, likes=rng.randrange(9)), None)
        lines.append(line(post, [{"id": str(post.id), "tag": "backchannel"}], asked))
        earlier = post.id
    return lines


def corpus(seed: int, count: int) -> tuple[list[RuleConfig], list[bytes]]:
    """Invent rules, and lines of which about 2 % hit one."""
    rng = random.Random(seed)
    words = Words(rng)
    rules = make_rules(words, RULES)
    plain = [str(rule.any[0]) for rule in rules if rule.any and not rule.all and not rule.none]
    texts = make_posts(rng, words, rules, count)
    planted = [f"{text} {rng.choice(plain)}" if rng.random() < _PLANTED else text for text in texts]
    return rules, wire_lines(planted, rng, words)


class Recorded:
    """A source that gives recorded lines as fast as they can be decoded, some hundred to each turn of the loop."""

    platform = "x"

    def __init__(self, name: str, lines: Sequence[bytes]) -> None:
        self.name = name
        self._lines = lines
        self.done = asyncio.Event()

    async def listen(self, cursor: str | None) -> AsyncIterator[Event]:  # noqa: ARG002  as every source
        """Give all lines, then nothing for ever."""
        for start in range(0, len(self._lines), CHUNK):
            for raw in self._lines[start : start + CHUNK]:
                event = read_line(raw)
                if not isinstance(event, Notice):
                    yield event
            yield Alive(cursor=str(start))
            await asyncio.sleep(0)
        self.done.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """There is nothing to close."""


async def drive(db: Database, rulebook: Rulebook, name: str, lines: Sequence[bytes]) -> None:
    """Read all lines through the real stream and intake, until the last mention is committed."""
    clock = SystemClock()
    intake = Intake(db, lambda: rulebook, clock, on_mention=lambda: None)
    source = Recorded(name, lines)
    tasks = [asyncio.create_task(intake.run()), asyncio.create_task(Stream(source, intake, db, clock).run())]
    await source.done.wait()
    await intake.flush()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Reading:
    """The contenders, over the same lines."""

    def __init__(self, rules: Sequence[RuleConfig], lines: Sequence[bytes], db: Database, runner: asyncio.Runner):
        self._lines = lines
        self._few = lines[:60]
        self._posts = [event for event in map(read_line, lines) if isinstance(event, Post)]
        self._rulebook = Rulebook(rules)
        self._automaton, self._loop = bare_automaton(rules), regex_loop(rules)
        self._bare = msgspec.json.Decoder(_BareLine).decode
        self._db = db
        self._runner = runner
        self.hits = sum(bool(self._rulebook.hears(post, "x")) for post in self._posts)
        for post in self._posts[: len(self._few)]:
            assert {hit.rule for hit in self._rulebook.hits(post.text)} == set(self._loop(post.text))

    def contenders(self) -> dict[str, Run]:
        """Give each by its name."""
        return {
            DURABLE: self._durable,
            OURS: lambda _: self._each(self._lines, lambda raw: self._rulebook.hears(_post(raw), "x")),
            "decode alone": lambda _: self._each(self._lines, read_line),
            "rules alone": lambda _: self._each(self._posts, lambda post: self._rulebook.hears(post, "x")),
            FLOOR: lambda _: self._each(self._lines, lambda raw: self._automaton(_post(raw).text)),
            BARE: lambda _: self._each(self._lines, lambda raw: self._automaton(self._bare(raw).data.text)),
            LOOP: lambda _: self._each(self._few, lambda raw: self._loop(_post(raw).text)),
            LOOP_RULES: lambda _: self._each(self._posts[: len(self._few)], lambda post: self._loop(post.text)),
        }

    def _durable(self, number: int) -> int:
        self._runner.run(drive(self._db, self._rulebook, f"x{number}", self._lines))
        return len(self._lines)

    def kept(self) -> int:
        """Count the mentions that are in the ledger."""
        return sum(self._runner.run(_counts(self._db)).values())

    @staticmethod
    def _each(items: Sequence[Item], act: Callable[[Item], object]) -> int:
        for item in items:
            act(item)
        return len(items)


def _post(raw: bytes) -> Post:
    event = read_line(raw)
    assert isinstance(event, Post)
    return event


async def _counts(db: Database) -> dict[str, int]:
    async with db.read() as conn:
        return await mentions.counts(conn)


def measure(report: Report, *, posts: int, rounds: int, seed: int) -> None:
    """Measure all contenders in turns and say how they compare."""
    rules, lines = corpus(seed, posts)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        db = Database(f"sqlite:///{Path(folder) / 'reading.db'}")
        runner.run(upgrade(db))
        reading = Reading(rules, lines, db, runner)
        paces = take_turns(reading.contenders(), rounds)
        assert reading.kept() == reading.hits * (rounds + 1)
        runner.run(db.close())
    length = sum(map(len, lines)) // len(lines)
    share = reading.hits / len(lines)
    title = f"raw posts, one core: {RULES} rules, {share:.1%} of {len(lines)} posts hit, {length} bytes each"
    _show(report, title, paces)


def _show(report: Report, title: str, paces: dict[str, Pace]) -> None:
    rows = [
        (
            name,
            f"{pace.best:,.0f}",
            f"{pace.middle:,.0f}",
            f"{pace.wall:,.0f}",
            f"{pace.micros:.2f}",
            f"{paces[DURABLE].best / pace.best:.2f} x",
        )
        for name, pace in paces.items()
    ]
    columns = ("", "posts/s of one core", "median", "by the wall", "us/post", "whole intake against it")
    report.table(title, columns, rows)
    whole, decode, rules = paces[DURABLE].micros, paces["decode alone"].micros, paces["rules alone"].micros
    shares = {"decode": decode, "rules": rules, "stream, intake and commits": whole - decode - rules}
    report.notes.append("reading: " + ", ".join(f"{name} {part / whole:.0%}" for name, part in shares.items()))
    best = {name: pace.best for name, pace in paces.items()}
    report.target("rules, against a loop of regexes", best["rules alone"] / best[LOOP_RULES], 100, "x")
    report.target("decode + rules + intake, against decode + regexes", best[DURABLE] / best[LOOP], 100, "x")
    report.target("decode + rules + intake, of decode + ahocorasick-rs", best[DURABLE] / best[FLOOR], 0.6, "x")
