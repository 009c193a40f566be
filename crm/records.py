"""Customers, contact points, cases and messages, as every CRM adapter hands them over."""

from datetime import datetime
from typing import Literal

import msgspec

Channel = Literal["email", "phone", "chat", "in_person", "partner"]
Status = Literal["open", "pending", "resolved", "closed"]
ContactKind = Literal["email", "phone", "handle"]
Writer = Literal["customer", "agent", "system"]


class ContactPoint(msgspec.Struct, frozen=True):
    """One way to reach a customer; ``platform`` is set for handles only (``x``, ``reddit``, ...)."""

    kind: ContactKind
    value: str
    platform: str | None = None


class Customer(msgspec.Struct, frozen=True):
    """A person whom the CRM knows. ``country`` is an ISO 3166 alpha-2 code."""

    customer_id: str
    name: str
    contacts: tuple[ContactPoint, ...] = ()
    city: str | None = None
    region: str | None = None
    country: str | None = None
    household_id: str | None = None


class CaseMessage(msgspec.Struct, frozen=True):
    """One message of a case, or an agent's note of a call. ``at`` is in UTC."""

    at: datetime
    author: Writer
    text: str


class Case(msgspec.Struct, frozen=True):
    """One request of a customer. All times are in UTC; ``url`` opens it in the CRM, where that is known."""

    case_id: str
    customer: Customer
    channel: Channel
    status: Status
    team: str
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None
    subject: str = ""
    product: str | None = None
    reference: str | None = None
    brand: str | None = None
    url: str | None = None
    messages: tuple[CaseMessage, ...] = ()
