"""The whole path, stage by stage, each figure beside its baseline: ``python -m bench.speed path [--quick]``.

Baselines run in the same process and in turns with ours, so that a busy machine slows both. Ledgers with many cases
are built once, by the product's own indexer, and kept under ``var/bench``.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from backchannel.logs import configure
from bench import deciding, durable, reading, wire
from bench.mirrored import HOME
from bench.report import Report

STAGES = ("reading", "durable", "deciding", "wire")


class Size(msgspec.Struct, frozen=True):
    """How much is measured."""

    posts: int
    rounds: int
    rows: int
    orm_rows: int
    cases: int
    mentions: int
    ledgers: tuple[int, ...]
    alerts: int
    rate: float


FULL = Size(4_000, 15, 4_000, 300, 100_000, 96, (10_000, 100_000), 60, 4.0)
QUICK = Size(2_000, 3, 2_000, 100, 1_000, 32, (1_000,), 20, 4.0)


def stages(size: Size, report: Report, console: Console) -> dict[str, Callable[[], None]]:
    """Give what each stage runs."""
    rounds = max(3, size.rounds // 3)
    return {
        "reading": lambda: reading.measure(report, posts=size.posts, rounds=size.rounds, seed=7),
        "durable": lambda: durable.measure(report, rows=size.rows, orm_rows=size.orm_rows, rounds=rounds),
        "deciding": lambda: deciding.measure(report, console, cases=size.cases, batch=size.mentions, rounds=rounds),
        "wire": lambda: wire.measure(report, console, sizes=size.ledgers, posts=size.alerts, rate=size.rate),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed path", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="everything small, in less than a minute")
    parser.add_argument("--million", action="store_true", help="start the service over a million cases too")
    parser.add_argument("--cases", type=int, help="so many open cases in the stage deciding")
    parser.add_argument("--only", choices=STAGES, action="append", help="one stage; may be given again")
    options = parser.parse_args(arguments)
    size = QUICK if options.quick else FULL
    if options.million:
        size = msgspec.structs.replace(size, ledgers=(*size.ledgers, 1_000_000))
    if options.cases:
        size = msgspec.structs.replace(size, cases=options.cases)
    configure("error", "console", sys.stderr)
    os.environ.setdefault("PYTHONPATH", str(HOME))  # so that the service is found where it is not installed
    report, console = Report(), Console(width=140)
    began = time.perf_counter()
    for name, measure in stages(size, report, console).items():
        if not options.only or name in options.only:
            measure()
            report.show(console)
    report.conclude(console)
    load = Path("/proc/loadavg").read_text("ascii").split()[0] if Path("/proc/loadavg").exists() else "unknown"
    console.print(f"took {time.perf_counter() - began:.0f} s on {os.cpu_count()} cores; load now {load}")


if __name__ == "__main__":
    main()
