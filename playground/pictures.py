"""Makes the pictures of the documentation from the demo's world: ``python -m playground.pictures [FOLDER]``.

It needs chromium (on the path, or named by the variable CHROMIUM) and the playwright of the development tools.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from playground.png import smaller
from playground.world import EMAIL, PHONE, World

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ALL_POSTS = (1, 2, 0, 3)


async def take_all(folder: Path) -> list[Path]:
    """Run the service until two alerts are out; picture the alert in Slack and as a letter, and the inbox."""
    with tempfile.TemporaryDirectory(prefix="backchannel-pictures-") as scratch:
        async with World(Path(scratch), f"sqlite:///{scratch}/backchannel.db") as world, async_playwright() as driver:
            await _happen(world)
            browser = await driver.chromium.launch(executable_path=_chromium(), args=list(_FLAGS))
            taken = [
                await _slack(browser, world, folder / "alert.png"),
                await _letter(browser, world, folder / "letter.png"),
                *await _pages(browser, world, folder),
            ]
            await browser.close()
            return taken


async def _happen(world: World) -> None:
    await world.command("crm", "import", str(world.export_crm()))
    await world.start()
    await world.listening()
    for index in _ALL_POSTS:
        world.says(index)
    await world.alerts(EMAIL, patience=60)
    message = (await world.alerts(PHONE, patience=60))[0]
    await world.mail.wait_for(1, patience=60)
    await world.slack.click(PHONE, message["ts"], "take", via="socket")
    await world.alerts_that(PHONE, "Taken by")


async def _slack(browser: Browser, world: World, path: Path) -> Path:
    tab = await _tab(browser, width=720)
    await tab.goto(f"{world.slack.url}/view/{EMAIL}")
    return await _save(tab, "main", path)


async def _letter(browser: Browser, world: World, path: Path) -> Path:
    tab = await _tab(browser, width=680)
    await tab.set_content(world.mail.letters[0].body("html"))
    return await _save(tab, "body", path)


async def _pages(browser: Browser, world: World, folder: Path) -> list[Path]:
    tab = await _tab(browser, width=900)
    await tab.goto(f"http://127.0.0.1:{world.port}/")
    inbox = await _save(tab, "body", folder / "inbox.png")
    await tab.click(".alert:has-text('Tom Hadley') summary:has-text('Why we think so')")
    await tab.click(".alert:has-text('Tom Hadley') a:has-text('Everything that was compared')")
    return [inbox, await _save(tab, ".candidate", folder / "reasons.png")]


async def _tab(browser: Browser, width: int) -> Page:
    view = await browser.new_context(
        viewport={"width": width, "height": 500}, device_scale_factor=1.5, locale="en-GB", timezone_id="Europe/London"
    )
    return await view.new_page()


async def _save(tab: Page, what: str, path: Path) -> Path:
    shot = await tab.locator(what).first.screenshot()
    await asyncio.to_thread(_write, path, shot)
    return path


def _write(path: Path, shot: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(smaller(shot))


def _chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("no chromium was found: install it, or name its path by the variable CHROMIUM")
    return found


if __name__ == "__main__":
    for made in asyncio.run(take_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))):
        sys.stdout.write(f"{made}: {made.stat().st_size // 1024} KiB\n")
