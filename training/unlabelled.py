"""Posts without labels in ``training/unlabelled/*.txt``, one a line, for the teacher to judge.

They were written for this project; brands and people in them are invented. A file's name begins with its language.
"""

from pathlib import Path

from matcher.gloss import in_english
from matcher.wording import plain

UNLABELLED = Path(__file__).parent / "unlabelled"


def raw_posts() -> list[str]:
    """Return every post as the encoder reads it: without handles and links, and glossed where it is not English."""
    files = sorted(UNLABELLED.glob("*.txt"))
    return [in_english(plain(line), path.stem[:2]) for path in files for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").split("\n") if line.strip()]
