"""Who stops the service while it loads finds nothing of it left behind."""

import asyncio
import signal
from pathlib import Path

import pytest
from watchfiles import awatch

from playground.world import World


async def test_a_stop_while_the_larger_network_is_unpacked_leaves_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM comes with the first file of the network: the process ends in order and its temporary folder is empty."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    await world.start()
    async with asyncio.timeout(30):
        await until_unpacking(scratch)
    assert await world.stop(signal.SIGTERM) == 0
    assert list(scratch.iterdir()) == []


async def until_unpacking(folder: Path) -> None:
    """Return with the first file of the network that lies in ``folder``."""
    async for changes in awatch(folder, step=10, debounce=10, poll_delay_ms=10):
        if any("backchannel-scratch" in path for _, path in changes):
            return
