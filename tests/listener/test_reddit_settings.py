"""The settings of a Reddit source: its subreddits, its credentials, and nothing that lies around."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from listener.sources.reddit import RedditSource
from listener.sources.reddit_client import RedditClients
from playground.reddit import LoopbackReddit
from tests.listener.reddit_harness import OLD_AUTH, Naps, config, start

pytestmark = OLD_AUTH


async def test_two_sources_with_one_credential_share_one_token_and_one_rate_limit(reddit: LoopbackReddit) -> None:
    clients = RedditClients()
    naps = Naps()
    one = RedditSource("one", config(reddit, subreddits=("acme",)), clients=clients, sleep=naps)
    two = RedditSource("two", config(reddit, subreddits=("help",)), clients=clients, sleep=naps)
    await start(one)
    await one.close()
    await one.close()
    await start(two)
    await two.close()
    assert reddit.log.count("token") == 2, "a client given back by all is closed"
    await start(one)
    await start(two)
    await one.close()
    await start(two)
    await two.close()
    assert reddit.log.count("token") == 3


async def test_settings_lying_around_change_nothing(reddit: LoopbackReddit, tmp_path: Path) -> None:
    """A praw.ini in the working directory and praw_* variables redirect neither hosts nor credentials."""
    (tmp_path / "praw.ini").write_text("[DEFAULT]\nusername=eve\npassword=x\nreddit_url=http://evil.example\n")
    script = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from tests_config import make
async def main():
    source = make(sys.argv[1])
    async for event in source.listen(None):
        break
    await source.close()
asyncio.run(main())
"""
    (tmp_path / "tests_config.py").write_text(
        "from pydantic import SecretStr\n"
        "from listener.sources.reddit import RedditConfig, RedditSource\n"
        "def make(url):\n"
        "    return RedditSource('forum', RedditConfig(kind='reddit', client_id=SecretStr('loopback'),\n"
        "        client_secret=SecretStr('loopback-secret'), user_agent='linux:backchannel-tests:0.1',\n"
        "        subreddits=('acme',), base_url=url, oauth_url=url))\n"
    )
    environment = os.environ | {
        "praw_oauth_url": "http://127.0.0.1:9",
        "praw_site": "elsewhere",
        "praw_refresh_token": "stolen",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, reddit.base_url, cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert reddit.log.count("new") >= 1
    assert {asked.query["grant_type"] for asked in reddit.log.requests if asked.place == "token"} == {
        "client_credentials"
    }


@pytest.mark.parametrize("name", ["all", "r/acme", "https://reddit.com/r/acme", "a b", ""])
async def test_a_subreddit_is_written_as_its_name_alone(reddit: LoopbackReddit, name: str) -> None:
    with pytest.raises(ValidationError, match="subreddit"):
        config(reddit, subreddits=(name,))


async def test_at_least_one_subreddit_is_needed_and_linking_is_off(reddit: LoopbackReddit) -> None:
    assert config(reddit).linking == "off"
    with pytest.raises(ValidationError):
        config(reddit, subreddits=())
