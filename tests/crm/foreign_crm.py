"""An existing SQL database as a CRM: its tables, how they are mapped, and its own users."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData, String, Table, Text, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm.config import SqlCrmConfig
from crm.source import CaseChange
from crm.sources.sql import SqlCrm
from ledger.database import async_url

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)

metadata = MetaData()
contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first", String),
    Column("last", String),
    Column("mail", String),
    Column("mail2", String),
    Column("tel", String),
    Column("twitter", String),
    Column("town", String),
    Column("land", String),
)
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", Integer, ForeignKey("contacts.id")),
    Column("source", String),
    Column("state", String),
    Column("queue", String),
    Column("created", DateTime(timezone=True)),
    Column("modified", DateTime(timezone=True)),
    Column("solved", DateTime(timezone=True)),
    Column("title", Text),
    Column("ordernumber", String),
)
comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id")),
    Column("created", DateTime(timezone=True)),
    Column("who", String),
    Column("body", Text),
)

MAPPING: dict[str, Any] = {
    "kind": "sql",
    "cases": {
        "table": "tickets",
        "columns": {
            "case_id": "id",
            "customer_id": "contact_id",
            "channel": "source",
            "status": "state",
            "team": "queue",
            "opened_at": "created",
            "updated_at": "modified",
            "resolved_at": "solved",
            "subject": "title",
            "reference": "ordernumber",
        },
    },
    "customers": {
        "table": "contacts",
        "columns": {
            "customer_id": "id",
            "name": ["first", "last"],
            "emails": ["mail", "mail2"],
            "phones": "tel",
            "handles": {"x": "twitter"},
            "city": "town",
            "country": "land",
        },
    },
    "messages": {
        "table": "comments",
        "columns": {"case_id": "ticket_id", "at": "created", "author": "who", "text": "body"},
    },
    "values": {
        "channel": {"mail": "email", "call": "phone"},
        "status": {"NEW": "open", "waiting": "pending", "solved": "resolved"},
        "author": {"client": "customer", "staff": "agent", "*": "system"},
    },
    "case_url": "https://crm.example/tickets/{case_id}",
}

Make = Callable[..., SqlCrm]


class Crm:
    """The foreign CRM as its own users write to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(async_url(url))

    async def do(self, *statements: Any) -> None:
        async with self.engine.begin() as conn:
            for statement in statements:
                await conn.execute(statement)

    async def customer(self, ident: int, **values: Any) -> None:
        await self.do(insert(contacts).values(id=ident, **({"first": "Ann", "last": "Example"} | values)))

    async def ticket(self, ident: int, modified: datetime | None, **values: Any) -> None:
        defaults = {"contact_id": 1, "source": "mail", "state": "new", "queue": "email-care", "created": NOW - 9 * DAY}
        await self.do(insert(tickets).values(id=ident, modified=modified, **(defaults | values)))

    async def change(self, ident: int, modified: datetime, **values: Any) -> None:
        await self.do(update(tickets).where(tickets.c.id == ident).values(modified=modified, **values))

    async def comment(self, ticket: int, at: datetime, body: str, who: str = "client") -> None:
        await self.do(insert(comments).values(ticket_id=ticket, created=at, who=who, body=body))


def config(url: str, **changes: Any) -> SqlCrmConfig:
    return SqlCrmConfig.model_validate(MAPPING | {"url": SecretStr(url)} | changes)


async def changes(crm: SqlCrm, cursor: str | None = None) -> list[CaseChange]:
    return [change async for change in crm.changes(cursor)]


def ids(found: list[CaseChange]) -> list[str]:
    return [change.case_id for change in found]
