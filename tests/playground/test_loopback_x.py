"""The loopback X speaks X's v2: to the genuine tweepy, and key by key as the recorded payloads do."""

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

from playground.x import CONNECTIONS, LOOKUP, RECENT, RULES, STREAM, LoopbackX, QueryError
from playground.x.posts import Draft, Post, PostBook, instant
from playground.x.query import Query
from playground.x.recording import raw_lines

# tweepy 4.17 builds its connector with an option that aiohttp ignores, and says so, on Python 3.12.8, 3.13.1 and later
pytestmark = pytest.mark.filterwarnings("ignore:enable_cleanup_closed:DeprecationWarning")

FIXTURES = Path(__file__).parent / "fixtures" / "x"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POST_FIELDS = (
    "author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,"
    "public_metrics,referenced_tweets,reply_settings"
)
USER_FIELDS = "created_at,description,location,profile_image_url,protected,public_metrics,url,verified"
EVERYTHING = {
    "tweet.fields": POST_FIELDS,
    "user.fields": USER_FIELDS,
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id",
}
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


def page(name: str) -> Any:
    """A recorded answer."""
    rows = [json.loads(row) for row in (FIXTURES / "pages.jsonl").read_text("utf-8").split("\n") if row]
    return next(row for row in rows if row["name"] == name)


def recorded_lines() -> list[Any]:
    return [json.loads(raw) for raw in list(raw_lines(FIXTURES / "stream.jsonl"))[:4]]


def shape(values: list[Any]) -> dict[str, set[str]]:
    """Which keys some objects have, and of which JSON types their values are."""
    found: dict[str, set[str]] = {}
    for value in values:
        for key, part in value.items():
            found.setdefault(key, set()).add(type(part).__name__)
    return found


def assert_same_shape(ours: list[Any], recorded: list[Any], *, required: set[str], later: bool = False) -> None:
    """Every key of ours is a recorded one, of a recorded type; the required ones are always there.

    Recordings older than October 2022 lack the history of edits, which ``later`` allows; the recorded edits prove it.
    """
    known = shape(recorded) | ({"edit_history_tweet_ids": {"list"}} if later else {})
    for key, types in shape(ours).items():
        assert key in known, f"X has no {key}"
        assert types <= known[key], f"{key} is {types}, X sends {known[key]}"
    assert all(required <= set(value) for value in [*ours, *recorded])


def story(x: LoopbackX) -> None:
    """Posts of every kind."""
    asked = x.post("who needs acme? #fail", handle="acme_care", bio="We care", location="Leeds", followers=5)
    x.post("@acme_care acme is bad & slow", handle="jo", reply_to=asked, likes=2)
    quoted = x.post("acme, really", handle="al", quote_of=asked)
    x.post(handle="bo", retweet_of=quoted)


async def streamed(x: LoopbackX, http: aiohttp.ClientSession, n: int, **query: str) -> list[Any]:
    """The first lines of a stream, taken by plain HTTP."""
    x.rules.add([{"value": "acme", "tag": "brand"}])
    async with http.get(STREAM, params={**EVERYTHING, **query}) as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        await x.connected()
        story(x)
        return [json.loads(await response.content.readline()) for _ in range(n)]


