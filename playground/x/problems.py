"""The problem documents and rate-limit headers with which the loopback X refuses."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from playground.x.wire import Json, ParameterError

PROBLEMS = "https://api.twitter.com/2/problems/"
WINDOW_S = 900


def unauthorized() -> web.Response:
    """What a missing or wrong bearer token is answered."""
    body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    return web.json_response(body, status=401)


def rate_limited() -> Json:
    """The body of a spent rate limit."""
    return {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}


def too_many_connections() -> Json:
    """The body of a stream request beyond the allowed number of connections."""
    return {
        "title": "ConnectionException",
        "detail": "This stream is currently at the maximum allowed connection limit.",
        "connection_issue": "TooManyConnections",
        "type": PROBLEMS + "streaming-connection",
    }


def no_rules() -> Json:
    """The body of a stream request of an app that has no rules."""
    return {
        "title": "ConnectionException",
        "detail": "Your app has no rules: add some before you connect.",
        "connection_issue": "RuleConfigurationIssue",
        "type": PROBLEMS + "rule-configuration",
    }


def operational_disconnect() -> Json:
    """The line that X sends in the stream before it closes one for its own reasons."""
    return {
        "errors": [
            {
                "title": "operational-disconnect",
                "disconnect_type": "UpstreamOperationalDisconnect",
                "detail": "This stream has been disconnected upstream for operational reasons.",
                "type": PROBLEMS + "operational-disconnect",
            }
        ]
    }


def invalid_request(name: str, value: str, message: str) -> web.Response:
    """What an unknown or malformed parameter is answered."""
    body = {
        "errors": [{"parameters": {name: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": PROBLEMS + "invalid-request",
    }
    return web.json_response(body, status=400)


def check_parameters(query: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise ParameterError for a parameter that the endpoint does not have."""
    for name, value in query.items():
        if name not in known:
            message = f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]"
            raise ParameterError(name, value, message)


@dataclass
class Refusal:
    """An answer to give instead of the real one, so many times."""

    status: int
    times: int
    headers: dict[str, str]
    body: str | bytes | Json

    def response(self) -> web.Response:
        """Write it out."""
        if isinstance(self.body, dict):
            return web.json_response(self.body, status=self.status, headers=self.headers)
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return web.Response(body=body, status=self.status, headers={"Content-Type": "text/html"} | self.headers)


class Refusals:
    """The refusals ordered for each path, first come first served."""

    def __init__(self) -> None:
        self._by_path: dict[str, deque[Refusal]] = {}

    def order(self, path: str, refusal: Refusal) -> None:
        """Refuse the next requests of a path."""
        self._by_path.setdefault(path, deque()).append(refusal)

    def take(self, path: str) -> Refusal | None:
        """The refusal that this request gets, if one is ordered."""
        waiting = self._by_path.get(path)
        if not waiting:
            return None
        refusal = waiting[0]
        refusal.times -= 1
        if refusal.times <= 0:
            waiting.popleft()
        return refusal


class RateLimits:
    """Counts requests in windows of 15 minutes and says what X would say in its headers."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = dict(limits)
        self._windows: dict[str, tuple[float, int]] = {}

    def spend(self, endpoint: str) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it is within the limit, and the headers to send."""
        limit = self._limits.get(endpoint, 300)
        now = time.time()
        start, used = self._windows.get(endpoint, (now, 0))
        if now - start >= WINDOW_S:
            start, used = now, 0
        used += 1
        self._windows[endpoint] = (start, used)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - used)),
            "x-rate-limit-reset": str(int(start + WINDOW_S)),
        }
        return used <= limit, headers
