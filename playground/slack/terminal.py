"""Shows a stored Slack message as plain text."""

import html
import re
import textwrap
from typing import Any

Message = dict[str, Any]
EMOJI = {
    ":alarm_clock:": "⏰",
    ":no_entry_sign:": "🚫",
    ":raised_hand:": "✋",
    ":warning:": "⚠️",
    ":white_check_mark:": "✅",
}
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")


def render(message: Message, width: int = 96) -> str:
    """Return the blocks of a message as lines of at most ``width`` columns, long links excepted."""
    lines: list[str] = []
    for block in message.get("blocks") or [{"type": "section", "text": {"text": message.get("text", "")}}]:
        lines += _block(block, width)
    return "\n".join(lines)


def _block(block: dict[str, Any], width: int) -> list[str]:
    kind = block["type"]
    if kind == "header":
        title = html.unescape(block["text"]["text"])
        return [title, "=" * min(len(title), width)]
    if kind == "actions":
        return ["", _buttons(block["elements"])]
    if kind == "rich_text":
        return [f"  │ {line}" for line in _wrap(_quoted(block), width - 4)]
    if kind == "context":
        return [line for element in block["elements"] for line in _wrap(_words(element["text"]), width)]
    lines = ["", *_wrap(_words(block.get("text", {}).get("text", "")), width)]
    return [*lines, _buttons([block["accessory"]])] if block.get("accessory") else lines


def _quoted(block: dict[str, Any]) -> str:
    return "".join(leaf.get("text", "") for element in block["elements"] for leaf in element["elements"])


def _words(mrkdwn: str) -> str:
    for name, sign in EMOJI.items():
        mrkdwn = mrkdwn.replace(name, sign)
    return html.unescape(_BOLD.sub(r"\1", _LINK.sub(r"\2 (\1)", mrkdwn)))


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        indent = "  " if line.startswith("• ") else ""
        lines += textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False) or [""]
    return lines


def _buttons(elements: list[dict[str, Any]]) -> str:
    return "  ".join(f"[ {html.unescape(element['text']['text'])} ]" for element in elements)
