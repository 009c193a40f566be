"""``backchannel model``, as far as the thresholds of brands go: which are in use, from what, and how one goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from backchannel.commands.failure import CommandError
from backchannel.config import Settings
from backchannel.thresholds import answered, base_of, brands_learnt, in_force, recalibrate, roll_back
from ledger import models
from ledger.database import Database
from matcher.bias import MEMORY
from matcher.custom_model import shipped_threshold
from matcher.threshold import Threshold, fingerprint, given, in_use

TRIES_SHOWN = 8
_ACTOR = "command line"


class BrandLine(msgspec.Struct, frozen=True):
    """One brand: the threshold in use, and how many answers count towards it, complaints among them."""

    brand: str
    threshold: Threshold
    answers: int
    complaints: int


class Thresholds(msgspec.Struct, frozen=True):
    """The thresholds of all brands, the last tries to move one, and the bases of those that could be in force."""

    lines: Sequence[BrandLine]
    tries: Sequence[Row[Any]]
    bases: frozenset[str]
    learning: bool


async def standing(conn: AsyncConnection, settings: Settings, now: datetime) -> Thresholds:
    """Read how the thresholds stand."""
    complaint = settings.matcher.complaint
    version, shipped = fingerprint(complaint), shipped_threshold(complaint)
    learnt = await in_force(conn, version, brands_learnt(settings))
    answers = await answered(conn, version, now)
    lines = []
    for brand in dict.fromkeys(rule.brand for rule in settings.rules):
        threshold = in_use(complaint, brand, given(complaint, brand, shipped), learnt)
        own = answers.get(brand, [])
        lines.append(BrandLine(brand, threshold, len(own), sum(one.complaint for one in own)))
    bases = frozenset(base_of(version, line.brand) for line in lines)
    return Thresholds(lines, await models.refits(conn, TRIES_SHOWN, thresholds=True), bases, complaint.learn)


def show(told: Thresholds, out: Console) -> None:
    """Print how the thresholds stand."""
    out.print("\n[bold cyan]From which probability a post is a complaint[/]")
    table = _table("brand", "threshold", "from", "since", "answers that count")
    for line in told.lines:
        one = line.threshold
        origin = f"learnt from {one.answers} answers" if one.origin == "learnt" else one.origin
        since = f"{one.since:%Y-%m-%d %H:%M}" if one.since else ""
        counted = f"{line.answers}, {line.complaints} of them complaints"
        table.add_row(escape(line.brand), f"{one.value:.0%}", origin, since, counted)
    out.print(table)
    if not told.learning:
        out.print("  nothing is learnt: matcher.complaint.learn is false", style="dim")
    out.print(
        f"  an answer counts for {MEMORY.days} days, unless its post surely belonged to a case and was alerted anyway",
        style="dim",
    )
    if told.tries:
        _show_tries(told, out)


def _show_tries(told: Thresholds, out: Console) -> None:
    table = _table("made", "brand", "answers", "threshold", "alerts", "right", "missed", "state", "why")
    for row in told.tries:
        before, after = row.before or {}, row.after or {}
        cells = [f"{before.get(name, 0)} > {after.get(name, 0)}" for name in ("alerts", "complaints")]
        moved = f"{before.get('threshold', 0.0):.0%} > {after.get('threshold', 0.0):.0%}"
        state = row.state.replace("_", " ") if row.base in told.bases else "of another model"
        brand = escape(str(row.weights.get("brand", "")))
        missed = f"{after.get('missed', 0.0):.0%}"
        made = f"{row.made_at:%Y-%m-%d %H:%M}"
        table.add_row(made, brand, str(row.labels), moved, *cells, missed, state, escape(row.reason))
    out.print(table)
    out.print("  figures on answers that were held out, before and after", style="dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2))
    for name in columns:
        table.add_column(name, header_style="dim")
    return table


async def take_back(db: Database, settings: Settings, brand: str, now: datetime) -> str:
    """Roll the threshold of a brand back and say what is in force now."""
    known = brands_learnt(settings)
    if brand not in known:
        why = "config.yaml gives it, or no rule is about this brand"
        raise CommandError(f"the threshold of {brand} is not learnt: {why}. Learnt are those of: {', '.join(known)}")
    complaint = settings.matcher.complaint
    shipped = shipped_threshold(complaint)
    default = given(complaint, brand, shipped).value
    done = await roll_back(db, fingerprint(complaint), brand, lambda _: default, now, actor=_ACTOR)
    if done is None:
        raise CommandError(f"nothing learnt is in force for {brand}: its threshold is {default:.0%}")
    return f"{brand}: {done[0]:.0%} is out of force; {done[1]:.0%} is, and the running service follows within seconds"


async def learn_now(db: Database, settings: Settings, now: datetime) -> list[str]:
    """Learn thresholds at once and say what came of it, one line for each brand that was tried."""
    complaint = settings.matcher.complaint
    if not complaint.learn:
        return []
    shipped = shipped_threshold(complaint)
    moved = await recalibrate(
        db,
        settings,
        fingerprint(complaint),
        lambda brand: given(complaint, brand, shipped).value,
        now,
        actor=_ACTOR,
    )
    return [f"{one.brand}, {one.before:.0%} to {one.after:.0%}: {one.state}, {one.reason}" for one in moved]
