"""Reddit's OAuth tokens and rate-limit headers, as an API client meets them."""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

_GRANTS = {
    "client_credentials",
    "password",
    "refresh_token",
    "authorization_code",
    "https://oauth.reddit.com/grants/installed_client",
}


class Tokens:
    """Gives out access tokens against the client's id and secret, and lets them expire."""

    def __init__(self, client_id: str, client_secret: str, lifetime: float) -> None:
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._basic = f"Basic {pair}"
        self._lifetime = lifetime
        self._expiry: dict[str, float] = {}

    def knows(self, authorization: str | None) -> bool:
        """Say whether HTTP basic authentication names our client."""
        return authorization == self._basic

    def grant(self, form: Mapping[str, object]) -> dict[str, object]:
        """Give the answer to a request for a token; Reddit answers a bad grant with 200 and an error."""
        if form.get("grant_type") not in _GRANTS:
            return {"error": "unsupported_grant_type"}
        token = secrets.token_urlsafe(12)
        self._expiry[token] = time.monotonic() + self._lifetime
        return {"access_token": token, "token_type": "bearer", "expires_in": int(self._lifetime), "scope": "*"}

    def valid(self, authorization: str | None) -> bool:
        """Say whether the bearer token is ours and has not expired; the scheme may be in any case."""
        scheme, _, token = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and self._expiry.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        """Let every token given so far be expired."""
        self._expiry.clear()


@dataclass
class RateLimit:
    """Counts requests in windows of 600 and says so in ``x-ratelimit-*`` headers.

    The window's remaining time shrinks with its use, so that a client that spreads its requests never waits.
    """

    used: int = 0
    announced: tuple[int, int] | None = None

    def headers(self) -> dict[str, str]:
        self.used = self.used % 590 + 1
        remaining, reset = self.announced or (600 - self.used, 599 - self.used)
        self.announced = None
        return {
            "x-ratelimit-remaining": f"{float(remaining)}",
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(reset),
        }
