"""What an answer to an alert says of a mention's link, with the numbers that the decision saw: what is learnt from."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import mentions, outcomes

_OF_A_CANDIDATE = ("case_id", "probability", "features", "resolved", "relation")


class Said(msgspec.Struct, frozen=True):
    """One answer: ``verdict`` is one of ``ledger.outcomes.VERDICTS``, ``by`` an id such as ``slack:U123``.

    ``case_id`` is the case that it is, ``refused`` those that it is not, ``relation`` who posted if that was told.
    """

    verdict: str
    by: str
    at: datetime
    case_id: str | None = None
    refused: tuple[str, ...] = ()
    relation: str | None = None


async def remember(conn: AsyncConnection, alert_id: str, mention_id: int, said: Said) -> None:
    """Record an outcome with the features of every case shown or turned down; no sentence and no text goes along."""
    mention = await mentions.get(conn, mention_id)
    assessment: Mapping[str, Any] = (mention.assessment if mention is not None else None) or {}
    seen = _seen(assessment.get("linking") or {})
    await outcomes.record(
        conn, {"alert_id": alert_id, "mention_id": mention_id, **msgspec.structs.asdict(said), **seen}
    )


def _seen(linking: Mapping[str, Any]) -> dict[str, Any]:
    """Give the numbers of a decision; a removed post has none left."""
    shown, rejected = linking.get("candidates", ()), linking.get("rejected", ())
    return {
        "candidates": [*_vectors(shown, shown=True), *_vectors(rejected, shown=False)],
        "post": linking.get("post_features") or {each["code"]: 1.0 for each in linking.get("post_evidence", ())},
        "none": linking.get("none_probability"),
        "prior": linking.get("prior"),
        "total": linking.get("total"),
        "model": linking.get("model", ""),
    }


def _vectors(candidates: Iterable[Mapping[str, Any]], *, shown: bool) -> list[dict[str, Any]]:
    return [{**{name: one.get(name) for name in _OF_A_CANDIDATE}, "shown": shown} for one in candidates]
