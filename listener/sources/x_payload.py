"""Turns X's v2 payloads into posts, in the old and in the new spelling of the renamed fields."""

import html
from datetime import UTC, datetime
from typing import Any

import msgspec

from listener.post import Author, Post, Reach, Removal, Unreadable

_EPOCH_MS = 1_288_834_974_657
_SEQUENCE_BITS = 22
_DISCONNECTS = frozenset({"ConnectionException", "operational-disconnect", "client-disconnected"})
_MAX_RAW = 64 * 1024
"""Bytes of an unreadable line that are kept."""
_MAX_ID = 2**63
_ID_DIGITS = 20  # one more than any id has: Python refuses to read some thousands
_NO_REACH = Reach()
_Relations = tuple[str | None, str | None, str | None]
_UNRELATED: _Relations = (None, None, None)
_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


class Notice(msgspec.Struct, frozen=True):
    """A message of X about the stream itself. ``ends`` says that X gives up this connection."""

    title: str
    issue: str | None = None
    ends: bool = False


class _Metrics(msgspec.Struct):
    like_count: int = 0
    reply_count: int = 0
    retweet_count: int = 0
    repost_count: int = 0
    followers_count: int | None = None


class _User(msgspec.Struct):
    id: str
    username: str
    name: str | None = None
    description: str | None = None
    location: str | None = None
    public_metrics: _Metrics | None = None


class _Reference(msgspec.Struct):
    type: str
    id: str


class _Note(msgspec.Struct):
    text: str


class _Tweet(msgspec.Struct):
    id: str
    text: str
    author_id: str | None = None
    created_at: datetime | None = None
    lang: str | None = None
    public_metrics: _Metrics | None = None
    referenced_tweets: list[_Reference] | None = None
    referenced_posts: list[_Reference] | None = None
    edit_history_tweet_ids: list[str] | None = None
    edit_history_post_ids: list[str] | None = None
    note_tweet: _Note | None = None
    note_post: _Note | None = None

    def full_text(self) -> str:
        """The whole text: ``text`` is cut in a long post. X escapes ``&``, ``<`` and ``>`` in it, and nowhere else."""
        note = self.note_tweet or self.note_post
        return html.unescape(note.text if note else self.text)


class _Includes(msgspec.Struct):
    users: list[_User] = []
    tweets: list[_Tweet] = []
    posts: list[_Tweet] = []

    def user(self, user_id: str) -> _User | None:
        """An account that came along; there are few, so looking through them is faster than a table of them."""
        for user in self.users:
            if user.id == user_id:
                return user
        return None

    def texts(self, native_ids: list[str]) -> list[str]:
        """The whole texts of those of these posts that came along, in the order of the ids."""
        known = {post.id: post for post in (*self.tweets, *self.posts)}
        return [known[native_id].full_text() for native_id in native_ids if native_id in known]


_NOTHING = _Includes()


class _Problem(msgspec.Struct):
    title: str | None = None
    type: str | None = None
    connection_issue: str | None = None
    resource_id: str | None = None
    parameter: str | None = None


class _Line(msgspec.Struct):
    data: _Tweet | None = None
    includes: _Includes | None = None
    errors: list[_Problem] = []
    title: str | None = None
    connection_issue: str | None = None


class _Meta(msgspec.Struct):
    next_token: str | None = None


class _Page(msgspec.Struct):
    data: list[Any] = []
    includes: _Includes | None = None
    errors: list[_Problem] = []
    meta: _Meta | None = None


class Page(msgspec.Struct, frozen=True):
    """One page of an answer: its posts, the ids that X says are gone, and the token of the next page."""

    events: list[Post | Unreadable]
    removals: list[Removal]
    next_token: str | None


_decode_line = msgspec.json.Decoder(_Line).decode


def snowflake(at: datetime) -> int:
    """The smallest id that X can have given to a post of this instant."""
    return max(1, (int(at.timestamp() * 1000) - _EPOCH_MS) << _SEQUENCE_BITS)


def instant(native_id: int) -> datetime:
    """The UTC time at which X issued an id, to the millisecond."""
    return datetime.fromtimestamp(((native_id >> _SEQUENCE_BITS) + _EPOCH_MS) / 1000, UTC)


