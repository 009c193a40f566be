"""Irish surnames as English records have them: Ní Dhomhnaill is O'Donnell, Ó Dálaigh is Daly."""

from collections.abc import Sequence
from functools import cache

from matcher.folding import fold
from matcher.shelf import lines

_LEADS = frozenset({"o", "ni", "ui", "mac", "nic", "mhic", "nig", "de"})


def anglicised(parts: Sequence[str]) -> list[str]:
    """Give the folded parts of a name with its Irish surname in English; with and without the O' of it."""
    found = next((n for n, part in enumerate(parts[:-1]) if n and part in _LEADS), None)
    surname = _english().get(_radical(parts[found + 1]), "") if found is not None else ""
    if found is None or not surname:
        return list(parts)
    bare = [surname[1:]] if surname.startswith("o") and len(surname) > 5 else []
    return [*parts[:found], *bare, surname, *parts[found + 2 :]]


def _radical(surname: str) -> str:
    """Take off what Irish puts before or behind a first letter: "dhalaigh", "haodha"."""
    if surname[:1] == "h":
        return surname[1:]
    return surname[:1] + surname[2:] if surname[1:2] == "h" else surname


@cache
def _english() -> dict[str, str]:
    pairs = (line.partition(":") for line in lines("surnames_irish.txt"))
    return {form: english.strip() for english, _, forms in pairs for form in fold(forms).split()}
