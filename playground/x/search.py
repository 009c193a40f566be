"""Recent search and lookups: ``GET /2/tweets/search/recent`` and ``GET /2/tweets``."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from playground.x.posts import Post, PostBook, snowflake
from playground.x.problems import PROBLEMS, check_parameters
from playground.x.query import Query, QueryError
from playground.x.wire import Asked, Json, ParameterError, includes, post_object

_FIELDS = frozenset({"tweet.fields", "post.fields", "user.fields", "media.fields", "place.fields", "poll.fields"})
SEARCH_PARAMETERS = _FIELDS | frozenset(
    {"query", "since_id", "until_id", "start_time", "end_time", "max_results", "next_token", "expansions", "sort_order"}
)
LOOKUP_PARAMETERS = _FIELDS | {"ids", "expansions"}
STREAM_PARAMETERS = _FIELDS | {"expansions", "backfill_minutes"}
_WINDOW = timedelta(days=7)
_MAX_CHARS = 512
_MAX_IDS = 100


class Search:
    """Finds posts of the last seven days, newest first and without reposts, as X's recent search does."""

    def __init__(self, book: PostBook, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self.lag = timedelta(0)
        """How far behind now the index is; X's own is 30 seconds."""

    def page(self, query: Mapping[str, str], *, renamed: bool = False) -> Json:
        """The answer to one request. Raises ParameterError where X answers 400."""
        check_parameters(query, SEARCH_PARAMETERS)
        asked = Asked.of(query, renamed=renamed)
        compiled = _compiled(query.get("query", ""))
        size = _size(query.get("max_results", "10"))
        low, high = self._bounds(query)
        found = [post for post in self._book.newest_first() if low < post.id < high and _wanted(post, compiled)]
        start = _offset(query.get("next_token"))
        return _page(found[start : start + size], asked, start + size if len(found) > start + size else None)

    def _bounds(self, query: Mapping[str, str]) -> tuple[int, int]:
        now = self._clock()
        oldest = now - _WINDOW
        start = _time(query, "start_time", oldest)
        end = _time(query, "end_time", now - self.lag)
        if start < oldest:
            raise ParameterError("start_time", query["start_time"], "Invalid 'start_time': it must be within 7 days")
        low = snowflake(start) - 1
        if since := query.get("since_id"):
            low = _number("since_id", since)
            if low < snowflake(oldest):
                message = f"'since_id' must be a tweet id created after {oldest:%Y-%m-%dT%H:%MZ}."
                raise ParameterError("since_id", since, f"{message} Please use a larger 'since_id'")
        high = _number("until_id", query["until_id"]) if "until_id" in query else snowflake(end)
        return low, high


def lookup(book: PostBook, query: Mapping[str, str], *, renamed: bool = False) -> Json:
    """The answer to a lookup: the posts that exist, and an error for each that does not."""
    check_parameters(query, LOOKUP_PARAMETERS)
    asked = Asked.of(query, renamed=renamed)
    ids = [_number("ids", one) for one in query.get("ids", "").split(",") if one]
    if not 0 < len(ids) <= _MAX_IDS:
        raise ParameterError("ids", query.get("ids", ""), f"The number of `ids` must be between 1 and {_MAX_IDS}")
    found = {native_id: book.find(native_id) for native_id in ids}
    posts = [post for post in found.values() if post is not None]
    answer: Json = {"data": [post_object(post, asked) for post in posts]} if posts else {}
    if extra := includes(posts, asked):
        answer["includes"] = extra
    errors = [not_found(native_id, "ids") for native_id, post in found.items() if post is None]
    return answer | ({"errors": errors} if errors else {})


def not_found(native_id: int, parameter: str) -> Json:
    """The error that stands for a post that is gone."""
    return {
        "value": str(native_id),
        "detail": f"Could not find tweet with {parameter}: [{native_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": str(native_id),
        "type": PROBLEMS + "resource-not-found",
    }


def _wanted(post: Post, query: Query) -> bool:
    return post.draft.retweet_of is None and query.matches(post)


def _page(posts: list[Post], asked: Asked, following: int | None) -> Json:
    if not posts:
        return {"meta": {"result_count": 0}}
    answer: Json = {"data": [post_object(post, asked) for post in posts]}
    if extra := includes(posts, asked):
        answer["includes"] = extra
    meta: Json = {"newest_id": str(posts[0].id), "oldest_id": str(posts[-1].id), "result_count": len(posts)}
    if following is not None:
        meta["next_token"] = f"b26v89c19zqg8o3f{following:029d}"
    return answer | {"meta": meta}


def _compiled(value: str) -> Query:
    try:
        return Query(value, limit=_MAX_CHARS, stream=False)
    except QueryError as error:
        raise ParameterError("query", value, str(error)) from error


def _size(value: str) -> int:
    size = _number("max_results", value)
    if not 10 <= size <= 100:
        raise ParameterError(
            "max_results", value, f"The `max_results` query parameter value [{value}] is not between 10 and 100"
        )
    return size


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ParameterError(name, value, f"The `{name}` query parameter value [{value}] is not valid")
    return int(value)


def _offset(token: str | None) -> int:
    return int(token[16:]) if token else 0


def _time(query: Mapping[str, str], name: str, default: datetime) -> datetime:
    if name not in query:
        return default
    try:
        return datetime.fromisoformat(query[name]).astimezone(UTC)
    except ValueError as error:
        raise ParameterError(
            name, query[name], f"The `{name}` query parameter value is not a valid RFC 3339 time"
        ) from error
