"""Somebody of whom a post tells, and for whom its poster may speak."""

from matcher.clue import Clue
from matcher.kin_lexicon import Gender, Relation


class RelationClue(Clue, frozen=True, kw_only=True):
    """Somebody for whom the poster may speak. ``strength`` is how surely that person, not the poster, owns the case.

    ``gender`` is that of the person spoken of; ``named`` holds the given name that the poster uses, folded.
    """

    relation: Relation
    gender: Gender = ""
    named: str = ""
    strength: float = 0.5
