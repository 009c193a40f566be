"""Key by key and type by type, the loopback X writes what the recorded payloads of X hold."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground.x import LOOKUP, RECENT, STREAM, LoopbackX
from playground.x.recording import raw_lines

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


@pytest.fixture
async def http(x: LoopbackX) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(x.base_url, headers=HEADERS) as session:
        yield session


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
