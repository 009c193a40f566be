"""What people do to alerts, from Slack and from the web page: one transaction each, and everybody is told."""

from collections.abc import Callable

from backchannel.web.metrics import Metrics
from backchannel.web.state import Act
from ledger import clicks
from ledger.clock import Clock
from ledger.database import Database
from notifier.answers import Answers, Person
from notifier.dispatch import Dispatcher
from notifier.transports.slack_clicks import Click, ClickAnswer


class ClickActions:
    """Does to alerts what people ask for."""

    def __init__(
        self,
        db: Database,
        dispatcher: Callable[[], Dispatcher],
        clock: Clock,
        metrics: Metrics,
        on_owed: Callable[[], None],
    ) -> None:
        self._db = db
        self._dispatcher = dispatcher
        self._clock = clock
        self._metrics = metrics
        self._on_owed = on_owed

    async def act(
        self, act: Act, alert_id: str, *, by: str, case_id: str | None = None, relation: str | None = None
    ) -> str:
        """Do what was asked on the web page and say what came of it."""
        return await self._do(act, alert_id, Person(f"web:{by}", by), "web", case_id, relation)

    async def clicked(self, click: Click) -> ClickAnswer:
        """Do what was asked by a button in Slack and say to the clicker what came of it."""
        who = Person(f"slack:{click.user_id}", click.user_name)
        return ClickAnswer(await self._do(click.action, click.alert_id, who, "slack", click.case_id))

    async def seen(self, fingerprint: str) -> bool:
        """Remember a click's fingerprint and say whether it is a replay."""
        async with self._db.write("click-seen") as conn:
            return not await clicks.first_time(conn, fingerprint, self._clock.now())

    async def _do(
        self, act: str, alert_id: str, who: Person, place: str, case_id: str | None, relation: str | None = None
    ) -> str:
        answers = Answers(self._dispatcher())
        async with self._db.write("click") as conn:
            now = self._clock.now()
            told = await answers.click(conn, act, alert_id, who, now, case_id=case_id, relation=relation)
        self._metrics.clicks.labels(act, place).inc()
        self._on_owed()
        return told
