"""Why a mention came to what it came to, read back from the ledger: the one account that terminal and web page show."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger import alerts, cases, cursors, links, mentions, outbox, quarantine, steps
from listener.config import RuleConfig
from listener.rules import Rulebook
from matcher.decision import NOT_LINKED
from matcher.linking import Candidate, Linking
from matcher.verdict import Verdict
from notifier.card import AlertCard

Part = TypeVar("Part")

_NATIVE = re.compile(r"[A-Za-z0-9_:.-]+")
_LEAST = 1e-6  # probabilities are kept to six digits
_KINDS_OF_THING = ("", "t1_", "t3_")  # Reddit's prefixes for comments and submissions


@dataclass(frozen=True)
class Bar:
    """One reason as a stretch of the waterfall: it leads the sum from ``start`` to ``end``, in natural log units."""

    sentence: str
    weight: float
    start: float
    end: float


@dataclass(frozen=True)
class CandidateStory:
    """One case that was compared, with its reasons in a waterfall; ``shown`` is False for those turned down."""

    candidate: Candidate
    bars: tuple[Bar, ...]
    shown: bool
    case: Row[Any] | None
    judged: str = ""


@dataclass(frozen=True)
class AlertStory:
    """One alert: its row, its steps, the messages sent about it, and what the newest of them says."""

    row: Row[Any]
    steps: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    card: AlertCard | None


@dataclass(frozen=True)
class Explanation:
    """Everything the ledger knows of one mention. ``unread`` says which part another version wrote.

    ``considered`` says that the cases of ``linking`` were looked at though the mention is no complaint.
    """

    mention: Row[Any]
    verdict: Verdict | None
    linking: Linking | None
    candidates: tuple[CandidateStory, ...]
    alerts: tuple[AlertStory, ...]
    quarantined: str | None
    unread: str = ""
    considered: bool = False


async def find(conn: AsyncConnection, reference: str) -> Row[Any] | None:
    """Find a mention by our id, by the id or by the address that its platform gave it; None where there is none."""
    reference = reference.strip()
    if reference.isascii() and reference.isdigit() and len(reference) <= 18:
        own = await mentions.get(conn, int(reference))
        if own is not None:
            return own
    for source in sorted(await cursors.ages(conn)):
        for native_id in _native_ids(reference):
            found = await mentions.by_native_id(conn, source, native_id)
            if found is not None:
                return found
    return None


def _native_ids(reference: str) -> Iterable[str]:
    """Give the ids that a reference may hold, the likeliest first; an address names its post near its end."""
    if "://" not in reference:
        return [prefix + reference for prefix in _KINDS_OF_THING] if _NATIVE.fullmatch(reference) else [reference]
    segments = [part for part in urlsplit(reference).path.split("/") if _NATIVE.fullmatch(part)]
    return [prefix + part for part in reversed(segments) for prefix in _KINDS_OF_THING] + [reference]


async def explain(conn: AsyncConnection, mention: Row[Any]) -> Explanation:
    """Read back how a mention was judged, linked and alerted."""
    assessment = mention.assessment or {}
    considered = assessment.get("considered") is not None
    verdict, linking, unread = _read_assessment(assessment, "considered" if considered else "linking")
    return Explanation(
        mention,
        verdict,
        linking,
        await _candidates(conn, mention.id, linking, offered=not considered),
        tuple([await alert_story(conn, row) for row in await alerts.of_mention(conn, mention.id)]),
        await _quarantined(conn, mention),
        unread,
        considered,
    )


def _read_assessment(assessment: Mapping[str, Any], cases_in: str) -> tuple[Verdict | None, Linking | None, str]:
    verdict, no_verdict = _read(assessment.get("verdict"), Verdict)
    linking, no_linking = _read(assessment.get(cases_in), Linking)
    return verdict, linking, no_verdict or no_linking


def _read(value: Any, kind: type[Part]) -> tuple[Part | None, str]:
    if value is None:
        return None, ""
    try:
        return msgspec.convert(value, kind), ""
    except msgspec.ValidationError:
        return None, "Another version of this program judged this post; its details cannot be shown."


async def _candidates(
    conn: AsyncConnection, mention_id: int, linking: Linking | None, *, offered: bool
) -> tuple[CandidateStory, ...]:
    if linking is None:
        return ()
    judged = {link.case_id: link.state for link in await links.of_mention(conn, mention_id)}
    shown = [(candidate, offered) for candidate in linking.candidates]
    compared = shown + [(candidate, False) for candidate in linking.rejected]
    known = {row.case_id: row for row in await cases.get_many(conn, [c.case_id for c, _ in compared])}
    return tuple(
        CandidateStory(c, waterfall(c, linking), is_shown, known.get(c.case_id), judged.get(c.case_id, ""))
        for c, is_shown in compared
    )


def waterfall(candidate: Candidate, linking: Linking) -> tuple[Bar, ...]:
    """Lay the reasons of a candidate end to end, in their order, so that they end at its log odds against no case.

    The first bar is what held before the case was looked at: the prior, spread over all cases, the post itself, and
    that a customer may mean another matter.
    """
    told = math.fsum(evidence.weight for evidence in candidate.evidence)
    odds = math.log(max(candidate.probability, _LEAST) / max(linking.none_probability, _LEAST))
    start = round(odds - told, 3)
    another = any(evidence.code == "another_matter" for evidence in linking.post_evidence)
    rest = "it could be any, and its customer may mean something else" if another else "and it could be any"
    first = f"what held before: {linking.prior:.0%} of complaints have a case, {rest}"
    bars = [Bar(first, start, 0.0, start)]
    for evidence in candidate.evidence:
        bars.append(Bar(evidence.sentence, evidence.weight, bars[-1].end, bars[-1].end + evidence.weight))
    return tuple(bars)


def came_to(linking: Linking, *, considered: bool = False) -> str:
    """Say which threshold or rule led to the decision; where a case was ``considered`` only, why it changed nothing."""
    limits = linking.thresholds
    if considered and "settled" in linking.post_features:
        return "It may be of a case, but says that the matter is settled: nobody is told."
    if considered:
        return (
            f"A case that it surely belongs to ({limits.link:.0%}, by more than a name) would make it a complaint all "
            "the same; it belongs to none so surely, and nobody is told."
        )
    if linking.decision == "link":
        return f"One case reaches {limits.link:.0%}, and no other comes close: it is named."
    return _unlinked(linking) if linking.decision == "unlinked" else _asked(linking)


def _asked(linking: Linking) -> str:
    """Say why a person is asked: too little speaks for the best case, too much for another, or the post is mild."""
    limits = linking.thresholds
    if linking.mild:
        return f"One case reaches {limits.link:.0%}, but the post hardly reads as a complaint: a person is asked."
    if max((one.probability for one in linking.candidates), default=0.0) < limits.link:
        return f"No case reaches {limits.link:.0%} alone, together they reach {limits.possible:.0%}: a person is asked."
    return (
        "The best case is likely enough, but too little speaks for it alone or another fits as well: a person is asked."
    )


def _unlinked(linking: Linking) -> str:
    """Say why no case is offered: another matter, a case that is never linked, or too little speaks for any."""
    least = linking.thresholds.possible
    barred = [one for one in linking.rejected if one.resolved or one.differs.endswith(NOT_LINKED)]
    others = [one.probability for one in linking.rejected if one not in barred]
    if math.fsum(sorted(others, reverse=True)[:3]) >= least:
        return "The post speaks of another matter than the cases that fit its author: none is offered."
    best = max(barred, key=lambda one: one.probability, default=None)
    if best is not None and best.probability >= least:
        return f"The case that fits best {best.differs or 'is over'}: none is offered."
    return f"The best cases together do not reach {least:.0%}: none is offered."


async def alert_story(conn: AsyncConnection, row: Row[Any]) -> AlertStory:
    """Read back one alert."""
    messages = await outbox.of_alert(conn, row.alert_id)
    return AlertStory(row, await steps.of_alert(conn, row.alert_id), messages, newest_card(messages))


def newest_card(messages: Sequence[Row[Any]]) -> AlertCard | None:
    """Give what the newest message about an alert says; None where there is none, or another version wrote it."""
    for message in reversed(messages):
        try:
            return msgspec.json.decode(message.card, type=AlertCard)
        except msgspec.DecodeError:
            continue
    return None


async def _quarantined(conn: AsyncConnection, mention: Row[Any]) -> str | None:
    if mention.state != "quarantined":
        return None
    rows = [row for row in await quarantine.newest(conn, 1000) if row.mention_id == mention.id]
    return str(rows[0].reason) if rows else "it could not be handled"


def rule_lines(mention: Row[Any], rules: Sequence[RuleConfig]) -> list[str]:
    """Say which rules a mention hit when it was heard, and by which terms as far as the rules still are what they were.

    Only the rules that were hit are built, so that this stays cheap beside thousands of others.
    """
    kept = [str(name) for name in mention.rules]
    still = [rule for rule in rules if rule.name in kept]
    found = {hit.rule: hit.terms for hit in Rulebook(still).hits(mention.text, mention.lang)} if still else {}
    return [_rule_line(name, found.get(name, ())) for name in kept]


def _rule_line(name: str, terms: Sequence[str]) -> str:
    return f"{name}: {', '.join(f'“{term}”' for term in terms)}" if terms else name


def waited(since: datetime, now: datetime) -> str:
    """Say how long something has waited, in the two largest units: ``9 days 4 h``, ``1 h 5 min``, ``3 min``."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours else "")
    return f"{hours} h {rest} min" if hours else f"{rest} min"
