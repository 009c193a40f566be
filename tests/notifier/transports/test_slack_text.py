"""Nothing that a stranger writes pings, links, hides or pretends in Slack."""

import html
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.card import AlertCard
from notifier.transports.plain import clean, host, safe_url
from notifier.transports.slack_blocks import blocks, fallback, reply_blocks
from notifier.transports.slack_text import SECTION_LIMIT, escape, link, literal
from playground.slack.limits import check_blocks

LIVE = re.compile(r"<(?:[!@#]|[a-z]+:)", re.IGNORECASE)
HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\ud800-\udfff]")
CONTROL = (
    *("<!here>", "<!channel>", "<@U0SAM>", "<#C0EMAIL>", "<!subteam^S1>", "<!date^1^{date}^https://evil.example|x>"),
    *("<https://evil.example|paypal.com>", "<mailto:a@b.example|x>", "&lt;!here&gt;", "\u202e", "<\u200b!here>"),
    *("&", "<", ">", "*", "|", "\n", "\x00", "\ud83d", "\r\n"),
)
hostile = st.lists(st.sampled_from(CONTROL) | st.text(st.characters(), max_size=20), max_size=40).map("".join)
huge = st.builds(
    lambda piece, times: piece * times, st.sampled_from(["&", "<", "😀", "a\u0301", "<!here>"]), st.integers(0, 6000)
)


def strings(node: Any) -> list[str]:
    """Return every text in a JSON value."""
    if isinstance(node, str):
        return [node]
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [text for part in parts for text in strings(part)]


@example("<\u200b!here>")
@example("&" * 3000)
@given(hostile | huge)
@settings(max_examples=200, deadline=None)
def test_a_hostile_post_stays_dead_text(story: AlertCard, text: str) -> None:
    """Whatever the post says, no field holds a live mention, link or date, and every block keeps its limit."""
    post = msgspec.structs.replace(story.post, text=text, name=text, handle=text or "x", url=None)
    card = msgspec.structs.replace(
        story, post=post, headline=text or "x", case=None, inbox_url=None, closing=text, state="closed"
    )
    for laid in (blocks(card), reply_blocks(card)):
        check_blocks(laid)
        assert not [found for found in strings(laid) if LIVE.search(found) or HIDDEN.search(found)]
    assert not LIVE.search(fallback(card))


@given(hostile | huge, st.integers(2, SECTION_LIMIT))
@settings(max_examples=200, deadline=None)
def test_escaped_text_fits_its_limit_and_reads_back(text: str, limit: int) -> None:
    """Text is cut before it is escaped: no entity is torn, and what is left unescapes to the start of the text."""
    shown = escape(text, limit)
    assert len(shown.encode("utf-16-le")) // 2 <= limit
    assert clean(text).startswith(html.unescape(shown).removesuffix("…").rstrip()) or shown == html.escape(clean(text))


def test_three_thousand_ampersands_fit_a_section() -> None:
    """3,000 ampersands would grow to 15,000 characters if they were cut after escaping."""
    assert len(escape("&" * 3000)) <= SECTION_LIMIT
    assert escape("&" * 3000).endswith("&amp;…")


def test_plain_text_keeps_an_angle_bracket_that_is_only_one() -> None:
    """“<3” is a heart and stays as written; “<!here>” is shown, but broken by a joiner that nobody sees."""
    assert literal("I <3 beer") == "I <3 beer"
    assert literal("<!here>") == "<\u2060!here>"


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://a.example/x", "//a.example", "", None, "https://"),
        *("https://x.com@evil.example/", "https://exa\u202emple.com/", "https://exa mple.com/", "http://a|b.example/"),
        *("https://[::1", "https://a.example:99999999/"),
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    """Other schemes, user info, hidden characters and broken hosts leave the label alone."""
    assert safe_url(url) is None
    assert link(url, "the <post>") == "the &lt;post&gt;"


def test_a_link_cannot_be_ended_from_within() -> None:
    """What would close a link or start another is percent-encoded, and the label loses its bar."""
    made = link("https://x.com/a|b>c<d*e f?q=1&r=\u00e9", "open | here")
    assert made == "<https://x.com/a%7Cb%3Ec%3Cd%2Ae%20f?q=1&amp;r=%C3%A9|open ¦ here>"


def test_a_look_alike_host_shows_its_true_letters() -> None:
    """A Cyrillic letter in a host is shown in its ASCII form."""
    target = safe_url("https://www.p\u0430ypal.com/login")
    assert target is not None
    assert host(target) == "xn--pypal-4ve.com"
