"""Complaints per second through encoder, decision, linking and ledger, among many open cases, all of it durable."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console

from backchannel.pipeline import LANES, Pipeline
from bench.cases import BRAND, Told, make_cases, make_posts, make_talk
from bench.mirrored import SEED, ledger_with
from bench.peer import MISSING, Classify, classifier
from bench.report import Report
from bench.turns import Pace, percentile, take_turns
from ledger import mentions
from ledger.clock import SystemClock
from ledger.database import Database
from listener.facts import mention
from listener.post import Author, Post
from listener.rules import Hit
from matcher.assess import Assessor
from matcher.complaint import ComplaintDecision
from matcher.encoder import Encoder
from matcher.linker import Linker
from matcher.mention import LinkPolicy, MentionText
from notifier.config import NotifierConfig
from notifier.dispatch import Dispatcher

OURS, MIXED = "whole path, every mention a complaint", "whole path, one mention in three"
PEER = "transformers.pipeline one by one"
_PARTS = ("encoder alone", "encoder and complaint decision", "linking alone")
_HITS = (Hit("brand", BRAND, ("@norvik",)),)
_RECEIVER = {"kind": "email", "to": ["team@norvik.example"], "from": "alerts@norvik.example", "host": "127.0.0.1"}
_NOTIFIER = {
    "timezone": "UTC",
    "receivers": {"team": _RECEIVER},
    "routes": [{"name": "all", "receivers": ["team"]}],
    "first_contact": {"receivers": ["team"]},
    "fallback": ["team"],
    "head_of_support": ["team"],
}


class Deciding:
    """The real pipeline over a ledger with many mirrored cases, and its parts alone."""

    def __init__(
        self, db: Database, runner: asyncio.Runner, cases: int, batch: int, peers: dict[str, Classify]
    ) -> None:
        self._db, self._runner, self._batch, self._peers = db, runner, batch, peers
        self._turns = 0
        self._known = list(make_cases(SEED, 0, min(cases, 20_000)))
        self._encoder = Encoder()
        self._judge = ComplaintDecision(self._encoder)
        self._linker = Linker(db)
        runner.run(self._linker.load_keys(datetime.now(UTC)))
        self.waits: list[float] = []
        assessor, dispatcher = Assessor(self._judge, self._linker), Dispatcher(NotifierConfig.model_validate(_NOTIFIER))
        self.outcomes: dict[str, int] = {}
        self._pipeline = Pipeline(
            db,
            lambda: assessor,
            lambda: dispatcher,
            self._policy,
            SystemClock(),
            worker="bench/1",
            on_owed=lambda: None,
            on_settled=self._settled,
        )

    def contenders(self) -> dict[str, Callable[[int], int]]:
        """Give the whole, its parts, and the peers."""
        ours = {
            OURS: lambda number: self._whole(number, self._told(number)),
            MIXED: lambda number: self._whole(number, make_talk(number, self._told(number))),
            _PARTS[0]: lambda number: self._each(number, self._encoder.meant),
            _PARTS[1]: lambda number: self._each(number, partial(self._judge.judge, hurried=True)),
            _PARTS[2]: self._link,
        }
        return ours | {name: self._beside(classify) for name, classify in self._peers.items()}

    def close(self) -> None:
        """Stop the encoder's threads."""
        self._encoder.close()

    def _whole(self, number: int, told: list[Told]) -> int:
        now = datetime.now(UTC)
        self._turns += 1
        posts = [_post(one, f"{number}-{self._turns}-{n}", now) for n, one in enumerate(told)]
        return self._runner.run(self._settle([mention("x", "x", post, _HITS, now).row for post in posts]))

    async def _settle(self, rows: list[dict[str, object]]) -> int:
        async with self._db.write("bench") as conn:
            await mentions.record(conn, rows)
        return sum(await asyncio.gather(*(self._drain() for _ in range(LANES))))

    async def _drain(self) -> int:
        total = 0
        while count := await self._pipeline.handle_next():
            total += count
        return total

    def _link(self, number: int) -> int:
        now = datetime.now(UTC)
        told = self._told(number)
        self._runner.run(self._link_all([_text(one, now) for one in told], now))
        return len(told)

    async def _link_all(self, texts: list[MentionText], now: datetime) -> None:
        for text in texts:
            began = time.perf_counter()
            await self._linker.link(text, now)
            self.waits.append(1000 * (time.perf_counter() - began))

    def _each(self, number: int, act: Callable[[list[str]], object]) -> int:
        texts = [one.text for one in self._told(number)]
        for start in range(0, len(texts), 32):
            act(texts[start : start + 32])
        return len(texts)

    def _beside(self, classify: Classify) -> Callable[[int], int]:
        def run(number: int) -> int:
            texts = [one.text for one in self._told(number)][:24]
            for text in texts:
                classify(text)
            return len(texts)

        return run

    def _told(self, number: int) -> list[Told]:
        return make_posts(number, self._batch, self._known)

    def _settled(self, outcome: str, _seconds: float) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @staticmethod
    def _policy(_source: str) -> LinkPolicy:
        return "auto"


def _post(told: Told, native_id: str, now: datetime) -> Post:
    author = Author(told.handle, name=told.name, location=told.location)
    return Post(native_id, author, told.text, now - timedelta(seconds=5), lang="en")


def _text(told: Told, now: datetime) -> MentionText:
    return MentionText(
        told.text, now, "x", told.handle, told.name, location=told.location, lang="en", brand=BRAND, policy="auto"
    )


def measure(report: Report, console: Console, *, cases: int, batch: int, rounds: int) -> None:
    """Measure the whole and its parts beside the peer."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        db = Database(f"sqlite:///{ledger_with(cases, Path(folder), console)}")
        peers = {f"{PEER}, {n} thread{'s'[: n - 1]}": peer for n in (1, 2) if (peer := classifier(n)) is not None}
        deciding = Deciding(db, runner, cases, batch, peers)
        paces = take_turns(deciding.contenders(), rounds)
        deciding.close()
        runner.run(db.close())
    _show(report, paces, deciding.outcomes, deciding.waits, cases)


def _show(report: Report, paces: dict[str, Pace], outcomes: dict[str, int], waits: list[float], cases: int) -> None:
    ours = paces[OURS].wall
    rows = [
        (name, f"{p.wall:,.0f}", f"{p.wall_middle:,.0f}", f"{1000 / p.wall:.2f}", f"{ours / p.wall:.2f} x")
        for name, p in paces.items()
    ]
    columns = ("", "mentions/s", "median", "ms each", "whole path against it")
    report.table(f"complaints among {cases:,} open cases, at most two cores", columns, rows)
    settled = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    p50, p99 = (percentile(waits, share) for share in (0.5, 0.99))
    report.notes.append(f"one post linked, encoder apart: p50 {p50:.2f} ms, p99 {p99:.2f} ms; outcomes: {settled}")
    peers = [pace.wall for name, pace in paces.items() if name.startswith(PEER)]
    if not peers:
        report.notes.append(MISSING)
    report.target("whole path, against the pipeline one by one", ours / max(peers) if peers else None, 8, "x")
    alone = max(peers) if peers else None
    both = paces[_PARTS[1]].wall
    report.target("encoder and decision, against the same", both / alone if alone else None, 8, "x")
    mixed = paces[MIXED].wall
    report.target("mentions of which a third are complaints, against it", mixed / alone if alone else None, 8, "x")
    report.target("such mentions, against X's cap of 250/s", mixed, 250, "mentions/s")
