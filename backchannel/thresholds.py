"""What answers have taught of each brand's threshold: which is in force, how a new one comes into force, and goes."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from backchannel.config import Settings
from ledger import audit, models, outcomes
from ledger.database import Database
from matcher.assess import surely_of_a_case
from matcher.bias import LEAST_ANSWERS, MEMORY, Answered, Finding, learn
from matcher.linking import Linking
from matcher.threshold import LearntThresholds, Threshold
from matcher.verdict import Verdict

MOST_ANSWERS = 5000

Default = Callable[[str], float]
"""Gives the threshold of a brand that is shipped or configured."""


class Moved(msgspec.Struct, frozen=True):
    """How learning ended for one brand: ``state`` is ``promoted`` or ``rejected``, and why."""

    brand: str
    state: str
    reason: str
    before: float
    after: float
    answers: int


class Kept(msgspec.Struct):
    """What a row of ``models`` keeps as weights."""

    brand: str
    threshold: float
    bias: float


def base_of(version: str, brand: str) -> str:
    """Give the base of a brand's thresholds: what was learnt holds for the model whose fingerprint this is."""
    return models.OF_THRESHOLDS + hashlib.sha256(f"{version}\n{brand}".encode()).hexdigest()[:40]


def brands_learnt(settings: Settings) -> list[str]:
    """Name the brands whose threshold answers may move: those for which ``config.yaml`` gives none."""
    named = dict.fromkeys(rule.brand for rule in settings.rules)
    return [brand for brand in named if brand and brand not in settings.matcher.complaint.brands]


async def in_force(conn: AsyncConnection, version: str, brands: Sequence[str]) -> LearntThresholds:
    """Give the learnt thresholds in force for a model, by brand."""
    rows = await _promoted(conn, version, brands)
    return {brand: learnt for brand, row in rows.items() if (learnt := read(row)) is not None}


async def _promoted(conn: AsyncConnection, version: str, brands: Sequence[str]) -> dict[str, Row[Any]]:
    bases = {base_of(version, brand): brand for brand in brands}
    return {bases[base]: row for base, row in (await models.promoted_of(conn, list(bases))).items()}


def read(row: Row[Any] | None) -> Threshold | None:
    """Read a row of ``models``; None where there is none, or another version of the program wrote it."""
    if row is None:
        return None
    try:
        kept = msgspec.convert(row.weights, Kept)
    except msgspec.ValidationError:
        return None
    return Threshold(kept.threshold, "learnt", row.labels, row.made_at)


async def outdated(conn: AsyncConnection, version: str, brands: Sequence[str]) -> dict[str, float]:
    """Give the thresholds that were learnt for another model and so are not in use, by brand."""
    current = {base_of(version, brand) for brand in brands}
    rows = await models.promoted_thresholds(conn)
    newest = {str(row.weights.get("brand")): row for row in rows if isinstance(row.weights, dict)}
    old = {brand: read(row) for brand, row in newest.items() if brand in brands and row.base not in current}
    return {brand: one.value for brand, one in old.items() if one is not None}


async def answered(conn: AsyncConnection, version: str, now: datetime) -> dict[str, list[Answered]]:
    """Give the answers that count, by brand: to posts that this very model judged, and that no case decided.

    A post that surely belongs to an unresolved case raises an alert at any threshold, so its answer says nothing here.
    """
    found: dict[str, list[Answered]] = {}
    for row in await outcomes.about_complaints(conn, now - MEMORY, MOST_ANSWERS):
        if (one := _answer(row, version)) is not None:
            found.setdefault(row.brand, []).append(one)
    return found


def _answer(row: Row[Any], version: str) -> Answered | None:
    try:
        verdict = msgspec.convert(row.judged, Verdict)
        linking = msgspec.convert(row.linking, Linking | None)
    except msgspec.ValidationError:
        return None
    if verdict.version != version or verdict.cannot_tell or (linking is not None and surely_of_a_case(linking)):
        return None
    complaint = row.said != outcomes.NOT_A_COMPLAINT
    return Answered(row.at, row.alert_id, verdict.probability, complaint, verdict.threshold)


