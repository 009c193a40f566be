"""Who owns an alert, and how a wrong name in the configuration is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from notifier.config import NotifierConfig, Policy
from notifier.routing import Facts, route
from tests.notifier.desk import CONFIG, config

ROUTES: list[dict[str, Any]] = [
    {"name": "vip", "match": {"team": "vip", "channel": ["email", "phone"]}, "receivers": "head", "policy": "fast"},
    {"name": "german", "match": {"lang": "de", "channel": "email"}, "receivers": "first"},
    {"name": "email", "match": {"channel": "email"}, "receivers": "email-team"},
    {"name": "phone", "match": {"channel": "phone", "brand": "larkmoor"}, "receivers": "phone-team"},
    {"name": "questions", "match": {"kind": "possible"}, "receivers": "phone-team"},
    {"name": "all", "match": {"kind": ["link"], "team": "ops"}, "receivers": ["head", "admin"]},
]
SETTINGS = config(routes=ROUTES, policies={"fast": {"respond_within": "15m", "remind_after": "5m"}})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts("link", "email", "care", "Larkmoor", "en"), "email"),
        (Facts("link", "EMAIL", "care", "Larkmoor", "en"), "email"),
        (Facts("link", "email", "VIP", "Larkmoor", "en"), "vip"),
        (Facts("link", "email", "care", "Larkmoor", "de-AT"), "german"),
        (Facts("link", "phone", "care", "LARKMOOR", None), "phone"),
        (Facts("link", "phone", "care", "Other", None), "fallback"),
        (Facts("possible", "chat", "care"), "questions"),
        (Facts("link", "chat", "ops"), "all"),
        (Facts("unlinked", None, None, "Larkmoor", "de"), "first contact"),
    ],
)
def test_the_first_route_that_fits_wins(facts: Facts, expected: str) -> None:
    """Every key that a route names must fit, and case of letters does not matter."""
    assert route(SETTINGS, facts).route == expected


def test_a_route_names_its_reason_and_policy() -> None:
    """The reason can be read by a person, and the policy is given in full."""
    found = route(SETTINGS, Facts("link", "phone", "vip"))
    assert found.reason == "route 'vip' fits: channel is email or phone, team is vip"
    assert (found.policy_name, found.policy.respond_within.total_seconds()) == ("fast", 900)
    assert route(SETTINGS, Facts("link", "chat", "care")).reason == "no route fits kind link, channel chat, team care"


def test_an_unlinked_complaint_reaches_a_route_only_by_name() -> None:
    """A route for a brand owns cases; a complaint without a case goes to first contacts unless a route asks for it."""
    by_brand = config(routes=[{"name": "brand", "match": {"brand": "Larkmoor"}, "receivers": "head"}])
    assert route(by_brand, Facts("unlinked", brand="Larkmoor")).receivers == ("first",)
    by_name = config(routes=[{"name": "new", "match": {"kind": "unlinked"}, "receivers": "head"}])
    assert route(by_name, Facts("unlinked", brand="Larkmoor")).receivers == ("head",)
    assert route(config(first_contact=None), Facts("unlinked")).receivers == ("admin",)


@given(
    channel=st.sampled_from(["email", "phone", "chat", "in_person", "partner"]),
    brand=st.text(max_size=10),
    lang=st.none() | st.text(max_size=8),
    kind=st.sampled_from(["link", "possible"]),
)
def test_a_case_reaches_only_receivers_of_its_own_channel(
    channel: Any, brand: str, lang: str | None, kind: Any
) -> None:
    """Whatever a post says, a case of one channel never reaches the team of another."""
    found = route(config(), Facts(kind, channel, "care", brand, lang))
    assert set(found.receivers) <= {"email": {"email-team"}, "phone": {"phone-team"}}.get(channel, {"admin"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"routes": [{"name": "email", "receivers": "emial-team"}]},
            "routes[0].receivers[0]: no receiver is called 'emial-team': did you mean 'email-team'?",
        ),
        ({"fallback": "nobody"}, "fallback[0]: no receiver is called 'nobody': there are: admin, email-team"),
        ({"head_of_support": ["haed"]}, "head_of_support[0]: no receiver is called 'haed': did you mean 'head'?"),
        (
            {"routes": [{"name": "a", "receivers": "head", "policy": "fsat"}], "policies": {"fast": {}}},
            "routes[0].policy: no policy is called 'fsat': did you mean 'fast'?",
        ),
        (
            {"routes": [{"name": "a", "receivers": "head"}, {"name": "a", "receivers": "head"}]},
            "two routes are called 'a'",
        ),
        ({"policies": {"fast": {"escalate_to": "hed"}}}, "policies.fast.escalate_to[0]: no receiver is called 'hed'"),
        ({"first_contact": {"receivers": "frist"}}, "first_contact.receivers[0]: no receiver is called 'frist'"),
        ({"timezone": "Europe/Lodnon"}, "'Europe/Lodnon' is no time zone"),
        ({"policies": {"odd": {"remind_after": "2h"}}}, "remind_after must be shorter than respond_within"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_its_place(changes: dict[str, Any], message: str) -> None:
    """The message names the place and the likely meaning."""
    with pytest.raises(ValidationError) as caught:
        NotifierConfig.model_validate({**CONFIG, **changes})
    assert message in str(caught.value)


def test_every_problem_is_told_at_once_with_its_path() -> None:
    """A reader of the error finds the path of each wrong name, to look up its line."""
    with pytest.raises(ValidationError) as caught:
        config(fallback="nobdy", head_of_support="hed")
    problems = caught.value.errors()[0]["ctx"]["problems"]
    assert [tuple(each["place"]) for each in problems] == [("fallback", 0), ("head_of_support", 0)]


def test_escalation_goes_to_the_policy_first_then_the_head_then_the_fallback() -> None:
    """Somebody is always told when the time is up."""
    assert config().escalation(Policy(escalate_to=("first",))) == ("first",)
    assert config().escalation(Policy()) == ("head",)
    assert config(head_of_support=()).escalation(Policy()) == ("admin",)
