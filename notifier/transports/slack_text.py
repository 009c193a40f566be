"""Text for Slack: cut first, escaped after, so that nothing a stranger wrote can ping, link or pretend.

Rules: https://docs.slack.dev/messaging/formatting-message-text (escaping) and the limits of Block Kit.
"""

import re
from typing import Any

from notifier.transports.plain import clean, cut, one_line, safe_url, units

HEADER_LIMIT = 150
SECTION_LIMIT = 3000
BUTTON_LIMIT = 75
LINE_LIMIT = 600
_COSTS = {"&": 5, "<": 4, ">": 4}
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LIVE = re.compile(r"<(?=[!@#]|[a-zA-Z])")


def escape(text: str, limit: int = SECTION_LIMIT) -> str:
    """Return text for ``mrkdwn``: cleaned, cut so that the escaped form fits into ``limit``, then escaped."""
    return cut(clean(text), limit, _cost).translate(_ENTITIES)


def literal(text: str, limit: int = SECTION_LIMIT) -> str:
    """Return text for ``plain_text`` and ``rich_text``, which Slack shows letter by letter.

    A word joiner behind ``<`` keeps it dead also for a client or an export that parses what it should not.
    """
    return _LIVE.sub("<\u2060", cut(clean(text), limit, _literal_cost))


def link(url: str | None, label: str) -> str:
    """Return a ``mrkdwn`` link, or the bare label where the URL is none that may be followed."""
    target = safe_url(url)
    return (
        f"<{target.translate(_ENTITIES)}|{escape(one_line(label), 200).replace('|', '¦')}>" if target else escape(label)
    )


def bold(text: str) -> str:
    """Return one line of escaped text in bold; an asterisk inside would end it, so it becomes a look-alike."""
    return f"*{escape(one_line(text), LINE_LIMIT).replace('*', '∗')}*"


def section(mrkdwn: str, accessory: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a section of escaped ``mrkdwn``; ``verbatim`` stops Slack from linking what only looks like a name."""
    block: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}
    return block | ({"accessory": accessory} if accessory else {})


def sections(lines: list[str]) -> list[dict[str, Any]]:
    """Return the lines in as many sections as their limit needs; each line must fit by itself."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if blocks[-1] and len("\n".join([*blocks[-1], line]).encode("utf-16-le")) // 2 > SECTION_LIMIT:
            blocks.append([])
        blocks[-1].append(line)
    return [section("\n".join(block)) for block in blocks if block]


def header(text: str) -> dict[str, Any]:
    """Return a header of one line."""
    return {"type": "header", "text": _plain(one_line(text), HEADER_LIMIT)}


def quote(text: str) -> dict[str, Any]:
    """Return a stranger's text as a quotation that shows every character as written."""
    element = {"type": "text", "text": literal(text) or "(no text)"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [element]}]}


def context(mrkdwn: str) -> dict[str, Any]:
    """Return a small grey line of escaped ``mrkdwn``."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn, "verbatim": True}]}


def button(label: str, action: str, value: str, style: str | None = None) -> dict[str, Any]:
    """Return a button; ``style`` is ``primary`` or ``danger``."""
    block = {"type": "button", "action_id": action, "text": _plain(one_line(label), BUTTON_LIMIT), "value": value}
    return block | ({"style": style} if style else {})


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": literal(text, limit) or "…", "emoji": False}


def _cost(character: str) -> int:
    return _COSTS.get(character) or units(character)


def _literal_cost(character: str) -> int:
    return 2 if character == "<" else units(character)
