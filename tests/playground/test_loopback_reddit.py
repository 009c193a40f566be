"""The loopback Reddit speaks Reddit's wire format, and the genuine asyncpraw understands it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from asyncpraw import Reddit

from playground.reddit import LoopbackReddit

# asyncprawcore 4 signs its token request in a way against which aiohttp warns since 3.14
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]

RECORDED = Path(__file__).parent / "fixtures" / "reddit" / "recorded.jsonl"
NOW = 1_790_000_000


def recorded(place: str) -> dict[str, Any]:
    lines = RECORDED.read_text("utf-8").split("\n")
    return next(reply for reply in map(json.loads, filter(None, lines)) if reply["place"] == place)


@pytest.fixture
async def reddit() -> AsyncIterator[LoopbackReddit]:
    async with LoopbackReddit() as server:
        yield server


@pytest.fixture
async def praw(reddit: LoopbackReddit) -> AsyncIterator[Reddit]:
    async with client(reddit) as praw:
        yield praw


def client(reddit: LoopbackReddit, **changes: Any) -> Reddit:
    settings: dict[str, Any] = {"client_id": reddit.client_id, "client_secret": reddit.client_secret}
    return Reddit(
        **(settings | changes),
        user_agent="linux:backchannel-tests:0.1",
        reddit_url=reddit.base_url,
        oauth_url=reddit.base_url + "/",
        check_for_updates=False,
    )


async def names(praw: Reddit, path: str, **params: Any) -> list[str]:
    answer = await praw.request(method="GET", path=path, params=params)
    return [child["data"]["name"] for child in answer["data"]["children"]]


async def raw(praw: Reddit, path: str, **params: Any) -> dict[str, Any]:
    return await praw.request(method="GET", path=path, params=params)


async def plainly(reddit: LoopbackReddit, path: str) -> tuple[Any, dict[str, Any]]:
    """Ask without asyncpraw, and so without raw_json."""
    basic = {"Authorization": aiohttp.encode_basic_auth(reddit.client_id, reddit.client_secret)}
    grant = {"grant_type": "client_credentials"}
    async with aiohttp.ClientSession(base_url=reddit.base_url) as session:
        async with session.post("/api/v1/access_token", data=grant, headers=basic) as answer:
            token = (await answer.json())["access_token"]
        async with session.get(f"/{path}", headers={"Authorization": f"bearer {token}"}) as answer:
            return answer.headers, await answer.json()


def assert_same_types(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for key, value in theirs.items():
        if value is not None and ours[key] is not None:
            assert type(ours[key]) is type(value), key


async def test_a_comment_has_exactly_the_recorded_keys_and_types(reddit: LoopbackReddit, praw: Reddit) -> None:
    reddit.comment(text="my can was empty", subreddit="acme")
    ours = (await raw(praw, "r/acme/comments/"))["data"]
    theirs = recorded("comments")["body"]["data"]
    assert set(ours) == set(theirs)
    assert set(ours["children"][0]["data"]) == set(theirs["children"][0]["data"])
    assert_same_types(ours["children"][0]["data"], theirs["children"][0]["data"])


async def test_a_submission_has_all_recorded_keys_and_types(reddit: LoopbackReddit, praw: Reddit) -> None:
    reddit.submit(title="Empty can", text="in my multipack")
    ours = (await raw(praw, "r/acme/new"))["data"]["children"][0]["data"]
    for child in recorded("new")["body"]["data"]["children"]:
        theirs = {key: value for key, value in child["data"].items() if key not in {"preview", "post_hint"}}
        assert set(theirs) <= set(ours)
        assert_same_types(ours, theirs)


async def test_rate_limit_headers_look_as_recorded(reddit: LoopbackReddit) -> None:
    theirs = recorded("comments")["headers"]
    ours, _ = await plainly(reddit, "r/acme/new")
    for header in ("x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-used"):
        assert ("." in ours[header]) == ("." in theirs[header])


async def test_before_gives_the_nearest_newer_items_and_not_the_newest(reddit: LoopbackReddit, praw: Reddit) -> None:
    made = [reddit.comment(text=str(n), at=NOW + n) for n in range(10)]
    assert await names(praw, "r/acme/comments/", before=made[2], limit=3) == made[5:2:-1]


async def test_an_anchor_that_is_removed_or_unknown_gives_an_empty_page(reddit: LoopbackReddit, praw: Reddit) -> None:
    made = [reddit.comment(text=str(n), at=NOW + n) for n in range(5)]
    reddit.delete(made[2])
    for anchor in (made[2], "t1_nowhere"):
        assert await names(praw, "r/acme/comments/", before=anchor) == []
        assert await names(praw, "r/acme/comments/", after=anchor) == []


async def test_a_listing_reaches_a_thousand_items_and_no_further(reddit: LoopbackReddit, praw: Reddit) -> None:
    made = [reddit.comment(text=str(n), at=NOW + n) for n in range(1100)]
    subreddit = await praw.subreddit("acme")
    got = [comment.fullname async for comment in subreddit.comments(limit=None)]
    assert got == made[:99:-1]
    assert reddit.log.count("comments") == 10


async def test_a_page_holds_25_items_unless_asked_and_100_at_most(reddit: LoopbackReddit, praw: Reddit) -> None:
    for n in range(150):
        reddit.comment(text=str(n), at=NOW + n)
    assert len(await names(praw, "r/acme/comments/")) == 25
    assert len(await names(praw, "r/acme/comments/", limit=1024)) == 100


async def test_several_subreddits_are_read_at_once_in_any_case(reddit: LoopbackReddit, praw: Reddit) -> None:
    one = reddit.submit(title="one", subreddit="Acme", at=NOW)
    two = reddit.submit(title="two", subreddit="help", at=NOW + 1)
    reddit.submit(title="three", subreddit="other", at=NOW + 2)
    assert await names(praw, "r/acme+help/new") == [two, one]


async def test_text_is_escaped_unless_raw_json_is_asked(reddit: LoopbackReddit, praw: Reddit) -> None:
    reddit.comment(text="tea & <b>cake</b>")
    comment = (await raw(praw, "r/acme/comments/"))["data"]["children"][0]["data"]
    assert comment["body"] == "tea & <b>cake</b>"
    _, body = await plainly(reddit, "r/acme/comments")
    escaped = body["data"]["children"][0]["data"]
    assert escaped["body"] == "tea &amp; &lt;b&gt;cake&lt;/b&gt;"


async def test_info_shows_deleted_and_removed_comments_with_placeholders(reddit: LoopbackReddit, praw: Reddit) -> None:
    kept, deleted, removed, vanished = (reddit.comment(text=str(n)) for n in range(4))
    reddit.delete(deleted)
    reddit.remove(removed)
    reddit.vanish(vanished)
    got = [comment async for comment in praw.info(fullnames=[kept, deleted, removed, vanished])]
    assert [(c.fullname, c.author and c.author.name, c.body) for c in got] == [
        (kept, "someone", "0"),
        (deleted, None, "[deleted]"),
        (removed, "someone", "[removed]"),
    ]
    theirs = recorded("deleted")["body"]["data"]["children"][0]["data"]
    assert (theirs["author"], theirs["body"]) == ("[deleted]", "[deleted]")


async def test_search_finds_submissions_only(reddit: LoopbackReddit, praw: Reddit) -> None:
    reddit.comment(text="empty can")
    found = reddit.submit(title="Empty", text="my can was EMPTY")
    subreddit = await praw.subreddit("all")
    assert [hit.fullname async for hit in subreddit.search("empty can", sort="new")] == [found]


async def test_an_account_shows_its_public_description(reddit: LoopbackReddit, praw: Reddit) -> None:
    reddit.comment(text="hello", author="ann")
    reddit.describe("ann", "married to Bob")
    ann = await praw.redditor("ann", fetch=True)
    assert ann.subreddit.public_description == "married to Bob"


async def test_an_expired_token_is_refused_and_a_new_one_fetched(reddit: LoopbackReddit, praw: Reddit) -> None:
    await raw(praw, "r/acme/new")
    reddit.expire_token()
    await raw(praw, "r/acme/new")
    assert reddit.log.count("token") == 2


async def test_wrong_credentials_get_no_token(reddit: LoopbackReddit) -> None:
    async with client(reddit, client_secret="wrong") as praw:
        with pytest.raises(Exception, match="received 401"):
            await raw(praw, "r/acme/new")


async def test_an_edit_shows_when_asked_again(reddit: LoopbackReddit, praw: Reddit) -> None:
    name = reddit.comment(text="bad", at=NOW)
    reddit.edit(name, "good", at=NOW + 60)
    comment = (await raw(praw, "r/acme/comments/"))["data"]["children"][0]["data"]
    assert (comment["body"], comment["edited"]) == ("good", float(NOW + 60))
