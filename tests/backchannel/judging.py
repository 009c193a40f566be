"""Answers to alerts in the ledger: posts about a brand, judged by one model, of which people said what they were."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert

from ledger import mentions, outcomes
from ledger.database import Database
from ledger.tables import mentions as mentions_table
from matcher.linking import Linking
from matcher.verdict import Verdict
from tests.backchannel.told import NOW

MODEL = "builtin:test"


class Crowd:
    """People who answer alerts about a brand; each answer comes a minute after the one before."""

    def __init__(self, db: Database, brand: str = "Larkmoor", version: str = MODEL) -> None:
        self.db = db
        self.brand = brand
        self.version = version
        self.now = NOW
        self.count = 0

    async def answers(
        self, count: int, low: float, high: float, *, complaint: bool, linking: Linking | None = None
    ) -> None:
        """Answer alerts about posts whose probabilities lie evenly between two."""
        for place in range(count):
            chance = low + (high - low) * (place + 0.5) / count
            await self.answer(chance, complaint=complaint, linking=linking)

    async def answer(self, chance: float, *, complaint: bool, linking: Linking | None = None) -> None:
        """Answer one alert: the case was confirmed, or the post was no complaint."""
        self.now += timedelta(minutes=1)
        self.count += 1
        name = f"{self.brand[:20]}-{self.count}"
        row = {"native_id": name, **a_mention(self.brand, chance, self.version, linking, self.now)}
        async with self.db.write("test") as conn:
            await conn.execute(insert(mentions_table), [row])
            mention = await mentions.by_native_id(conn, "x", name)
            assert mention is not None
            verdict = outcomes.CONFIRMED if complaint else outcomes.NOT_A_COMPLAINT
            await outcomes.record(conn, an_outcome(mention.id, name, verdict, self.now))

    async def about_a_quiet_brand(self) -> None:
        """Answer sixty alerts: below 70% all alarms were false, above all were complaints."""
        await self.answers(30, 0.5, 0.7, complaint=False)
        await self.answers(30, 0.72, 0.99, complaint=True)


def a_mention(brand: str, chance: float, version: str, linking: Linking | None, at: datetime) -> dict[str, Any]:
    """Give a row of ``mentions`` that was judged at a threshold of 50%."""
    verdict = Verdict(True, chance, "other", 0.5, True, (), "en", "", threshold=0.5, version=version)
    assessment = {"verdict": msgspec.to_builtins(verdict), "linking": msgspec.to_builtins(linking)}
    return {
        "source": "x", "platform": "x", "brand": brand, "rules": ["r"], "text": "-",
        "author": {"handle": "h"}, "reach": {}, "posted_at": at, "received_at": at, "state": "settled",
        "outcome": "unlinked", "assessment": assessment,
    }  # fmt: skip


def an_outcome(mention_id: int, alert_id: str, verdict: str, at: datetime) -> dict[str, Any]:
    """Give a row of ``outcomes``."""
    return {
        "mention_id": mention_id, "alert_id": alert_id, "verdict": verdict, "case_id": None, "refused": [],
        "relation": None, "candidates": [], "post": {}, "none": None, "prior": None, "model": "", "by": "slack:U1",
        "at": at,
    }  # fmt: skip
