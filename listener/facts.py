"""From events to rows of the ledger: what of a post is kept, and in a form that every database can hold."""

from datetime import datetime
from typing import Any

import msgspec

from listener.post import Author, Gap, Post, Reach, Removal, Unreadable
from listener.rules import Hit

LONGEST_TEXT = 50_000
_LONGEST_ID = 200
_LONGEST_FIELD = 2_000


class UnstorableError(ValueError):
    """A post cannot be kept as a mention; the text says why."""


class NewMention(msgspec.Struct, frozen=True):
    """A mention to be recorded: a row of ``mentions``."""

    row: dict[str, Any]


class Repost(msgspec.Struct, frozen=True):
    """A pure repost: it raises the reach of the mention that it repeats, where there is one."""

    native_id: str
    reach: Reach


def mention(source: str, platform: str, post: Post, hits: tuple[Hit, ...], now: datetime) -> NewMention:
    """Give the row of a post that hit rules; raises UnstorableError."""
    if not post.native_id or len(post.native_id) > _LONGEST_ID:
        raise UnstorableError(f"the native id has {len(post.native_id)} characters, not 1 to {_LONGEST_ID}")
    return NewMention(
        {
            "source": source,
            "native_id": storable(post.native_id),
            "platform": platform,
            "brand": hits[0].brand,
            "rules": [hit.rule for hit in hits],
            "url": _field(post.url),
            "text": storable(post.text[:LONGEST_TEXT]),
            "context": None if post.context is None else storable(post.context[:LONGEST_TEXT]),
            "lang": None if post.lang is None else storable(post.lang[:16]),
            "author": _author(post.author),
            "reach": msgspec.to_builtins(post.reach),
            "reply_to": _field(post.reply_to, _LONGEST_ID),
            "edit_of": _field(post.edit_of[-1], _LONGEST_ID) if post.edit_of else None,
            "posted_at": post.posted_at,
            "received_at": now,
        }
    )


def repost(post: Post) -> Repost:
    """Give what a pure repost says of the post that it repeats."""
    return Repost(storable(post.repost_of or ""), post.reach)


def noted(event: Removal | Gap | Unreadable) -> Removal | Gap | Unreadable:
    """Give what happened besides posts in a form that every database can hold; a reason never quotes what was sent."""
    match event:
        case Removal(native_id=native_id):
            return msgspec.structs.replace(event, native_id=storable(native_id))
        case Gap(reason=reason):
            return msgspec.structs.replace(event, reason=storable(reason[:_LONGEST_FIELD]))
        case Unreadable(reason=reason, native_id=native_id):
            known = _field(native_id, _LONGEST_ID)
            return msgspec.structs.replace(event, reason=storable(reason[:_LONGEST_FIELD]), native_id=known)


def storable(text: str) -> str:
    """Replace what databases refuse: lone surrogates and NUL."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _field(text: str | None, limit: int = _LONGEST_FIELD) -> str | None:
    return None if text is None else storable(text[:limit])


def _author(author: Author) -> dict[str, Any]:
    kept = msgspec.structs.asdict(author)
    return {name: _field(value) if isinstance(value, str) else value for name, value in kept.items()}
