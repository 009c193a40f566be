"""Lays a card out as Slack Block Kit: what to do, until when, whose case, why, the post, what to keep quiet about."""

import json
from typing import Any
from urllib.parse import quote as percent

from notifier.card import AlertCard, CaseLine, EvidenceLine
from notifier.transports import phrases
from notifier.transports.plain import host, one_line, safe_url
from notifier.transports.slack_text import (
    LINE_LIMIT,
    bold,
    button,
    context,
    escape,
    header,
    link,
    quote,
    section,
    sections,
)

Block = dict[str, Any]
ACTIONS = ("take", "not_this_case", "not_a_complaint", "done", "pick")
_SHOWN = 8


def fallback(card: AlertCard) -> str:
    """Return the text of notifications and screen readers: the headline, behind what became of the alert."""
    parts = (phrases.state(card), one_line(card.headline))
    return escape(" · ".join(part for part in parts if part), 300)


def blocks(card: AlertCard) -> list[Block]:
    """Return the whole alert, at most 50 blocks, as the first message of it shows."""
    return [
        header(card.headline),
        *_standing(card),
        *_cases(card),
        *_reasons(card),
        *_post(card),
        *_silence(card),
        *_others(card),
        *_buttons(card),
        context(_foot(card)),
    ]


def reply_blocks(card: AlertCard) -> list[Block]:
    """Return the short form for the thread: what changed, how long is left, and the way to take it.

    Other buttons stay on the first message alone, for only that one is edited when they lose their meaning.
    """
    take = button("Take it", "take", value(card.alert_id), "primary")
    asks = [{"type": "actions", "elements": [take]}] if card.state == "open" else []
    return [section(bold(card.headline)), *_standing(card), *asks]


def value(alert_id: str, case_id: str | None = None) -> str:
    """Return what a button carries: opaque ids only, percent-encoded since Slack escapes ``& < >`` on the way back."""
    return json.dumps({"alert": percent(alert_id)} | ({"case": percent(case_id)} if case_id else {}))


def _standing(card: AlertCard) -> list[Block]:
    stands = phrases.state(card)
    lines = [f"{_MARKS[card.state]} {bold(stands)}"] if stands else []
    if card.state in {"open", "taken"} and (card.clock or card.deadline):
        until = f"Until {phrases.clock_time(card.deadline, card.timezone)}" if card.deadline else ""
        lines.append(":alarm_clock: " + " · ".join(part for part in (until and bold(until), _esc(card.clock)) if part))
    return sections(lines)


def _cases(card: AlertCard) -> list[Block]:
    lines = [bold(phrases.sentence(card.sure))] if card.sure else []
    lines += [_esc(card.poster)] if card.poster else []
    named = sections(_case(card.case, card.timezone)) if card.case else []
    return [*sections(lines), *named, *(_candidate(card, case) for case in card.candidates)]


def _case(case: CaseLine, timezone: str) -> list[str]:
    number = link(case.url, case.case_id) if safe_url(case.url) else escape(one_line(case.case_id), 200)
    what = f"*{number}* · {_esc(phrases.case_title(case))}"
    whose = f"{bold(case.customer)} · {_esc(phrases.case_wait(case, timezone))}"
    return [what, whose, *([f"→ {_esc(phrases.sentence(case.contact))}"] if case.contact else [])]


def _candidate(card: AlertCard, case: CaseLine) -> Block:
    lines = [*_case(case, card.timezone)[:2], _esc(phrases.likely(case))]
    pick = button(f"It is {case.case_id}", "pick", value(card.alert_id, case.case_id)) if _live(card) else None
    return section("\n".join(lines), pick)


def _reasons(card: AlertCard) -> list[Block]:
    pro, contra = phrases.reasons(card)
    speaks_for = [bold(pro), *_evidence(card.evidence_for)] if card.evidence_for else []
    against = [bold(contra), *_evidence(card.evidence_against)] if card.evidence_against else []
    said = [context(_esc(card.complaint))] if card.complaint else []
    return [*sections(speaks_for), *sections(against), *said]


def _evidence(reasons: tuple[EvidenceLine, ...]) -> list[str]:
    return _listed(tuple(reason.sentence for reason in reasons))


def _post(card: AlertCard) -> list[Block]:
    post = card.post
    said = f"*The post* · {_esc(phrases.author(post))} on {_esc(phrases.platform(post))}, "
    said += phrases.clock_time(post.posted_at, card.timezone)
    target = safe_url(post.url)
    details = [_esc(phrases.reach(post)), link(target, f"open on {host(target)}") if target else ""]
    shown = " · ".join(part for part in details if part)
    return [section(said), quote(post.text), *([context(shown)] if shown else [])]


def _silence(card: AlertCard) -> list[Block]:
    if not card.disclose:
        return []
    return sections([f":warning: {bold(phrases.warning(card))}", *_listed(card.disclose)])


def _others(card: AlertCard) -> list[Block]:
    lines = []
    if card.folded:
        lines += [bold(phrases.more_posts(card)), *_listed(card.folded_lines)]
    if card.quiet_cases:
        lines += [bold(phrases.QUIET), *_listed(card.quiet_cases)]
    return sections(lines)


def _buttons(card: AlertCard) -> list[Block]:
    carried = value(card.alert_id)
    if card.asks:
        said = [button("It was this case", "done", carried), button("It was not", "not_this_case", carried)]
        return [{"type": "actions", "elements": said}]
    if not _live(card):
        return []
    first = (
        button("Done", "done", carried, "primary")
        if card.state == "taken"
        else button("Take it", "take", carried, "primary")
    )
    rest = [button("None of these" if card.kind == "possible" else "Not this case", "not_this_case", carried)]
    if card.kind == "unlinked":
        rest = []
    rest.append(button("Not a complaint", "not_a_complaint", carried))
    if card.state == "open":
        rest.append(button("Done", "done", carried))
    return [{"type": "actions", "elements": [first, *rest]}]


def _foot(card: AlertCard) -> str:
    inbox = link(card.inbox_url, "open in Backchannel") if safe_url(card.inbox_url) else ""
    parts = (_esc(phrases.footing(card)), inbox)
    return " · ".join(part for part in parts if part)


def _live(card: AlertCard) -> bool:
    return card.state in {"open", "taken"}


def _listed(sentences: tuple[str, ...]) -> list[str]:
    lines = [f"• {_esc(sentence)}" for sentence in sentences[:_SHOWN]]
    hidden = len(sentences) - _SHOWN
    return [*lines, f"• and {hidden} more"] if hidden > 0 else lines


def _esc(text: str) -> str:
    return escape(one_line(text), LINE_LIMIT)


_MARKS = {
    "taken": ":raised_hand:",
    "done": ":white_check_mark:",
    "closed": ":white_check_mark:",
    "dismissed": ":no_entry_sign:",
}
