"""The story of one mention: claimed, assessed, concluded, settled."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec
import structlog
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import links, mentions, quarantine
from ledger.clock import Clock
from ledger.database import Database, blames_values
from matcher.assess import Assessment, Assessor
from matcher.custom_model import CustomModelError
from matcher.linking import Candidate, Linking
from matcher.mention import LinkPolicy, MentionText
from matcher.verdict import Verdict
from notifier.dispatch import Dispatcher

log = structlog.get_logger(__name__)

BATCH = 32
LANES = 2
TRIES = 3
LEASE = timedelta(seconds=60)
IDLE_LOOK = 5.0  # seconds: an expired lease is noticed at the latest after these
BATCH_LIMIT, ALONE_LIMIT = 30.0, 10.0  # seconds to assess a batch, and one post alone: together within the lease

NOT_COMPLAINT, REMOVED = "not_complaint", "removed"


_HARMLESS = "good morning"

Assessed = tuple[Row[Any], Assessment[Verdict]]
Patience = Callable[[int], asyncio.Timeout]
"""Gives the time limit for assessing so many posts."""
Item = TypeVar("Item")


class Settled(NamedTuple):
    """How a mention was settled, and the alert that it raised or joined."""

    outcome: str
    alert: str | None = None


class TooSlowError(Exception):
    """Posts could not be assessed in time."""


class ModelStandsStillError(OSError):
    """Not even a harmless post is assessed in time: the posts are not at fault, so they wait."""


def patience(posts: int) -> asyncio.Timeout:
    """Give the usual time limit."""
    return asyncio.timeout(ALONE_LIMIT if posts == 1 else BATCH_LIMIT)


class Pipeline:
    """Takes mentions from the ledger to their conclusion; any number may run on one ledger."""

    def __init__(
        self,
        db: Database,
        assessor: Callable[[], Assessor[Verdict]],
        dispatcher: Callable[[], Dispatcher],
        policy: Callable[[str], LinkPolicy],
        clock: Clock,
        *,
        worker: str,
        on_owed: Callable[[], None],
        on_settled: Callable[[str, float], None],
        patience: Patience = patience,
    ) -> None:
        self._db = db
        self._assessor = assessor
        self._dispatcher = dispatcher
        self._policy = policy
        self._clock = clock
        self._worker = worker
        self._on_owed = on_owed
        self._on_settled = on_settled
        self._patience = patience
        self._works = True
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that a mention was recorded."""
        self._woken.set()

    async def run(self) -> None:
        """Handle mentions for ever, at once when woken: while one lane writes, another reads its posts."""
        lanes = [asyncio.create_task(self._lane(), name=f"pipeline lane {number}") for number in range(LANES)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                if not lane.cancelling():  # a second one would break off the handing back of its claims
                    lane.cancel()
            await asyncio.wait(lanes)

    async def _lane(self) -> None:
        while True:
            self._woken.clear()
            if await self.handle_next() == 0:
                await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(IDLE_LOOK):
                await self._woken.wait()
        except TimeoutError:
            return

    async def handle_next(self) -> int:
        """Claim the next mentions, conclude each, and give how many there were."""
        async with self._db.write("claim") as conn:
            claimed = await mentions.claim(conn, self._worker, self._clock.now(), limit=BATCH, lease=LEASE)
        if not claimed:
            return 0
        try:
            await self._handle(claimed)
        except (SQLAlchemyError, OSError, asyncio.CancelledError):
            await asyncio.shield(self._hand_back(claimed))
            raise
        return len(claimed)

    async def _hand_back(self, claimed: Sequence[Row[Any]]) -> None:
        """Free what is still claimed: not the posts were at fault, so the try does not count."""
        async with self._db.write("release") as conn:
            await mentions.release(conn, [row.id for row in claimed], self._worker)

    async def _handle(self, claimed: Sequence[Row[Any]]) -> None:
        for row in claimed:
            if row.attempts > TRIES:
                await self._set_aside(row, "its worker died each time it was tried")
        fresh = [row for row in claimed if row.attempts <= TRIES]
        assessed = await self._isolating(self._assess, fresh, lambda row: row)
        await self._isolating(self._conclude, assessed, lambda pair: pair[0])

    async def _isolating(
        self,
        act: Callable[[Sequence[Item]], Awaitable[Sequence[Assessed]]],
        items: Sequence[Item],
        row_of: Callable[[Item], Row[Any]],
    ) -> Sequence[Assessed]:
        """Do something to a batch; where that breaks, to each alone, so that poison sets aside itself only."""
        if not items:
            return []
        try:
            return await act(items)
        except Exception as error:  # one post must never stop the others
            if _is_outage(error):
                raise
            if len(items) == 1:
                await self._set_aside(row_of(items[0]), _reason(error))
                return []
        return [done for item in items for done in await self._isolating(act, [item], row_of)]

    async def _assess(self, rows: Sequence[Row[Any]]) -> Sequence[Assessed]:
        texts = [_text_of(row, self._policy(row.source)) for row in rows]
        found = await self._in_time(texts)
        if found is not None:
            self._works = True
            return list(zip(rows, found, strict=True))
        if len(rows) == 1:
            await self._blame(texts[0])
        raise TooSlowError(f"it was not assessed within {ALONE_LIMIT:.0f} s")

    async def _blame(self, text: MentionText) -> None:
        """Blame a post that took too long alone, unless the one before did as well and a harmless one does too."""
        if not self._works and await self._in_time([msgspec.structs.replace(text, text=_HARMLESS)]) is None:
            raise ModelStandsStillError(f"no post is assessed within {ALONE_LIMIT:.0f} s: restart the service")
        self._works = False

    async def _in_time(self, texts: Sequence[MentionText]) -> list[Assessment[Verdict]] | None:
        """Assess posts; None where that took too long. A thread that hangs is left behind."""
        bound = self._patience(len(texts))
        try:
            async with bound:
                return await self._assessor().assess(texts, self._clock.now())
        except TimeoutError:
            if not bound.expired():
                raise  # not ours: something that was asked did not answer
            return None

    async def _conclude(self, assessed: Sequence[Assessed]) -> Sequence[Assessed]:
        """One transaction: every mention is settled, with its links, its alert, the steps and the debts.

        In the order of their cases, in which every other worker goes too: else two might wait for each other's alerts.
        Of one author's, which may be versions of one post, the order is that of the claim.
        """
        now, ordered = self._clock.now(), _by_case(assessed)
        async with self._db.write("conclude") as conn:
            told = [await self._settle(conn, row, assessment, now) for row, assessment in ordered]
        for (row, _), settled in zip(ordered, told, strict=True):
            if settled is None:
                log.warning("claim lost", mention=row.id)
                continue
            self._on_settled(settled.outcome, (now - row.received_at).total_seconds())
            log.info("mention settled", mention=row.id, outcome=settled.outcome, alert=settled.alert)
        if any(settled and settled.alert for settled in told):
            self._on_owed()
        return assessed

    async def _settle(
        self, conn: AsyncConnection, row: Row[Any], assessment: Assessment[Verdict], now: datetime
    ) -> Settled | None:
        """Settle one mention; None where the claim was lost. A post that is gone by now is settled as removed."""
        outcome = outcome_of(row, assessment)
        kept = msgspec.to_builtins(assessment)
        settled = None
        if outcome != REMOVED:
            settled = await mentions.settle(conn, row, now, outcome=outcome, assessment=kept)
        if settled is None:
            removed = await mentions.settle(conn, row, now, outcome=REMOVED, assessment={})
            return Settled(REMOVED) if removed else None
        if outcome == NOT_COMPLAINT:
            return Settled(outcome)
        await links.record(conn, link_rows(row.id, assessment.linking, now))
        return Settled(outcome, await self._dispatcher().raise_for(conn, settled, outcome, now))

    async def _set_aside(self, row: Row[Any], reason: str) -> None:
        async with self._db.write("quarantine") as conn:
            if not await mentions.set_aside(conn, row):
                return
            where = {"native_id": row.native_id, "mention_id": row.id}
            await quarantine.record(conn, row.source, "assess", reason, self._clock.now(), **where)
        log.error("mention quarantined", mention=row.id, reason=reason)


def _reason(error: Exception) -> str:
    """Name what broke; texts of errors may quote a post, but for our own."""
    return str(error) if isinstance(error, (TooSlowError, CustomModelError)) else type(error).__name__


def _is_outage(error: Exception) -> bool:
    """Say whether the surroundings are at fault and not the post: then the work is handed back, and nothing counts."""
    return isinstance(error, (SQLAlchemyError, OSError)) and not blames_values(error)


def _by_case(assessed: Sequence[Assessed]) -> Sequence[Assessed]:
    authors = {(row.source, row.author.get("handle")) for row, _ in assessed}
    return sorted(assessed, key=_case_of) if len(authors) == len(assessed) else assessed


def _case_of(pair: Assessed) -> str:
    linking = pair[1].linking
    return linking.candidates[0].case_id if linking is not None and linking.candidates else ""


def outcome_of(row: Row[Any], assessment: Assessment[Verdict]) -> str:
    """Give ``removed``, ``not_complaint``, ``unlinked``, ``possible`` or ``link``."""
    if row.removed_at is not None:
        return REMOVED
    if not assessment.verdict.complaint:
        return NOT_COMPLAINT
    return "unlinked" if assessment.linking is None else assessment.linking.decision


def link_rows(mention_id: int, linking: Linking | None, now: datetime) -> list[dict[str, Any]]:
    """Give the rows of ``links`` that an assessment asks for; none where no case is shown."""
    if linking is None or linking.decision == "unlinked":
        return []
    return [_link_row(mention_id, rank, one, linking, now) for rank, one in enumerate(linking.candidates, start=1)]


def _link_row(mention_id: int, rank: int, candidate: Candidate, linking: Linking, now: datetime) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "case_id": candidate.case_id,
        "rank": rank,
        "probability": candidate.probability,
        "evidence": msgspec.to_builtins(candidate.evidence),
        "basis": list(linking.basis),
        "relation": candidate.relation,
        "mode": candidate.mode,
        "model": linking.model,
        "made_at": now,
    }


def _text_of(row: Row[Any], policy: LinkPolicy) -> MentionText:
    author = row.author
    return MentionText(
        text=row.text,
        posted_at=row.posted_at,
        platform=row.platform,
        handle=author.get("handle") or "",
        name=author.get("name"),
        bio=author.get("bio"),
        location=author.get("location"),
        context=row.context,
        lang=row.lang,
        brand=row.brand,
        policy=policy,
    )
