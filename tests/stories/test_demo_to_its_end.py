"""The demo is what a newcomer sees first: it tells the whole story and ends by itself."""

import asyncio
import os
import re
import sys

import pytest


@pytest.mark.timeout(300)
async def test_the_demo_tells_the_story_and_ends_by_itself_without_a_terminal() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backchannel", "demo"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "60"},
    )
    async with asyncio.timeout(280):
        output, _ = await process.communicate()
    told = output.decode()
    assert process.returncode == 0, told
    for expected in ("Tom Hadley", "reminder at", "Taken by Sam Okafor", "Closed: the case was resolved", "4. Sam"):
        assert expected in told
    titles = [line for line in told.splitlines() if re.match(r"\d\. ", line)]
    assert len(titles) == 6
    assert not any("…" in line for line in titles), "no title is cut, however narrow the terminal"
