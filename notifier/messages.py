"""Builds the card of an alert from what the ledger knows: pure, so that every sentence can be tested."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row

from crm.records import Case
from crm.standing import waiting_since
from notifier import disclosure
from notifier.apart import SAME, tells_apart
from notifier.card import AlertCard, CaseLine, EvidenceLine, Note, PostLine
from notifier.casewords import called, channel_word, how_to_answer
from notifier.clockline import clock_line, until
from notifier.complaintline import cannot_tell, complaint_line
from notifier.endings import RESOLVED
from notifier.facts import AlertFacts
from notifier.headlines import headline, task
from notifier.sureness import percent, sure_words
from notifier.waiting import at_clock, lasted

_QUIET_SHOWN = 5
_FOLDED_SHOWN = 5
_WORTH_SAYING = 0.15  # log odds: what weighs less moves no probability by four points; the page shows it


class Reader(msgspec.Struct, frozen=True):
    """For whom a card is written: the time zone (IANA), the inbox, and whether customers' names may be shown."""

    timezone: str = "UTC"
    inbox_url: str | None = None
    full_names: bool = True


def card(facts: AlertFacts, reader: Reader, now: datetime, note: Note = "raised") -> AlertCard:
    """Return what one alert says at ``now`` to one reader."""
    alert, shown = facts.alert, _shown(facts)
    lines = _case_lines(facts, shown, reader, now)
    over = alert.state not in {"open", "taken"}
    lines = [msgspec.structs.replace(line, contact="") for line in lines] if over else lines
    todo, end = _task(facts, shown, reader), until(alert, facts.steps)
    return AlertCard(
        alert_id=alert.alert_id,
        version=alert.version,
        kind=alert.kind,
        state=alert.state,
        headline=headline(todo, alert.state, note, end, now),
        team=alert.team,
        post=_post(facts.posts[0]),
        note="closed" if over else note,
        brand=alert.brand or None,
        source=facts.posts[0].source,
        case=lines[0] if alert.kind == "link" and lines else None,
        candidates=tuple(lines) if alert.kind == "possible" else (),
        evidence_for=_evidence(facts, shown, reader, sign=1),
        evidence_against=_evidence(facts, shown, reader, sign=-1),
        sure=_sure(facts, shown, reader),
        poster=_poster(facts, shown),
        deadline=end,
        clock=clock_line(alert, facts.steps, reader.timezone, now),
        disclose=_disclose(facts, shown, reader),
        folded=len(facts.posts) - 1,
        folded_lines=_folded(facts, reader),
        quiet_cases=_quiet(facts, now),
        taken_by=alert.taken_by,
        taken_at=alert.taken_at,
        closing=alert.end_reason or "",
        moved=_moved(facts.posts[0]),
        complaint=_complaint(facts.posts[0]),
        asks=_asks(facts),
        inbox_url=f"{reader.inbox_url.rstrip('/')}/alerts/{alert.alert_id}" if reader.inbox_url else None,
        timezone=reader.timezone,
    )


def _asks(facts: AlertFacts) -> bool:
    """Whether an alert that somebody took ended with its case, and nobody said yet that it was this one."""
    alert = facts.alert
    ended = alert.state == "closed" and alert.end_reason == RESOLVED and alert.taken_by is not None
    return ended and facts.link is not None and facts.link.judged_at is None


Shown = list[tuple[Case, "Row[Any] | None"]]


def _shown(facts: AlertFacts) -> Shown:
    if facts.alert.kind == "link":
        case = facts.cases.get(facts.alert.case_id)
        return [(case, facts.link)] if case else []
    return [(facts.cases[link.case_id], link) for link in facts.links if link.case_id in facts.cases]


def _case_lines(facts: AlertFacts, shown: Shown, reader: Reader, now: datetime) -> list[CaseLine]:
    apart = _apart(facts, shown, reader)
    names = _hidden(facts, reader)
    return [_case_line(*pair, differs, reader, names, now) for pair, differs in zip(shown, apart, strict=True)]


def _case_line(
    case: Case, link: Row[Any] | None, differs: str, reader: Reader, names: list[str], now: datetime
) -> CaseLine:
    who = called(case, full=reader.full_names)
    return CaseLine(
        case_id=case.case_id,
        customer=who,
        channel=case.channel,
        subject=disclosure.hide_names(case.subject, names),
        opened_at=case.opened_at,
        waiting=lasted(now - waiting_since(case)),
        probability=link.probability if link else 0.0,
        contact=how_to_answer(case, who),
        product=disclosure.hide_names(case.product, names) if case.product else None,
        url=case.url,
        differs=differs,
    )


def _hidden(facts: AlertFacts, reader: Reader) -> list[str]:
    """Give the customers' names that the reader may not see: those of every case at hand."""
    return [] if reader.full_names else [case.customer.name for case in facts.cases.values()]


def _apart(facts: AlertFacts, shown: Shown, reader: Reader) -> list[str]:
    """Give for each candidate what the others have otherwise, and its best reason where that is not the others'."""
    if facts.alert.kind != "possible" or len(shown) < 2:
        return [""] * len(shown)
    told = tells_apart([case for case, _ in shown], facts.posts[0].posted_at, full=reader.full_names)
    told = [disclosure.hide_names(one, _hidden(facts, reader)) for one in told]
    best = [next((line.sentence for line in _told(facts, link, reader) if line.weight > 0), "") for _, link in shown]
    reasons = best if len(set(best)) > 1 else [""] * len(best)
    return ["; ".join(filter(None, pair)) or SAME for pair in zip(told, reasons, strict=True)]


