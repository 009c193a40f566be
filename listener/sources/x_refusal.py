"""What it means when X answers with something else than 200."""

from collections.abc import Mapping

import aiohttp
import msgspec

from listener.source import SourceError

_PERMANENT = frozenset({400, 401, 403, 404, 410, 422})
_NEXT_STEP = {
    400: "correct the rule or the setting that it names",
    401: "check bearer_token: it is wrong, or was revoked in X's developer console",
    402: "X wants credit: add some in X's developer console, or raise the spending limit",
    403: "check in X's developer console that the app may use this endpoint and is not suspended",
    404: "check base_url: it has to be https://api.x.com",
    429: "X limits the requests: nothing is lost, the source goes on later",
}


class Refusal(msgspec.Struct, frozen=True):
    """An answer of X other than 200. ``reset`` is the Unix time at which its rate limit opens again."""

    status: int
    title: str = ""
    detail: str = ""
    issue: str | None = None
    reset: float | None = None

    @property
    def permanent(self) -> bool:
        """Whether asking again is useless until someone changes something."""
        return self.status in _PERMANENT

    def error(self, doing: str, *, retry_after: float | None = None) -> SourceError:
        """The error to raise, with the place and the next step."""
        said = ": ".join(part for part in (self.title, self.detail) if part)
        step = _NEXT_STEP.get(self.status, "X has trouble: the source tries again by itself")
        text = f"X answered {self.status} to {doing}{f' ({said})' if said else ''}: {step}"
        return SourceError(text, permanent=self.permanent, retry_after=retry_after)


class RefusedError(Exception):
    """X refused. Raised inside a request, before tweepy sees the answer: it drops headers, sleeps, and expects JSON."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"X answered {refusal.status}")
        self.refusal = refusal


async def refuse(response: aiohttp.ClientResponse) -> None:
    """Raise RefusedError for any answer without success; made for ``aiohttp.ClientSession(raise_for_status=...)``."""
    if not response.ok:
        body = await response.read()
        raise RefusedError(read_refusal(response.status, response.headers, body))


class _Problem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    message: str = ""
    details: list[str] = []
    value: str = ""
    connection_issue: str | None = None
    errors: list["_Problem"] = []


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """Read a refusal; an HTML body, as gateways send, leaves the status alone to speak."""
    reset = headers.get("x-rate-limit-reset", "")
    problem = _problem(body)
    inner = problem.errors[0] if problem.errors else problem
    return Refusal(
        status=status,
        title=problem.title or inner.title,
        detail=inner.message or ": ".join([inner.value, *inner.details]).strip(": ") or inner.detail or problem.detail,
        issue=problem.connection_issue,
        reset=float(reset) if reset.isdigit() else None,
    )


def _problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Problem()
