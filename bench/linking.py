"""How fast linking is, and whether the true case is among the candidates: ``python -m bench.speed link``.

Sizes are given as arguments (10000 and 100000 by default, ``--million`` for 1000000). The encoder is left out: its cost
is measured on its own. Every case is invented, and each story is told by hundreds of customers. A post without the
name or number of its case could then be about any of them, so recall is also given for the posts that carry such a
clue. Where splink 5 is installed, its ``predict_between`` takes turns with the product, post by post.
"""

import argparse
import asyncio
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from backchannel import collector
from bench.linkbench.posts import Item, PostMaker
from bench.linkbench.splink_turns import Turn, splink_turns
from bench.linkbench.world import DAYS, START, Held, World, world
from ledger import cases as ledger_cases
from ledger import migrate
from ledger.database import Database
from matcher.background import Background
from matcher.candidates import MOST_CANDIDATES
from matcher.casebase import COMPARE_BEST
from matcher.clues import ClueReader, PostClues
from matcher.concepts import shared_concepts
from matcher.folding import compact
from matcher.index import CaseIndexer, facets_of, indexer, mirror
from matcher.key_index import KeyIndex
from matcher.key_shelf import KeyShelf
from matcher.keys import KeyMaker
from matcher.linker import Linker
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.references import digits

END = START + timedelta(days=DAYS + 40)
LONG_AGO = timedelta(hours=1)
BATCH = 1000
TOGETHER = 50
POSTS = 300
MORE_POSTS = 1500
WARM = 20


class Figures(msgspec.Struct, frozen=True):
    """What one size gave; times in milliseconds, memory in MB.

    ``recall`` and ``known`` are (found, asked) over linked posts: all, and those that carry a clue of who it is.
    """

    cases: int
    build_s: float
    load_s: float
    insert_ms: float
    insert_together_ms: float
    index_mb: float
    link: tuple[float, float]
    find: tuple[float, float]
    recall: tuple[int, int]
    known: tuple[int, int]
    compared: tuple[int, int]
    rss_mb: float
    splink: tuple[float, float] | None = None


async def measure(size: int, folder: Path) -> Figures:
    """Build a ledger of ``size`` cases and link posts against it."""
    company = world(5, "train", size=size, repeats=size / 40)
    db = Database(f"sqlite:///{folder / f'{size}.db'}")
    await migrate.upgrade(db)
    started = time.perf_counter()
    await _fill(db, company)
    built = time.perf_counter() - started
    using = indexer()
    inserts = [await _insert(db, company, using, [n]) for n in range(50)]
    together = [await _insert(db, company, using, range(n, n + TOGETHER)) for n in range(50, 1050, TOGETHER)]
    items = _about_open_cases(company, PostMaker(company, 5).make(POSTS))
    index, loaded, held_mb = await _load(db)
    linker, peer = await _warm(db, items), splink_turns(company)
    collector.settle()  # as the service does
    links, theirs = await _link(linker, items, peer)
    items = _about_open_cases(company, PostMaker(company, 77).make(MORE_POSTS))
    finds, recall, known, compared = await _find(db, index, items, {held.case.case_id: held for held in company.held})
    await db.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(
        size, built, loaded, statistics.median(inserts), statistics.median(together), held_mb, _percentiles(links),
        _percentiles(finds), recall, known, compared, memory, _percentiles(theirs) if theirs else None,
    )  # fmt: skip


async def _fill(db: Database, company: World) -> None:
    """Mirror every case, the last batch a while before the end: what was just mirrored is read again each second."""
    using = indexer()
    for start in range(0, len(company.held), BATCH):
        async with db.write("bench") as conn:
            await mirror(conn, [held.case for held in company.held[start : start + BATCH]], END - LONG_AGO, using)


async def _insert(db: Database, company: World, using: CaseIndexer, numbers: Sequence[int]) -> float:
    """Time the mirroring of new cases in one transaction, from their records to the commit; per case."""
    cases = [msgspec.structs.replace(company.held[number].case, case_id=f"NEW-{number}") for number in numbers]
    started = time.perf_counter()
    prepared = using.prepare(cases, END - LONG_AGO)
    async with db.write("bench") as conn:
        await ledger_cases.mirror(conn, prepared.rows, prepared.keys)
    return (time.perf_counter() - started) * 1000 / len(cases)


async def _load(db: Database) -> tuple[KeyIndex, float, float]:
    """Load the keys as the product does; gives the index, the seconds and its MB."""
    started = time.perf_counter()
    index = await KeyShelf(db).read()
    return index, time.perf_counter() - started, index.bytes / 1e6


async def _warm(db: Database, items: Sequence[Item]) -> Linker:
    """Give a linker that has its keys in memory."""
    linker = Linker(db)
    await linker.load_keys(END)
    for item in items[:WARM]:
        await linker.link(item.mention, END)
    return linker


