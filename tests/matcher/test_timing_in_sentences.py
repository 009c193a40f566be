"""Sentences about time and channel quote what fits the case, in whole units."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crm.records import Case, CaseMessage, Channel, Customer
from matcher.background import Background
from matcher.clues import ClueReader, PostClues
from matcher.concepts import shared_concepts
from matcher.facets import FacetReader, Facets
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.timing import StatedChannel, StatedTimes

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())


def a_case(channel: Channel, hours: float = 216) -> Facets:
    opened = AT - timedelta(hours=hours)
    return FacetReader(*LISTS).read(
        Case(
            case_id="C-1", customer=Customer("K-1", "Ann Lowe"), channel=channel, status="open", team="t",
            opened_at=opened, updated_at=opened, messages=(CaseMessage(opened, "customer", "It broke."),),
        )
    )  # fmt: skip


BACKGROUND = Background([a_case("email")], 1)


def clues(text: str) -> PostClues:
    return ClueReader(*LISTS).read(MentionText(text, AT, "x", "owl", None, None, None))


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("email", 'says "emailed"; the case came by e-mail'),
        ("phone", 'says "rang"; the case came by phone'),
        ("chat", 'speaks of an e-mail ("emailed"); the case came by chat (against)'),
    ],
)
def test_of_several_channels_the_one_that_fits_the_case_is_quoted(channel: Channel, sentence: str) -> None:
    [reason] = StatedChannel(clues("Emailed twice, then rang"), BACKGROUND).compare(a_case(channel))
    assert reason.sentence == sentence


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.2, "1 hour"), (1, "1 hour"), (5, "5 hours"), (23.8, "1 day"), (24, "1 day"), (36.5, "2 days"), (216, "9 days")],
)
def test_the_age_of_a_case_is_said_in_whole_hours_or_days(hours: float, said: str) -> None:
    [reason] = StatedTimes(clues("It broke"), AT, BACKGROUND).compare(a_case("email", hours))
    assert reason.sentence == f"the case was opened {said} before"


def test_a_day_that_the_case_names_too_need_not_be_that_of_the_contact() -> None:
    """The mower was handed in on the 1st, and he first rang on the 9th."""
    case = msgspec.structs.replace(a_case("phone", 72), days=(datetime(2026, 3, 1, tzinfo=UTC).toordinal(),))
    said = clues("they have had it since 1 March")
    codes = [reason.code for reason in StatedTimes(said, AT, BACKGROUND).compare(case)]
    other = [reason.code for reason in StatedTimes(said, AT, BACKGROUND).compare(a_case("phone", 72))]
    assert codes == ["date_shared", "recency"]
    assert other == ["time_against"]


@pytest.mark.parametrize(
    ("vague", "telling"),
    [
        ("six hours of squats owed", "squats owed for nine days"),
        ("wore my trainers yesterday", "trainers worn for nine days"),
        ("the man came on Tuesday", "e-mailed you on Tuesday"),
        ("out of stock since 3 March", "rang you on 3 March"),
        ("bought in January", "bought nine days ago"),
    ],
)
def test_times_that_are_seldom_those_of_the_contact_say_less_for_and_against(vague: str, telling: str) -> None:
    """Hours, yesterday, a weekday or a date mostly tell when something happened, unless a word of contact is near."""
    others = Background([a_case("email", hours) for hours in range(24, 960, 24)], 39)
    spans = []
    for text in (vague, telling):
        said = StatedTimes(clues(text), AT, others)
        values = [reason.value for hours in (6, 30, 54, 216, 1200) for reason in said.compare(a_case("email", hours))]
        spans.append(max(values) - min(values))
    assert spans[0] < spans[1]
