"""Timing on a machine that others use too: contenders take turns, and each is judged by its best and its median.

Time is that of the processor, of all threads of this process: what one core does in a second of its own.
"""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median

import msgspec

from backchannel import collector

Run = Callable[[int], int]
"""Does one turn's work (it is given the number of the round) and gives how many items that were."""


class Pace(msgspec.Struct, frozen=True):
    """Items per second over all rounds, best and median: of processor time, and by the clock on the wall."""

    best: float
    middle: float
    wall: float
    wall_middle: float

    @property
    def micros(self) -> float:
        """Microseconds of processor time per item, at best."""
        return 1e6 / self.best


def take_turns(contenders: Mapping[str, Run], rounds: int) -> dict[str, Pace]:
    """Run every contender once a round and give the pace of each; the first round only warms up."""
    paces: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    collector.settle()  # as the service does
    for number in range(rounds + 1):
        for name, run in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            count = run(number)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            if number:
                paces[name].append((count / cpu, count / wall))
    gc.unfreeze()
    return {name: _pace(found) for name, found in paces.items()}


def _pace(found: list[tuple[float, float]]) -> Pace:
    cpu, wall = zip(*found, strict=True)
    return Pace(max(cpu), median(cpu), max(wall), median(wall))


def percentile(values: list[float], share: float) -> float:
    """Give the value that a share of all values lies at or below (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, round(share * len(ordered) + 0.5) - 1)] if share < 1 else ordered[-1]
