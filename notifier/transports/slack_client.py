"""Opens slack_sdk clients that try once, keep to a timeout, respect NO_PROXY and log no text."""

import logging
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from notifier.transport import TransportError

API = "https://slack.com/api/"
_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_PASSING = {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
_UNSURE = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
_NEXT_STEPS = {
    "account_inactive": "the app was removed from the workspace: install it again and renew bot_token",
    "cant_update_message": "the message was posted by another app: check that bot_token is still of the same app",
    "channel_not_found": "check the channel id, and invite the app to the private channel (/invite)",
    "invalid_auth": "check the secret that bot_token names",
    "is_archived": "the channel is archived: choose another one",
    "message_not_found": "the message was deleted in Slack",
    "missing_scope": "add the scope to the app, install it again and renew bot_token",
    "not_authed": "no token arrived: check the secret that bot_token names",
    "not_in_channel": "invite the app to the channel (/invite)",
    "token_expired": "renew bot_token",
    "token_revoked": "install the app again and renew bot_token",
}


def sdk_logger() -> logging.Logger:
    """Return the logger for slack_sdk and slack_bolt, which write whole messages at DEBUG and INFO."""
    logger = logging.getLogger("notifier.transports.slack.sdk")
    logger.setLevel(logging.WARNING)
    return logger


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; slack_sdk alone overlooks NO_PROXY."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def open_client(token: str, base_url: str, timeout: float) -> AsyncWebClient:
    """Return a client with a session of its own; ``close_client`` lets go of it.

    ``retry_handlers=[]`` since the default handler posts again after a lost reply, which makes two messages. The
    timeout (seconds) is set on the session, for slack_sdk applies its own only to sessions that it opens itself.
    """
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout))
    client = AsyncWebClient(
        token=token,
        base_url=base_url,
        session=session,
        retry_handlers=[],
        logger=sdk_logger(),
        timeout=int(timeout) or 1,
    )
    client.proxy = proxy_for(client.base_url)
    return client


async def close_client(client: AsyncWebClient) -> None:
    """Close the session of a client from ``open_client``."""
    if client.session is not None:
        await client.session.close()


async def call(what: str, request: Coroutine[Any, Any, AsyncSlackResponse], *, writes: bool = False) -> dict[str, Any]:
    """Await one Web API call and return its body; raise TransportError that says whether to try again, and when.

    ``what`` names the place in the message. ``writes``: a lost reply leaves it unknown whether a message was posted.
    """
    try:
        response = await request
    except SlackApiError as error:
        raise _refused(what, error, writes) from error
    except _NEVER_CONNECTED as error:
        raise TransportError(f"{what}: Slack cannot be reached ({type(error).__name__}): check the network") from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise TransportError(f"{what}: no answer from Slack ({type(error).__name__})", unsure=writes) from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def _refused(what: str, error: SlackApiError, writes: bool) -> TransportError:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    body = getattr(response, "data", None)
    code = str(body.get("error") or "") if isinstance(body, dict) else ""
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        wait = _seconds(response.headers.get("Retry-After"))
        return TransportError(f"{what}: Slack asks to wait {wait:.0f} s", retry_after=wait)
    if not code or status >= 500 or code in _PASSING:
        unsure = writes and (not code or status >= 500 or code in _UNSURE)
        return TransportError(f"{what}: Slack failed with {code or f'HTTP {status}'}", unsure=unsure)
    needed = f" ({body['needed']})" if isinstance(body, dict) and body.get("needed") else ""
    step = _NEXT_STEPS.get(code, "see https://docs.slack.dev/reference/methods for this error")
    return TransportError(f"{what}: Slack refused with {code}{needed}: {step}", permanent=True)


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isascii() and text.isdecimal() else 30.0
