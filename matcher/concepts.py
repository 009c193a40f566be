"""Concepts: what a complaint is about, said in any of seven languages."""

from functools import cache, lru_cache

from matcher.folding import Word, fold, stem
from matcher.shelf import lines

_PREFIX = 4
_KEPT = 32768  # words


class Concepts:
    """Maps folded words and phrases to concepts, so that posts and cases in different languages meet."""

    def __init__(self, extra: dict[str, list[str]] | None = None) -> None:
        """Read the shipped list; ``extra`` adds words by concept, as the configuration says."""
        self._of_word = lru_cache(maxsize=_KEPT)(self._look_up)
        self._words: dict[str, set[str]] = {}
        self._prefixes: dict[str, list[tuple[str, str]]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for line in lines("concepts.txt"):
            code, _, rest = line.partition(":")
            self._add(code.strip(), fold(rest).split())
        for code, said in (extra or {}).items():
            self._add(fold(code), [fold(word).replace(" ", "_") for word in said])

    def _add(self, code: str, said: list[str]) -> None:
        for word in said:
            if word.endswith("*"):
                prefix = word[:-1]
                self._prefixes.setdefault(prefix[:_PREFIX], []).append((prefix, code))
            elif "_" in word:
                parts = tuple(word.split("_"))
                self._phrases.setdefault(parts[0], []).append((parts, code))
            else:
                self._words.setdefault(word, set()).add(code)
                if len(word) > 5:
                    self._words.setdefault("~" + stem(word), set()).add(code)

    def of(self, found: list[Word]) -> dict[str, str]:
        """Give the concepts of a text, each with the words that say it."""
        said: dict[str, str] = {}
        texts = [word.text for word in found]
        for index, text in enumerate(texts):
            for code in self._of_word(text):
                said.setdefault(code, text)
            for parts, code in self._phrases.get(text, ()):
                if tuple(texts[index : index + len(parts)]) == parts:
                    said.setdefault(code, " ".join(parts))
        return said

    def _look_up(self, text: str) -> tuple[str, ...]:
        codes = set(self._words.get(text, ()))
        if len(text) > 5:
            codes |= self._words.get("~" + stem(text), set())
        for start in (text[:_PREFIX], text[:3]):
            codes |= {code for prefix, code in self._prefixes.get(start, ()) if text.startswith(prefix)}
        return tuple(sorted(codes))


@cache
def shared_concepts() -> Concepts:
    """Give the one reading of the list that all parts of the process share."""
    return Concepts()
