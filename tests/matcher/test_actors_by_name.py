"""Somebody who reached the company is read by name alone; the company's own people are not."""

from datetime import UTC, datetime

import pytest

from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.relation_clue import RelationClue


def read(text: str) -> tuple[RelationClue, ...]:
    reader = ClueReader(shared_names(), shared_places(), shared_concepts())
    mention = MentionText(text=text, posted_at=datetime(2026, 7, 20, tzinfo=UTC), platform="x", handle="gaz_itdesk")
    return reader.read(mention).relations


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("12 headsets with the wrong plug. Pippa chased @pelorus all last week", "pippa"),
        ("Sarah rang @pelorus twice and nothing", "sarah"),
        ("Tom has already emailed them", "tom"),
        ("Jonas hat euch geschrieben", "jonas"),
        ("Camille a appelé @pelorus hier", "camille"),
        ("Marta escribió la semana pasada", "marta"),
        ("Pieter heeft gemaild", "pieter"),
    ],
)
def test_whoever_reached_the_company_may_own_the_case(text: str, named: str) -> None:
    assert [(clue.relation, clue.named) for clue in read(text)] == [("other", named)]


@pytest.mark.parametrize(
    "text",
    [
        "Sarah rang me back and said sorry",
        "Dave called to say no",
        "Tom emailed us a label",
        "I ordered Sarah a gift",
        "SARAH RANG THEM",
        "sarah ordered is not how sentences begin",
    ],
)
def test_the_companys_people_and_mere_words_do_not(text: str) -> None:
    assert read(text) == ()


def test_a_word_of_kin_says_more_than_the_name() -> None:
    assert [clue.relation for clue in read("my sister Pippa chased @pelorus all week")] == ["sibling"]
