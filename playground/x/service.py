"""The endpoints of the loopback X, over its posts, rules and open streams."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiohttp import web

from playground.x import problems
from playground.x.posts import PostBook
from playground.x.problems import RateLimits, Refusals
from playground.x.rules import RuleBook
from playground.x.search import STREAM_PARAMETERS, Search, lookup
from playground.x.stream import Connection
from playground.x.tally import Tally
from playground.x.wire import Asked, Json, ParameterError

STREAM = "/2/tweets/search/stream"
RULES = "/2/tweets/search/stream/rules"
RECENT = "/2/tweets/search/recent"
LOOKUP = "/2/tweets"
CONNECTIONS = "/2/connections"
HEADERS: web.RequestKey[dict[str, str]] = web.RequestKey("headers", dict)
OPENED, CLOSED = "stream opened", "stream closed"
_LIMITS = {
    f"GET {STREAM}": 50,
    f"GET {RULES}": 450,
    f"POST {RULES}": 100,
    f"GET {RECENT}": 450,
    f"GET {LOOKUP}": 300,
    f"DELETE {CONNECTIONS}/all": 25,
}


class Service:
    """What answers the requests. Limits are requests in 15 minutes by method and path."""

    def __init__(
        self,
        *,
        bearer: str,
        clock: Callable[[], datetime],
        keep_alive_s: float,
        max_connections: int,
        limits: Mapping[str, int],
    ) -> None:
        self._bearer = bearer
        self._clock = clock
        self._keep_alive_s = keep_alive_s
        self._max_connections = max_connections
        self._limits = RateLimits(_LIMITS | dict(limits))
        self.refusals = Refusals()
        self.tally = Tally()
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.open: list[Connection] = []
        self.renamed = False
        self.book = PostBook(clock)
        self.search = Search(self.book, clock)
        self.rules = RuleBook(clock)

    def application(self) -> web.Application:
        """The application that serves them."""
        app = web.Application(middlewares=[self._gate])
        app.router.add_get(RULES, self._get_rules)
        app.router.add_post(RULES, self._post_rules)
        app.router.add_get(STREAM, self._stream)
        app.router.add_get(RECENT, self._recent)
        app.router.add_get(LOOKUP, self._lookup)
        app.router.add_get(CONNECTIONS, self._connections)
        app.router.add_delete(CONNECTIONS + "/all", self._kill_connections)
        return app

    def close_streams(self) -> None:
        """Close every open stream cleanly."""
        for connection in self.open:
            connection.close()

    @web.middleware
    async def _gate(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.asked.append((request.method, request.path, dict(request.query)))
        self.tally.add(request.path)
        if request.headers.get("Authorization") != f"Bearer {self._bearer}":
            return problems.unauthorized()
        if refusal := self.refusals.take(request.path):
            return refusal.response()
        allowed, headers = self._limits.spend(f"{request.method} {request.path}")
        if not allowed:
            return web.json_response(problems.rate_limited(), status=429, headers=headers)
        request[HEADERS] = headers
        try:
            return await handler(request)
        except ParameterError as error:
            return problems.invalid_request(error.name, error.value, str(error))

    async def _get_rules(self, request: web.Request) -> web.Response:
        ids = [one for one in request.query.get("ids", "").split(",") if one]
        return web.json_response(self.rules.listed(ids), headers=request[HEADERS])

    async def _post_rules(self, request: web.Request) -> web.Response:
        body = await request.json()
        dry_run = request.query.get("dry_run", "").lower() == "true"
        if "add" in body:
            status, answer = self.rules.add(body["add"], dry_run=dry_run)
        else:
            status, answer = self.rules.delete(body["delete"]["ids"], dry_run=dry_run)
        return web.json_response(answer, status=status, headers=request[HEADERS])

    async def _recent(self, request: web.Request) -> web.Response:
        answer = self.search.page(request.query, renamed=self.renamed)
        return web.json_response(answer, headers=request[HEADERS])

    async def _lookup(self, request: web.Request) -> web.Response:
        answer = lookup(self.book, request.query, renamed=self.renamed)
        return web.json_response(answer, headers=request[HEADERS])

    async def _connections(self, request: web.Request) -> web.Response:
        shown = [connection.wire() for connection in self.open]
        answer: Json = {"data": shown} if shown else {}
        return web.json_response(answer | {"meta": {"result_count": len(shown)}}, headers=request[HEADERS])

    async def _kill_connections(self, request: web.Request) -> web.Response:
        self.close_streams()
        return web.json_response({"data": {"killed_connections": True}}, headers=request[HEADERS])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        problems.check_parameters(request.query, STREAM_PARAMETERS)
        asked = Asked.of(request.query, renamed=self.renamed)
        if len(self.open) >= self._max_connections:
            return web.json_response(problems.too_many_connections(), status=429, headers=request[HEADERS])
        if not len(self.rules):
            return web.json_response(problems.no_rules(), status=409, headers=request[HEADERS])
        connection = Connection(asked, self._clock(), self._keep_alive_s)
        response = web.StreamResponse(headers=request[HEADERS] | {"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        self.open.append(connection)
        self.tally.add(OPENED)
        try:
            await connection.serve(request, response)
        finally:
            self.open.remove(connection)
            self.tally.add(CLOSED)
        return response
