"""A support desk for tests: a real ledger, cases in its mirror, and posts about them."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row

from crm.records import Case, CaseMessage, Channel, Customer
from ledger import alerts, cases, links, mentions, outbox, steps
from ledger.database import Database
from notifier.answers import Answers, Person
from notifier.card import AlertCard
from notifier.config import NotifierConfig
from notifier.dispatch import Dispatcher

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_MAIL = {"kind": "email", "from": "alerts@brand.example", "host": "127.0.0.1", "tls": "none"}
RECEIVERS = {
    name: {**_MAIL, "to": [f"{name}@brand.example"]} for name in ("email-team", "phone-team", "first", "head", "admin")
}
CONFIG: dict[str, Any] = {
    "receivers": RECEIVERS,
    "routes": [
        {"name": "email", "match": {"channel": "email"}, "receivers": "email-team"},
        {"name": "phone", "match": {"channel": "phone"}, "receivers": ["phone-team"]},
    ],
    "fallback": "admin",
    "first_contact": {"receivers": "first"},
    "head_of_support": "head",
    "timezone": "Europe/London",
    "inbox_url": "https://inbox.brand.example",
}


def config(**changes: Any) -> NotifierConfig:
    """Give the desk's configuration with changes."""
    return NotifierConfig.model_validate({**CONFIG, **changes})


def a_case(case_id: str = "LK-1", **changes: Any) -> Case:
    """Give an e-mail case of Mark Harlow's that nobody has answered for nine days."""
    opened: datetime = changes.pop("opened_at", NOON - timedelta(days=9, hours=4))
    values: dict[str, Any] = {
        "case_id": case_id,
        "customer": Customer(f"C-{case_id}", "Mark Harlow", city="Leeds"),
        "channel": "email",
        "status": "open",
        "team": "email-care",
        "opened_at": opened,
        "updated_at": opened,
        "subject": "Empty can in my multipack",
        "product": "Pale Ale 12x440",
        "brand": "Larkmoor",
        "url": "https://crm.brand.example/cases/1",
        "messages": (CaseMessage(opened, "customer", "One can was empty."),),
    }
    return Case(**{**values, **changes})