def _about_open_cases(company: World, items: Sequence[Item]) -> list[Item]:
    """Keep posts whose case is still open at the end, for the ledger shows the end only."""
    still = {held.case.case_id for held in company.held if held.case.resolved_at is None}
    return [item for item in items if item.answer is None or item.answer in still]


async def _link(linker: Linker, items: Sequence[Item], theirs: Turn | None) -> tuple[list[float], list[float]]:
    """Link post by post; where there is a peer, it takes every fifth turn, for one of its turns is long."""
    taken, peer = [], []
    for number, item in enumerate(items):
        started = time.perf_counter()
        await linker.link(item.mention, END)
        taken.append((time.perf_counter() - started) * 1000)
        if theirs is not None and number % 5 == 0:
            started = time.perf_counter()
            theirs(item)
            peer.append((time.perf_counter() - started) * 1000)
    return taken[WARM:], peer[2:]


async def _find(
    db: Database, index: KeyIndex, items: Sequence[Item], company: dict[str, Held]
) -> tuple[list[float], tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Time the look-up alone, and count how often the true case is among the candidates and those compared."""
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    maker = KeyMaker(shared_names())
    background = await _background(db, END)
    taken, places, told = [], [], []
    for item in items:
        clues = reader.read(item.mention)
        keys = maker.of_post(clues, background, item.mention.posted_at)
        started = time.perf_counter()
        found = index.find(keys, item.mention.posted_at, background.total)
        taken.append((time.perf_counter() - started) * 1000)
        if item.answer is not None:
            places.append(found.case_ids.index(item.answer) if item.answer in found.case_ids else MOST_CANDIDATES)
            told.append(_tells_who(clues, company[item.answer]))
    hits = [place < MOST_CANDIDATES for place in places]
    known = [hit for hit, tells in zip(hits, told, strict=True) if tells]
    early = [place < COMPARE_BEST for place, tells in zip(places, told, strict=True) if tells]
    return taken[WARM:], (sum(hits), len(hits)), (sum(known), len(known)), (sum(early), len(early))


def _tells_who(clues: PostClues, held: Held) -> bool:
    """Say whether a post carries a surname, a number or a handle of its case's customer, or first name and town."""
    case, owner = held.case, shared_names().person(held.case.customer.name)
    handles = {compact(c.value) for c in case.customer.contacts if c.kind == "handle"}
    surname = any(last in clues.name.lasts or (len(last) > 3 and last in clues.handle) for last in owner.lasts)
    number = digits(case.reference or "-")
    quoted = [digits(clue.value) for clue in clues.references] + [clue.value for clue in clues.endings]
    given = {clues.name.given, *clues.handle_parts, *(clue.named for clue in clues.relations)}
    first = any(shared_names().same_given(said, own) for said in given if len(said) > 2 for own in owner.givens)
    town = shared_places().town(case.customer.city or "")
    return (
        surname
        or clues.handle in handles
        or any(said and number.endswith(said) for said in quoted)
        or (first and town in {*clues.home, *(clue.value for clue in clues.places)})
    )


async def _background(db: Database, at: datetime) -> Background:
    async with db.read() as conn:
        rows = await ledger_cases.newest_records(conn, at, 400)
        return Background([facets_of(record) for _, record in rows], await ledger_cases.count_unresolved(conn))


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]


def _print(f: Figures) -> None:
    share = [f"{hit / max(of, 1):.3f} ({of})" for hit, of in (f.recall, f.known, f.compared)]
    print(f"\n{f.cases:,} cases: mirrored in {f.build_s:.1f} s; keys loaded in {f.load_s:.1f} s")
    print(f"  link one post          p50 {f.link[0]:8.2f} ms  p99 {f.link[1]:8.2f} ms")
    print(f"  look-up of its keys    p50 {f.find[0]:8.2f} ms  p99 {f.find[1]:8.2f} ms")
    if f.splink is not None:
        print(f"  Splink predict_between p50 {f.splink[0]:8.2f} ms  p99 {f.splink[1]:8.2f} ms")
    print(
        f"  insert of one case     p50 {f.insert_ms:8.2f} ms, durable; of {TOGETHER} in one transaction, "
        f"each {f.insert_together_ms:.2f} ms"
    )
    print(f"  keys in memory {f.index_mb:.0f} MB; the whole process at its peak, generator and all, {f.rss_mb:.0f} MB")
    print(
        f"  candidate recall: all {share[0]}; posts that tell who it is {share[1]}, and among those compared {share[2]}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and print what it gave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="measure a million cases too: that takes about an hour")
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        for size in [*options.sizes, *([1_000_000] if options.million else [])]:
            _print(asyncio.run(measure(size, Path(folder))))


if __name__ == "__main__":
    main()
