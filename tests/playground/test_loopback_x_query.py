"""The loopback X understands X's query language as X documents it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playground.x import QueryError
from playground.x.posts import Draft, Post, PostBook, instant
from playground.x.query import Query

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


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
