"""Reads the lists that ship in ``matcher/data``."""

import gzip
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"


def lines(name: str) -> Iterator[str]:
    """Give the lines of a shipped list, without comments and blank lines."""
    path = DATA / name
    text = gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text("utf-8")
    return (line for line in text.split("\n") if line.strip() and not line.startswith("#"))
