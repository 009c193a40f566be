"""How fast linking is, and whether the true case is among the candidates: ``python -m bench.speed link``.

Sizes are given as arguments (``10000 100000`` by default, ``1000000`` on request). The encoder is left out: its cost is
measured on its own. Every case is invented, and each story is told by hundreds of customers, so that words alone find
nothing.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from bench.linkbench.posts import Item, PostMaker
from bench.linkbench.world import DAYS, START, World, world
from ledger import cases as ledger_cases
from ledger import migrate
from ledger.database import Database
from matcher.background import Background
from matcher.candidates import find
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.index import facets_of, indexer, mirror
from matcher.keys import KeyMaker
from matcher.linker import Linker
from matcher.names import shared_names
from matcher.places import shared_places

END = START + timedelta(days=DAYS + 40)
BATCH = 1000
POSTS = 300
WARM = 20


class Figures(msgspec.Struct, frozen=True):
    """What one size gave; times in milliseconds, memory in MB of the whole process."""

    cases: int
    build_s: float
    insert_ms: float
    file_mb: float
    link_p50: float
    link_p99: float
    find_p50: float
    find_p99: float
    recall: float
    linked: int
    rss_mb: float


async def measure(size: int, folder: Path) -> Figures:
    """Build a ledger of ``size`` cases and link posts against it."""
    company = world(5, "train", size=size, repeats=size / 40)
    path = folder / f"{size}.db"
    db = Database(f"sqlite:///{path}")
    await migrate.upgrade(db)
    started = time.perf_counter()
    await _fill(db, company)
    built = time.perf_counter() - started
    inserts = [await _insert_one(db, company, n) for n in range(50)]
    items = _about_open_cases(company, PostMaker(company, 5).make(POSTS))
    links = await _link(Linker(db), items)
    finds, recall, linked = await _find(db, items)
    await db.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(
        size, built, statistics.median(inserts), path.stat().st_size / 1e6, *_percentiles(links), *_percentiles(finds),
        recall, linked, memory,
    )  # fmt: skip


async def _fill(db: Database, company: World) -> None:
    using = indexer()
    for start in range(0, len(company.held), BATCH):
        async with db.write("bench") as conn:
            await mirror(conn, [held.case for held in company.held[start : start + BATCH]], END, using)


async def _insert_one(db: Database, company: World, number: int) -> float:
    case = msgspec.structs.replace(company.held[number].case, case_id=f"NEW-{number}")
    prepared = indexer().prepare([case], END)
    started = time.perf_counter()
    async with db.write("bench") as conn:
        await ledger_cases.mirror(conn, prepared.rows, prepared.keys)
    return (time.perf_counter() - started) * 1000


def _about_open_cases(company: World, items: Sequence[Item]) -> list[Item]:
    """Keep posts whose case is still open at the end, for the ledger shows the end only."""
    still = {held.case.case_id for held in company.held if held.case.resolved_at is None}
    return [item for item in items if item.answer is None or item.answer in still]


async def _link(linker: Linker, items: Sequence[Item]) -> list[float]:
    taken = []
    for item in items:
        started = time.perf_counter()
        await linker.link(item.mention, END)
        taken.append((time.perf_counter() - started) * 1000)
    return taken[WARM:]


async def _find(db: Database, items: Sequence[Item]) -> tuple[list[float], float, int]:
    """Time the look-up alone, and count how often the true case is among the candidates."""
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    maker = KeyMaker(shared_names())
    background = await _background(db, END)
    taken, hits, linked = [], 0, 0
    async with db.read() as conn:
        for item in items:
            keys = maker.of_post(reader.read(item.mention), background, item.mention.posted_at)
            started = time.perf_counter()
            found = await find(conn, keys, item.mention.posted_at, background.total)
            taken.append((time.perf_counter() - started) * 1000)
            linked += item.answer is not None
            hits += item.answer in found.case_ids
    return taken[WARM:], hits / max(linked, 1), linked


async def _background(db: Database, at: datetime) -> Background:
    async with db.read() as conn:
        rows = await ledger_cases.newest_records(conn, at, 400)
        return Background([facets_of(record) for _, record in rows], await ledger_cases.count_unresolved(conn))


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and print one line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    options = parser.parse_args(arguments)
    print("cases      build s  insert ms  file MB  link p50/p99 ms   look-up p50/p99 ms  recall (linked)  RSS MB")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            f = asyncio.run(measure(size, Path(folder)))
            print(
                f"{f.cases:<10,} {f.build_s:>7.1f} {f.insert_ms:>10.2f} {f.file_mb:>8.0f} {f.link_p50:>8.2f}"
                f" /{f.link_p99:>6.2f} {f.find_p50:>12.2f} /{f.find_p99:>6.2f} {f.recall:>9.3f} ({f.linked})"
                f" {f.rss_mb:>11.0f}"
            )


if __name__ == "__main__":
    main()
