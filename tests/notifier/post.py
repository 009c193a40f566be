"""The post of a support desk: its delivery, with a fake receiver behind each name."""

import asyncio
from datetime import timedelta

from notifier.delivery import Delivery
from tests.notifier.desk import Desk, TurnedClock
from tests.notifier.fake_transport import FakeTransport


class Post:
    """The delivery of one desk, with a fake receiver behind each name."""

    def __init__(self, desk: Desk, worker: str = "w1", fakes: dict[str, FakeTransport] | None = None) -> None:
        self.desk = desk
        self.clock = TurnedClock()
        self.fakes = fakes or {name: FakeTransport() for name in desk.config.receivers}
        self.results: list[tuple[str, str]] = []
        self.heard = asyncio.Event()
        self.delivery = Delivery(
            desk.db, self.fakes, desk.config, self.clock,
            worker=worker, on_result=self._hear, uniform=lambda low, high: high,
        )  # fmt: skip

    def _hear(self, receiver: str, result: str) -> None:
        self.results.append((receiver, result))
        self.heard.set()

    @property
    def team(self) -> FakeTransport:
        """The e-mail team's receiver."""
        return self.fakes["email-team"]

    async def drain(self, for_seconds: float = 0.0, step: float = 1.0) -> None:
        """Deliver until nothing is due, then on while time passes."""
        end = self.clock.now() + timedelta(seconds=for_seconds)
        while True:
            while await self.delivery.drain_once():
                pass
            if self.clock.now() >= end:
                return
            self.clock.turn(seconds=step)

    async def rows(self, alert_id: str) -> dict[tuple[str, str], str]:
        """Give the state of an alert's messages by step key and receiver."""
        return {(row.step_key, row.receiver): row.state for row in await self.desk.owed(alert_id)}
