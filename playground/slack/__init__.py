"""A Slack workspace on 127.0.0.1."""

from playground.slack.server import LoopbackSlack

__all__ = ["LoopbackSlack"]
