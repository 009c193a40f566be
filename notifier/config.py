"""The ``notifier`` section of ``config.yaml``: receivers, the routes to them, and the clocks of alerts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from crm.records import Channel
from ledger.section import Duration, Section
from notifier.card import AlertKind
from notifier.receivers import Receiver


def _many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_many)]
"""One name, or a list of names."""

SomeNames = Annotated[tuple[str, ...], BeforeValidator(_many), Field(min_length=1)]
"""One name, or a list of at least one."""


class Policy(Section):
    """The clock of an alert. Each alert keeps the policy under which it was raised, whatever is edited later."""

    respond_within: Duration = Field(
        default=timedelta(minutes=60), description="How soon somebody must answer, counted from the time of the post."
    )
    remind_after: Duration | None = Field(
        default=timedelta(minutes=30), description="When the team is reminded, counted from the post; null for never."
    )
    escalate_to: Names = Field(default=(), description="Who is told when the time is up; left out, head_of_support is.")
    at_least: Duration = Field(
        default=timedelta(minutes=30),
        description="However late a post is heard, the team has this long between the alert and the escalation.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.remind_after is not None and self.remind_after >= self.respond_within:
            raise ValueError("remind_after must be shorter than respond_within: the reminder comes first")
        return self


class Match(Section):
    """Which alerts a route is for: each key that is given must fit; a key with a list fits any of its values."""

    channel: Annotated[tuple[Channel, ...], BeforeValidator(_many)] = Field(
        default=(), description="Where the case came from."
    )
    team: Names = Field(default=(), description="The team that owns the case, as the CRM writes it.")
    brand: Names = ()
    lang: Names = Field(default=(), description="The language of the post: en fits en-GB too.")
    kind: Annotated[tuple[AlertKind, ...], BeforeValidator(_many)] = Field(
        default=(), description="link: a case is named; possible: up to three are offered; unlinked: none was found."
    )


class Route(Section):
    """Which receivers own which alerts. The first route that fits wins."""

    name: str = Field(min_length=1, max_length=120)
    match: Match = Match()
    receivers: SomeNames
    policy: str = "default"


class FirstContact(Section):
    """Who gets complaints behind which no case was found."""

    receivers: SomeNames
    policy: str = "default"


class Notable(Section):
    """From which reach a further post of a case is worth a note of its own, beside the edit of the alert."""

    followers: int = Field(default=10_000, ge=0)
    reactions: int = Field(default=100, ge=0, description="Likes and reposts together.")


class Problem(msgspec.Struct, frozen=True):
    """A name in the section that leads nowhere; ``place`` is the path to it."""

    place: tuple[str | int, ...]
    message: str


class NotifierConfig(Section):
    """Who must know, when, and over which transport."""

    receivers: dict[str, Receiver] = Field(min_length=1, description="Where messages can go, by a name of your choice.")
    routes: tuple[Route, ...] = Field(default=(), description="Tried from top to bottom.")
    fallback: SomeNames = Field(
        description="Gets what no route fits, and what its own receiver would not take; sees initials, no names."
    )
    first_contact: FirstContact | None = Field(
        default=None, description="Left out, the fallback gets these complaints."
    )
    head_of_support: Names = Field(
        default=(), description="Is told when nobody took an alert in time; left out: the fallback."
    )
    policies: dict[str, Policy] = Field(default_factory=dict, description="Clocks by name; 'default' is the usual one.")
    group_beyond: int = Field(
        default=10, ge=1, description="More new alerts a minute than this go below an earlier one, as a thread."
    )
    fallback_after: Duration = Field(
        default=timedelta(minutes=4),
        description="How long a receiver may be unreachable before the fallback is told as well.",
    )
    notable: Notable = Notable()
    customer_names: Literal["full", "initials"] = "full"
    timezone: str = Field(default="UTC", description="In which times are shown, such as Europe/London.")
    inbox_url: str | None = Field(
        default=None, pattern=r"^https?://", description="Where the inbox is reached from a browser."
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{name}' is no time zone: write one like Europe/London") from error
        return name

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        problems = list(_problems(self))
        if problems:
            context = {"problems": [msgspec.to_builtins(problem) for problem in problems]}
            text = "; ".join(problem.message for problem in problems)
            raise PydanticCustomError("cross_reference", "{text}", {"text": text, **context})
        return self

    def policy(self, name: str) -> Policy:
        """Give a policy by its name; ``default`` exists even where nobody wrote it down."""
        return self.policies.get(name) or Policy()

    def escalation(self, policy: Policy) -> tuple[str, ...]:
        """Give the receivers that are told when the time is up."""
        return policy.escalate_to or self.head_of_support or self.fallback


def _problems(config: NotifierConfig) -> Iterator[Problem]:
    yield from _doubles(config)
    policies = {"default", *config.policies}
    for place, name in _receivers_named(config):
        yield from _check(place, name, "receiver", config.receivers)
    for place, name in _policies_named(config):
        yield from _check(place, name, "policy", dict.fromkeys(policies))


def _doubles(config: NotifierConfig) -> Iterator[Problem]:
    names = [route.name for route in config.routes]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(("routes", index, "name"), f"two routes are called '{name}': give one of them another name")


def _receivers_named(config: NotifierConfig) -> Iterator[tuple[tuple[str | int, ...], str]]:
    lists: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = [
        (("fallback",), config.fallback),
        (("head_of_support",), config.head_of_support),
        *((("routes", i, "receivers"), route.receivers) for i, route in enumerate(config.routes)),
        *((("policies", name, "escalate_to"), policy.escalate_to) for name, policy in config.policies.items()),
    ]
    if config.first_contact:
        lists.append((("first_contact", "receivers"), config.first_contact.receivers))
    for place, names in lists:
        yield from (((*place, index), name) for index, name in enumerate(names))


def _policies_named(config: NotifierConfig) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, route in enumerate(config.routes):
        yield ("routes", index, "policy"), route.policy
    if config.first_contact:
        yield ("first_contact", "policy"), config.first_contact.policy


def _check(place: tuple[str | int, ...], name: str, what: str, known: Mapping[str, Any]) -> Iterator[Problem]:
    if name in known:
        return
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(sorted(known))}"
    yield Problem(place, f"{_path(place)}: no {what} is called '{name}': {hint}")


def _path(place: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
