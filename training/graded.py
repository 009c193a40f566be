"""Posts in ``training/graded/*.txt``, one a line, each behind two digits that say how it was read.

They were written for this project; brands and people in them are invented. A file's name begins with its language.
"""

from collections.abc import Iterator
from math import log
from pathlib import Path

import msgspec

from matcher.gloss import in_english
from matcher.wording import plain

GRADED = Path(__file__).parent / "graded"
CHANCES = (0.01, 0.03, 0.12, 0.35, 0.55, 0.72, 0.86, 0.93, 0.97, 0.985)
"""How surely a post of each grade is a complaint: about the share of complaints among labelled posts of that grade."""
MOST = 9
_LEAST = 0.01


class Graded(msgspec.Struct, frozen=True):
    """A post with its grades.

    ``complaint`` runs from 0 (surely none) to 9 (surely one), ``mood`` from 0 (pleased) to 9 (furious) with whatever
    the post is about, complaint or not.
    """

    text: str
    lang: str
    complaint: int
    mood: int

    @property
    def chance(self) -> float:
        """How surely the post is a complaint."""
        return CHANCES[self.complaint]


def graded(folder: Path = GRADED) -> list[Graded]:
    """Read every graded post, in the order of the files' names; raises ValueError where a line has no grades."""
    return [post for path in sorted(folder.glob("*.txt")) for post in _posts(path)]


def encoded(post: Graded) -> str:
    """Return a post as the encoder reads it: without handles and links, and glossed where it is not English."""
    return in_english(plain(post.text), post.lang)


def odds(share: float) -> float:
    """Return the log odds of a share, which is never taken for quite 0 or 1."""
    share = min(max(share, _LEAST), 1 - _LEAST)
    return log(share / (1 - share))


def _posts(path: Path) -> Iterator[Graded]:
    """Read one file; only newlines end a line, for posts hold other separators."""
    for number, line in enumerate(path.read_text("utf-8").rstrip("\n").split("\n"), 1):
        grades, _, text = line.partition(" ")
        if len(grades) != 2 or not grades.isdecimal() or not text.strip():
            raise ValueError(f"{path.name}:{number}: a line is two digits, a space and a post")
        yield Graded(text, path.stem[:2], int(grades[0]), int(grades[1]))
