"""The page shows what waits and why, and takes nothing that somebody wrote for markup."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from backchannel.config_problems import Problem
from backchannel.reload import ReloadStatus
from backchannel.web.guard import HEADERS
from backchannel.web.inbox import web_address
from ledger import alerts, mentions
from ledger.database import Database
from tests.backchannel.hostile import HOSTILE


async def test_the_inbox_shows_the_alert_its_clock_its_evidence_and_what_must_not_be_said(
    page: Any, story: Any
) -> None:
    text = await page.text("/")
    for part in (
        "Answer Mark Hartley by e-mail",
        "38 min left",
        "very probably (94%)",
        "says “my husband”; the customer is Mark Hartley",
        "no city is given",
        "9 days 4 h",
        "Say nothing about the case in public",
        "LM-20788: e-mail case of team E-mail team, waiting 12 days 2 h",
        "https://x.com/ineshartley/status/1900000000000000001",
        "1,204 followers · 41 likes · 12 reposts · 6 replies",
        "taken by <b>Jo</b>",
        "the stream was cut",
    ):
        assert part in text, part


async def test_a_late_alert_says_by_how_much(page: Any, story: Any, clock: Any) -> None:
    clock.turn(timedelta(hours=2))
    text = await page.text("/")
    assert "late by 1 h 22 min" in text
    assert re.search(r'class="alert open late', text)


async def test_the_page_says_that_nobody_waits_and_how_to_try_a_rule(page: Any) -> None:
    text = await page.text("/")
    assert "Nobody waits." in text
    assert "check-config --try" in text


async def test_the_mention_page_shows_verdict_candidates_thresholds_and_messages(page: Any, story: Any) -> None:
    text = await page.text(f"/mentions/{story.mention_id}")
    for part in ("larkmoor: “larkmoor”", "“nothing”", "94% · case LM-20931", "turned down", "85%", "raised", "owed"):
        assert part in text, part
    for part in ("what held before: 12% of complaints have a case", "One case reaches 85%", "Weights shipped-1"):
        assert part in text, part
    assert text.count("<svg class=") == 8, "one bar for each reason, after one for what held before"


@pytest.mark.parametrize(
    "way", ["1900000000000000001", "https://twitter.com/ineshartley/status/1900000000000000001?s=20"]
)
async def test_a_mention_is_found_by_the_id_of_its_post_too(page: Any, story: Any, way: str) -> None:
    assert "Why mention" in await page.text(f"/mentions/{quote(way, safe='')}")


async def test_what_its_platform_removed_is_no_longer_shown(page: Any, story: Any, sqlite_db: Database) -> None:
    async with sqlite_db.write("removal") as conn:
        await mentions.mark_removed(conn, "x", ["1900000000000000001"], page.state.clock.now())
    for path in ("/", f"/alerts/{story.alert_id}", f"/mentions/{story.mention_id}"):
        text = await page.text(path)
        assert "TWO WEEKS" not in text, path
        assert "ineshartley" not in text, path


async def test_problems_of_a_refused_configuration_stand_on_every_page_by_line(page: Any) -> None:
    problem = Problem(12, 5, "rules.0.wieght", 'unknown key; did you mean "weight"?')
    page.status = ReloadStatus(False, page.status.at, page.status.at, (problem,))
    text = await page.text("/")
    assert "An older configuration is in force" in text
    assert "line 12, column 5" in text
    assert "unknown key; did you mean &#34;weight&#34;?" in text


async def test_every_answer_carries_the_policies(page: Any, story: Any) -> None:
    for path in (
        "/",
        f"/alerts/{story.alert_id}",
        f"/mentions/{story.mention_id}",
        "/livez",
        "/static/page.js",
        "/none",
    ):
        async with page.client.get(path) as answer:
            for name, value in HEADERS.items():
                assert answer.headers[name] == value, (path, name)
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_no_page_holds_inline_script_or_style(page: Any, story: Any) -> None:
    for path in ("/", f"/alerts/{story.alert_id}", f"/mentions/{story.mention_id}"):
        text = await page.text(path)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path


@pytest.mark.parametrize("payload", HOSTILE)
async def test_markup_of_a_post_is_shown_and_never_markup(
    page: Any, tell_story: Any, sqlite_db: Database, payload: str
) -> None:
    words = dict.fromkeys(("text", "name", "handle", "sentence", "customer", "subject", "rule"), payload)
    story = await tell_story(sqlite_db, url=payload, **words)
    for path in ("/", f"/alerts/{story.alert_id}", f"/mentions/{story.mention_id}"):
        text = await page.text(path)
        assert not re.search(
            r"<(?:script(?! src=\"/static)|img src=x|svg onload|iframe|b onclick)", text, re.IGNORECASE
        )
        assert "49" not in re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", text, re.DOTALL)[0]
        assert 'href="javascript' not in text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://x.com/a/status/1", True),
        ("http://reddit.com/r/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/x", False),
        ("https://", False),
        ("https://[::1", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, kept: bool) -> None:
    assert web_address(address) == (address if kept else None)


async def test_an_open_page_is_told_when_something_changes(page: Any, story: Any, sqlite_db: Database) -> None:
    async with asyncio.timeout(20), page.client.get("/changes") as answer:
        assert answer.content_type == "text/event-stream"
        first = await answer.content.readuntil(b"\n\n")
        async with sqlite_db.write("take") as conn:
            await alerts.take(conn, story.alert_id, by="Jo", now=page.state.clock.now())
        second = b":\n\n"
        while second.startswith(b":"):
            second = await answer.content.readuntil(b"\n\n")
    assert first.startswith(b"data: ")
    assert second.startswith(b"data: ")
    assert first != second
