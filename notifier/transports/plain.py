"""Makes text written by strangers fit to show: nothing hidden, nothing that reorders or breaks a line."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit

Cost = Callable[[str], int]
"""What one character takes of a limit."""

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb"
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_HIDDEN = re.compile(f"[{_BIDI}{_INVISIBLE}{_CONTROL}]")
_BREAKS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = {"\u200d", "\ufe0e", "\ufe0f"}
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.IGNORECASE)


def clean(text: str) -> str:
    """Return text without bidi controls, invisible and control characters; a lone surrogate becomes U+FFFD.

    Joiners stay, since emoji and several scripts need them. A line break of any kind becomes a newline.
    """
    text = _SURROGATE.sub("\ufffd", _BREAKS.sub("\n", text))
    return _BLANK_LINES.sub("\n\n", _HIDDEN.sub("", text)).strip()


def one_line(text: str) -> str:
    """Return clean text on one line, its white space folded."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """Cut text to ``limit`` UTF-16 units, the unit in which chat services count, and mark the cut with an ellipsis."""
    return cut(text, limit, units)


def cut(text: str, limit: int, cost: Cost) -> str:
    """Cut text so that the summed ``cost`` of its characters stays within ``limit``."""
    if sum(map(cost, text)) <= limit:
        return text
    kept, spent = 0, cost("…")
    for character in text:
        spent += cost(character)
        if spent > limit:
            break
        kept += 1
    return _whole(text[:kept]).rstrip() + "…"


def units(character: str) -> int:
    """Return how many UTF-16 units one character takes."""
    return 2 if ord(character) > 0xFFFF else 1


def safe_url(url: str | None) -> str | None:
    """Return an http(s) URL in which no character can end a link, or None for anything else.

    A URL with user info is refused: ``https://x.com@evil.example`` shows one host and opens another.
    """
    if not url or _HIDDEN.search(url) or _SURROGATE.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or _HOST.fullmatch(_ascii(parts.netloc)) is None:
        return None
    rest = parts._replace(scheme="", netloc="").geturl().removeprefix("//")
    return f"{parts.scheme}://{_ascii(parts.netloc)}{quote(rest, safe='/?#&=%+,;:@!$()~.-_')}"


def host(url: str) -> str:
    """Return the host that a URL really leads to, in ASCII, so that look-alike letters show."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _ascii(netloc: str) -> str:
    try:
        return netloc.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _whole(text: str) -> str:
    while text and (text[-1] in _TRAILING or unicodedata.combining(text[-1])):
        text = text[:-1]
    return text
