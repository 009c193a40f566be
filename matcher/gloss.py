"""Word-by-word English for posts in other languages, so that an English network can read them.

MiniLM knows English words only; in another language it sees pieces of letters. A gloss keeps neither grammar nor style,
but it says what the post is about and how strong its words are.
"""

import re
from functools import cache

from matcher.shelf import DATA, lines

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOST_WORDS = 4
_COMPOUNDING = ("de", "nl")
_LEAST_HEAD, _LEAST_TAIL = 4, 4
_LINKING = ("", "s", "n", "en", "es")


class Glosses:
    """The words and expressions of one language with their English glosses."""

    def __init__(self, known: dict[str, str], *, compounds: bool = False) -> None:
        """Take lower-case glosses by lower-case words; ``compounds`` are then cut into two known words."""
        self._known = known
        self._compounds = compounds
        self._starts = {entry.split(" ", 1)[0] for entry in known if " " in entry}

    def into_english(self, text: str) -> str:
        """Replace every word and expression that is known; marks, numbers and unknown words stay as they are."""
        found = list(_WORD.finditer(text))
        said = [match.group().lower().replace("’", "'") for match in found]
        parts, place, at = [], 0, 0
        while place < len(found):
            length = self._length(text, found, said, place)
            start, end = found[place].start(), found[place + length - 1].end()
            parts += [text[at:start], self._gloss(" ".join(said[place : place + length]), text[start:end])]
            at, place = end, place + length
        return " ".join("".join([*parts, text[at:]]).split())

    def _length(self, text: str, found: list[re.Match[str]], said: list[str], place: int) -> int:
        """Give how many words the longest known expression that begins here has; 1 where there is none."""
        if said[place] not in self._starts:
            return 1
        for length in range(min(_MOST_WORDS, len(said) - place), 1, -1):
            between = text[found[place].start() : found[place + length - 1].end()]
            if " ".join(said[place : place + length]) in self._known and not re.search(r"[.!?,;:\n]", between):
                return length
        return 1

    def _gloss(self, said: str, written: str) -> str:
        known = self._known.get(said)
        if known is None and self._compounds:
            known = self._of_compound(said)
        return written if known is None else known

    def _of_compound(self, word: str) -> str | None:
        """Cut a compound into two known words, the last one as long as can be."""
        for cut in range(_LEAST_HEAD, len(word) - _LEAST_TAIL + 1):
            tail = self._known.get(word[cut:])
            if tail:
                head = next((self._known[h] for mark in _LINKING if (h := self._head(word[:cut], mark))), None)
                if head:
                    return f"{head} {tail}"
        return None

    def _head(self, start: str, mark: str) -> str:
        bare = start[: len(start) - len(mark)] if start.endswith(mark) else ""
        return bare if len(bare) >= _LEAST_HEAD - 1 and self._known.get(bare) else ""


@cache
def glosses(lang: str) -> Glosses | None:
    """Give the shipped glosses of a language; None for one without."""
    name = f"glosses_{lang}.txt"
    if not (DATA / name).is_file():
        return None
    pairs = (line.partition("\t") for line in lines(name))
    return Glosses({word: gloss for word, _, gloss in pairs}, compounds=lang in _COMPOUNDING)


@cache
def english_words() -> frozenset[str]:
    """Give the ordinary English words that the longest list of glosses is made of."""
    entries = (line.partition("\t")[2] for line in lines("glosses_de.txt"))
    return frozenset(word.lower() for gloss in entries for word in gloss.split())


def in_english(text: str, lang: str) -> str:
    """Gloss a text of a language; a text of one without glosses stays as it is."""
    known = glosses(lang)
    return text if known is None else known.into_english(text)