def read_line(raw: bytes) -> Post | Unreadable | Notice:
    """Read one line of the filtered stream; whatever it holds, nothing is raised."""
    try:
        line = _decode_line(raw)
        if line.data is not None:
            return _post(line.data, line.includes or _NOTHING)
    except _UNREADABLE as error:
        return _unreadable(raw, error)
    problem = line.errors[0] if line.errors else _Problem(line.title, None, line.connection_issue)
    title = line.title or problem.title
    if title is None:
        return Unreadable("a message of a kind that X has not documented", raw[:_MAX_RAW])
    return Notice(title, line.connection_issue or problem.connection_issue, title in _DISCONNECTS)


def read_page(body: Any) -> Page:
    """Read an answer of search or lookup; a post that cannot be read leaves the others readable.

    Raises ValueError when the answer as a whole has another shape.
    """
    page = msgspec.convert(body, _Page)
    shown = page.includes or _NOTHING
    gone = [one.resource_id for one in page.errors if one.parameter == "ids" and one.resource_id]
    return Page(
        events=[_item(item, shown) for item in page.data],
        removals=[Removal(native_id) for native_id in gone],
        next_token=page.meta.next_token if page.meta else None,
    )


def _item(item: Any, shown: _Includes) -> Post | Unreadable:
    try:
        return _post(msgspec.convert(item, _Tweet), shown)
    except _UNREADABLE as error:
        return _unreadable(msgspec.json.encode(item), error)


def _post(tweet: _Tweet, shown: _Includes) -> Post:
    number = _number(tweet.id)
    if not number:
        raise ValueError("its id is no id of X")
    author = _author(tweet.author_id, shown)
    metrics = tweet.public_metrics
    references = tweet.referenced_tweets or tweet.referenced_posts
    reply_to, context, repost_of = _relations(references, shown) if references else _UNRELATED
    return Post(
        native_id=tweet.id,
        author=author,
        text=tweet.full_text(),
        posted_at=(tweet.created_at or instant(number)).astimezone(UTC),
        url=f"https://x.com/{author.handle if author.name is not None else 'i'}/status/{tweet.id}",
        lang=tweet.lang,
        reach=_reach(metrics) if metrics else _NO_REACH,
        reply_to=reply_to,
        context=context,
        repost_of=repost_of,
        edit_of=_earlier(tweet, number),
    )


def _relations(references: list[_Reference], shown: _Includes) -> _Relations:
    """The post that is answered, the texts of those that are answered, quoted or repeated, and the one repeated."""
    answered, quoted, reposted = (
        [one.id for one in references if one.type in types]
        for types in (("replied_to",), ("quoted",), ("retweeted", "reposted"))
    )
    context = "\n".join(shown.texts([*answered, *quoted, *reposted])) or None
    return answered[0] if answered else None, context, reposted[0] if reposted else None


def _reach(metrics: _Metrics) -> Reach:
    return Reach(metrics.like_count, metrics.retweet_count or metrics.repost_count, metrics.reply_count)


def _author(author_id: str | None, shown: _Includes) -> Author:
    """Who posted; an account that X withholds gets a handle that no account can have."""
    user = shown.user(author_id) if author_id else None
    if user is None:
        return Author(handle=f"id:{author_id or 'unknown'}", author_id=author_id)
    return Author(
        handle=user.username,
        author_id=user.id,
        name=user.name or user.username,
        bio=user.description or None,
        location=user.location or None,
        followers=user.public_metrics.followers_count if user.public_metrics else None,
    )


def _earlier(tweet: _Tweet, number: int) -> tuple[str, ...]:
    """The ids before this one in its history, which also names later edits once there are some."""
    history = tweet.edit_history_tweet_ids or tweet.edit_history_post_ids
    if not history or history == [tweet.id]:
        return ()
    return tuple(native_id for native_id in history if 0 < _number(native_id) < number)


def _number(native_id: str) -> int:
    """The number that an id of X is, or 0 for what is none."""
    if not (native_id.isascii() and native_id.isdigit()):
        return 0
    number = int(native_id[:_ID_DIGITS])
    return number if number < _MAX_ID else 0


def _unreadable(raw: bytes, error: Exception) -> Unreadable:
    return Unreadable(f"not a post of X: {error}", raw[:_MAX_RAW], native_id=_native_id(raw))


def _native_id(raw: bytes) -> str | None:
    try:
        body = msgspec.json.decode(raw)
    except _UNREADABLE:
        return None
    data = body.get("data", body) if isinstance(body, dict) else None
    native_id = data.get("id") if isinstance(data, dict) else None
    return native_id if isinstance(native_id, str) else None
