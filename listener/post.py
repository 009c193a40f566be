"""What a source gives: posts, removals, gaps and signs of life."""

from datetime import datetime

import msgspec


class Author(msgspec.Struct, frozen=True):
    """Who posted, as the platform shows it publicly; ``followers`` is None where it does not say."""

    handle: str
    author_id: str | None = None
    name: str | None = None
    bio: str | None = None
    location: str | None = None
    followers: int | None = None


class Reach(msgspec.Struct, frozen=True):
    """How far a post had travelled when it was read."""

    likes: int = 0
    reposts: int = 0
    replies: int = 0


class Post(msgspec.Struct, frozen=True):
    """One published post. ``posted_at`` is in UTC; ``cursor`` is how far its source is read once this is kept.

    ``edit_of`` holds earlier native ids of the same post, oldest first. ``repost_of`` marks a pure repost.
    ``context`` is the text of the post that this one answers or quotes, where the source gives it.
    """

    native_id: str
    author: Author
    text: str
    posted_at: datetime
    cursor: str | None = None
    url: str | None = None
    lang: str | None = None
    reach: Reach = Reach()
    reply_to: str | None = None
    context: str | None = None
    repost_of: str | None = None
    edit_of: tuple[str, ...] = ()


class Removal(msgspec.Struct, frozen=True):
    """The platform says that a post is gone: our copy must go too."""

    native_id: str
    cursor: str | None = None


class Gap(msgspec.Struct, frozen=True):
    """A stretch of a source that could not be read. ``since`` and ``until`` bound it in time, as far as known."""

    reason: str
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None


class Alive(msgspec.Struct, frozen=True):
    """The source is connected and quiet: a keep-alive, or an empty poll."""

    cursor: str | None = None


class Unreadable(msgspec.Struct, frozen=True):
    """Something arrived that is no post we can parse: it is quarantined and counted, and the others go on."""

    reason: str
    raw: bytes
    native_id: str | None = None
    cursor: str | None = None


Event = Post | Removal | Gap | Alive | Unreadable
