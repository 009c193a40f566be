"""Judged: a mention whose link a person confirmed or refused, as the numbers that the decision saw."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row


class Seen(msgspec.Struct, frozen=True):
    """One case of a decision: its probability then, and its unweighed features by reason code."""

    case_id: str
    probability: float
    features: dict[str, float]
    resolved: bool = False


class Judged(msgspec.Struct, frozen=True):
    """One answer about a link. ``case_id`` is the case that it is, or None where only ``refused`` is known.

    ``candidates`` are those shown and those turned down, ``post`` the post-level features, ``none`` the probability
    of no unresolved case, and ``model`` the version of the weights that gave these probabilities. ``prior`` and
    ``total``, the share of complaints with a case and the unresolved cases as they were then, make the scores exact;
    answers of older versions lack ``total``, and their scores are worked back from rounded probabilities.
    """

    at: datetime
    candidates: tuple[Seen, ...]
    post: dict[str, float]
    none: float
    model: str
    case_id: str | None = None
    refused: tuple[str, ...] = ()
    prior: float | None = None
    total: int | None = None

    @property
    def exact(self) -> bool:
        """Whether all that the decision added up is known, so that no weights of then are needed."""
        return self.prior is not None and self.total is not None and 0.0 < self.prior < 1.0

    @property
    def group(self) -> str:
        """The case that a decision was about most of all: posts about one case are held out together."""
        return max(self.candidates, key=lambda seen: seen.probability).case_id

    @property
    def tells(self) -> bool:
        """Whether there is something to learn: numbers, and a case among them that was confirmed or refused."""
        known = {seen.case_id for seen in self.candidates}
        return bool(known) and (self.case_id in known if self.case_id is not None else bool(known & set(self.refused)))


def read_judged(rows: Sequence[Row[Any]]) -> list[Judged]:
    """Read rows of ``outcomes``; what another version wrote in another shape, or without numbers, is left out."""
    found = []
    for row in rows:
        try:
            values = {name: getattr(row, name) for name in Judged.__struct_fields__}
            one = msgspec.convert({**values, "none": row.none or 0.0}, Judged)
        except msgspec.ValidationError:
            continue
        if one.tells:
            found.append(one)
    return found
