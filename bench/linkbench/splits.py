"""Three splits that share no name, phrase, product or town: ``train`` fits, ``dev`` calibrates, ``test`` judges.

Each split has a folder of word banks of its own under ``banks/``. What a language has but one word for is shared:
numbers, weekdays, weeks (``durations``) and the words for kin (``kin``).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = ("train", "dev", "test")
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")
_BANKS = Path(__file__).parent / "banks"


def folder(split: Split) -> Path:
    """Give the folder that holds a split's words."""
    return _BANKS / split


def lines_of(split: Split, name: str) -> Iterator[str]:
    """Give the lines of one of a split's files, without comments and blank lines."""
    text = (folder(split) / name).read_text("utf-8")
    return (line for line in text.split("\n") if line.strip() and not line.startswith("#"))


@cache
def sealed_seed() -> str:
    """Give the seed of the sealed companies of ``test``, measured when a change is done, never looked into."""
    return next(iter(lines_of("test", "sealed.txt")))
