"""The loopback X speaks X's v2: with the genuine tweepy on the other side."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import tweepy
from tweepy.asynchronous import AsyncClient, AsyncPaginator, AsyncStreamingClient
from tweepy.asynchronous.streaming import AsyncBaseStream

from playground.x import CONNECTIONS, LOOKUP, RECENT, RULES, STREAM, LoopbackX
from playground.x.recording import raw_lines

# tweepy 4.17 builds its connector with an option that aiohttp ignores, and says so, on Python 3.12.8, 3.13.1 and later
pytestmark = pytest.mark.filterwarnings("ignore:enable_cleanup_closed:DeprecationWarning")

FIXTURES = Path(__file__).parent / "fixtures" / "x"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HEADERS = {"Authorization": "Bearer sesame"}


@pytest.fixture
async def x() -> AsyncIterator[LoopbackX]:
    async with LoopbackX(bearer="sesame", clock=lambda: NOW) as server, asyncio.timeout(20):
        yield server


class Rebased:
    """An aiohttp session that sends what is meant for X to the loopback."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session, self._base_url = session, base_url

    def request(self, method: str, url: str, **options: Any) -> Any:
        return self._session.request(method, url.replace("https://api.twitter.com", self._base_url), **options)


@pytest.fixture
async def rest(x: LoopbackX) -> AsyncIterator[AsyncClient]:
    async with aiohttp.ClientSession() as session:
        client = AsyncClient("sesame")
        client.session = Rebased(session, x.base_url)
        yield client


@pytest.fixture
async def ruler(x: LoopbackX) -> AsyncIterator[AsyncStreamingClient]:
    async with aiohttp.ClientSession() as session:
        client = AsyncStreamingClient("sesame")
        client.session = Rebased(session, x.base_url)
        yield client


@pytest.fixture
async def http(x: LoopbackX) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(x.base_url, headers=HEADERS) as session:
        yield session


class PlainStream(AsyncStreamingClient):
    """tweepy's stream as it is, at the loopback."""

    def __init__(self, base_url: str) -> None:
        super().__init__("sesame", max_retries=0)
        self.base_url = base_url
        self.responses: asyncio.Queue[Any] = asyncio.Queue()

    async def _connect(self, method: str, endpoint: str, **options: Any) -> None:
        url = f"{self.base_url}/2/tweets/{endpoint}/stream"
        await AsyncBaseStream._connect(self, method, url, headers=HEADERS, **options)

    async def on_response(self, response: Any) -> None:
        self.responses.put_nowait(response)


async def test_the_genuine_stream_client_reads_posts_keep_alives_and_odd_characters() -> None:
    async with asyncio.timeout(20), LoopbackX(bearer="sesame", keep_alive_s=0.01) as x:
        x.rules.add([{"value": "acme", "tag": "brand"}])
        stream = PlainStream(x.base_url)
        task = stream.filter(expansions=["author_id"], user_fields=["description"], tweet_fields=["created_at"])
        await x.connected()
        native_id = x.post("acme \u2028 \U0001f621 <3", handle="jo", name="Jo", bio="R&D")
        response = await stream.responses.get()
        assert response.data.id == int(native_id)
        assert response.data.text == "acme \u2028 \U0001f621 &lt;3"
        assert response.includes["users"][0].description == "R&D"
        assert response.matching_rules[0].tag == "brand"
        stream.disconnect()
        await asyncio.wait({task})


async def test_the_genuine_client_manages_rules(x: LoopbackX, ruler: AsyncStreamingClient) -> None:
    assert (await ruler.get_rules()).data is None
    added = await ruler.add_rules([tweepy.StreamRule("acme", tag="a"), tweepy.StreamRule("zeta")])
    assert [(rule.value, rule.tag) for rule in added.data] == [("acme", "a"), ("zeta", None)]
    assert added.meta["summary"] == {"created": 2, "not_created": 0, "valid": 2, "invalid": 0}
    again = await ruler.add_rules(tweepy.StreamRule("acme", tag="b"))
    assert again.errors[0]["title"] == "DuplicateRule"
    assert again.errors[0]["id"] == added.data[0].id
    assert again.meta["summary"]["not_created"] == 1
    listed = await ruler.get_rules()
    assert listed.meta["result_count"] == 2
    deleted = await ruler.delete_rules([rule.id for rule in listed.data])
    assert deleted.meta["summary"] == {"deleted": 2, "not_deleted": 0}
    assert len(x.rules) == 0


async def test_a_dry_run_judges_rules_and_keeps_nothing(x: LoopbackX, ruler: AsyncStreamingClient) -> None:
    judged = await ruler.add_rules(tweepy.StreamRule("acme"), dry_run="true")
    assert judged.meta["summary"]["valid"] == 1
    with pytest.raises(tweepy.BadRequest):
        await ruler.add_rules(tweepy.StreamRule("is:retweet"), dry_run="true")
    assert len(x.rules) == 0


async def test_the_genuine_client_pages_through_a_search_newest_first(x: LoopbackX, rest: AsyncClient) -> None:
    ids = [x.post("acme", handle="jo", at=NOW - timedelta(minutes=300 - number)) for number in range(250)]
    x.post(handle="al", retweet_of=ids[0], at=NOW - timedelta(minutes=1))
    pages = [one async for one in AsyncPaginator(rest.search_recent_tweets, "acme", since_id=ids[9], max_results=100)]
    assert [len(one.data) for one in pages] == [100, 100, 40]
    assert [str(post.id) for one in pages for post in one.data] == ids[:9:-1]


