"""What a post answers or quotes is judged with it: from the platform's payload through the ledger to the judge."""

import json
from typing import Any

import pytest

from ledger import mentions
from ledger.database import Database
from listener import facts
from listener.post import Post
from listener.rules import Hit
from listener.sources.reddit_payload import to_post
from listener.sources.x_payload import read_line
from tests.backchannel.line import Line
from tests.notifier.desk import NOON

GRIPE = "My order never arrived & nobody answers @larkmoor"


def on_x(kind: str) -> Post:
    """Give a reply or a quote as X's stream sends it."""
    asked = {"id": "1999999999999999990", "text": GRIPE.replace("&", "&amp;"), "author_id": "7"}
    tweet = {"id": "1999999999999999999", "text": "@larkmoor any update?", "author_id": "8",
             "referenced_tweets": [{"type": kind, "id": asked["id"]}]}  # fmt: skip
    post = read_line(json.dumps({"data": tweet, "includes": {"tweets": [asked]}}).encode())
    assert isinstance(post, Post)
    return post


def on_reddit(kind: str) -> Post:
    """Give a comment as Reddit lists it, below a comment or directly below a submission."""
    data = {"name": "t1_b", "created_utc": 1_790_000_000, "author": "ann", "body": "larkmoor, any update?",
            "parent_id": "t1_a" if kind == "comment" else "t3_a", "link_title": GRIPE}  # fmt: skip
    parents = {"t1_a": GRIPE} if kind == "comment" else {}
    post = to_post({"kind": "t1", "data": data}, "https://www.reddit.com", parents)
    assert post is not None
    return post


@pytest.mark.parametrize(
    "post",
    [on_x("replied_to"), on_x("quoted"), on_reddit("comment"), on_reddit("submission")],
    ids=["x reply", "x quote", "reddit comment", "reddit submission"],
)
async def test_what_a_post_answers_or_quotes_arrives_at_the_judge(sqlite_db: Database, post: Post) -> None:
    line = Line(sqlite_db)
    row: dict[str, Any] = facts.mention("main", "x", post, (Hit("larkmoor", "Larkmoor", ("larkmoor",)),), NOON).row
    async with sqlite_db.write("test") as conn:
        await mentions.record(conn, [row])
    await line.pipeline.handle_next()
    assert line.matcher.contexts == [GRIPE]
