"""The accounts and posts that the loopback X holds."""

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

_EPOCH_MS = 1_288_834_974_657
"""The instant, in Unix milliseconds, from which X's snowflake ids count."""
_SEQUENCE_BITS = 22
_REPOST_CHARS = 140
_CUT_CHARS = 278


def snowflake(at: datetime, sequence: int = 0) -> int:
    """The id that X would give to a post of this instant."""
    return ((int(at.timestamp() * 1000) - _EPOCH_MS) << _SEQUENCE_BITS) + sequence


def instant(native_id: int) -> datetime:
    """The UTC time that a snowflake id holds."""
    return datetime.fromtimestamp(((native_id >> _SEQUENCE_BITS) + _EPOCH_MS) / 1000, UTC)


@dataclass(frozen=True)
class Account:
    """One account as its profile shows it."""

    id: int
    handle: str
    name: str
    bio: str = ""
    location: str = ""
    followers: int = 0
    created_at: datetime = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Draft:
    """What a caller wants to publish; ids refer to earlier posts."""

    text: str
    lang: str = "en"
    note: str | None = None
    edit_of: int | None = None
    retweet_of: int | None = None
    reply_to: int | None = None
    quote_of: int | None = None
    likes: int = 0
    reposts: int = 0
    replies: int = 0

    def references(self) -> list[tuple[str, int]]:
        """The kinds and ids of the posts that this one refers to."""
        kinds = [("retweeted", self.retweet_of), ("quoted", self.quote_of), ("replied_to", self.reply_to)]
        return [(kind, native_id) for kind, native_id in kinds if native_id is not None]


@dataclass(frozen=True)
class Post:
    """One published post. ``history`` holds every id of it, the newest known last."""

    id: int
    author: Account
    draft: Draft
    at: datetime
    history: tuple[int, ...]
    conversation: int
    others: tuple["Post", ...] = field(default=())

    @property
    def text(self) -> str:
        """The text as it goes over the wire: HTML-escaped, and cut where it is a repost or a long post."""
        return html.escape(_cut(self), quote=False)

    @property
    def full_text(self) -> str:
        """All that the author wrote, which rules look at."""
        return self.draft.note or self.draft.text


def _cut(post: Post) -> str:
    draft = post.draft
    if draft.retweet_of is not None:
        whole = f"RT @{post.others[0].author.handle}: {post.others[0].full_text}"
        return whole if len(whole) <= _REPOST_CHARS else whole[: _REPOST_CHARS - 1] + "…"
    if draft.note is not None and not draft.text:
        return draft.note[:_CUT_CHARS] + "…"
    return draft.text


class PostBook:
    """All accounts and posts, ids rising with time as X's do."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._accounts: dict[str, Account] = {}
        self._posts: dict[int, Post] = {}
        self._newest = 0

    def account(self, handle: str, **profile: str | int | None) -> Account:
        """Open or change the account of a handle; what is None keeps its value."""
        known = self._accounts.get(handle) or Account(id=1_000_000 + len(self._accounts), handle=handle, name=handle)
        given = {key: value for key, value in profile.items() if value is not None}
        self._accounts[handle] = replace(known, **given)  # type: ignore[arg-type]  # keys are those of post()
        return self._accounts[handle]

    def publish(self, author: Account, draft: Draft, at: datetime | None) -> Post:
        """Keep a new post under a new id: the newest of all, unless ``at`` places it in the past."""
        when = at or self._clock()
        native_id = self._new_id(when, rising=at is None)
        history = (*self._history(draft.edit_of), native_id)
        parent = self._posts.get(draft.reply_to or draft.edit_of or 0)
        others = tuple(self._posts[other] for _, other in draft.references() if other in self._posts)
        conversation = parent.conversation if parent else native_id
        post = Post(native_id, author, draft, when, history, conversation, others)
        self._posts[native_id] = post
        for earlier in history[:-1]:
            if earlier in self._posts:
                self._posts[earlier] = replace(self._posts[earlier], history=history)
        return post

    def delete(self, native_id: int) -> None:
        """Forget a post as X does when its author deletes it."""
        del self._posts[native_id]

    def find(self, native_id: int) -> Post | None:
        """The post of an id, if it is still there."""
        return self._posts.get(native_id)

    def newest_first(self) -> Iterator[Post]:
        """All posts, newest first."""
        return iter(sorted(self._posts.values(), key=lambda post: post.id, reverse=True))

    def _history(self, edit_of: int | None) -> tuple[int, ...]:
        if edit_of is None:
            return ()
        earlier = self._posts.get(edit_of)
        return earlier.history if earlier else (edit_of,)

    def _new_id(self, when: datetime, *, rising: bool) -> int:
        native_id = snowflake(when)
        if rising:
            native_id = max(native_id, self._newest + 1)
        while native_id in self._posts:
            native_id += 1
        self._newest = max(self._newest, native_id)
        return native_id
