"""Candidates: the cases worth comparing with a post, found by its keys, the rarest key first."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog
from prometheus_client import Counter as Metric
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import cases
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
    entries = await cases.with_keys(conn, [*keys.person, *keys.matter], before, CAP_PER_KEY + 1)
    return counted(rank(entries, keys, total))


def counted(found: Found) -> Found:
    """Log and count the keys whose list of cases was cut."""
    if found.truncated:
        TRUNCATED.inc(found.truncated)
        log.info("candidates truncated", keys=found.truncated, kept=len(found.case_ids))
    return found


def rank(entries: Sequence[tuple[int, str]], keys: PostKeys, total: int) -> Found:
    """Rank cases by what their keys tell, the rarest first: who it is counts in full, the matter up to a bound.

    ``entries`` hold the newest cases of each key first, one more than ``CAP_PER_KEY`` where there are more.
    """
    by_key: dict[int, list[str]] = defaultdict(list)
    for key, case_id in entries:
        by_key[key].append(case_id)
    person: dict[str, float] = {}
    matter: dict[str, float] = {}
    seen: set[str] = set()
    cut = 0
    for key in sorted(by_key, key=lambda key: len(by_key[key])):
        named = by_key[key][:CAP_PER_KEY]
        rarity = max(math.log((total + 1) / len(named)), 0.0) + 0.1
        sums, most = (person, keys.person[key]) if key in keys.person else (matter, keys.matter[key])
        for case_id in named:
            if case_id in seen or len(seen) < MOST_CANDIDATES:
                seen.add(case_id)
                sums[case_id] = sums.get(case_id, 0.0) + min(most, rarity)
        cut += len(by_key[key]) > CAP_PER_KEY or not seen.issuperset(named)
    scores = {
        case_id: person.get(case_id, 0.0) + MOST_OF_MATTER * math.tanh(matter.get(case_id, 0.0) / MOST_OF_MATTER)
        for case_id in seen
    }
    ordered = sorted(scores, key=lambda case_id: (-scores[case_id], case_id))
    return Found(tuple(ordered), scores, cut)
