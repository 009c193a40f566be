"""The ``crm`` section of ``config.yaml``: the embedded CRM, or an existing SQL database read through a map."""

from datetime import timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crm.records import Channel, ContactKind, Status, Writer
from ledger.section import Duration, Secret, Section


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone: write one such as Europe/London") from error
    return name


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("this must be longer than 0s")
    return value


def _one_or_several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _lower_keys(value: object) -> object:
    """YAML reads ``1`` as a number and ``on`` as a truth value: keys are compared as lower-case text."""
    return {str(key).lower(): word for key, word in value.items()} if isinstance(value, dict) else value


Name = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_several)]
Span = Annotated[Duration, AfterValidator(_positive)]
ChannelWords = Annotated[dict[str, Channel], BeforeValidator(_lower_keys)]
StatusWords = Annotated[dict[str, Status], BeforeValidator(_lower_keys)]
WriterWords = Annotated[dict[str, Writer], BeforeValidator(_lower_keys)]
ContactWords = Annotated[dict[str, ContactKind], BeforeValidator(_lower_keys)]


class CaseColumns(Section):
    """Which column of the case table holds what. ``updated_at`` must move whenever a case changes."""

    case_id: Name
    customer_id: Name
    status: Name
    opened_at: Name
    updated_at: Name
    channel: Name | None = None
    team: Name | None = None
    resolved_at: Name | None = None
    subject: Name | None = None
    product: Name | None = None
    reference: Name | None = None
    brand: Name | None = None


class CustomerColumns(Section):
    """Which column of the customer table holds what. Several ``name`` columns are joined by spaces."""

    customer_id: Name
    name: Annotated[Names, Field(min_length=1)]
    emails: Names = ()
    phones: Names = ()
    handles: dict[str, Name] = Field(default_factory=dict)
    city: Name | None = None
    region: Name | None = None
    country: Name | None = None
    household_id: Name | None = None


class ContactColumns(Section):
    """Which column of a table of contact points holds what."""

    customer_id: Name
    kind: Name
    value: Name
    platform: Name | None = None


class MessageColumns(Section):
    """Which column of the message table holds what."""

    case_id: Name
    at: Name
    author: Name
    text: Name


class CaseTable(Section):
    """The table or view of cases; ``schema.table`` where it is not in the default schema."""

    table: Name
    columns: CaseColumns


class CustomerTable(Section):
    """The table or view of customers."""

    table: Name
    columns: CustomerColumns


class ContactTable(Section):
    """The table or view of contact points, where customers have many."""

    table: Name
    columns: ContactColumns


class MessageTable(Section):
    """The table or view of messages and notes."""

    table: Name
    columns: MessageColumns


class Values(Section):
    """What the CRM's own words mean, such as ``{new: open, solved: resolved}``; ``"*"`` stands for all others."""

    channel: ChannelWords = Field(default_factory=dict)
    status: StatusWords = Field(default_factory=dict)
    author: WriterWords = Field(default_factory=dict)
    contact: ContactWords = Field(default_factory=dict)


class Defaults(Section):
    """What holds for every case where no column says."""

    channel: Channel | None = None
    team: Name | None = None


class EmbeddedCrmConfig(Section):
    """Our own tables, filled by ``backchannel crm import``."""

    kind: Literal["embedded"]
    poll_every: Span = timedelta(seconds=15)


class SqlCrmConfig(Section):
    """An existing database, read and never written.

    ``case_url`` opens a case, ``{case_id}`` being put in; ``timezone`` is that of times that name none; ``overlap`` is
    how far back each poll looks again, since slow transactions show their changes late.
    """

    kind: Literal["sql"]
    url: Secret
    cases: CaseTable
    customers: CustomerTable
    contacts: ContactTable | None = None
    messages: MessageTable | None = None
    values: Values = Values()
    defaults: Defaults = Defaults()
    case_url: str | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    poll_every: Span = timedelta(seconds=15)
    overlap: Span = timedelta(minutes=2)
    statement_timeout: Span = timedelta(seconds=15)

    @model_validator(mode="after")
    def _each_case_has_a_channel_and_a_team(self) -> Self:
        for name in ("channel", "team"):
            if getattr(self.cases.columns, name) is None and getattr(self.defaults, name) is None:
                raise ValueError(f"name the column of the {name} in cases.columns, or give defaults.{name}")
        if self.case_url is not None and "{case_id}" not in self.case_url:
            raise ValueError("case_url must hold {case_id}, such as https://crm.example/tickets/{case_id}")
        return self


CrmConfig = Annotated[EmbeddedCrmConfig | SqlCrmConfig, Field(discriminator="kind")]
"""The ``crm`` section, told apart by its ``kind``."""
