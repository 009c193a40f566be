"""Posters who say whose wife, mother or son they are: the customer is the one they name."""

import pytest

from matcher.folding import words
from matcher.names import shared_names
from matcher.relation_clue import RelationClue
from matcher.relations import relations


def spoken_for(text: str) -> list[RelationClue]:
    return relations(text, words(text), shared_names().given_names)


@pytest.mark.parametrize(
    ("text", "relation", "gender", "named"),
    [
        ("Mark's wife here. He emailed you nine days ago", "spouse", "", "mark"),
        ("This is Mark's mum, nobody rang him", "parent", "", "mark"),
        ("Mark's daughter here, where is his order", "child", "", "mark"),
        ("I'm his wife and nobody answered", "spouse", "m", ""),
        ("Her husband here", "spouse", "f", ""),
        ("wife of Mark here", "spouse", "", "mark"),
        ("soy la mujer de Marcos y nadie contesta", "spouse", "", "marcos"),
        ("je suis la femme de Marc", "spouse", "", "marc"),
        ("ich bin die Frau von Markus", "spouse", "", "markus"),
        ("sono la moglie di Marco", "spouse", "", "marco"),
        ("ik ben de vrouw van Jan", "spouse", "", "jan"),
        ("Daughter here. Where is it?", "child", "", ""),
        ("Husband here 👋", "spouse", "", ""),
        ("As her son I have had enough", "child", "f", ""),
        ("Ich bin seine Schwester", "sibling", "m", ""),
        ("soy su hija", "child", "", ""),
        ("je suis sa fille", "child", "", ""),
        ("ik ben haar dochter", "child", "f", ""),
    ],
)
def test_who_introduces_themselves_as_somebodys_speaks_for_that_person(
    text: str, relation: str, gender: str, named: str
) -> None:
    first = spoken_for(text)[0]
    assert (first.relation, first.gender, first.named) == (relation, gender, named)
    assert first.strength >= 0.5


@pytest.mark.parametrize("text", ["this is ridiculous, my wife emailed", "I'm telling you my wife here emailed"])
def test_who_speaks_of_their_own_wife_is_no_wife(text: str) -> None:
    first = spoken_for(text)[0]
    assert (first.relation, first.gender) == ("spouse", "f")
