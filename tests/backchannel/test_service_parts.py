"""The service as a whole: what cannot start leaves nothing open, and a part that breaks is named while others go on."""

import gc
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.source import CrmError
from matcher.encoder import Encoder
from playground.world import BEARER, HEAD, World
from tests.backchannel.fake_crm import FakeCrm
from tests.stories.inside import inside


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    """The shipped encoder, opened once."""
    opened = Encoder()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_X_TOKEN", BEARER)
    monkeypatch.setenv("PLAYGROUND_SLACK_TOKEN", "xoxb-loopback")
    monkeypatch.setenv("PLAYGROUND_SLACK_APP_TOKEN", "xapp-loopback")


async def test_a_port_in_use_ends_the_start_and_leaves_nothing_open(tmp_path: Path, encoder: Encoder) -> None:
    async with World(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as world:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", world.port))
            taken.listen()
            with pytest.raises(OSError, match="in use"):
                async with inside(world, encoder):
                    pass
        gc.collect()  # an unclosed connection would warn now, and warnings are errors
        async with inside(world, encoder):
            await world.listening()


async def test_a_crm_that_breaks_is_named_and_followed_again_while_the_clock_goes_on(
    tmp_path: Path, encoder: Encoder
) -> None:
    crm = FakeCrm()
    for _ in range(2):
        crm.fail_after(0)
    async with World(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as world, inside(world, encoder, crm=crm) as running:
        health = running.service.supervisor.health
        await running.until(lambda: health["crm"].broken == CrmError.__name__)
        status, body = await running.ready()
        assert (status, {"part crm", "crm mirror"} <= set(body["broken"])) == (503, True)
        assert "part clock" not in body["broken"]

        world.says(1)
        await running.until(running.service.follower.caught_up.is_set)
        assert health["crm"].starts == 3
        (message,) = await world.alerts(HEAD)
        assert "Tom Hadley" not in world.slack.render(message)
        assert (health["clock"].starts, health["source x"].starts) == (1, 1)