async def recalibrate(
    db: Database, settings: Settings, version: str, default: Default, now: datetime, *, actor: str
) -> list[Moved]:
    """Move the thresholds that answers tell to move, and give what was tried; no transaction is open meanwhile."""
    brands = brands_learnt(settings)
    async with db.read() as conn:
        answers = await answered(conn, version, now)
        rows = await _promoted(conn, version, brands)
        rested = {brand for brand in brands if await _rests(conn, base_of(version, brand), answers.get(brand, ()))}
    moved = []
    for brand in brands:
        known, least = read(rows.get(brand)), default(brand)
        used = max(known.value, least) if known else least
        own, may_miss = answers.get(brand, []), settings.matcher.complaint.may_miss
        found = await asyncio.to_thread(learn, own, least, used, may_miss)
        if found is None or (brand in rested and found.threshold > used):
            continue
        one = Moved(brand, _state(found), found.reason, used, found.threshold, found.answers)
        if await _keep(db, base_of(version, brand), one, found, rows.get(brand), now, actor):
            moved.append(one)
    return moved


async def _rests(conn: AsyncConnection, base: str, answers: Sequence[Answered]) -> bool:
    """Say whether a threshold has to wait: nobody answered since the last try, or too few since it was taken back."""
    back = await models.last_rolled_back(conn, base)
    if back is not None and sum(one.at > back.rolled_back_at for one in answers) < LEAST_ANSWERS:
        return True
    last = await models.last_refit(conn, base)
    return last is not None and not any(one.at > last.made_at for one in answers)


def _state(found: Finding) -> str:
    return models.PROMOTED if found.promoted else models.REJECTED


async def _keep(
    db: Database, base: str, one: Moved, found: Finding, before: Row[Any] | None, now: datetime, actor: str
) -> bool:
    """Record what was tried and put it in force if it takes over; False where another process was faster."""
    async with db.write("learn-threshold") as conn:
        row = await models.promoted(conn, base)
        if (row and row.id) != (before and before.id):
            return False
        await models.record(conn, _row(one, found, base, now))
        if found.promoted:
            detail = {"from": one.before, "to": one.after, "answers": one.answers}
            await audit.write(conn, actor=actor, action="threshold.moved", subject=one.brand, now=now, detail=detail)
    return True


def _row(one: Moved, found: Finding, base: str, now: datetime) -> dict[str, Any]:
    return {
        "version": f"{models.OF_THRESHOLDS}{one.brand[:32]}+{now:%Y%m%dT%H%M%S}",
        "base": base,
        "state": one.state,
        "weights": msgspec.to_builtins(Kept(one.brand, one.after, round(found.bias, 4))),
        "labels": one.answers,
        "before": {**msgspec.to_builtins(found.before), "threshold": one.before},
        "after": {**msgspec.to_builtins(found.after), "threshold": one.after},
        "reason": one.reason,
        "made_at": now,
    }


async def roll_back(
    db: Database, version: str, brand: str, default: Default, now: datetime, *, actor: str
) -> tuple[float, float] | None:
    """Take a brand's threshold out of force; gives it and the one in force now, None where none was learnt."""
    base = base_of(version, brand)
    async with db.write("roll-back-threshold") as conn:
        row = await models.roll_back(conn, base, now)
        if row is None:
            return None
        left = (await in_force(conn, version, [brand])).get(brand)
        taken, now_in_force = read(row), max(left.value if left else 0.0, default(brand))
        detail = {"from": taken.value if taken else None, "to": now_in_force}
        await audit.write(conn, actor=actor, action="threshold.rolled_back", subject=brand, now=now, detail=detail)
    return (taken.value if taken else now_in_force), now_in_force
