"""Every kind of receiver that there is: adding one is its file in ``transports`` and a line here."""

from typing import Annotated

from pydantic import Field

from notifier.transport import Transport
from notifier.transports.email import EmailConfig, EmailTransport
from notifier.transports.slack import SlackConfig, SlackTransport

Receiver = Annotated[SlackConfig | EmailConfig, Field(discriminator="kind")]
"""A configured destination; ``kind`` says which transport serves it."""


def open_transport(name: str, config: SlackConfig | EmailConfig) -> Transport:
    """Return the transport of one receiver; it connects when it first sends."""
    match config:
        case SlackConfig():
            return SlackTransport(name, config)
        case EmailConfig():
            return EmailTransport(name, config)


def pace(config: SlackConfig | EmailConfig) -> float:
    """Return the seconds between two messages to a receiver; Slack takes about one a second in each channel.

    Source: https://docs.slack.dev/apis/web-api/rate-limits
    """
    return 1.0 if isinstance(config, SlackConfig) else 0.0
