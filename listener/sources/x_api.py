"""X's rules, recent search and lookups, asked by tweepy at a host of our choice."""

import json
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import aiohttp
import msgspec
import tweepy
from tweepy.asynchronous import AsyncClient, AsyncStreamingClient

from listener.source import SourceError
from listener.sources.x_pace import Clock
from listener.sources.x_payload import Page, read_page
from listener.sources.x_refusal import Refusal, RefusedError
from listener.sources.x_rules import TAG_PREFIX, Rule, XQuery

TWEEPY_HOST = "https://api.twitter.com"
POST_FIELDS = ["author_id", "created_at", "edit_history_tweet_ids", "lang", "note_tweet", "public_metrics"]
POST_FIELDS += ["referenced_tweets"]
USER_FIELDS = ["description", "location", "name", "public_metrics", "username"]
EXPANSIONS = ["author_id", "referenced_tweets.id"]
"""Each account costs a read: the authors of answered and quoted posts are left out on purpose."""
_PAGE = 100
_RULES_AT_ONCE = 100
_RETRY_S = 60.0
"""How long to wait where X limits requests and does not say for how long."""


class XApi:
    """The endpoints of X that are asked and answer once. Every failure is a SourceError that says whether to retry.

    tweepy knows one host only, waits for rate limits in a way that can spin, and raises aiohttp's own errors for an
    HTML body. So it gets a session that rewrites the host, and no permission to wait. The bearer token is added here:
    tweepy would write it into its debug log.
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str, bearer: str, clock: Clock) -> None:
        self._clock = clock
        rebased = _Rebased(session, base_url, bearer)
        self._streaming = AsyncStreamingClient("", return_type=dict, wait_on_rate_limit=False)
        self._streaming.session = rebased
        self._rest = AsyncClient("", return_type=dict, wait_on_rate_limit=False)
        self._rest.session = rebased

    async def rules(self) -> list[Rule]:
        """All rules of the app, other programs' too."""
        answer = await self._answer("the list of rules", self._streaming.get_rules())
        return [Rule(str(rule["id"]), rule["value"], rule.get("tag")) for rule in answer.get("data") or []]

    async def add_rules(self, queries: Sequence[XQuery]) -> None:
        """Add rules; one whose value X already has is fine. Raises a permanent SourceError naming a refused rule."""
        for start in range(0, len(queries), _RULES_AT_ONCE):
            some = queries[start : start + _RULES_AT_ONCE]
            added = [tweepy.StreamRule(value=query.value, tag=TAG_PREFIX + query.tag) for query in some]
            answer = await self._answer("new rules", self._streaming.add_rules(added))
            refused = [error for error in answer.get("errors") or [] if error.get("title") != "DuplicateRule"]
            if refused:
                raise _rule_refused(refused[0], some)

    async def delete_rules(self, rules: Sequence[Rule]) -> None:
        """Delete rules by id."""
        for start in range(0, len(rules), _RULES_AT_ONCE):
            ids = [rule.id for rule in rules[start : start + _RULES_AT_ONCE]]
            await self._answer("deleting rules", self._streaming.delete_rules(ids))

    async def search(self, query: str, *, since_id: int, next_token: str | None = None) -> Page:
        """One page of posts that match and are newer than ``since_id``, newest first."""
        asked = self._rest.search_recent_tweets(
            query,
            since_id=str(since_id),
            next_token=next_token,
            max_results=_PAGE,
            tweet_fields=POST_FIELDS,
            user_fields=USER_FIELDS,
            expansions=EXPANSIONS,
        )
        return _page("recent search", await self._answer("recent search", asked))

    async def lookup(self, ids: Sequence[str]) -> Page:
        """The posts of up to 100 ids as they are now, and the ids that are gone."""
        asked = self._rest.get_tweets(
            list(ids), tweet_fields=POST_FIELDS, user_fields=USER_FIELDS, expansions=EXPANSIONS
        )
        return _page("a lookup", await self._answer("a lookup", asked))

    async def free_connections(self) -> None:
        """End every stream connection that the app holds."""
        response = await self._answer(
            "ending connections", self._rest.request("DELETE", "/2/connections/all"), reply=True
        )
        response.release()

    async def _answer(self, doing: str, asked: Awaitable[Any], *, reply: bool = False) -> Any:
        try:
            answer = await asked
        except RefusedError as error:
            raise self._error(doing, error.refusal) from error
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
            text = f"X could not be asked for {doing} ({type(error).__name__}): check the network and base_url"
            raise SourceError(text) from error
        if not reply and not isinstance(answer, dict):
            raise SourceError(f"X answered {doing} with something else than an object")
        return answer

    def _error(self, doing: str, refusal: Refusal) -> SourceError:
        if refusal.status != 429:
            return refusal.error(doing)
        wait = _RETRY_S if refusal.reset is None else refusal.reset - self._clock.now().timestamp() + 1.0
        return refusal.error(doing, retry_after=max(1.0, wait))


class _Rebased:
    """An aiohttp session that tweepy may use: it sends what is meant for X's old host to the configured one."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, bearer: str) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._authorization = f"Bearer {bearer}"

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send a request of tweepy's."""
        if not url.startswith(TWEEPY_HOST + "/"):
            raise SourceError(f"tweepy asked for another host than {TWEEPY_HOST}: report this version of tweepy")
        headers = {**options.pop("headers", {}), "Authorization": self._authorization}
        return self._session.request(method, self._base_url + url[len(TWEEPY_HOST) :], headers=headers, **options)


def _page(doing: str, answer: Mapping[str, Any]) -> Page:
    try:
        return read_page(answer)
    except msgspec.ValidationError as error:
        raise SourceError(f"X answered {doing} in a shape that is not known ({error})") from error


def _rule_refused(error: Mapping[str, Any], queries: Sequence[XQuery]) -> SourceError:
    tags = [query.tag for query in queries if query.value == error.get("value")]
    details = "; ".join(error.get("details") or [error.get("detail") or error.get("title") or "no reason given"])
    where = f"rule {tags[0]}" if tags else "a rule"
    return SourceError(f"X refuses {where}: {details}. Correct its terms in the configuration", permanent=True)
