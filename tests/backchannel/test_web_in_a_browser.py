"""In a real browser, nothing that somebody else wrote runs or acts."""

import asyncio
import re
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright

from ledger.database import Database
from tests.backchannel.hostile import HOSTILE

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


async def test_in_a_real_browser_nothing_of_a_post_runs_and_the_page_is_whole(
    page: Any, tell_story: Any, sqlite_db: Database, chromium_path: str
) -> None:
    payload = " ".join(HOSTILE)
    words = dict.fromkeys(("text", "name", "handle", "sentence", "customer", "subject", "rule"), payload)
    story = await tell_story(sqlite_db, url="javascript:window.pwned=1", **words)
    base = str(page.client.make_url("")).rstrip("/")
    async with asyncio.timeout(90), async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM))
        tab = await browser.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        for path in ("/", f"/alerts/{story.alert_id}", f"/mentions/{story.mention_id}"):
            await tab.goto(base + path)
            for details in await tab.query_selector_all("details"):
                await details.evaluate("one => { one.open = true }")
            for place in await tab.query_selector_all("blockquote, summary, td"):
                await place.dispatch_event("mouseover")
            assert await tab.evaluate("window.pwned === undefined"), path
            assert await tab.evaluate("document.querySelectorAll('iframe, img[src=x]').length") == 0
        await tab.goto(base + "/")
        assert await tab.evaluate("getComputedStyle(document.querySelector('.alert')).borderLeftStyle") == "solid"
        assert re.fullmatch(r"3[78] min left", await tab.inner_text(".left")), (
            "by the service's clock, not this machine's"
        )
        await tab.click("text=Take it")
        assert await tab.inner_text(".answer") == "the web page did: take"
        await browser.close()
    assert complaints == []


async def test_a_page_elsewhere_cannot_press_our_buttons_in_a_real_browser(
    page: Any, story: Any, chromium_path: str
) -> None:
    target = f"http://localhost:{page.client.port}/alerts/{story.alert_id}/take"

    async def trap(request: web.Request) -> web.Response:
        form = f"<form method=post action='{target}'><input name=token value=x></form>"
        return web.Response(text=f"{form}<script>document.forms[0].submit()</script>", content_type="text/html")

    elsewhere = web.Application()
    elsewhere.router.add_get("/", trap)
    async with TestServer(elsewhere, host="127.0.0.1") as server, asyncio.timeout(90), async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM))
        tab = await browser.new_page()
        await tab.goto(f"http://localhost:{page.client.port}/")
        await tab.goto(str(server.make_url("/")))
        await tab.wait_for_url(target)
        assert "not from this page" in await tab.inner_text("body")
        await browser.close()
    assert page.actions.asked == []
