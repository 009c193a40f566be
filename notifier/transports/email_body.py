"""Lays a card out as an e-mail: a text part and an HTML part that say the same."""

from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifier.card import AlertCard, CaseLine, EvidenceLine, PostLine
from notifier.transports import phrases
from notifier.transports.plain import clean, host, one_line, safe_url, shorten

_POST_LIMIT = 5000
_LINE_LIMIT = 600
_SHOWN = 8
_Listing = tuple[str, list[str]]


class AlertLetter:
    """Renders cards; the templates are read once. Nothing remote is loaded, here or by the reader's mail program."""

    def __init__(self) -> None:
        self._jinja = Environment(
            loader=PackageLoader("notifier"),
            autoescape=select_autoescape(["html.j2"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)

    def text(self, card: AlertCard, *, full: bool) -> str:
        """Return the text part; ``full`` is false for a follow-up, which repeats no case."""
        return self._jinja.get_template("alert.txt.j2").render(_view(card, full)).rstrip() + "\n"

    def html(self, card: AlertCard, *, full: bool) -> str:
        """Return the HTML part, its styles inlined for mail programs that drop style sheets."""
        return str(self._inliner.inline(self._jinja.get_template("alert.html.j2").render(_view(card, full))))


def _view(card: AlertCard, full: bool) -> dict[str, Any]:
    inbox = safe_url(card.inbox_url)
    return {
        "card": {"headline": shorten(one_line(card.headline), _LINE_LIMIT)},
        "state": _line(phrases.state(card)),
        "clock": _clock(card),
        "full": full,
        "sure": _line(phrases.sentence(card.sure)),
        "poster": _line(card.poster),
        "cases": _cases(card),
        "lists": _listings(_reasons(card)),
        "complaint": _line(card.complaint),
        "post": _post(card.post, card.timezone),
        "more": _listings(_rest(card)),
        "warning": phrases.warning(card),
        "inbox": inbox,
        "inbox_host": host(inbox) if inbox else "",
        "foot": _line(phrases.footing(card)),
    }


def _clock(card: AlertCard) -> str:
    if card.state not in {"open", "taken"}:
        return ""
    until = f"Until {phrases.clock_time(card.deadline, card.timezone)}" if card.deadline else ""
    return " · ".join(part for part in (until, _line(card.clock)) if part)


def _cases(card: AlertCard) -> list[dict[str, str]]:
    if card.case:
        return [_case(card.case, card.timezone)]
    return [_case(case, card.timezone) | {"likely": _line(phrases.likely(case))} for case in card.candidates]


def _case(case: CaseLine, timezone: str) -> dict[str, str]:
    url = safe_url(case.url) or ""
    return {
        "id": _line(case.case_id),
        "title": _line(phrases.case_title(case)),
        "customer": _line(case.customer),
        "wait": _line(phrases.case_wait(case, timezone)),
        "contact": _line(phrases.sentence(case.contact)),
        "likely": "",
        "url": url,
        "host": host(url) if url else "",
    }


def _post(post: PostLine, timezone: str) -> dict[str, Any]:
    url, text = safe_url(post.url) or "", shorten(clean(post.text), _POST_LIMIT) or "(no text)"
    return {
        "author": _line(phrases.author(post)),
        "platform": _line(phrases.platform(post)),
        "at": phrases.clock_time(post.posted_at, timezone),
        "text": text,
        "lines": text.split("\n"),
        "reach": phrases.reach(post),
        "url": url,
        "host": host(url) if url else "",
    }


def _reasons(card: AlertCard) -> list[_Listing]:
    pro, contra = phrases.reasons(card)
    return [(pro, _sentences(card.evidence_for)), (contra, _sentences(card.evidence_against))]


def _rest(card: AlertCard) -> list[_Listing]:
    return [
        (phrases.warning(card), list(card.disclose)),
        (phrases.more_posts(card), list(card.folded_lines) if card.folded else []),
        (phrases.QUIET, list(card.quiet_cases)),
    ]


def _sentences(reasons: tuple[EvidenceLine, ...]) -> list[str]:
    return [reason.sentence for reason in reasons]


def _listings(listings: list[_Listing]) -> list[_Listing]:
    return [(title, _shown(lines)) for title, lines in listings if lines]


def _shown(lines: list[str]) -> list[str]:
    hidden = len(lines) - _SHOWN
    return [_line(line) for line in lines[:_SHOWN]] + ([f"and {hidden} more"] if hidden > 0 else [])


def _line(text: str) -> str:
    return shorten(one_line(text), _LINE_LIMIT)
