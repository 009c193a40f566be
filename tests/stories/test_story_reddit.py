"""A complaint on Reddit: asyncpraw reads it, and since that source is not linked, first contacts hear of it."""

from pathlib import Path

import pytest

from ledger import links, mentions
from matcher.encoder import Encoder
from playground.reddit.server import LoopbackReddit
from playground.world import EMAIL, HEAD, World
from tests.stories.inside import Inside, inside

pytestmark = [  # asyncprawcore passes aiohttp what its next major version will not take
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

SILENCE = (
    "Nine days since my husband emailed Brackwater about the EMPTY can in his 12-pack. "
    "Sealed, not a drop in it. Not even a reply."
)
RAIN = "Brackwater left my dad's stout in the rain, the box fell apart in my hands, and nobody ever called him back."


def with_reddit(reddit: LoopbackReddit) -> tuple[str, str]:
    """Give the change of the configuration that adds Reddit as a second source, with its defaults."""
    source = (
        "sources:\n"
        "  reddit:\n"
        "    kind: reddit\n"
        "    client_id: {env: PLAYGROUND_REDDIT_ID}\n"
        "    client_secret: {env: PLAYGROUND_REDDIT_SECRET}\n"
        "    user_agent: linux:backchannel:0.1 (by /u/brackwater)\n"
        "    subreddits: [beer]\n"
        f"    base_url: {reddit.base_url}\n"
        f"    oauth_url: {reddit.base_url}\n"
        "    poll_every: 0.2s\n"
    )
    return ("sources:\n", source)


@pytest.fixture
def reddit_secrets(monkeypatch: pytest.MonkeyPatch, workspace_secrets: None) -> None:
    """The credentials of the imitated Reddit."""
    monkeypatch.setenv("PLAYGROUND_REDDIT_ID", "loopback")
    monkeypatch.setenv("PLAYGROUND_REDDIT_SECRET", "loopback-secret")


async def listening(running: Inside) -> None:
    """Wait until Reddit was read for the first time."""
    await running.until(lambda: "reddit" in running.service.intake.tallies)


async def test_a_complaint_on_reddit_goes_to_first_contacts_and_is_never_linked(
    tmp_path: Path, encoder: Encoder, reddit_secrets: None
) -> None:
    """The words that on X would lead to the husband's case lead nowhere here: Reddit's policy forbids to look."""
    async with LoopbackReddit() as reddit, World(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as world:
        async with inside(world, encoder, with_reddit(reddit)) as running:
            await listening(running)
            reddit.comment(text="What a lovely evening", subreddit="beer")
            fullname = reddit.comment(text=SILENCE, author="jess_h", subreddit="beer")

            (message,) = await world.alerts(HEAD)

            shown = world.slack.render(message)
            assert "jess_h" in shown
            assert "EMPTY can" in shown
            assert "Tom Hadley" not in shown
            assert "BW-2001" not in shown
            assert world.slack.messages(EMAIL) == []
            async with running.service.db.read() as conn:
                row = await mentions.by_native_id(conn, "reddit", fullname)
                assert row is not None
                assert (row.platform, row.outcome, await links.of_mention(conn, row.id)) == ("reddit", "unlinked", [])
            assert await running.kept() == [fullname]

        missed = reddit.submit(title="Brackwater and the rain", text=RAIN, author="carys", subreddit="beer")
        async with inside(world, encoder, with_reddit(reddit)) as running:
            await running.keeps(missed)
            assert len(await world.alerts(HEAD, 2)) == 2
            assert await running.kept() == [fullname, missed]
