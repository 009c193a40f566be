"""Reddit on a loopback port: tokens, listings, search, info and accounts, with faults on command."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Self

from aiohttp import web

from playground.reddit import listing
from playground.reddit.access import RateLimit, Tokens
from playground.reddit.archive import Archive
from playground.reddit.faults import Drop, Faults, Hang, Refusal
from playground.reddit.log import Asked, RequestLog
from playground.reddit.things import Data, Thing, account_data
from playground.reddit.tricks import Tricks

_KINDS = {"comments": "t1", "new": "t3"}
_EXPIRED = {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'}


class LoopbackReddit:
    """Serves an invented Reddit at ``base_url`` on 127.0.0.1, for as long as the context lasts."""

    def __init__(
        self,
        *,
        client_id: str = "loopback",
        client_secret: str = "loopback-secret",  # noqa: S107 - invented, and good for this process alone
        token_lifetime: float = 86400,
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.base_url = ""
        self.log = RequestLog()
        self._archive = Archive()
        self._faults = Faults()
        self._tokens = Tokens(client_id, client_secret, token_lifetime)
        self._limit = RateLimit()
        self._tricks = Tricks()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/v1/access_token", self._token)
        for place, path in {
            "comments": "/r/{subs}/comments{slash:/?}",
            "new": "/r/{subs}/new{slash:/?}",
            "search": "/r/{subs}/search{slash:/?}",
            "info": "/api/info{slash:/?}",
            "search-all": "/search{slash:/?}",
            "about": "/user/{name}/about{slash:/?}",
        }.items():
            app.router.add_get(path, self._api, name=place)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._faults.release()
        if self._runner is not None:
            await self._runner.cleanup()

    # What happens on Reddit

    def submit(
        self,
        *,
        title: str,
        text: str = "",
        author: str = "someone",
        subreddit: str = "acme",
        at: datetime | float | None = None,
        score: int = 1,
        replies: int = 0,
    ) -> str:
        """Publish a submission and give its fullname; ``at`` is its time, now unless given."""
        thing = self._archive.submit(title, text, author, subreddit, _seconds(at), score, replies)
        return thing.fullname

    def comment(
        self,
        *,
        text: str,
        author: str = "someone",
        subreddit: str = "acme",
        at: datetime | float | None = None,
        link_title: str = "A thread",
        parent: str | None = None,
        score: int = 1,
    ) -> str:
        """Publish a comment, under the submission of that title, and give its fullname."""
        return self._archive.comment(text, author, subreddit, _seconds(at), link_title, parent, score).fullname

    def delete(self, fullname: str) -> None:
        """Let its author delete a comment or submission."""
        self._archive.blank(fullname, "[deleted]", "[deleted]")

    def remove(self, fullname: str) -> None:
        """Let a moderator remove a comment or submission: the author stays named, the text goes."""
        self._archive.blank(fullname, None, "[removed]")

    def close_account(self, handle: str) -> None:
        """Let an account be deleted: its comments and submissions stay, under no name."""
        self._archive.disown(handle)

    def vanish(self, fullname: str) -> None:
        """Let a comment or submission be unknown to every endpoint."""
        self._archive.forget(fullname)

    def edit(self, fullname: str, text: str, at: datetime | float | None = None) -> None:
        """Change the text of a comment or submission; nothing streams it."""
        self._archive.edit(fullname, text, _seconds(at))

    def describe(self, handle: str, bio: str) -> None:
        """Give an account a public description."""
        self._archive.bios[handle.lower()] = bio

    def corrupt(self, fullname: str, **fields: object) -> None:
        """Send these fields of a thing wrongly from now on."""
        self._archive.things[fullname].data.update(fields)

    # What goes wrong

    def expire_token(self) -> None:
        """Let every token given so far be refused with 401."""
        self._tokens.expire()

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        token: bool = False,
    ) -> None:
        """Answer the next requests (or requests for a token) with this status, headers and body."""
        self._faults.plan(Refusal(status, headers or {}, body), times, token=token)

    def drop(self, *, times: int = 1, token: bool = False) -> None:
        """Cut the connection of the next requests without an answer."""
        self._faults.plan(Drop(), times, token=token)

    def hang(self, *, times: int = 1, token: bool = False) -> None:
        """Leave the next requests without an answer until ``release``."""
        self._faults.plan(Hang(), times, token=token)

    def release(self) -> None:
        """Answer what hangs."""
        self._faults.release()

    def rate_limit(self, *, remaining: int, reset: int) -> None:
        """Announce in the next answer how many requests remain for how many seconds."""
        self._limit.announced = (remaining, reset)

    def stale_page(self, *, back: int = 50, place: str = "comments") -> None:
        """Answer the next listing at ``comments`` or ``new`` as it stood before its newest ``back`` items came."""
        self._tricks.stale(_KINDS[place], back)

    def resurface(self, fullname: str) -> None:
        """Put an old submission on top of its listing once more, with its old time (praw issue 2090)."""
        self._tricks.resurface(fullname)

    def delete_next_anchor(self) -> None:
        """Delete the next item that a client names in ``after``, just before answering."""
        self._tricks.lose_anchor()

    # What it answers

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        await self.log.add(Asked("token", request.path, {"grant_type": str(form.get("grant_type"))}))
        if faulty := await self._faults.strike(request, token=True):
            return faulty
        if not self._tokens.knows(request.headers.get("Authorization")):
            return web.json_response({"message": "Unauthorized", "error": 401}, status=401)
        return web.json_response(self._tokens.grant(form))

    async def _api(self, request: web.Request) -> web.Response:
        place = (request.match_info.route.name or "").removesuffix("-all")
        await self.log.add(Asked(place, request.path, dict(request.query)))
        if faulty := await self._faults.strike(request, token=False):
            return faulty
        if not self._tokens.valid(request.headers.get("Authorization")):
            return web.json_response({"message": "Unauthorized", "error": 401}, status=401, headers=_EXPIRED)
        body = self._answer(place, request)
        status = 200 if body else 404
        body = body or {"message": "Not Found", "error": 404}
        return web.json_response(body, status=status, headers=self._limit.headers())

    def _answer(self, place: str, request: web.Request) -> Data | None:
        raw = request.query.get("raw_json") == "1"
        if place == "about":
            return self._about(request.match_info["name"])
        if place == "info":
            return listing.wire(self._archive.named(request.query.get("id", "").split(",")), None, raw=raw)
        if place == "search":
            found = self._archive.search(request.query.get("q", ""), request.match_info.get("subs", "all"))
            return self._page(found, request, raw=raw)
        return self._page(self._shown(_KINDS[place], request.match_info["subs"]), request, raw=raw)

    def _page(self, shown: list[Thing], request: web.Request, *, raw: bool) -> Data:
        query = request.query
        if query.get("after") and self._tricks.takes_anchor():
            self._archive.blank(query["after"], "[deleted]", "[deleted]")
            shown = [thing for thing in shown if not thing.removed]
        page, after = listing.cut(
            shown,
            before=query.get("before"),
            after=query.get("after"),
            limit=listing.page_size(query.get("limit")),
        )
        return listing.wire(page, after, raw=raw)

    def _shown(self, kind: str, subs: str) -> list[Thing]:
        shown = listing.newest(self._archive.things.values(), kind, self._archive.subreddits(subs))
        return self._tricks.play(kind, shown)

    def _about(self, handle: str) -> Data | None:
        if not self._archive.is_author(handle):
            return None
        return account_data(handle, bio=self._archive.bios.get(handle.lower(), ""), created=1500000000.0)


def _seconds(at: datetime | float | None) -> float:
    if isinstance(at, datetime):
        return float(int(at.timestamp()))
    return float(int(time.time() if at is None else at))
