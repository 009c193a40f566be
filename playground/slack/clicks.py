"""Presses buttons: builds the genuine ``block_actions`` payload and delivers it signed.

Shape: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playground.slack.workspace import Message, Workspace


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a click: over HTTP the status of the answer, over a socket 200 once acknowledged."""

    status: int
    body: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One HTTP request as Slack would send it, kept so that it can be sent again byte for byte."""

    url: str
    headers: dict[str, str]
    body: bytes


def find_button(message: Message, action_id: str, value_part: str = "") -> tuple[dict[str, Any], str]:
    """Return the stored button of that action and its block id; ``value_part`` picks among several."""
    for block in message.get("blocks", []):
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("action_id") == action_id and value_part in element.get("value", ""):
                return element, block["block_id"]
    shown = [e.get("action_id") for b in message.get("blocks", []) for e in b.get("elements", [])]
    raise LookupError(f"the message shows no button {action_id}: it shows {[name for name in shown if name]}")


def payload(workspace: Workspace, channel_id: str, message: Message, pressed: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of one press; ``pressed`` holds ``button``, ``block_id``, ``user`` and ``base``."""
    user = workspace.user(pressed["user"])
    handle = user.name.lower().replace(" ", ".")
    channel, button = workspace.channels[channel_id], pressed["button"]
    action = {key: button[key] for key in ("action_id", "text", "value", "style") if key in button}
    return {
        "type": "block_actions",
        "user": {"id": user.id, "username": handle, "name": handle, "team_id": workspace.team_id},
        "api_app_id": workspace.app_id,
        "token": "loopback-verification-token",
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel_id,
            "is_ephemeral": False,
        },
        "trigger_id": f"{int(time.time())}.{uuid.uuid4().int % 10**12}.{uuid.uuid4().hex}",
        "team": {"id": workspace.team_id, "domain": "loopback"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel_id, "name": "privategroup" if channel.private else channel.name},
        "message": {key: item for key, item in message.items() if key != "metadata"},
        "state": {"values": {}},
        "response_url": f"{pressed['base']}/actions/{workspace.team_id}/{uuid.uuid4().hex}",
        "actions": [
            {**action, "block_id": pressed["block_id"], "type": "button", "action_ts": f"{time.time():.6f}"},
        ],
    }


def sign(secret: str, url: str, body: dict[str, Any], at: float) -> SignedRequest:
    """Return the form-encoded, signed request that carries a payload."""
    raw = urlencode({"payload": json.dumps(body)}).encode()
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }
    return SignedRequest(url, headers, raw)
