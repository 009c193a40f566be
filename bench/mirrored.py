"""Ledgers that mirror many cases, built by the product's own indexer and kept under ``var/bench`` for the next run."""

import asyncio
import hashlib
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.cases import NOW, make_cases
from ledger import cases
from ledger.database import Database
from ledger.migrate import upgrade
from matcher.index import Prepared, indexer

HOME = Path(__file__).resolve().parents[1]
KEPT = HOME / "var" / "bench"
SEED = 7
_CHUNK = 1_000
_PROCESSES = 2
_MAKES_IT = ("matcher/*.py", "matcher/data/*", "ledger/*.py", "ledger/migrations/versions/*.py", "bench/cases.py")


def ledger_with(count: int, folder: Path, console: Console) -> Path:
    """Give a copy, in a folder, of a ledger in which so many unresolved cases are mirrored."""
    kept = KEPT / f"{count}-{_version()}.db"
    if not kept.exists():
        _forget_others(count)
        began = time.perf_counter()
        _build(count, kept, console)
        took = time.perf_counter() - began
        console.print(f"mirrored {count:,} cases in {took:.0f} s; kept as {kept.relative_to(HOME)}")
    copy = folder / "backchannel.db"
    shutil.copyfile(kept, copy)
    return copy


def _version() -> str:
    """Name the code and the lists that make a mirror: another code may make another one."""
    digest = hashlib.sha256(NOW.isoformat().encode())
    for pattern in _MAKES_IT:
        for path in sorted(HOME.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _forget_others(count: int) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for path in KEPT.glob(f"{count}-*"):
        path.unlink()


def _build(count: int, path: Path, console: Console) -> None:
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    starts = range(0, count, _CHUNK)
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as pool:
        prepared = pool.map(_prepare, starts, [min(_CHUNK, count - start) for start in starts])
        shown = track(prepared, f"mirroring {count:,} cases", total=len(starts), console=console, transient=True)
        asyncio.run(_write(making, shown))
    making.rename(path)


def _prepare(first: int, count: int) -> Prepared:
    return indexer().prepare(list(make_cases(SEED, first, count)), NOW)


async def _write(path: Path, chunks: Iterable[Prepared]) -> None:
    db = Database(f"sqlite:///{path}")
    await upgrade(db)
    for chunk in chunks:
        async with db.write("bench") as conn:
            await cases.mirror(conn, chunk.rows, chunk.keys)
    await db.close()
