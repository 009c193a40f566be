"""Which receivers own an alert: pure, and with a reason that a person can read."""

import msgspec

from notifier.card import AlertKind
from notifier.config import Match, NotifierConfig, Policy

FIRST_CONTACT = "first contact"
FALLBACK = "fallback"


class Facts(msgspec.Struct, frozen=True):
    """What a route may look at. ``channel`` and ``team`` are those of the case; an unlinked complaint has neither."""

    kind: AlertKind
    channel: str | None = None
    team: str | None = None
    brand: str = ""
    lang: str | None = None


class Routing(msgspec.Struct, frozen=True):
    """Where an alert goes: the route's name, its receivers, the policy by name and in full, and why."""

    route: str
    receivers: tuple[str, ...]
    policy_name: str
    policy: Policy
    reason: str


def route(config: NotifierConfig, facts: Facts) -> Routing:
    """Return the first route that fits, else the fallback.

    Routes say which team owns which cases. An unlinked complaint has no case: it goes to first contacts, unless a
    route asks for ``kind: unlinked`` by name.
    """
    for candidate in config.routes:
        if _fits(candidate.match, facts):
            reason = f"route '{candidate.name}' fits: {_why(candidate.match)}"
            return _to(config, candidate.name, candidate.receivers, candidate.policy, reason)
    first = config.first_contact
    if facts.kind == "unlinked" and first is not None:
        return _to(config, FIRST_CONTACT, first.receivers, first.policy, "no case was found behind the complaint")
    return _to(config, FALLBACK, config.fallback, "default", f"no route fits {_told(facts)}")


def _fits(match: Match, facts: Facts) -> bool:
    if facts.kind == "unlinked" and "unlinked" not in match.kind:
        return False
    language = (facts.lang or "").lower()
    return (
        _one_of(match.kind, facts.kind)
        and _one_of(match.channel, facts.channel)
        and _one_of(match.team, facts.team)
        and _one_of(match.brand, facts.brand)
        and (_one_of(match.lang, language) or _one_of(match.lang, language.split("-")[0]))
    )


def _one_of(wanted: tuple[str, ...], value: str | None) -> bool:
    return not wanted or (value or "").casefold() in {each.casefold() for each in wanted}


def _to(config: NotifierConfig, name: str, receivers: tuple[str, ...], policy: str, reason: str) -> Routing:
    return Routing(name, receivers, policy, config.policy(policy), reason)


def _why(match: Match) -> str:
    given = {name: values for name in Match.model_fields if (values := getattr(match, name))}
    return ", ".join(f"{name} is {' or '.join(values)}" for name, values in given.items()) or "it takes everything"


def _told(facts: Facts) -> str:
    parts = {"kind": facts.kind, "channel": facts.channel, "team": facts.team, "brand": facts.brand, "lang": facts.lang}
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)
