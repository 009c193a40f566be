"""What teachers and graders say of many texts: what the encoder that ships learns from, beside the labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from training.graded import MOST, Graded, odds
from training.rows import Row

LESSONS = Path(__file__).parent.parent / "build" / "teacher"
_TEXTS, _SAID = "lessons.json", "lessons.npz"

Floats = NDArray[np.float32]


class Said(NamedTuple):
    """Logits of the flags [texts, 8], severity [texts], logits of the kinds [texts, kinds], means [texts, width]."""

    flags: Floats
    severity: Floats
    kinds: Floats
    means: NDArray[np.float16]


class Lessons(NamedTuple):
    """``texts`` as the encoder reads them, the ``rows`` of the corpus that they are (or ""), and what was said."""

    texts: Sequence[str]
    rows: Sequence[str]
    said: Said

    def take(self, places: Sequence[int]) -> "Lessons":
        """Return the lessons at ``places``."""
        at, said = list(places), self.said
        taken = Said(said.flags[at], said.severity[at], said.kinds[at], said.means[at])
        return Lessons([self.texts[place] for place in at], [self.rows[place] for place in at], taken)


def store(lessons: Lessons, folder: Path) -> None:
    """Write lessons to ``folder``."""
    (folder / _TEXTS).write_bytes(msgspec.json.encode({"texts": lessons.texts, "rows": lessons.rows}))
    np.savez(folder / _SAID, **lessons.said._asdict())


def load(folder: Path) -> Lessons:
    """Read the lessons that ``store`` wrote."""
    told = msgspec.json.decode((folder / _TEXTS).read_bytes(), type=dict[str, list[str]])
    with np.load(folder / _SAID) as kept:
        return Lessons(told["texts"], told["rows"], Said(**{name: kept[name] for name in Said._fields}))


def heard(said: Said, known: Sequence[Row], posts: Sequence[Graded]) -> Said:
    """Let the grades speak beside the teachers: of ``known``, which stand first in what was said, and ``posts`` behind.

    Whether a graded post is a complaint is then the mean of the log odds of both; the mood is that of the grades alone.
    """
    flags, first, end = said.flags.copy(), len(known), len(known) + len(posts)
    grades = np.array([odds(post.chance) for post in posts], np.float32)
    flags[first:end, 0] = (flags[first:end, 0] + grades) / 2
    flags[:end, -1] = [*(odds(row.mood / MOST) for row in known), *(odds(post.mood / MOST) for post in posts)]
    return said._replace(flags=flags)
