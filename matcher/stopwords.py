"""Words that say nothing about a matter, in seven languages."""

from matcher.shelf import lines

STOPWORDS: frozenset[str] = frozenset(" ".join(lines("stopwords.txt")).split())
