"""Shows stored Slack messages as a web page of its own, for pictures and for the demo."""

import html
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from playground.slack.terminal import EMOJI

Message = dict[str, Any]
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f2f5; color: #1d1c1d;
  font: 15px/1.46 Lato, "Helvetica Neue", Arial, "Liberation Sans", "Noto Color Emoji", sans-serif; }
main { max-width: 760px; margin: 0 auto; background: #fff; min-height: 100vh; border-inline: 1px solid #e3dfe4; }
.bar { padding: 14px 20px; border-bottom: 1px solid #e3dfe4; font-weight: 800; font-size: 17px; }
.bar .lock { font-size: 14px; }
.bar small { font-weight: 400; color: #616061; font-size: 13px; margin-left: 10px; }
article { display: flex; gap: 10px; padding: 16px 20px; }
article.reply { margin-left: 46px; padding-block: 6px; }
.face { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #24505c; color: #fff; display: grid;
  place-items: center; font-weight: 800; font-size: 18px; }
.reply .face { width: 24px; height: 24px; font-size: 13px; border-radius: 6px; }
.body { min-width: 0; flex: 1; overflow-wrap: anywhere; }
.who b { font-weight: 800; } .who span { color: #616061; font-size: 12px; margin-left: 6px; }
.who .app { background: #e8e4e9; color: #616061; font-size: 10px; font-weight: 700; padding: 1px 4px;
  border-radius: 3px; }
h1 { font-size: 18px; line-height: 1.3; margin: 4px 0 8px; }
.section { display: flex; gap: 12px; align-items: flex-start; margin: 8px 0; }
.section p { margin: 0; flex: 1; min-width: 0; white-space: pre-line; }
.context { color: #616061; font-size: 13px; margin: 8px 0; }
blockquote { margin: 6px 0; padding: 2px 0 2px 14px; border-left: 4px solid #ddd; white-space: pre-line; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0 8px; }
button { font: 700 13px/1 inherit; font-family: inherit; padding: 8px 12px; border-radius: 8px;
  border: 1px solid #bbb6bc; background: #fff; color: #1d1c1d; white-space: nowrap; }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
button.danger { background: #e01e5a; border-color: #e01e5a; color: #fff; }
a { color: #1264a3; text-decoration: none; }
"""


def page(messages: list[Message], channel: str, timezone: str = "Europe/London") -> str:
    """Return a self-contained HTML page of a channel, thread replies below the message that they answer."""
    shown = "".join(_article(message, timezone) for message in _in_threads(messages))
    title = html.escape(channel)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f'<div class="bar"><span class="lock">🔒</span> {title}<small>private channel</small></div>'
        f"{shown}</main></body></html>"
    )


def _in_threads(messages: list[Message]) -> list[Message]:
    tops = [message for message in messages if message.get("thread_ts", message["ts"]) == message["ts"]]
    replies = [message for message in messages if message.get("thread_ts", message["ts"]) != message["ts"]]
    return [entry for top in tops for entry in (top, *(r for r in replies if r["thread_ts"] == top["ts"]))]


def _article(message: Message, timezone: str) -> str:
    at = datetime.fromtimestamp(float(message["ts"]), UTC).astimezone(ZoneInfo(timezone))
    reply = " class=reply" if message.get("thread_ts", message["ts"]) != message["ts"] else ""
    blocks = "".join(_block(block) for block in message.get("blocks", []))
    return (
        f'<article{reply}><div class="face">B</div><div class="body"><div class="who"><b>Backchannel</b> '
        f'<span class="app">APP</span><span>{at:%H:%M}</span></div>'
        f"{blocks or _section(message.get('text', ''))}</div></article>"
    )


def _block(block: dict[str, Any]) -> str:
    kind = block["type"]
    if kind == "header":
        return f"<h1>{_plain(block['text']['text'])}</h1>"
    if kind == "rich_text":
        leaves = (leaf.get("text", "") for element in block["elements"] for leaf in element["elements"])
        return f"<blockquote>{html.escape(''.join(leaves))}</blockquote>"
    if kind == "context":
        return "".join(f'<div class="context">{_mrkdwn(element["text"])}</div>' for element in block["elements"])
    if kind == "actions":
        return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'
    return _section(block["text"]["text"], block.get("accessory"))


def _section(mrkdwn: str, accessory: dict[str, Any] | None = None) -> str:
    return f'<div class="section"><p>{_mrkdwn(mrkdwn)}</p>{_button(accessory) if accessory else ""}</div>'


def _button(element: dict[str, Any]) -> str:
    return f'<button class="{html.escape(element.get("style", ""))}">{_plain(element["text"]["text"])}</button>'


def _plain(text: str) -> str:
    return html.escape(html.unescape(text))


def _mrkdwn(text: str) -> str:
    """Return HTML for Slack's markup: links and bold come alive, its three entities stay as they are."""
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        pieces += [_dead(text[end : link.start()]), f'<a href="{_dead(link[1])}">{_dead(link[2])}</a>']
        end = link.end()
    marked = _BOLD.sub(r"<b>\1</b>", "".join([*pieces, _dead(text[end:])]))
    for name, sign in EMOJI.items():
        marked = marked.replace(name, sign)
    return marked


def _dead(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
