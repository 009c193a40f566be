"""Decides whether a request to our interactivity address really comes from Slack, now.

Rule: https://docs.slack.dev/authentication/verifying-requests-from-slack. slack_sdk's verifier raises on a timestamp
that is no number and on a signature that is not ASCII, and slack_bolt writes refused bodies to the log, so both are
left out here.
"""

import hashlib
import hmac
from collections.abc import Mapping

_WINDOW = 300.0


def verified(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """Return the genuine signature of a raw body, or None; ``now`` is in seconds since the epoch.

    The signature is what a replay repeats: remember it for at least ten minutes, twice the window.
    """
    stamp, given = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16 and given.isascii()):
        return None
    if abs(now - int(stamp)) > _WINDOW:
        return None
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return given if hmac.compare_digest(f"v0={digest}", given) else None


def fingerprint(signature: str) -> str:
    """Return what may be stored of a signature."""
    return hashlib.sha256(signature.encode()).hexdigest()
