"""P2 and P4 under any order of alerts, losses, outages, crashes, clicks and ticks that can be thought of."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from ledger.database import Database
from ledger.tables import metadata
from notifier.clock import tick
from notifier.delivery import Delivery
from tests.notifier.desk import Desk, TurnedClock, a_case
from tests.notifier.fake_transport import Died, FakeTransport

URGENT = {"reminder", "escalation"}


class OutboxMachine(RuleBasedStateMachine):
    """One desk, one delivery that may die at any send, and one clock."""

    alerts = Bundle("alerts")

    @initialize()
    def open(self) -> None:
        """Start with an empty ledger."""
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.clock = TurnedClock()
        self.raised: list[str] = []
        self.answered: dict[str, int] = {}
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.db = Database(f"sqlite:///{self.folder / 'ledger.db'}")
        async with self.db.write("create") as conn:
            await conn.run_sync(metadata.create_all)
        self.desk = Desk(self.db)
        self.fakes = {name: FakeTransport() for name in self.desk.config.receivers}
        self.restart()

    def restart(self) -> None:
        """Start a new process on the same ledger and the same outside."""
        self.delivery = Delivery(
            self.db, self.fakes, self.desk.config, self.clock, worker="w", uniform=lambda low, high: high
        )

    @rule(target=alerts)
    def complain(self) -> str:
        """A post about a case of its own raises an alert."""
        case = a_case(f"LK-{len(self.raised)}")
        alert_id = self.runner.run(self.desk.complaint(self.clock.now(), case=case))
        self.raised.append(alert_id)
        return alert_id

    @rule(
        who=st.sampled_from(["email-team", "head"]), how=st.sampled_from(["lose", "fail", "slow", "die", "die after"])
    )
    def break_next(self, who: str, how: str) -> None:
        """The next message to a receiver goes wrong."""
        fake = self.fakes[who]
        faults: dict[str, Callable[[], None]] = {
            "lose": fake.lose_reply,
            "fail": fake.fail,
            "slow": lambda: fake.rate_limit(20),
            "die": lambda: fake.die(after_sending=False),
            "die after": lambda: fake.die(after_sending=True),
        }
        faults[how]()

    @rule(down=st.booleans())
    def outage(self, down: bool) -> None:
        """The team's receiver goes away, or comes back."""
        (self.fakes["email-team"].go_down if down else self.fakes["email-team"].come_back)()

    @rule(seconds=st.sampled_from([1, 30, 100, 900, 1800]))
    def pass_time(self, seconds: int) -> None:
        """Time passes, with ticks and deliveries after it."""
        self.clock.turn(seconds=seconds)
        self.runner.run(tick(self.db, self.desk.dispatcher, self.clock.now()))

    @rule()
    def deliver(self) -> None:
        """One round of deliveries; a process that dies is followed by a new one."""
        try:
            self.runner.run(self._deliver())
        except Died:
            self.restart()

    async def _deliver(self) -> None:
        async with asyncio.timeout(20):
            await self.delivery.drain_once()

    @rule(alert_id=alerts, action=st.sampled_from(["take", "done"]))
    def answer(self, alert_id: str, action: str) -> None:
        """Somebody takes or finishes an alert."""
        self.runner.run(self.desk.click(action, alert_id, self.clock.now()))
        self.answered.setdefault(alert_id, len(self._arrived()))

    @rule(alert_id=alerts, action=st.sampled_from(["take", "done"]))
    def overtake(self, alert_id: str, action: str) -> None:
        """Somebody answers when the step is done and its messages are owed, but not sent yet."""
        self.pass_time(1800)
        self.answer(alert_id, action)
        self.deliver()

    def _arrived(self) -> list[Any]:
        return [owed for fake in self.fakes.values() for owed in fake.arrived]

    @invariant()
    def nothing_is_said_twice(self) -> None:
        """P2: one message for each alert, step and receiver."""
        if not hasattr(self, "fakes"):
            return
        said = Counter((owed.alert_id, owed.step_key, owed.receiver) for owed in self._arrived())
        assert not {key: count for key, count in said.items() if count > 1}

    @invariant()
    def nobody_is_hurried_after_an_answer(self) -> None:
        """P4: after somebody took an alert, no reminder and no escalation of it arrives."""
        if not hasattr(self, "fakes"):
            return
        urgent = Counter(owed.alert_id for owed in self._arrived() if owed.card.note in URGENT)
        for alert_id in self.answered:
            seen = self.__dict__.setdefault("urgent_then", {}).setdefault(alert_id, urgent[alert_id])
            assert urgent[alert_id] == seen

    def teardown(self) -> None:
        """When all is well again, everything owed is paid or rightly let go."""
        if hasattr(self, "runner"):
            try:
                self.runner.run(self._settle())
            finally:
                self.runner.run(self.db.close())
                self.runner.close()
                shutil.rmtree(self.folder)

    async def _settle(self) -> None:
        for fake in self.fakes.values():
            fake.recover()
        self.restart()
        async with asyncio.timeout(60):
            for _ in range(8):
                self.clock.turn(seconds=100)
                while await self.delivery.drain_once():
                    pass
        self.nothing_is_said_twice()
        for alert_id in self.raised:
            rows = await self.desk.owed(alert_id)
            assert {row.state for row in rows} <= {"sent", "dropped", "dead"}
            if alert_id not in self.answered:
                assert "raise" in {owed.step_key for owed in self._arrived() if owed.alert_id == alert_id}


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=20, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)
