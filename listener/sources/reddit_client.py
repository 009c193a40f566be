"""asyncpraw, wrapped so that each failure says whether trying again helps, and when.

asyncpraw's own stream loses items without a word: a deleted anchor, an idle poll with a shrunken limit, one error.
So only its requests, its tokens and its rate limiter are used.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec
from asyncpraw import Reddit
from asyncpraw.exceptions import AsyncPRAWException
from asyncprawcore import Requestor
from asyncprawcore.exceptions import (
    AsyncPrawcoreException,
    OAuthException,
    Redirect,
    RequestException,
    ResponseException,
)

from listener.source import SourceError
from listener.sources.reddit_config import RedditConfig
from listener.sources.reddit_payload import PLACEHOLDERS

_PAGE = 100
_LONGEST_WAIT = 3600.0
_NEXT_STEP = {
    400: "Reddit does not understand the request: check the names in subreddits",
    401: "Reddit refuses the credentials: check client_id and client_secret against your app at reddit.com/prefs/apps",
    403: "Reddit forbids it: remove private subreddits from subreddits, or apply for API access for this app under"
    " the Responsible Builder Policy",
    404: "Reddit knows no such subreddit: check the spelling in subreddits, and remove banned ones",
    414: "the list of subreddits is too long for one request: split it over two sources",
    451: "Reddit withholds it here for legal reasons: remove the subreddit from subreddits",
}


class _Requestor(Requestor):
    """Bounds every request in time, and keeps the status of an answer that asyncprawcore stumbles over.

    asyncprawcore reads its timeout from the environment; it raises KeyError for a 401 without ``WWW-Authenticate``
    and ValueError for a ``Retry-After`` that is a date, which then look like lost connections; and asyncpraw reads the
    body of a 400 only when the connection is gone.
    """

    @asynccontextmanager
    async def request(
        self,
        *args: Any,
        timeout: float | None = None,  # noqa: ARG002 - the caller's is the environment's; ours bounds token requests too
        **kwargs: Any,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        response: aiohttp.ClientResponse | None = None
        try:
            async with super().request(*args, timeout=self.timeout, **kwargs) as response:
                if response.status == 400:
                    raise ResponseException(response)
                yield response
        except RequestException as error:
            original = error.original_exception
            if response is None or isinstance(original, (aiohttp.ClientError, TimeoutError)):
                raise
            raise ResponseException(response) from error


class Page(msgspec.Struct, frozen=True):
    """One page of a listing: its raw children, newest first, and the anchor of the next page."""

    children: list[Any]
    after: str | None


class RedditClient:
    """One credential's ``asyncpraw.Reddit``: the rate limiter lives in that object, so there is one a credential."""

    def __init__(self, config: RedditConfig) -> None:
        # Each setting is given, even as None: a praw.ini or a praw_* variable lying around would fill the rest in.
        self._reddit = Reddit(
            "DEFAULT",
            requestor_class=_Requestor,
            requestor_kwargs={"timeout": config.request_timeout.total_seconds()},
            client_id=config.client_id.get_secret_value(),
            client_secret=config.client_secret.get_secret_value(),
            user_agent=config.user_agent,
            reddit_url=config.base_url.rstrip("/"),
            oauth_url=config.oauth_url.rstrip("/") + "/",
            check_for_updates=False,
            username=None,
            password=None,
            refresh_token=None,
            redirect_uri=None,
        )

    async def page(self, path: str, after: str | None) -> Page:
        """Read one page of up to 100 items; raises SourceError."""
        params: dict[str, str | int] = {"limit": _PAGE} | ({"after": after} if after else {})
        with _told(path):
            answer = await self._reddit.request(method="GET", path=path, params=params)
        try:
            return msgspec.convert(answer["data"], Page) if answer["kind"] == "Listing" else _no_listing(path)
        except (KeyError, TypeError, msgspec.ValidationError):
            return _no_listing(path)

    async def gone(self, fullnames: Sequence[str]) -> list[str]:
        """Give those fullnames that Reddit no longer shows, asking for 100 at a time; raises SourceError."""
        shown = set()
        with _told("api/info"):
            async for thing in self._reddit.info(fullnames=fullnames):
                if _stands(thing):
                    shown.add(thing.fullname)
        return [fullname for fullname in fullnames if fullname not in shown]

    async def texts(self, fullnames: Sequence[str]) -> dict[str, str]:
        """Give the texts of those comments that Reddit still shows, asking for 100 at a time; raises SourceError."""
        with _told("api/info"):
            things = [thing async for thing in self._reddit.info(fullnames=fullnames)]
        return {thing.fullname: str(thing.body) for thing in things if _stands(thing) and getattr(thing, "body", None)}

    async def close(self) -> None:
        await self._reddit.close()


def _no_listing(path: str) -> Page:
    raise SourceError(f"Reddit answered {path} with something that is no listing")


def _stands(thing: Any) -> bool:
    text = getattr(thing, "body", None) or getattr(thing, "selftext", None)
    return (
        getattr(thing, "author", None) is not None
        and text not in PLACEHOLDERS
        and not getattr(thing, "removed_by_category", None)
    )


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what asyncpraw raises into a SourceError that names the next step."""
    try:
        yield
    except Redirect as error:
        raise SourceError(f"{path}: {_NEXT_STEP[404]}", permanent=True) from error
    except ResponseException as error:
        raise _answered(path, error.response) from error
    except RequestException as error:
        reason = str(error.original_exception) or type(error.original_exception).__name__
        raise SourceError(f"{path}: no usable answer from Reddit: {reason}") from error
    except OAuthException as error:
        raise SourceError(f"no token from Reddit ({error.error}): {_NEXT_STEP[401]}", permanent=True) from error
    except (AsyncPrawcoreException, AsyncPRAWException) as error:
        raise SourceError(f"{path}: {error}: {_NEXT_STEP[400]}", permanent=True) from error


def _answered(path: str, response: aiohttp.ClientResponse) -> SourceError:
    status = response.status
    if status in _NEXT_STEP:
        return SourceError(f"{path}: HTTP {status}: {_NEXT_STEP[status]}", permanent=True)
    return SourceError(f"{path}: Reddit answered HTTP {status}", retry_after=_wait_asked(response.headers))


def _wait_asked(headers: Any) -> float | None:
    """Give the seconds in ``Retry-After``: a number or a date (RFC 9110, 10.2.3), an hour at most."""
    asked = headers.get("Retry-After")
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


class RedditClients:
    """Lends one client to all sources with the same credential, and closes it once the last gave it back."""

    def __init__(self) -> None:
        self._lent: dict[tuple[str, ...], tuple[RedditClient, int]] = {}

    def lend(self, config: RedditConfig) -> RedditClient:
        client, users = self._lent.get(config.credential) or (RedditClient(config), 0)
        self._lent[config.credential] = (client, users + 1)
        return client

    async def give_back(self, config: RedditConfig) -> None:
        client, users = self._lent.pop(config.credential)
        if users > 1:
            self._lent[config.credential] = (client, users - 1)
        else:
            await client.close()
