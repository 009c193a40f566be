"""What linking asserted when it first met each hand-written set: the record that thresholds answer for."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matcher.assess import MILD

FIRST_RUNS = Path(__file__).parents[1] / "bench" / "goldsets" / "first_runs.csv"


class Asserted(NamedTuple):
    """One link that was asserted: its probability, and whether it was to the right case."""

    probability: float
    right: bool


def read(path: Path = FIRST_RUNS) -> list[Asserted]:
    """Read what would still be asserted: ``probability``, and ``complaint`` that asks for more than a case that fits.

    A row holds ``set``, ``post_id``, the two probabilities and ``right`` (1 or 0).
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if float(row["complaint"]) >= MILD]
    return [Asserted(float(row["probability"]), row["right"] == "1") for row in rows]


def least(asserted: Sequence[Asserted], target: float) -> float:
    """Give the least probability, in hundredths, from which so great a share of the links was right; .99 where none.

    It must be greater by one standard error, so that few links do not promise too much.
    """
    return next((step / 100 for step in range(50, 100) if _reaches(asserted, step / 100, target)), 0.99)


def _reaches(asserted: Sequence[Asserted], bound: float, target: float) -> bool:
    kept = [one.right for one in asserted if one.probability >= bound]
    return bool(kept) and sum(kept) / len(kept) >= target + math.sqrt(target * (1 - target) / len(kept))
