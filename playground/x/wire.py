"""How the loopback X writes posts and accounts, field by field as asked for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playground.x.posts import Account, Post

Json = dict[str, Any]

POST_FIELDS = frozenset(
    {
        "attachments",
        "author_id",
        "context_annotations",
        "conversation_id",
        "created_at",
        "edit_controls",
        "edit_history_tweet_ids",
        "entities",
        "geo",
        "id",
        "in_reply_to_user_id",
        "lang",
        "note_tweet",
        "possibly_sensitive",
        "public_metrics",
        "referenced_tweets",
        "reply_settings",
        "source",
        "text",
        "withheld",
    }
)
USER_FIELDS = frozenset(
    {
        "created_at",
        "description",
        "entities",
        "id",
        "location",
        "name",
        "pinned_tweet_id",
        "profile_image_url",
        "protected",
        "public_metrics",
        "url",
        "username",
        "verified",
        "verified_type",
        "withheld",
    }
)
EXPANSIONS = frozenset(
    {
        "attachments.media_keys",
        "attachments.poll_ids",
        "author_id",
        "edit_history_tweet_ids",
        "entities.mentions.username",
        "geo.place_id",
        "in_reply_to_user_id",
        "referenced_tweets.id",
        "referenced_tweets.id.author_id",
    }
)
_RENAMED = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "retweet_count": "repost_count",
    "tweets": "posts",
}
_OLD = {new: old for old, new in _RENAMED.items()}


class ParameterError(ValueError):
    """A query parameter, or a value of one, that X does not know."""

    def __init__(self, name: str, value: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.value = value


@dataclass(frozen=True)
class Asked:
    """Which fields and expansions a request asked for, and in which spelling it is answered."""

    post: frozenset[str]
    user: frozenset[str]
    expansions: frozenset[str]
    renamed: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str], *, renamed: bool = False) -> "Asked":
        """Read the request's parameters. Raises ParameterError for a field that X does not have."""
        post = "post.fields" if "post.fields" in query else "tweet.fields"
        return cls(
            post=_listed(query, post, POST_FIELDS),
            user=_listed(query, "user.fields", USER_FIELDS),
            expansions=_listed(query, "expansions", EXPANSIONS),
            renamed=renamed,
        )


def _listed(query: Mapping[str, str], name: str, known: frozenset[str]) -> frozenset[str]:
    values = [value for value in query.get(name, "").split(",") if value]
    old = [".".join(_OLD.get(part, part) for part in value.split(".")) for value in values]
    for value in old:
        if value not in known:
            message = f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(known))}]"
            raise ParameterError(name, value, message)
    return frozenset(old)


def stamp(at: datetime) -> str:
    """A time as X writes it: UTC, to the millisecond."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def post_object(post: Post, asked: Asked) -> Json:
    """One post as ``data`` or ``includes`` shows it: three fields always, the others when asked for."""
    every: Json = {
        "id": str(post.id),
        "text": post.text,
        "edit_history_tweet_ids": [str(native_id) for native_id in post.history],
    }
    wanted = asked.post | {name.split(".")[0] for name in asked.expansions}
    every.update({name: value for name, value in _optional(post).items() if name in wanted})
    return _spelt(every, asked)


def _optional(post: Post) -> Json:
    optional: Json = {
        "author_id": str(post.author.id),
        "conversation_id": str(post.conversation),
        "created_at": stamp(post.at),
        "lang": post.draft.lang,
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {
            "retweet_count": post.draft.reposts,
            "reply_count": post.draft.replies,
            "like_count": post.draft.likes,
            "quote_count": 0,
        },
    }
    if references := post.draft.references():
        optional["referenced_tweets"] = [{"type": kind, "id": str(native_id)} for kind, native_id in references]
    if parent := next((other for other in post.others if other.id == post.draft.reply_to), None):
        optional["in_reply_to_user_id"] = str(parent.author.id)
    if entities := _entities(post.text):
        optional["entities"] = entities
    if post.draft.note is not None:
        optional["note_tweet"] = {
            "text": post.draft.note.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        }
    return optional


def _entities(text: str) -> Json:
    entities: Json = {}
    for name, key, pattern in (("mentions", "username", r"(?<!\w)@(\w{1,15})"), ("hashtags", "tag", r"(?<!\w)#(\w+)")):
        found = [{"start": hit.start(), "end": hit.end(), key: hit[1]} for hit in re.finditer(pattern, text)]
        if found:
            entities[name] = found
    return entities


def user_object(account: Account, asked: Asked) -> Json:
    """One account as ``includes.users`` shows it; an empty place is left out, as X does."""
    optional: Json = {
        "created_at": stamp(account.created_at),
        "description": account.bio,
        "protected": False,
        "verified": False,
        "url": "",
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{account.id}/normal.jpg",
        "public_metrics": {
            "followers_count": account.followers,
            "following_count": 0,
            "tweet_count": 0,
            "listed_count": 0,
        },
    }
    if account.location:
        optional["location"] = account.location
    user: Json = {"id": str(account.id), "name": account.name, "username": account.handle}
    return user | {name: value for name, value in optional.items() if name in asked.user}


def includes(posts: Iterable[Post], asked: Asked) -> Json:
    """What the expansions asked for add to an answer: authors, and the posts referred to with their authors."""
    shown = list(posts)
    referred = [other for post in shown for other in post.others] if "referenced_tweets.id" in asked.expansions else []
    users: dict[int, Account] = {}
    if "author_id" in asked.expansions:
        users.update((post.author.id, post.author) for post in shown)
    if "referenced_tweets.id.author_id" in asked.expansions:
        users.update((other.author.id, other.author) for post in shown for other in post.others)
    answer: Json = {}
    if users:
        answer["users"] = [user_object(account, asked) for account in users.values()]
    if referred:
        answer["tweets"] = [post_object(other, asked) for other in {other.id: other for other in referred}.values()]
    return _spelt(answer, asked)


def _spelt(value: Json, asked: Asked) -> Json:
    renamed: Json = _rename(value) if asked.renamed else value
    return renamed


def _rename(value: Any) -> Any:
    if isinstance(value, dict):
        return {_RENAMED.get(key, key): _rename(part) for key, part in value.items()}
    return [_rename(part) for part in value] if isinstance(value, list) else value
