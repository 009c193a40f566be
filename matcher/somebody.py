"""Somebody whom a post speaks of as "she" or "he" again and again, without a word for who that is."""

from matcher.folding import Word
from matcher.kin_lexicon import Gender, lexicon
from matcher.relation_clue import RelationClue

_WORDS: dict[Gender, set[str]] = {
    "f": {"she", "her", "hers", "she's", "she'd", "she'll", "herself"},
    "m": {"he", "him", "his", "he's", "he'd", "he'll", "himself"},
}
"""English only: in the other languages things are spoken of so too."""
_OF_STAFF = {"said", "says", "told", "promised", "refused", "claimed", "claims", "assured", "hung", "shrugged"}
_HUMAN = {"asked", "posted", "sent", "signed", "texted", "waits"}
_STAFF = frozenset((
    "driver", "drivers", "engineer", "courier", "postie", "postman", "rep", "agent", "manager", "cashier", "advisor",
    "adviser", "ceo", "nurse", "doctor", "receptionist", "supervisor", "technician", "fitter", "plumber", "electrician",
    "staff", "employee", "attendant", "operator", "assistant", "waiter", "waitress", "steward", "stewardess",
))  # fmt: skip
_SPOKEN = frozenset(("phone", "line", "desk", "till", "counter", "chat"))  # "the girl on the phone"
_ENGLISH = frozenset(("the", "and", "you", "is", "was", "to", "of", "it", "for", "has", "been", "a", "in", "with"))
_AGAIN = 2
_WITHIN = 4  # words in which somebody's act follows
_STRENGTH = 0.3


def somebody(found: list[Word], *, animals: bool) -> list[RelationClue]:
    """Give the one of whom a text tells at least twice; whoever tells or refuses something may be of the company.

    Where ``animals`` are about, "she" may be the cat, unless she does what only people do.
    """
    said = [word.text for word in found]
    if not _STAFF.isdisjoint(said) or len(_ENGLISH.intersection(said)) < _AGAIN or _at_the_desk(said):
        return []
    for gender, words in _WORDS.items():
        places = [at for at, word in enumerate(found) if word.text in words and not _tells(found, at)]
        if len(places) >= _AGAIN and (not animals or any(_acts(found, at) for at in places)):
            first = found[places[0]]
            span = (first.start, first.end)
            return [RelationClue("relation", first.text, *span, relation="other", gender=gender, strength=_STRENGTH)]
    return []


def _at_the_desk(said: list[str]) -> bool:
    """Whether somebody "on the phone" or "at the desk" is spoken of: they are of the company."""
    return any(one in {"on", "at", "behind"} and the in {"the", "your"} and place in _SPOKEN
               for one, the, place in zip(said, said[1:], said[2:], strict=False))  # fmt: skip


def _tells(found: list[Word], at: int) -> bool:
    return at + 1 < len(found) and found[at + 1].text in _OF_STAFF


def _acts(found: list[Word], at: int) -> bool:
    """Whether an act of people follows: the words of contact and of buying, and a few more."""
    acts = lexicon().around["did"] | lexicon().around["did_call"] | _HUMAN
    return any(word.text in acts for word in found[at + 1 : at + 1 + _WITHIN])