async def test_a_streamed_line_has_the_shape_of_a_recorded_one(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    ours, recorded = await streamed(x, http, 4), recorded_lines()
    assert {key for line in ours for key in line} == {"data", "includes", "matching_rules"}
    data = [line["data"] for line in recorded]
    always = {"id", "text", "author_id", "created_at", "lang", "public_metrics", "conversation_id", "reply_settings"}
    assert_same_shape([line["data"] for line in ours], data, required=always, later=True)
    users = [user for line in recorded for user in line["includes"]["users"]]
    assert_same_shape(
        [user for line in ours for user in line["includes"]["users"]],
        users,
        required={"id", "name", "username", "description"},
    )
    # what is referred to is a post like any other
    referred = [*data, *(one for line in recorded for one in line["includes"].get("tweets", []))]
    assert_same_shape(
        [one for line in ours for one in line["includes"].get("tweets", [])],
        referred,
        required={"id", "text"},
        later=True,
    )
    metrics = [line["data"]["public_metrics"] for line in recorded]
    assert_same_shape([line["data"]["public_metrics"] for line in ours], metrics, required=set(metrics[0]))
    assert {key for line in ours for rule in line["matching_rules"] for key in rule} == {"id", "tag"}
    assert {key for line in recorded for rule in line["matching_rules"] for key in rule} == {"id", "tag"}


async def test_references_and_entities_have_the_recorded_shape(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    def inner(lines: list[Any], key: str) -> list[Any]:
        return [one for line in lines for one in line["data"].get(key, [])]

    ours = await streamed(x, http, 4)
    recorded = [*recorded_lines(), *({"data": data} for data in page("search")["body"]["data"])]
    assert_same_shape(inner(ours, "referenced_tweets"), inner(recorded, "referenced_tweets"), required={"type", "id"})
    assert {one["type"] for one in inner(ours, "referenced_tweets")} == {"replied_to", "quoted", "retweeted"}
    for name in ("mentions", "hashtags"):
        mine = [one for line in ours for one in line["data"].get("entities", {}).get(name, [])]
        theirs = [one for line in recorded for one in line["data"].get("entities", {}).get(name, [])]
        assert mine
        assert_same_shape(mine, theirs, required={"start", "end"})


async def test_a_search_page_has_the_shape_of_a_recorded_one(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    for number in range(12):
        x.post(f"acme {number} & more", handle="jo", at=NOW - timedelta(minutes=number + 1))
    async with http.get(RECENT, params={"query": "acme", **EVERYTHING}) as response:
        ours = await response.json()
    recorded = page("search")["body"]
    assert set(ours) | {"errors"} == set(recorded)
    assert set(ours["meta"]) == set(recorded["meta"])
    assert shape([ours["meta"]]) == shape([recorded["meta"]])
    assert_same_shape(ours["data"], recorded["data"], required={"id", "text", "author_id", "created_at"}, later=True)
    assert_same_shape(ours["includes"]["users"], recorded["includes"]["users"], required={"id", "name", "username"})
    assert "&amp;" in ours["data"][0]["text"]


async def test_a_lookup_and_its_headers_have_the_shape_of_a_recorded_one(
    x: LoopbackX, http: aiohttp.ClientSession
) -> None:
    known, gone = x.post("acme", handle="jo"), x.post("acme!", handle="jo")
    x.delete(gone)
    async with http.get(LOOKUP, params={"ids": f"{known},{gone}"}) as response:
        ours, headers = await response.json(), {key.lower() for key in response.headers}
    recorded = page("lookup")
    assert shape(ours["data"]) == shape(recorded["body"]["data"])
    assert set(recorded["headers"]) <= headers
    missing = {"value", "detail", "title", "resource_type", "parameter", "resource_id", "type"}
    assert [set(error) for error in ours["errors"]] == [missing]
    assert ours["errors"][0]["resource_id"] == gone


async def test_an_edit_has_the_shape_of_a_recorded_one(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    first = x.post("acme is bda", handle="jo")
    second = x.post("acme is bad", handle="jo", edit_of=first)
    async with http.get(LOOKUP, params={"ids": f"{first},{second}"}) as response:
        before, after = (await response.json())["data"]
    for ours, name in ((before, "edited_before"), (after, "edited_after")):
        (recorded,) = page(name)["body"]["data"]
        assert ours["edit_history_tweet_ids"] == [first, second]
        assert len(recorded["edit_history_tweet_ids"]) == 2
        assert (ours["id"] == first) == (recorded["id"] == recorded["edit_history_tweet_ids"][0])


async def test_only_the_fields_that_are_asked_for_are_sent(x: LoopbackX, http: aiohttp.ClientSession) -> None:
    x.post("acme", handle="jo", at=NOW - timedelta(minutes=1))
    async with http.get(RECENT, params={"query": "acme"}) as response:
        body = await response.json()
    assert set(body["data"][0]) == set(page("lookup")["body"]["data"][0])
    assert "includes" not in body


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


def written(text: str, **kinds: Any) -> Post:
    """A post with this text, by @jo."""
    book = PostBook(lambda: NOW)
    other = book.publish(book.account("acme_care"), Draft("a crème is broken"), None)
    references = dict.fromkeys(kinds.pop("refers", []), other.id)
    return book.publish(book.account("jo", bio="a brewer"), Draft(text, **kinds, **references), None)


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("acme", "ACME!", True),
        ("acme", "acmes", False),
        ("acme", "#acme", True),
        ("acme bad", "bad, bad acme", True),
        ("acme bad", "acme", False),
        ("acme OR zeta bad", "acme", True),
        ("(acme OR zeta) bad", "acme", False),
        ("acme -bad", "acme bad", False),
        ("acme -bad", "acme", True),
        ('"empty can"', "an empty can", True),
        ('"empty can"', "can empty", False),
        ('"empty can"~3', "the can came to me empty", True),
        ("@acme", "hi @Acme!", True),
        ("@acme", "mail me@acme", False),
        ("#fail", "#FAIL", True),
        ("#fail", "fail", False),
        ("acme lang:en", "acme", True),
        ("acme lang:de", "acme", False),
        ("from:jo", "anything", True),
        ("from:al", "anything", False),
        ("😡", "so 😡", True),
        ("crème", "creme", False),
        ("bio:brewer acme", "acme", True),
    ],
)
def test_a_rule_hits_what_x_s_language_says(query: str, text: str, hit: bool) -> None:
    assert Query(query, limit=1_024, stream=True).matches(written(text)) is hit


def test_kinds_of_posts_are_told_apart() -> None:
    repost, reply, quote = (written("acme", refers=[kind]) for kind in ("retweet_of", "reply_to", "quote_of"))
    for name, post in (("retweet", repost), ("reply", reply), ("quote", quote)):
        kept = [
            one for one in (repost, reply, quote) if not Query(f"acme -is:{name}", limit=99, stream=True).matches(one)
        ]
        assert kept == [post]
    assert Query("to:acme_care", limit=99, stream=True).matches(reply)


def test_the_stream_looks_through_quotes_and_keeps_accents_and_search_does_neither() -> None:
    quote = written("look at this", refers=["quote_of"])
    assert Query("broken", limit=99, stream=True).matches(quote)
    assert not Query("broken", limit=99, stream=False).matches(quote)
    assert Query("creme", limit=99, stream=False).matches(written("crème"))
    assert not Query("creme", limit=99, stream=True).matches(written("crème"))


@pytest.mark.parametrize(
    "query", ["", " ", "is:retweet", "lang:en", "-acme", "(acme", "acme)", "a OR", "()", "has:wings a", "is:odd a", '"']
)
def test_a_query_that_x_refuses_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        Query(query, limit=1_024, stream=True)


def test_ids_rise_with_time_and_hold_it() -> None:
    book = PostBook(lambda: NOW)
    ids = [book.publish(book.account("jo"), Draft("x"), None).id for _ in range(5)]
    assert ids == sorted(set(ids))
    assert instant(ids[0]) == NOW
    assert book.publish(book.account("jo"), Draft("x"), NOW - timedelta(days=1)).id < ids[0]
