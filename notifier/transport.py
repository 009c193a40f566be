"""What every transport takes, gives back and promises."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from notifier.card import AlertCard

OwedKind = Literal["new", "edit", "thread"]


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """One message that a receiver is owed.

    ``step_key`` and ``alert_id`` together name the message for ever: a second attempt carries the same. ``kind`` says
    whether it is a message of its own, a change of the one at ``anchor``, or an answer below it; ``anchor`` is the
    ``remote_ref`` of the first message's Receipt. ``attempt`` counts from 1; ``first_attempt_at`` (UTC) is None before
    the first.
    """

    outbox_id: int
    receiver: str
    step_key: str
    kind: OwedKind
    card: AlertCard
    alert_id: str | None = None
    first_attempt_at: datetime | None = None
    attempt: int = 1
    anchor: dict[str, str] | None = None


class Receipt(msgspec.Struct, frozen=True):
    """Where the message now lies; ``skipped`` says that this transport rightly sends nothing for it.

    ``refused`` names the recipients that the other side would not take, while others were served.
    """

    remote_ref: dict[str, str]
    skipped: bool = False
    refused: tuple[str, ...] = ()


class TransportError(Exception):
    """A message was not delivered, or nobody knows: the text tells an operator the place and the next step.

    ``permanent``: trying again cannot help. ``retry_after``: seconds that the other side asks to wait.
    ``unsure``: the message may have arrived, so ask ``find`` before the next attempt.
    """

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None, unsure: bool = False
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after
        self.unsure = unsure


class Transport(Protocol):
    """Delivers messages to one receiver, once each."""

    async def send(self, owed: Owed) -> Receipt:
        """Deliver one message; raise TransportError where that failed."""

    async def find(self, owed: Owed, since: datetime) -> Receipt | None:
        """Say whether an attempt made at ``since`` (UTC) or later has arrived; None where it has not or none can tell.

        Raises TransportError where the other side cannot be asked.
        """

    async def check(self) -> str:
        """Prove without sending that the receiver can be served, and say where messages go; raise TransportError."""

    async def close(self) -> None:
        """Let go of every connection."""
