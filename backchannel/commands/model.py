"""``backchannel model``: what was learnt from people's answers, and how to take it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Row

from backchannel.commands import brand_thresholds
from backchannel.commands.brand_thresholds import Thresholds
from backchannel.commands.failure import CommandError
from backchannel.config import Settings
from backchannel.learnt import MOST_ANSWERS, in_force, relearn, roll_back
from ledger import mentions, models, outcomes
from ledger.database import Database
from matcher.calibration import Calibration, calibrated
from matcher.judged import read_judged
from matcher.learning import LEAST_LABELS
from matcher.linking import Linking
from matcher.model_file import LinkingModel
from matcher.prevalence import estimated

REFITS_SHOWN = 8
DECISIONS_READ = 1000
DECISIONS_NEEDED = 100
_FAR = 1.5
_ACTOR = "command line"
_WORDS = {
    outcomes.CONFIRMED: "confirmed",
    outcomes.WRONG_CASE: "not this case",
    outcomes.NO_CASE: "none of the cases asked about",
    outcomes.NOT_A_COMPLAINT: "not a complaint",
    outcomes.RELATION: "relation corrected",
}


class Standing(msgspec.Struct, frozen=True):
    """Where learning stands: versions, answers by verdict, how true probabilities were, the last refits, thresholds.

    ``chances`` are the last decisions' probabilities of a case, each with the share of complaints that was assumed.
    """

    shipped: str
    learnt: str | None
    verdicts: dict[str, int]
    calibration: Calibration
    refits: Sequence[Row[Any]]
    thresholds: Thresholds
    prevalence: float
    chances: list[tuple[float, float]]


async def standing(db: Database, shipped: LinkingModel, settings: Settings, now: datetime) -> Standing:
    """Read where learning stands."""
    async with db.read() as conn:
        learnt = await in_force(conn, shipped)
        judged = read_judged(await outcomes.about_links(conn, MOST_ANSWERS))
        verdicts, refits = await outcomes.counts(conn), await models.refits(conn, REFITS_SHOWN)
        thresholds = await brand_thresholds.standing(conn, settings, now)
        chances = _chances(await mentions.assessments(conn, DECISIONS_READ))
    in_use = learnt.version if learnt else None
    prevalence = settings.matcher.linking.prevalence
    found = calibrated(judged)
    return Standing(shipped.version, in_use, verdicts, found, refits, thresholds, prevalence, chances)


def _chances(assessments: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    """Read the decisions; what another version of the program wrote in another shape is left out."""
    found = []
    for assessment in assessments:
        try:
            linking = msgspec.convert(assessment.get("linking"), Linking)
        except msgspec.ValidationError:
            continue
        found.append((1.0 - linking.none_probability, linking.prior))
    return found


def show(told: Standing, out: Console) -> None:
    """Print where learning stands."""
    learnt = f"learnt from answers; the shipped ones are {told.shipped}" if told.learnt else "as shipped"
    out.print(f"In force: [bold]{escape(told.learnt or told.shipped)}[/], {escape(learnt)}", soft_wrap=True)
    out.print("\n[bold cyan]Answers[/]")
    for verdict, words in _WORDS.items():
        out.print(f"  {told.verdicts.get(verdict, 0):5d} {words}")
    _show_calibration(told.calibration, out)
    _show_prevalence(told, out)
    _show_refits(told.refits, out)
    brand_thresholds.show(told.thresholds, out)


def _show_calibration(found: Calibration, out: Console) -> None:
    out.print("\n[bold cyan]How true the probabilities were[/]")
    if not found.bands:
        out.print("  Nobody has confirmed or refused a link yet.")
        return
    table = _table("said", "links", "mean said", "confirmed")
    for band in found.bands:
        said = f"{band.low:.0%} to {band.low + 0.1:.0%}"
        table.add_row(said, str(band.links), f"{band.said:.0%}", f"{band.confirmed:.0%}")
    out.print(table)
    out.print(f"  calibration error {found.error:.3f} over {found.links} links", style="dim")


def _show_prevalence(told: Standing, out: Console) -> None:
    out.print("\n[bold cyan]How many complaints have a case[/]")
    out.print(f"  {told.prevalence:.0%} by the configuration (matcher.linking.prevalence)")
    if len(told.chances) < DECISIONS_NEEDED:
        out.print(f"  An estimate follows from {DECISIONS_NEEDED} complaints on; {len(told.chances)} were decided.")
        return
    share = estimated(told.chances)
    out.print(f"  {share:.0%} by what the last {len(told.chances)} complaints looked like, whatever people answered")
    if max(share / told.prevalence, told.prevalence / share) > _FAR:
        out.print("  [yellow]These lie far apart: the probabilities would be truer with the second.[/]")


def _show_refits(refits: Sequence[Row[Any]], out: Console) -> None:
    out.print("\n[bold cyan]Refits[/]")
    if not refits:
        out.print(f"  There are none yet: the first follows once {LEAST_LABELS} links were confirmed or refused.")
        return
    table = _table("made", "answers", "found", "right", "surprise", "state", "why")
    for row in refits:
        before, after = row.before or {}, row.after or {}
        cells = [_change(before, after, name) for name in ("detection", "precision", "loss")]
        table.add_row(f"{row.made_at:%Y-%m-%d %H:%M}", str(row.labels), *cells, row.state.replace("_", " "), row.reason)
    out.print(table)
    out.print("  figures on answers that were held out, before and after", style="dim")


def _change(before: dict[str, Any], after: dict[str, Any], name: str) -> str:
    return f"{before.get(name, 0.0):.3f} > {after.get(name, 0.0):.3f}"


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2))
    for name in columns:
        table.add_column(name, header_style="dim")
    return table


async def take_back(db: Database, shipped: LinkingModel, now: datetime) -> str:
    """Roll the weights in force back and say what is in force now."""
    done = await roll_back(db, shipped, now, actor=_ACTOR)
    if done is None:
        raise CommandError(f"nothing learnt is in force: the weights are those shipped, {shipped.version}")
    return f"{done[0]} is out of force; {done[1]} is in force, and the running service follows within seconds"


async def refit_now(db: Database, shipped: LinkingModel, target: float, now: datetime) -> str:
    """Refit at once and say what came of it."""
    done = await relearn(db, shipped, target, now, actor=_ACTOR)
    heads = {"promoted": "New weights are in force", "rejected": "The weights stay as they are"}
    return f"{heads.get(done.state, 'Nothing was fitted')}: {done.reason}"
