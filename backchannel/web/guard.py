"""What stands before every page: who may ask, from where, and what a browser may do with the answer."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from backchannel.config import Settings
from backchannel.web.state import STATE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "Server": "backchannel",
}
COOKIE = "backchannel_form"
OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
ANYBODY = "the web page"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_KEY = web.AppKey("form_key", bytes)
_EXTRA = web.AppKey("extra_paths", frozenset[str])
_BROWSER = web.RequestKey("browser", str)


def install(app: web.Application, extra_paths: frozenset[str]) -> None:
    """Put the guards before every route. ``extra_paths`` prove their callers themselves, by signature."""
    app[_KEY] = secrets.token_bytes(32)
    app[_EXTRA] = extra_paths
    app.middlewares.extend((_host, _access, _forms))
    app.on_response_prepare.append(_harden)


async def _harden(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001  aiohttp passes it
    response.headers.update(HEADERS)


@web.middleware
async def _host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that are not ours, so that a page elsewhere cannot reach us by a name it points here."""
    if request.path in request.app[_EXTRA] or host_allowed(request.host, request.app[STATE].settings()):
        return await handler(request)
    raise web.HTTPMisdirectedRequest(text="This name is not ours: add it to web.allowed_hosts in config.yaml.\n")


def host_allowed(host: str, settings: Settings) -> bool:
    """Tell whether a Host header names us; away from the loopback every name does while none is configured."""
    name = (urlsplit(f"//{host}").hostname or "").lower()
    named = {urlsplit(settings.notifier.inbox_url or "").hostname or "", *settings.web.allowed_hosts} - {""}
    if name in named or name in _LOOPBACK:
        return True
    return not settings.web.is_loopback and not named


@web.middleware
async def _access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the shared secret, where one is configured; the user name says who acts."""
    secret = request.app[STATE].settings().web.access
    if secret is None or request.path in OPEN_PATHS or request.path in request.app[_EXTRA]:
        return await handler(request)
    given = _login(request)
    if given is None or not _same(given.secret, secret.get_secret_value()):
        ask = {"WWW-Authenticate": 'Basic realm="Backchannel: your name and the shared secret", charset="UTF-8"'}
        raise web.HTTPUnauthorized(text="Your name and the shared secret are needed.\n", headers=ask)
    return await handler(request)


class _Login(NamedTuple):
    name: str
    secret: str


def _login(request: web.Request) -> _Login | None:
    """Read HTTP's basic authentication (RFC 7617), as UTF-8."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return _Login(name, secret) if scheme.lower() == "basic" and colon else None


def actor(request: web.Request) -> str:
    """Give the name under which a person acts, for the alert and the audit."""
    login = _login(request) if request.app[STATE].settings().web.access is not None else None
    name = "".join(char for char in login.name if char.isprintable()).strip()[:80] if login else ""
    return name or ANYBODY


@web.middleware
async def _forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a form act only when this very page made it."""
    if request.method in ("GET", "HEAD") or request.path in request.app[_EXTRA]:
        return await handler(request)
    if request.method != "POST":
        raise web.HTTPMethodNotAllowed(request.method, ("GET", "HEAD", "POST"))
    if not _same_site(request) or not await _has_token(request):
        raise web.HTTPForbidden(text="This form is not from this page, or is too old: reload the page and try again.\n")
    return await handler(request)


def _same_site(request: web.Request) -> bool:
    """Browsers say by ``Sec-Fetch-Site`` where a request comes from; older ones at least name the origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


async def _has_token(request: web.Request) -> bool:
    cookie = request.cookies.get(COOKIE, "")
    given = (await request.post()).get("token")
    return bool(cookie) and isinstance(given, str) and _same(given, _token(request.app[_KEY], cookie))


def form_token(request: web.Request) -> str:
    """Give the token for the forms of a page; ``keep_cookie`` must go with the answer."""
    return _token(request.app[_KEY], _browser(request))


def keep_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser keep what its forms are proved by."""
    secure = (request.app[STATE].settings().notifier.inbox_url or "").startswith("https:") and not _local(request)
    response.set_cookie(COOKIE, _browser(request), httponly=True, samesite="Strict", secure=secure, path="/")


def _local(request: web.Request) -> bool:
    return (urlsplit(f"//{request.host}").hostname or "") in _LOOPBACK


def _browser(request: web.Request) -> str:
    if _BROWSER not in request:
        known = request.cookies.get(COOKIE, "")
        request[_BROWSER] = known if len(known) == 43 else secrets.token_urlsafe(32)
    return request[_BROWSER]


def _token(key: bytes, browser: str) -> str:
    return hmac.new(key, browser.encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
