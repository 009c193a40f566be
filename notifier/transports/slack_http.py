"""Slack interactivity over HTTP: checks the raw body, refuses replays, then hands the request to slack_bolt."""

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncBoltRequest

from notifier.transports.slack_clicks import SlackClicks
from notifier.transports.slack_signature import fingerprint, verified

PATH = "/slack/interactivity"

_log = structlog.get_logger(__name__)


def slack_routes(clicks: SlackClicks, path: str = PATH) -> list[web.RouteDef]:
    """Return the routes of the interactivity request URL; the app must have a ``signing_secret``."""
    secret = clicks.config.signing_secret
    if secret is None:
        raise ValueError("slack.signing_secret is not set: clicks cannot arrive over HTTP without it")
    signing_secret = secret.get_secret_value()

    async def interactivity(request: web.Request) -> web.Response:
        return await _answer(clicks, signing_secret, request)

    return [web.post(path, interactivity)]


async def _answer(clicks: SlackClicks, secret: str, request: web.Request) -> web.Response:
    body = await request.read()
    signature = verified(secret, request.headers, body, clicks.now())
    if signature is None:
        _log.warning("click_refused", reason="signature")
        return web.Response(status=401, text="This request is not signed by Slack, or is older than five minutes.\n")
    if await clicks.seen(fingerprint(signature)):
        _log.warning("click_refused", reason="replay")
        return web.Response()
    try:
        bolt_request = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except ValueError:
        return web.Response(status=400, text="The body is no interaction payload.\n")
    return await to_aiohttp_response(await clicks.app.async_dispatch(bolt_request))
