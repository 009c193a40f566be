"""Numbers with a half, as people say them of times: "two and a half weeks", "anderthalb Monate", "un mois et demi"."""

from matcher.folding import Word
from matcher.numbers import number_before

_WORDS = {
    "anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5, "viereinhalb": 4.5,
    "funfeinhalb": 5.5, "sechseinhalb": 6.5, "siebeneinhalb": 7.5, "achteinhalb": 8.5,
    "anderhalf": 1.5, "anderhalve": 1.5, "tweeenhalf": 2.5, "tweeenhalve": 2.5, "drieenhalf": 3.5, "drieenhalve": 3.5,
    "vierenhalf": 4.5, "vierenhalve": 4.5, "vijfenhalf": 5.5, "vijfenhalve": 5.5, "zesenhalf": 6.5, "zesenhalve": 6.5,
}  # fmt: skip
_HALF = {"half", "halbe", "halben", "halve"}
_ARTICLES = {"a", "eine", "einen", "een"}
_JOINERS = {"and", "und", "en"}
_BEHIND = {
    ("and", "a", "half"), ("et", "demie"), ("et", "demi"), ("y", "media"), ("y", "medio"), ("e", "meia"),
    ("e", "meio"), ("e", "mezzo"), ("e", "mezza"),
}  # fmt: skip
_OPENING = {said[0] for said in _BEHIND}


def half_before(found: list[Word], index: int) -> tuple[float | None, int]:
    """Read the number with a half that the words before ``index`` close with, and in how many words."""
    last = found[index - 1].text if index else ""
    if last in _WORDS:
        return _WORDS[last], 1
    before = [word.text for word in found[max(0, index - 3) : index - 1]]
    if last not in _HALF or len(before) < 2 or before[0] not in _JOINERS or before[1] not in _ARTICLES:
        return None, 0
    value, used = number_before(found, index - 3)
    return (value + 0.5, used + 3) if value else (None, 0)


def words_of_half(found: list[Word], index: int) -> int:
    """Count the words that add a half to the unit at ``index``: "a month and a half", "dos semanas y media"."""
    if index + 2 >= len(found) or found[index + 1].text not in _OPENING:
        return 0
    behind = tuple(word.text for word in found[index + 1 : index + 4])
    return next((count for count in (2, 3) if behind[:count] in _BEHIND), 0)


def halves_joined(text: str, found: list[Word]) -> list[Word]:
    """Give the words with a half that is written in figures as one with its number: "2½" and "2 1/2" as 2.5."""
    if "½" not in text and "1/2" not in text:
        return found
    joined: list[Word] = []
    for word in found:
        joined.append(word)
        half = _half(text, *joined[-2:]) if word.text == "2" and len(joined) > 1 else None
        if half is not None:
            joined[-2:] = [half]
            whole = joined[-2] if len(joined) > 1 and half.text == "0.5" else None
            if whole is not None and whole.text.isdigit() and text[whole.end : half.start] == " ":
                joined[-2:] = [Word(f"{whole.text}.5", whole.start, half.end)]
    return joined


def _half(text: str, over: Word, two: Word) -> Word | None:
    """Join the two words that a half in figures gives; folded, "2½" gives "21" and "2" with one end."""
    if text[two.start] == "½" and over.end == two.end and over.text.isdigit():
        return Word(f"{over.text[:-1] or 0}.5", over.start, two.end)
    slashed = over.text == "1" and text[over.end : two.start] == "/"
    return Word("0.5", over.start, two.end) if slashed else None