def _task(facts: AlertFacts, shown: Shown, reader: Reader) -> str:
    who = called(shown[0][0], full=reader.full_names) if shown else ""
    review = facts.link is not None and facts.link.mode == "review" and facts.link.state == "hypothesis"
    post = facts.posts[0]
    unknown = cannot_tell(post.assessment)
    cases = [case for case, _ in shown]
    sought = post.assessment is None or post.assessment.get("linking", True) is not None
    return task(facts.alert.kind, cases, who, _handle(post), review=review, cannot_tell=unknown, sought=sought)


def _post(row: Row[Any]) -> PostLine:
    author, reach = row.author, row.reach
    line = PostLine(
        platform=row.platform,
        handle=str(author.get("handle") or "unknown").lstrip("@"),
        text=row.text,
        posted_at=row.posted_at,
        name=author.get("name"),
        url=row.url,
        followers=author.get("followers"),
        likes=int(reach.get("likes", 0)),
        reposts=int(reach.get("reposts", 0)),
        replies=int(reach.get("replies", 0)),
    )
    return disclosure.forget_post(line) if row.removed_at else line


def _moved(row: Row[Any]) -> str:
    verdict = (row.assessment or {}).get("verdict") or {}
    return str(verdict.get("moved") or "")


def _complaint(row: Row[Any]) -> str:
    return "" if row.removed_at else complaint_line(row.assessment)


def _handle(row: Row[Any]) -> str:
    name = str(row.author.get("handle") or "").lstrip("@")
    if not name:
        return "the poster"
    return f"u/{name}" if row.platform == "reddit" else f"@{name}"


def _lines(link: Row[Any] | None) -> list[EvidenceLine]:
    found = msgspec.convert(link.evidence, list[EvidenceLine]) if link is not None else []
    return sorted(found, key=lambda line: -abs(line.weight))


def _told(facts: AlertFacts, link: Row[Any] | None, reader: Reader) -> tuple[EvidenceLine, ...]:
    """Give a link's reasons that have a sentence, as the reader may see them."""
    lines = tuple(line for line in _lines(link) if line.sentence)
    if reader.full_names:
        return lines
    return disclosure.hide_in_evidence(lines, _hidden(facts, reader), facts.posts[0].author.get("name"))


def _evidence(facts: AlertFacts, shown: Shown, reader: Reader, sign: int) -> tuple[EvidenceLine, ...]:
    """Give the reasons of the best case that matter; the others' best reason stands on their own line."""
    if not shown:
        return ()
    return tuple(line for line in _told(facts, shown[0][1], reader) if line.weight * sign >= _WORTH_SAYING)


def _sure(facts: AlertFacts, shown: Shown, reader: Reader) -> str:
    kind = facts.alert.kind
    case, link = shown[0] if shown else (None, None)
    if kind == "unlinked" or case is None or link is None:
        return ""
    if link.state == "confirmed":
        return f"confirmed by a colleague: the case of {called(case, full=reader.full_names)}"
    together = sum(each.probability for _, each in shown if each is not None)
    if kind == "possible" and len(shown) > 1:
        return f"{sure_words(together)} one of these ({percent(together)} together), but it is not clear which"
    sure = f"{sure_words(link.probability)} the case of {called(case, full=reader.full_names)}"
    return f"{sure} ({percent(link.probability)})"


def _poster(facts: AlertFacts, shown: Shown) -> str:
    if facts.alert.kind == "unlinked":
        return ""
    if facts.alert.kind == "link" or not shown:
        return disclosure.who_posted(_relation(facts))
    relations = [link.relation for _, link in shown if link is not None]
    several = "one of these cases" if len(set(relations)) == 1 else f"case {shown[0][0].case_id}"
    return disclosure.who_posted(relations[0], if_it_is="this case" if len(shown) == 1 else several)


def _relation(facts: AlertFacts) -> str | None:
    return facts.links[0].relation if facts.links else None


def _disclose(facts: AlertFacts, shown: Shown, reader: Reader) -> tuple[str, ...]:
    handle = _handle(facts.posts[0])
    if facts.alert.kind == "unlinked" or not shown:
        return disclosure.about_no_case(handle)
    if facts.alert.kind == "possible" and len(shown) > 1:
        return disclosure.about_several_cases(handle)
    return disclosure.about_one_case(handle, called(shown[0][0], full=reader.full_names), _relation(facts))


def _folded(facts: AlertFacts, reader: Reader) -> tuple[str, ...]:
    first = facts.posts[0].posted_at
    return tuple(_folded_line(row, reader, first) for row in facts.posts[1:][-_FOLDED_SHOWN:])


def _folded_line(row: Row[Any], reader: Reader, first: datetime) -> str:
    if row.removed_at:
        return "a post that is deleted by now"
    post = _post(row)
    reached = f", {post.followers:,} followers" if post.followers else ""
    return f"{_handle(row)} at {at_clock(row.posted_at, reader.timezone, first)}{reached}"


def _quiet(facts: AlertFacts, now: datetime) -> tuple[str, ...]:
    lines = [
        f"{case.case_id}: {channel_word(case)} case of team {case.team}, waiting {lasted(now - waiting_since(case))}"
        for case in facts.quiet[:_QUIET_SHOWN]
    ]
    hidden = len(facts.quiet) - _QUIET_SHOWN
    return (*lines, f"and {hidden} more") if hidden > 0 else tuple(lines)
