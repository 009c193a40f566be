"""Candidates: the cases worth comparing with a post, found by its keys, the rarest key first."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import structlog
from prometheus_client import Counter as Metric
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cases

log = structlog.get_logger(__name__)

CAP_PER_KEY = 300
MOST_CANDIDATES = 1000
TRUNCATED = Metric("backchannel_candidate_keys_truncated_total", "Look-up keys whose list of cases was cut short")


class Found(msgspec.Struct, frozen=True):
    """Case ids, the most promising first, with their scores; ``truncated`` counts keys whose list was cut."""

    case_ids: tuple[str, ...]
    scores: dict[str, float]
    truncated: int


async def find(conn: AsyncConnection, keys: Mapping[int, float], before: datetime, total: int) -> Found:
    """Look all keys up in one statement and rank the cases that they name."""
    entries = await cases.with_keys(conn, list(keys), before, CAP_PER_KEY)
    found = rank(entries, keys, total)
    if found.truncated:
        TRUNCATED.inc(found.truncated)
        log.info("candidates truncated", keys=found.truncated, kept=len(found.case_ids))
    return found


def rank(entries: Sequence[tuple[int, str]], keys: Mapping[int, float], total: int) -> Found:
    """Rank cases by what their keys tell: rarest key first, each at most as telling as its kind can be."""
    sizes = Counter(key for key, _ in entries)
    by_key: dict[int, list[str]] = defaultdict(list)
    for key, case_id in entries:
        by_key[key].append(case_id)
    scores: dict[str, float] = {}
    for key in sorted(by_key, key=lambda key: sizes[key]):
        told = min(keys[key], math.log((total + 1) / sizes[key]) + 0.1)
        for case_id in by_key[key]:
            if case_id in scores or len(scores) < MOST_CANDIDATES:
                scores[case_id] = scores.get(case_id, 0.0) + max(told, 0.0)
    ordered = sorted(scores, key=lambda case_id: (-scores[case_id], case_id))
    return Found(tuple(ordered), scores, sum(size >= CAP_PER_KEY for size in sizes.values()))
