"""Hands the rows to peers that live in an environment of their own, and reads what they answered."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.linkbench.measure import Answer
from bench.linkbench.ours import answer_of
from bench.linkbench.rows import Row
from matcher.facets import Facets

_WEEK = 7 * 86400


def export(rows: Sequence[Row], path: Path) -> None:
    """Write posts and cases as flat records; ``world`` keeps companies apart, and a case is known by it and its id."""
    posts = [_post(number, row) for number, row in enumerate(rows)]
    cases = {}
    for row in rows:
        for case in row.cases:
            cases[f"{row.world}/{case.case_id}"] = _case(row, case)
    path.write_text(json.dumps({"posts": posts, "cases": list(cases.values())}), encoding="utf-8")


def _post(number: int, row: Row) -> dict[str, Any]:
    clues = row.clues
    stated = next((clue for clue in clues.times if clue.code == "age"), None)
    contact = row.item.mention.posted_at.timestamp() - (stated.low + stated.high) / 2 * 86400 if stated else None
    channel = "email" if "channel_email" in clues.cues else ("phone" if "channel_phone" in clues.cues else None)
    product = {stem for case in row.cases for stem in case.product} & set(clues.stems)
    return {
        "unique_id": str(number),
        "world": row.world,
        "given": clues.name.given or None,
        "last": clues.name.last or None,
        "town": clues.home[0] if clues.home else None,
        "reference": sorted({clue.value for clue in (*clues.references, *clues.endings)}),
        "product": sorted(product),
        "matter": sorted(clues.concepts),
        "channel": channel,
        "named": next((clue.named for clue in clues.relations if clue.named), clues.name.given or None),
        "gender": next((clue.gender for clue in clues.relations if clue.gender), None),
        "week": int(contact // _WEEK) if contact else None,
    }


def _case(row: Row, case: Facets) -> dict[str, Any]:
    return {
        "unique_id": f"{row.world}/{case.case_id}",
        "world": row.world,
        "given": case.name.given or None,
        "last": case.name.last or None,
        "town": case.town or None,
        "reference": sorted({said for ref in case.references for said in (ref, ref[-4:], ref[-3:])}),
        "product": list(case.product),
        "matter": list(case.concepts),
        "channel": case.channel,
        "named": case.name.given or None,
        "gender": case.gender or None,
        "week": int(case.opened // _WEEK),
    }


def answers(rows: Sequence[Row], path: Path) -> dict[str, list[Answer]]:
    """Read what a peer answered, under the gates that every method gets."""
    by_method: dict[str, dict[str, list[tuple[str, float]]]] = {}
    for line in path.read_text("utf-8").split("\n"):
        if line:
            said = json.loads(line)
            by_method.setdefault(said["method"], {})[said["post"]] = said["ranked"]
    return {
        name: [_answer(row, ranked.get(str(n), [])) for n, row in enumerate(rows)] for name, ranked in by_method.items()
    }


def _answer(row: Row, ranked: Sequence[tuple[str, float]]) -> Answer:
    fitting = row.linkable()
    own = [(case.split("/", 1)[1], score) for case, score in ranked]
    return answer_of(row, [(case, score) for case, score in own if case in fitting])