async def test_a_search_knows_neither_the_old_nor_the_newest_posts(x: LoopbackX, rest: AsyncClient) -> None:
    old = x.post("acme", handle="jo", at=NOW - timedelta(days=8))
    found = x.post("acme", handle="jo", at=NOW - timedelta(hours=1))
    x.post("acme", handle="jo", at=NOW - timedelta(seconds=10))
    x.lag_search(30)
    assert [str(post.id) for post in (await rest.search_recent_tweets("acme")).data] == [found]
    with pytest.raises(tweepy.BadRequest, match="since_id"):
        await rest.search_recent_tweets("acme", since_id=old)
    with pytest.raises(tweepy.BadRequest, match="start_time"):
        await rest.search_recent_tweets("acme", start_time=NOW - timedelta(days=8))
    assert (await rest.search_recent_tweets("zeta")).meta == {"result_count": 0}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (RECENT, {"query": "acme", "backfill_minutes": "5"}),
        (RECENT, {"query": "acme", "max_results": "5"}),
        (RECENT, {"query": "acme", "tweet.fields": "shoe_size"}),
        (RECENT, {"query": "bio:brewer acme"}),
        (RECENT, {"query": "x" * 513}),
        (LOOKUP, {"ids": "a,b"}),
        (STREAM, {"since_id": "1"}),
    ],
)
async def test_what_x_does_not_know_is_a_bad_request(
    x: LoopbackX, http: aiohttp.ClientSession, path: str, query: dict[str, str]
) -> None:
    async with http.get(path, params=query) as response:
        assert response.status == 400
        assert (await response.json())["title"] == "Invalid Request"


@pytest.mark.parametrize("path", [RULES, STREAM, RECENT, LOOKUP, CONNECTIONS])
async def test_nothing_is_told_without_the_bearer_token(x: LoopbackX, path: str) -> None:
    async with aiohttp.ClientSession(x.base_url) as session, session.get(path) as response:
        assert response.status == 401
    assert x.count(path) == 1


async def test_one_connection_is_allowed_and_can_be_ended_from_outside(
    x: LoopbackX, http: aiohttp.ClientSession
) -> None:
    async with http.get(STREAM) as response:
        assert response.status == 409
    x.rules.add([{"value": "acme"}])
    async with http.get(STREAM) as first, http.get(STREAM) as second:
        assert first.status == 200
        assert second.status == 429
        assert (await second.json())["connection_issue"] == "TooManyConnections"
        async with http.get(CONNECTIONS) as listed:
            assert (await listed.json())["meta"]["result_count"] == 1
        async with http.delete(CONNECTIONS + "/all") as killed:
            assert (await killed.json())["data"] == {"killed_connections": True}
        assert await first.content.read() == b""


async def test_a_spent_rate_limit_says_when_it_opens() -> None:
    async with (
        LoopbackX(bearer="sesame", limits={f"GET {RULES}": 2}) as x,
        aiohttp.ClientSession(x.base_url, headers=HEADERS) as http,
    ):
        statuses = []
        for _ in range(3):
            async with http.get(RULES) as response:
                statuses.append(response.status)
                assert int(response.headers["x-rate-limit-reset"]) > 0
        assert statuses == [200, 200, 429]


async def test_a_refusal_is_given_as_often_as_ordered(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    x.refuse(503, times=2, path=RULES, headers={"Retry-After": "1"}, body="<html>busy</html>")
    statuses = []
    for _ in range(3):
        async with http.get(RULES) as response:
            statuses.append(response.status)
    assert statuses == [503, 503, 200]


async def test_a_reset_stream_ends_in_an_error_and_a_closed_one_does_not(
    x: LoopbackX, http: aiohttp.ClientSession
) -> None:
    x.rules.add([{"value": "acme"}])
    async with http.get(STREAM) as response:
        x.drop_stream()
        assert await response.content.read() == b""
    await x.disconnected()
    async with http.get(STREAM) as response:
        x.abort_stream()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


async def test_the_new_spelling_replaces_the_old_everywhere(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    x.rename_fields()
    asked = {"post.fields": "referenced_posts,public_metrics,note_post", "expansions": "referenced_posts.id"}
    first = x.post("acme", handle="jo")
    second = x.post(handle="jo", note="acme " * 80, quote_of=first)
    async with http.get(LOOKUP, params={"ids": second, **asked}) as response:
        body = await response.json()
    (post,) = body["data"]
    assert set(post) == {"id", "text", "edit_history_post_ids", "referenced_posts", "public_metrics", "note_post"}
    assert "repost_count" in post["public_metrics"]
    assert set(body["includes"]) == {"posts"}


async def test_a_recorded_stream_is_played_as_it_came(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    x.rules.add([{"value": "acme"}])
    raw = list(raw_lines(FIXTURES / "stream.jsonl"))
    async with http.get(STREAM) as response:
        await x.connected()
        assert x.play(FIXTURES / "stream.jsonl") == len(raw) == 5
        assert [(await response.content.readline()).rstrip() for _ in raw] == raw
    with pytest.raises(json.JSONDecodeError):
        json.loads(raw[-1])
