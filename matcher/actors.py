"""People whom a post names without a word of kin, who reached the company or bought: "Pippa chased them all week"."""

from collections.abc import Container

from matcher.folding import Word
from matcher.kin_lexicon import lexicon
from matcher.relation_clue import RelationClue

_STRENGTH = 0.45  # an agent may be meant, so the poster's own case is not spoken against by it
_LEAST_NAME = 3
_BLANKED = 4  # characters: a handle was here, and the reader took it out


def actors(text: str, found: list[Word], given_names: Container[str]) -> list[RelationClue]:
    """Give those who act by name; whoever did something for "me" or "us" is of the company."""
    said = [_actor(text, found, index) for index in range(len(found)) if found[index].text in given_names]
    return [clue for clue in said if clue is not None]


def _actor(text: str, found: list[Word], index: int) -> RelationClue | None:
    name, around = found[index], lexicon().around
    if len(name.text) < _LEAST_NAME or name.text in around["no_name"] or not _is_written_as_name(text, name):
        return None
    act = index + 1
    while act < len(found) and found[act].text in around["aux"]:
        act += 1
    if act == len(found) or act - index > 3 or not _did(text, found, act):
        return None
    words = " ".join(word.text for word in found[index : act + 1])
    span = (name.start, found[act].end)
    return RelationClue("relation", words, *span, relation="other", named=name.text, strength=_STRENGTH)


def _is_written_as_name(text: str, word: Word) -> bool:
    return text[word.start].isupper() and text[word.start : word.end] != text[word.start : word.end].upper()


def _did(text: str, found: list[Word], act: int) -> bool:
    """Whether the word at ``act`` is something that a customer did; a call needs somebody who was called."""
    around, verb = lexicon().around, found[act]
    after = found[act + 1] if act + 1 < len(found) else None
    handle = text[verb.end : after.start if after else len(text)].count(" ") >= _BLANKED
    if not handle and after is not None and after.text in around["of_us"]:
        return False
    called = handle or (after is not None and after.text in around["the_company"])
    return verb.text in around["did"] or (verb.text in around["did_call"] and called)
