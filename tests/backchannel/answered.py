"""Answers in the ledger, from a world in which one reason tells the right case and another tells nothing."""

import random
from datetime import timedelta
from typing import Any

from ledger import outcomes
from ledger.database import Database
from matcher.model_file import LinkingModel
from tests.backchannel.told import NOW

SMALL = LinkingModel(
    "small-1",
    weights={"good": 1.0, "noise": 1.0},
    none={"bias": 0.0},
    thresholds={"0.9": 0.75, "0.95": 0.85},
    matter_most=4.0,
)


def an_answer(number: int, rng: random.Random, model: str = SMALL.version) -> dict[str, Any]:
    """Give a row of ``outcomes``: a case with ``good`` reasons is right, one with ``noise`` alone is wrong."""
    good, noise = rng.random() < 0.5, rng.random() < 0.5
    chance = {(True, True): 0.9, (True, False): 0.55, (False, True): 0.55, (False, False): 0.3}[good, noise]
    case_id = f"C{number}"
    seen = {"case_id": case_id, "probability": chance, "features": {"good": 2.0 * good, "noise": 2.0 * noise}}
    verdict = outcomes.CONFIRMED if good else outcomes.WRONG_CASE
    return {
        "mention_id": number, "alert_id": f"a{number}", "verdict": verdict, "case_id": case_id if good else None,
        "refused": [] if good else [case_id], "relation": None, "candidates": [seen], "post": {}, "none": 1 - chance,
        "prior": 0.2, "model": model, "by": "slack:U1", "at": NOW + timedelta(minutes=number),
    }  # fmt: skip


async def answer(db: Database, count: int, *, first: int = 0, model: str = SMALL.version) -> None:
    """Let people answer; every answer is a minute after the one before, counted from ``told.NOW``."""
    rng = random.Random(first)
    async with db.write("test") as conn:
        for number in range(first, first + count):
            await outcomes.record(conn, an_answer(number, rng, model))
