"""Which rows of the corpus no network learns from, so that probabilities are fitted to posts it does not know."""

from collections.abc import Sequence

from sklearn.model_selection import StratifiedGroupKFold

from training.rows import Row, group

_PARTS = 6


def held_out(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Return the places of the rows to learn from and of those whose trades are held out, in every language."""
    groups, langs = [group(row) for row in rows], [row.lang for row in rows]
    splits = StratifiedGroupKFold(_PARTS, shuffle=True, random_state=0).split(groups, langs, groups)
    known, asked = next(iter(splits))
    return known.tolist(), asked.tolist()
