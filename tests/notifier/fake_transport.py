"""A receiver's other side, with verbs: it keeps what arrived, and misbehaves when told to."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from notifier.transport import Owed, Receipt, TransportError


class Died(BaseException):
    """The process ended here, as by ``kill -9``."""


class FakeTransport:
    """Keeps every message that arrived, each under a reference of its own."""

    def __init__(self, *, can_find: bool = True) -> None:
        self.arrived: list[Owed] = []
        self.edits: list[Owed] = []
        self.calls = 0
        self.asked = 0
        self.closed = False
        self.entered = asyncio.Event()
        self._can_find = can_find
        self._next: list[Callable[[Owed], TransportError | None]] = []
        self._hang = False
        self._down = False
        self._frozen = False
        self._thawed = asyncio.Event()

    def lose_reply(self) -> None:
        """Take the next message, but let the answer get lost."""

        def take_and_forget(owed: Owed) -> TransportError:
            self._keep(owed)
            return TransportError("the reply was lost", unsure=True)

        self._next.append(take_and_forget)

    def fail(self, *, permanent: bool = False) -> None:
        """Refuse the next message."""
        self._next.append(lambda owed: TransportError("refused", permanent=permanent))

    def rate_limit(self, seconds: float) -> None:
        """Ask to wait before the next message."""
        self._next.append(lambda owed: TransportError("slow down", retry_after=seconds))

    def go_down(self) -> None:
        """Be unreachable until ``come_back``."""
        self._down = True

    def come_back(self) -> None:
        """Be reachable again."""
        self._down = False
        self._hang = False

    def recover(self) -> None:
        """Forget every arranged fault."""
        self.come_back()
        self._next.clear()

    def hang(self) -> None:
        """Never answer again."""
        self._hang = True

    def freeze(self) -> None:
        """Take the next message and stand still, as a stopped process does, until ``thaw``."""
        self._thawed = asyncio.Event()

        def take_and_stand_still(owed: Owed) -> None:
            self._keep(owed)

        self._next.append(take_and_stand_still)
        self._frozen = True

    def thaw(self) -> None:
        """Go on where it stood still."""
        self._thawed.set()

    def die(self, *, after_sending: bool) -> None:
        """Let the process end in the middle of the next message: once it has arrived, or just before."""

        def end(owed: Owed) -> None:
            if after_sending:
                self._keep(owed)
            raise Died

        self._next.append(end)

    def shown(self, alert_id: str) -> list[str]:
        """Give the headlines of an alert's messages, in order."""
        return [owed.card.headline for owed in self.arrived if owed.card.alert_id == alert_id]

    def steps(self, alert_id: str) -> list[str]:
        """Give the step keys of an alert's messages, in order."""
        return [owed.step_key for owed in self.arrived if owed.card.alert_id == alert_id]

    async def send(self, owed: Owed) -> Receipt:
        """Take a message, or do what was arranged."""
        self.calls += 1
        self.entered.set()
        if self._hang:
            await asyncio.Event().wait()
        if self._down:
            raise TransportError("unreachable")
        if self._next:
            if error := self._next.pop(0)(owed):
                raise error
            if self._frozen:
                self._frozen = False
                await self._thawed.wait()
                return Receipt({"ref": str(len(self.arrived) - 1)})
        return self._keep(owed)

    async def find(self, owed: Owed, since: datetime) -> Receipt | None:
        """Look among what arrived in the same place: in a thread for what belongs there, else in the channel."""
        self.asked += 1
        if self._down:
            raise TransportError("unreachable")
        if not self._can_find or owed.kind == "edit":
            return None
        for index, each in enumerate(self.arrived):
            if _mark(each) == _mark(owed):
                return Receipt({"ref": str(index)})
        return None

    async def check(self) -> str:
        """Answer at once."""
        return "a fake"

    async def close(self) -> None:
        """Remember that nothing comes any more."""
        self.closed = True

    def _keep(self, owed: Owed) -> Receipt:
        if owed.kind == "edit":
            self.edits.append(owed)
            return Receipt(dict(owed.anchor or {}))
        self.arrived.append(owed)
        return Receipt({"ref": str(len(self.arrived) - 1)})


def _mark(owed: Owed) -> tuple[object, ...]:
    return owed.alert_id, owed.step_key, owed.anchor if owed.kind == "thread" else None