class Desk:
    """Verbs over one ledger; every act is one transaction."""

    def __init__(self, db: Database, settings: NotifierConfig | None = None) -> None:
        self.db = db
        self.config = settings or config()
        self.dispatcher = Dispatcher(self.config)
        self.answers = Answers(self.dispatcher)

    async def open_case(self, case: Case) -> Case:
        """Mirror a case of the CRM."""
        resolved = case.status in {"resolved", "closed"}
        row = {
            "case_id": case.case_id, "customer_id": case.customer.customer_id, "brand": case.brand,
            "channel": case.channel, "team": case.team, "product": case.product, "unresolved": not resolved,
            "opened_at": case.opened_at, "updated_at": case.updated_at, "resolved_at": case.resolved_at,
            "record": msgspec.json.encode(case), "mirrored_at": NOON,
        }  # fmt: skip
        async with self.db.write("test") as conn:
            await cases.mirror(conn, [row], {})
        return case

    async def resolve(self, case: Case, now: datetime) -> None:
        """Resolve a case in the CRM, as its follower tells it."""
        await self.open_case(msgspec.structs.replace(case, status="resolved", resolved_at=now))
        async with self.db.write("follow") as conn:
            await self.dispatcher.case_over(conn, case.case_id, now)

    async def reassign(self, case: Case, now: datetime) -> None:
        """Hand a case to another team or channel in the CRM, as its follower tells it."""
        await self.open_case(case)
        async with self.db.write("follow") as conn:
            await self.dispatcher.case_moved(conn, case.case_id, now)

    async def post(self, posted_at: datetime = NOON, **changes: Any) -> Row[Any]:
        """Record a post of the customer's wife."""
        native_id = f"p{secrets.token_hex(6)}"
        row: dict[str, Any] = {
            "source": "x-main", "native_id": native_id, "platform": "x", "brand": "Larkmoor", "rules": ["b"],
            "url": "https://x.example/wife/status/1", "text": "My husband's can was EMPTY, @larkmoorbrew",
            "context": None, "lang": "en-GB", "author": {"handle": "jen_h", "name": "Jen H", "followers": 212},
            "reach": {"likes": 14, "reposts": 3, "replies": 2}, "reply_to": None, "edit_of": None,
            "posted_at": posted_at, "received_at": posted_at,
        }  # fmt: skip
        row.update(changes)
        async with self.db.write("test") as conn:
            await mentions.record(conn, [row])
            found = await mentions.by_native_id(conn, row["source"], row["native_id"])
        assert found is not None
        return found

    async def conclude(
        self,
        mention: Row[Any],
        outcome: str,
        now: datetime,
        candidates: Sequence[tuple[str, float]] = (),
        *,
        by_case: Mapping[str, Mapping[str, Any]] | None = None,
        **link: Any,
    ) -> str | None:
        """Record links and raise what they ask for, as the pipeline does; ``by_case`` changes single links."""
        changed = by_case or {}
        rows = [
            self._link(mention, rank, case_id, probability, **{**link, **changed.get(case_id, {})})
            for rank, (case_id, probability) in enumerate(candidates, start=1)
        ]
        async with self.db.write("conclude") as conn:
            await links.record(conn, [{**row, "made_at": now} for row in rows])
            return await self.dispatcher.raise_for(conn, mention, outcome, now)

    async def complaint(self, now: datetime = NOON, *, case: Case | None = None, **post: Any) -> str:
        """Tell the usual start: a case, a post about it, an alert. Gives the alert's id."""
        await self.open_case(case or a_case())
        mention = await self.post(**{"posted_at": now, **post})
        alert_id = await self.conclude(mention, "link", now, [((case or a_case()).case_id, 0.94)], relation="spouse")
        assert alert_id is not None
        return alert_id

    async def click(self, action: str, alert_id: str, now: datetime, **who: Any) -> str:
        """Press a button of an alert; gives what the person is told."""
        async with self.db.write("click") as conn:
            return await self.answers.click(conn, action, alert_id, person(who.pop("name", "Anna")), now, **who)

    async def remove(self, mention: Row[Any], now: datetime) -> None:
        """Delete a post on its platform."""
        async with self.db.write("test") as conn:
            for each in await mentions.mark_removed(conn, mention.source, [mention.native_id], now):
                await self.dispatcher.mention_removed(conn, each, now)

    async def alert(self, alert_id: str) -> Row[Any]:
        """Give an alert as it stands."""
        async with self.db.read() as conn:
            row = await alerts.get(conn, alert_id)
        assert row is not None
        return row

    async def owed(self, alert_id: str) -> list[Row[Any]]:
        """Give an alert's messages, oldest first."""
        async with self.db.read() as conn:
            return list(await outbox.of_alert(conn, alert_id))

    async def cards(self, alert_id: str) -> list[AlertCard]:
        """Give what an alert's messages say, oldest first."""
        return [msgspec.json.decode(row.card, type=AlertCard) for row in await self.owed(alert_id)]

    async def steps(self, alert_id: str) -> dict[str, tuple[str, datetime]]:
        """Give an alert's steps: name to state and time due."""
        async with self.db.read() as conn:
            return {row.name: (row.state, row.due_at) for row in await steps.of_alert(conn, alert_id)}

    def _link(self, mention: Row[Any], rank: int, case_id: str, probability: float, **link: Any) -> dict[str, Any]:
        evidence = [
            {"code": "relation", "weight": 2.1, "sentence": "The post says 'my husband'; the customer is Mark Harlow."},
            {"code": "product", "weight": 1.4, "sentence": "Both speak of an empty can."},
            {"code": "city", "weight": -0.6, "sentence": "The poster's city is York, the customer's is Leeds."},
            {"code": "passing", "weight": -0.1, "sentence": "What hardly weighs is not worth a line at 3 a.m."},
        ]
        return {
            "mention_id": mention.id, "case_id": case_id, "rank": rank, "probability": probability,
            "evidence": evidence, "basis": ["public text"], "relation": None, "mode": "auto", "model": "m1", **link,
        }  # fmt: skip


def person(name: str) -> Person:
    """Give somebody of the team."""
    return Person(f"slack:U-{name}", name)


def phone_case(case_id: str = "LK-2", **changes: Any) -> Case:
    """Give a phone case of the phone team, with an agent's note of the call."""
    opened = NOON - timedelta(days=3)
    channel: Channel = "phone"
    note = CaseMessage(opened, "agent", "Cust rang, can empty, wants call back.")
    values = {"channel": channel, "team": "phone-desk", "opened_at": opened, "messages": (note,)}
    return a_case(case_id, **{**values, **changes})


class TurnedClock:
    """A clock that moves only when it is turned."""

    def __init__(self, now: datetime = NOON) -> None:
        self.wall = now
        self.seconds = 0.0

    def now(self) -> datetime:
        """Give the time it was turned to."""
        return self.wall

    def monotonic(self) -> float:
        """Give the seconds that passed."""
        return self.seconds

    def turn(self, **length: float) -> datetime:
        """Let time pass, and give what time it is then."""
        return self.turn_to(self.wall + timedelta(**length))

    def turn_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment."""
        self.seconds += (moment - self.wall).total_seconds()
        self.wall = moment
        return moment

    def jump(self, **length: float) -> None:
        """Set the wall clock, while no time passes."""
        self.wall += timedelta(**length)
