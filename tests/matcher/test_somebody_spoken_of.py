"""Whom a post speaks of as "she" or "he" again and again may be whose case it is, though no word says who that is."""

from datetime import UTC, datetime

import pytest

from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.mention import MentionText
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.relation_clue import RelationClue

READER = ClueReader(shared_names(), shared_places(), shared_concepts())


def read(text: str) -> list[RelationClue]:
    mention = MentionText(text, datetime(2026, 3, 12, 18, 0, tzinfo=UTC), "x", "owl_hq")
    return list(READER.read(mention).relations)


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("The old soul at 14 walks round the puddle you left. She's asked once. Fix her drain", "f"),
        ("That one is out in the shed again since you took his money and gave him nothing", "m"),
        ("One through the wall puts his suit on for your vet. He phoned on the 9th.", "m"),
    ],
)
def test_whoever_is_spoken_of_twice_may_own_the_case(text: str, gender: str) -> None:
    [clue] = read(text)
    assert (clue.relation, clue.gender, clue.named) == ("other", gender, "")
    assert clue.strength < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "She hung up on me",
        "He said Tuesday. He promised me. Nothing",
        "I emailed you. She waits and her light is out",
        "You turned her teeth down because she's a tabby. She has never worked",
        "The parcel is late",
        "The engineer came, he drilled into the pipe and he left. Leaking",
        "The girl on the phone said she'd call me back and she never did, her line is dead",
        "He esperado tres semanas y no he recibido nada",
        "Das ist drei Wochen her. Der Anruf ist auch lange her.",
    ],
)
def test_staff_animals_and_ones_own_case_are_nobody_elses(text: str) -> None:
    assert [clue for clue in read(text) if clue.relation == "other"] == []


def test_a_word_of_kin_says_more() -> None:
    assert [clue.relation for clue in read("My mum waits. She rang you about her boiler")] == ["child"]
