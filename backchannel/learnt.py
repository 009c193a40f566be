"""What linking has learnt here: which weights are in force, how new ones come into force, and how they go again."""

import asyncio
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import audit, models, outcomes
from ledger.database import Database
from matcher.judged import Judged, read_judged
from matcher.learning import LEAST_LABELS, Fit, refit
from matcher.model_file import LinkingModel
from matcher.promotion import Promotion, decide

MOST_ANSWERS = 5000
"""How many of the newest answers are learnt from."""


class Relearnt(msgspec.Struct, frozen=True):
    """How a refit ended: ``state`` is ``promoted``, ``rejected`` or ``idle`` where nothing was fitted, and why."""

    state: str
    reason: str
    labels: int = 0


class Ground(msgspec.Struct, frozen=True):
    """What a refit stands on: answers, the weights that decided, and the refits before."""

    judged: list[Judged]
    known: dict[str, LinkingModel]
    promoted: Row[Any] | None
    idle: str = ""


def base_of(shipped: LinkingModel) -> str:
    """Give the fingerprint of shipped weights; learnt ones hold only for the weights that they were anchored to."""
    digest = hashlib.sha256(msgspec.json.encode(shipped, order="deterministic")).hexdigest()
    return f"{shipped.version[:40]}:{digest[:16]}"


def read_weights(row: Row[Any] | None) -> LinkingModel | None:
    """Read the weights of a row of ``models``; None where there is none, or another version of the program wrote it."""
    return None if row is None else _convert(row.weights)


def _convert(weights: Any) -> LinkingModel | None:
    try:
        return msgspec.convert(weights, LinkingModel)
    except msgspec.ValidationError:
        return None


async def in_force(conn: AsyncConnection, shipped: LinkingModel) -> LinkingModel | None:
    """Give the learnt weights in force; None where the shipped ones are."""
    return read_weights(await models.promoted(conn, base_of(shipped)))


async def start(db: Database, shipped: LinkingModel, now: datetime) -> LinkingModel | None:
    """Keep the shipped weights, so that their decisions can be learnt from later, and give the learnt ones in force."""
    async with db.write("know-weights") as conn:
        kept = msgspec.to_builtins(shipped)
        await models.know(conn, version=shipped.version, base=base_of(shipped), weights=kept, now=now)
        return await in_force(conn, shipped)


async def relearn(db: Database, shipped: LinkingModel, target: float, now: datetime, *, actor: str) -> Relearnt:
    """Refit from all answers and put the weights in force if they prove better; no transaction is open meanwhile."""
    async with db.read() as conn:
        ground = await _ground(conn, shipped)
    if ground.idle:
        return Relearnt("idle", ground.idle)
    until = ground.promoted.made_at if ground.promoted is not None else None
    fit = await asyncio.to_thread(
        refit, shipped, ground.judged, now, known=ground.known, target=target, learnt_until=until
    )
    if fit is None:
        reason = f"{len(ground.judged)} answers to links can be learnt from, and {LEAST_LABELS} are needed"
        return Relearnt("idle", reason, len(ground.judged))
    promotion = decide(fit, target)
    async with db.write("learn") as conn:
        if _id(await models.promoted(conn, base_of(shipped))) != _id(ground.promoted):
            return Relearnt("idle", "other weights came into force meanwhile: try again")
        await models.record(conn, _row(fit, promotion, base_of(shipped), now))
        if promotion.promoted:
            await audit.write(conn, actor=actor, action="model.promoted", subject=fit.model.version, now=now)
    return Relearnt("promoted" if promotion.promoted else "rejected", promotion.reason, fit.labels)


async def roll_back(db: Database, shipped: LinkingModel, now: datetime, *, actor: str) -> tuple[str, str] | None:
    """Take the learnt weights out of force; gives their version and the one in force now, None where none were."""
    async with db.write("roll-back") as conn:
        row = await models.roll_back(conn, base_of(shipped), now)
        if row is None:
            return None
        now_in_force = await in_force(conn, shipped) or shipped
        detail = {"in_force": now_in_force.version}
        await audit.write(conn, actor=actor, action="model.rolled_back", subject=row.version, now=now, detail=detail)
    return str(row.version), now_in_force.version


async def _ground(conn: AsyncConnection, shipped: LinkingModel) -> Ground:
    base = base_of(shipped)
    judged = read_judged(await outcomes.about_links(conn, MOST_ANSWERS))
    known = await _known(conn, {one.model for one in judged} - {shipped.version})
    return Ground(judged, known, await models.promoted(conn, base), await _idle(conn, base))


async def _known(conn: AsyncConnection, versions: Iterable[str]) -> dict[str, LinkingModel]:
    found = {version: _convert(weights) for version, weights in (await models.by_version(conn, [*versions])).items()}
    return {version: model for version, model in found.items() if model is not None}


async def _idle(conn: AsyncConnection, base: str) -> str:
    """Say why nothing is to be learnt yet; an empty text where something may be."""
    rolled_back = await models.last_rolled_back(conn, base)
    if rolled_back is not None:
        fresh = await outcomes.since(conn, rolled_back.rolled_back_at)
        if fresh < LEAST_LABELS:
            return f"{fresh} answers to links since weights were rolled back, and {LEAST_LABELS} are waited for"
    last = await models.last_refit(conn, base)
    if last is not None and not await outcomes.since(conn, last.made_at):
        return "nobody has answered about a link since the last refit"
    return ""


def _id(row: Row[Any] | None) -> int | None:
    return None if row is None else int(row.id)


def _row(fit: Fit, promotion: Promotion, base: str, now: datetime) -> dict[str, Any]:
    return {
        "version": fit.model.version,
        "base": base,
        "state": models.PROMOTED if promotion.promoted else models.REJECTED,
        "weights": msgspec.to_builtins(fit.model),
        "labels": fit.labels,
        "before": msgspec.to_builtins(fit.before),
        "after": msgspec.to_builtins(fit.after),
        "reason": promotion.reason,
        "made_at": now,
    }
