"""Candidates: the cases worth comparing with a post, found by its keys, those that tell most first."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog
from prometheus_client import Counter as Metric
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cases
from matcher.key_kinds import Hit, hit
from matcher.keys import PostKeys

log = structlog.get_logger(__name__)

CAP_PER_KEY = 300
MOST_CANDIDATES = 1000
MOST_OF_MATTER = 9.0
TRUNCATED = Metric("backchannel_candidate_keys_truncated_total", "Look-up keys whose list of cases was cut short")


class Found(msgspec.Struct, frozen=True):
    """Case ids, the most promising first, with their scores; ``truncated`` counts keys whose list was cut."""

    case_ids: tuple[str, ...]
    scores: dict[str, float]
    truncated: int


async def find(conn: AsyncConnection, keys: PostKeys, before: datetime, total: int) -> Found:
    """Look all keys up in one statement and rank the cases that they name."""
    entries = await cases.with_keys(conn, [*keys], before, CAP_PER_KEY + 1)
    return counted(rank(entries, keys, total))


def counted(found: Found) -> Found:
    """Log and count the keys whose list of cases was cut."""
    if found.truncated:
        TRUNCATED.inc(found.truncated)
        log.info("candidates truncated", keys=found.truncated, kept=len(found.case_ids))
    return found


def rank(entries: Sequence[tuple[int, str]], keys: PostKeys, total: int) -> Found:
    """Rank cases by what their keys tell. The keys that tell most are followed first, until there are enough cases.

    ``entries`` hold the newest cases of each key first, one more than ``CAP_PER_KEY`` where there are more.
    """
    bearers: dict[int, list[str]] = defaultdict(list)
    for key, case_id in entries:
        bearers[key].append(case_id)
    hits = {key: hit(keys[key], len(named), total) for key, named in bearers.items()}
    sums: dict[str, Promise] = {}
    cut = 0
    for key in sorted(bearers, key=lambda key: -hits[key].reach):
        named = bearers[key][:CAP_PER_KEY]
        for case_id in named:
            if case_id in sums or len(sums) < MOST_CANDIDATES:
                sums.setdefault(case_id, Promise()).add(hits[key])
        cut += len(bearers[key]) > CAP_PER_KEY or not sums.keys() >= set(named)
    scores = {case_id: promise.score() for case_id, promise in sums.items()}
    ordered = sorted(scores, key=lambda case_id: (-scores[case_id], case_id))
    return Found(tuple(ordered), scores, cut)


class Promise:
    """What the keys of one case tell together."""

    def __init__(self) -> None:
        self._sums = {"who": 0.0, "given": 0.0, "matter": 0.0}

    def add(self, one: Hit) -> None:
        """Add what a key tells."""
        known = self._sums[one.family]
        self._sums[one.family] = max(known, one.value) if one.family == "given" else known + one.value

    def score(self) -> float:
        """Give the sum; a story that many customers tell hits all its keys at once, so what matter tells is bounded."""
        bounded = MOST_OF_MATTER * math.tanh(self._sums["matter"] / MOST_OF_MATTER)
        return self._sums["who"] + self._sums["given"] + bounded
