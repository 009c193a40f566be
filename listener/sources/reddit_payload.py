"""Reddit's comments and submissions as posts.

Source of the fields: https://www.reddit.com/dev/api (listings), and replies recorded with PRAW.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from listener.post import Author, Post, Reach

PLACEHOLDERS = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})


class Stamp(msgspec.Struct):
    """What every listed item must have, for us to know whether it is new."""

    name: str
    created_utc: float


class _Thing(Stamp):
    author: str | None = None
    author_fullname: str | None = None
    permalink: str | None = None
    score: int = 0


class _Comment(_Thing, kw_only=True):
    body: str
    parent_id: str | None = None
    link_title: str | None = None


class _Quoted(msgspec.Struct):
    title: str = ""
    selftext: str = ""


class _Submission(_Thing, kw_only=True):
    title: str
    selftext: str = ""
    num_comments: int = 0
    removed_by_category: str | None = None
    crosspost_parent_list: list[_Quoted] = []


def stamp(child: Any) -> Stamp:
    """Give an item's id and time; raises msgspec.ValidationError where it has none."""
    data = child.get("data") if isinstance(child, Mapping) else None
    return msgspec.convert(data, Stamp)


def to_post(child: Mapping[str, Any], base_url: str, parents: Mapping[str, str] | None = None) -> Post | None:
    """Turn a listing's child into a post, or None where its author or a moderator has taken it away.

    ``parents`` are texts of comments by their fullnames; a comment that answers none of them has the title of its
    thread as context. Raises msgspec.ValidationError where a field is missing or of another type.
    """
    data = child["data"]
    if child.get("kind") == "t1":
        return _comment(msgspec.convert(data, _Comment), base_url, parents or {})
    return _submission(msgspec.convert(data, _Submission), base_url)


def _comment(comment: _Comment, base_url: str, parents: Mapping[str, str]) -> Post | None:
    if _gone(comment, comment.body):
        return None
    # num_comments counts the whole thread here, not the answers to this comment
    context = parents.get(comment.parent_id or "") or comment.link_title
    return _post(comment, comment.body, base_url, reply_to=comment.parent_id, context=context)


def _submission(submission: _Submission, base_url: str) -> Post | None:
    if submission.removed_by_category or _gone(submission, submission.selftext):
        return None
    text = f"{submission.title}\n\n{submission.selftext}".strip()
    quoted = [f"{quote.title}\n\n{quote.selftext}".strip() for quote in submission.crosspost_parent_list]
    return _post(submission, text, base_url, replies=submission.num_comments, context=quoted[0] if quoted else None)


def _gone(thing: _Thing, text: str) -> bool:
    return thing.author is None or thing.author in PLACEHOLDERS or text in PLACEHOLDERS


def _post(
    thing: _Thing,
    text: str,
    base_url: str,
    *,
    replies: int = 0,
    reply_to: str | None = None,
    context: str | None = None,
) -> Post:
    return Post(
        native_id=thing.name,
        author=Author(handle=thing.author or "", author_id=thing.author_fullname),
        text=text,
        posted_at=datetime.fromtimestamp(thing.created_utc, UTC),
        url=base_url.rstrip("/") + thing.permalink if thing.permalink else None,
        reach=Reach(likes=max(thing.score, 0), replies=replies),
        reply_to=reply_to,
        context=context,
    )
