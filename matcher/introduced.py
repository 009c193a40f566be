"""Posters who say who they are to the customer: "Mark's wife here", "soy la mujer de Marcos", "as her son"."""

from matcher.folding import Word
from matcher.kin_lexicon import Gender, Relation, lexicon
from matcher.relation_clue import RelationClue

_REVERSED: dict[Relation, Relation] = {
    "child": "parent", "parent": "child", "grandchild": "grandparent", "grandparent": "grandchild",
}  # fmt: skip
_OWNERS: dict[str, Gender] = {
    "his": "m", "her": "f", "sein": "m", "seine": "m", "ihr": "f", "ihre": "f", "zijn": "m", "haar": "f",
    "son": "", "sa": "", "su": "", "suo": "", "sua": "", "seu": "",
}  # fmt: skip
_STRENGTH = 1.0
_WITHIN = 3  # words, as in "this is the wife of"
_MARKS = frozenset('.!?:;…\n"“”()[]|')


def introduced(text: str, found: list[Word], index: int, given_names: frozenset[str]) -> RelationClue | None:
    """Read the poster's word for themselves.

    Their relation is the reverse of the word's, and the customer is the one whose wife or mother they say they are.
    """
    known = lexicon().people.get(found[index].text)
    if known is None or not (owner := _owner(found, index, given_names) or _alone(text, found, index)):
        return None
    first, last, named, gender = owner
    after = found[last + 1].text if last + 1 < len(found) else ""
    if after not in lexicon().around["here"] and not _i_am(found, first):
        return None
    words = " ".join(word.text for word in found[first : last + 1])
    relation = _REVERSED.get(known[0], known[0])
    span = (found[first].start, found[last].end)
    return RelationClue("relation", words, *span, relation=relation, gender=gender, named=named, strength=_STRENGTH)


def begins_sentence(text: str, found: list[Word], index: int) -> bool:
    """Whether no word of the same sentence stands before this one."""
    before = text[found[index - 1].end : found[index].start] if index else ""
    return not index or not _MARKS.isdisjoint(before)


def _i_am(found: list[Word], first: int) -> bool:
    """Whether "I am", "this is" or "as" stands right before, an article between them or not."""
    around = lexicon().around
    said = [word.text for word in found[max(first - _WITHIN, 0) : first]]
    said = said[:-1] if said and said[-1] in around["article"] else said
    return bool(said) and (said[-1] in around["i_am"] or " ".join(said[-2:]) in around["i_am"])


def _owner(found: list[Word], index: int, given_names: frozenset[str]) -> tuple[int, int, str, Gender] | None:
    """Give where "Mark's wife" or "wife of Mark" begins and ends, with the owner's name or gender; None for another."""
    before = found[index - 1].text if index else ""
    name = before.removesuffix("'s")
    if name != before and name in given_names:
        return index - 1, index, name, ""
    if before in _OWNERS:
        return index - 1, index, "", _OWNERS[before]
    behind = [word.text for word in found[index + 1 : index + 3]]
    if len(behind) == 2 and behind[0] in lexicon().around["of"] and behind[1] in given_names:
        return index, index + 2, behind[1], ""
    return None


def _alone(text: str, found: list[Word], index: int) -> tuple[int, int, str, Gender] | None:
    """Read "Daughter here", "Mari ici": the poster's own word at the head of a sentence, whose owner is not named."""
    after = found[index + 1].text if index + 1 < len(found) else ""
    heads = begins_sentence(text, found, index) and after in lexicon().around["here"]
    return (index, index, "", "") if heads else None
