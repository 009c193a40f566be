"""The loopback X: a server on 127.0.0.1 that speaks api.x.com's v2, with verbs to post and to misbehave."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from playground.x import problems
from playground.x.posts import Draft, Post
from playground.x.problems import Refusal
from playground.x.recording import raw_lines
from playground.x.service import CLOSED, OPENED, STREAM, Service
from playground.x.stream import NEWLINE, line
from playground.x.wire import Json


class LoopbackX:
    """An imitation of X for one app: ``async with LoopbackX(bearer="...") as x`` serves at ``x.base_url``.

    A post is streamed to open connections whose rules match it, and kept for search and lookups. Limits are requests
    in 15 minutes by method and path. Times come from ``clock``.
    """

    def __init__(
        self,
        *,
        bearer: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep_alive_s: float = 20.0,
        max_connections: int = 1,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self._service = Service(
            bearer=bearer,
            clock=clock,
            keep_alive_s=keep_alive_s,
            max_connections=max_connections,
            limits=limits or {},
        )
        self.rules = self._service.rules
        self.base_url = ""

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._service.application(), access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._service.close_streams()
        await self._runner.cleanup()

    # What happens on the platform

    def post(
        self,
        text: str = "",
        *,
        handle: str,
        name: str | None = None,
        bio: str | None = None,
        location: str | None = None,
        followers: int | None = None,
        lang: str = "en",
        note: str | None = None,
        edit_of: str | None = None,
        retweet_of: str | None = None,
        reply_to: str | None = None,
        quote_of: str | None = None,
        likes: int = 0,
        reposts: int = 0,
        replies: int = 0,
        at: datetime | None = None,
        streamed: bool = True,
    ) -> str:
        """Publish a post and stream it where a rule matches. Gives its id; ``streamed=False`` leaves it to search."""
        author = self._service.book.account(handle, name=name, bio=bio, location=location, followers=followers)
        draft = Draft(
            text=text,
            lang=lang,
            note=note,
            edit_of=_id(edit_of),
            retweet_of=_id(retweet_of),
            reply_to=_id(reply_to),
            quote_of=_id(quote_of),
            likes=likes,
            reposts=reposts,
            replies=replies,
        )
        post = self._service.book.publish(author, draft, at)
        if streamed:
            self._deliver(post)
        return str(post.id)

    def delete(self, native_id: str) -> None:
        """Delete a post: search and lookups no longer know it, and the stream says nothing, as X's does not."""
        self._service.book.delete(int(native_id))

    def repeat(self, native_id: str) -> None:
        """Stream a post once more, as X may."""
        post = self._service.book.find(int(native_id))
        if post is not None:
            self._deliver(post)

    def _deliver(self, post: Post) -> None:
        if rules := self.rules.matching(post):
            for connection in self._service.open:
                connection.send(line(post, rules, connection.asked) + NEWLINE)

    # Faults on command

    def drop_stream(self) -> None:
        """Close every open stream cleanly."""
        self._service.close_streams()

    def abort_stream(self) -> None:
        """Reset every open stream."""
        for connection in self._service.open:
            connection.abort()

    def stall(self) -> None:
        """Let the open streams send nothing more, not even keep-alives; later connections are well again."""
        for connection in self._service.open:
            connection.stall()

    def send_raw(self, raw: bytes) -> None:
        """Send bytes into the open streams as they are."""
        for connection in self._service.open:
            connection.send(raw)

    def disconnect_operationally(self) -> None:
        """Tell open streams that X disconnects them for its own reasons, then close them."""
        self.send_raw(json.dumps(problems.operational_disconnect()).encode() + NEWLINE)
        self.drop_stream()

    def truncate_line(self) -> None:
        """Send half of the newest post's line, and close cleanly in the middle of it."""
        newest = next(self._service.book.newest_first())
        for connection in self._service.open:
            whole = line(newest, self.rules.matching(newest), connection.asked)
            connection.send(whole[: len(whole) // 2])
            connection.close()

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | Json = "<html>refused</html>",
        path: str = STREAM,
    ) -> None:
        """Answer the next requests of a path with a status; the body is HTML unless it is a JSON object."""
        self._service.refusals.order(path, Refusal(status, times, dict(headers or {}), body))

    def too_many_connections(self, times: int = 1) -> None:
        """Say of the next stream requests that the app holds too many connections."""
        self.refuse(429, times=times, body=problems.too_many_connections())

    def rename_fields(self) -> None:
        """Answer in the new spelling from now on: posts instead of tweets, reposts instead of retweets."""
        self._service.renamed = True
        for connection in self._service.open:
            connection.asked = replace(connection.asked, renamed=True)

    def lag_search(self, seconds: float) -> None:
        """Keep posts younger than this out of search, as X's index does for 30 seconds."""
        self._service.search.lag = timedelta(seconds=seconds)

    def play(self, path: Path) -> int:
        """Send a recorded stream, line by line and as raw as it is. Gives the number of lines."""
        lines = list(raw_lines(path))
        for raw in lines:
            self.send_raw(raw + NEWLINE)
        return len(lines)

    # What a test can wait for

    async def connected(self, n: int = 1) -> None:
        """Wait until so many streams were opened since the start."""
        await self._service.tally.reach(OPENED, n)

    async def disconnected(self, n: int = 1) -> None:
        """Wait until so many streams have ended since the start."""
        await self._service.tally.reach(CLOSED, n)

    async def requests(self, path: str, n: int = 1) -> None:
        """Wait until so many requests of a path were made since the start."""
        await self._service.tally.reach(path, n)

    def count(self, path: str) -> int:
        """How many requests of a path were made."""
        return self._service.tally[path]

    def asked(self, path: str, method: str = "GET") -> list[dict[str, str]]:
        """The query parameters of every request of a path."""
        return [query for verb, where, query in self._service.asked if where == path and verb == method]

    @property
    def open_streams(self) -> int:
        """How many streams are open now."""
        return len(self._service.open)


def _id(native_id: str | None) -> int | None:
    return None if native_id is None else int(native_id)
