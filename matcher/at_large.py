"""People whom a poster speaks for without "my": "ein Kumpel", "la vecina" or a bare "Daughter" who acts."""

from matcher.folding import Word
from matcher.introduced import begins_sentence
from matcher.kin_lexicon import Relation, lexicon

_OF_MANY: frozenset[Relation] = frozenset(("friend", "flatmate", "neighbour", "colleague"))
_TELEGRAPHED: frozenset[Relation] = _OF_MANY | {
    "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "inlaw", "relative",
}  # fmt: skip
_NEVER = ("possessed", "not_alone", "titled")
_ACTS_WITHIN = 6  # words behind "a neighbour"
_YOURS = {"yours", "theirs", "ihnen", "euch", "vous", "jullie", "voi", "vostri", "vosotros", "ustedes", "voces"}


def at_large(text: str, found: list[Word], index: int, relation: Relation) -> int | None:
    """Give where the words for the person at ``index`` begin; None where nothing says that they are the poster's."""
    around, word = lexicon().around, found[index].text
    if relation not in _TELEGRAPHED or any(word in around[kind] for kind in _NEVER):
        return None
    before = found[index - 1].text if index else ""
    if relation in _OF_MANY and (before in around["one"] or (relation == "neighbour" and before in around["article"])):
        return index - 1 if _acts(found, index) else None
    return index if _heads_sentence(text, found, index) else None


def _acts(found: list[Word], index: int) -> bool:
    """Whether "a colleague" does what customers do; "a colleague of yours" is of the company."""
    around = lexicon().around
    behind = [word.text for word in found[index + 1 : index + 1 + _ACTS_WITHIN]]
    of_the_company = len(behind) > 1 and behind[0] in around["of"] and behind[1] in _YOURS
    return not of_the_company and any(word in around["act"] and word not in around["aux"] for word in behind)


def _heads_sentence(text: str, found: list[Word], index: int) -> bool:
    """Whether a sentence begins with the person and goes on with what they do: "Daughter emailed you"."""
    if index + 1 == len(found) or not begins_sentence(text, found, index):
        return False
    follows, around = found[index + 1], lexicon().around
    acts = follows.text in around["act"] or follows.text in around["verb"]
    return acts and text[found[index].end : follows.start] == " "
