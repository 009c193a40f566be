"""What the complaint decision says of one post."""

from math import ceil
from typing import Self

import msgspec

KINDS = ("no_reply", "delivery", "defect", "billing", "outage", "staff", "access", "safety", "other")
"""What a complaint may be about; ``other`` is for what none of the rest names."""

_KIND_WORDS = {
    "no_reply": "that nobody replied",
    "delivery": "about delivery",
    "defect": "about a faulty product or service",
    "billing": "about billing or a refund",
    "outage": "about an outage or fault online",
    "staff": "about how staff behaved",
    "access": "about access to an account or a place",
    "safety": "about safety or health",
}


def complaint_of(kind: str) -> str:
    """Say "a complaint" and what it is about, as the middle of a sentence."""
    return f"a complaint {_KIND_WORDS.get(kind, '')}".strip()


class Word(msgspec.Struct, frozen=True):
    """One word or emoji of the post and how far the n-grams that begin in it moved the decision.

    ``weight`` is in natural log units, above 0 towards a complaint. What the encoder made of the whole post is laid
    on no word; but where no word would be left for a complaint, ``weight`` says how much less it is one without this.
    """

    text: str
    weight: float


class Verdict(msgspec.Struct, frozen=True):
    """Whether a post is a complaint, how sure that is, and why.

    ``cannot_tell`` says that the post's language is not one the model knows: ``complaint`` then follows the setting
    ``unknown_language`` and ``probability`` says nothing. ``severity`` runs from 0 to 1. ``words`` are those that
    weighed most, heaviest first. ``lang`` is a two-letter code, or ``und`` where it is not known.

    ``threshold`` is the probability from which posts about this brand were complaints, 0 where that was not kept;
    ``version`` names the model exactly. ``moved`` says by how many answers the threshold was moved, if it was.
    ``at_first`` is the probability at the first of two readings; a ``hurried`` verdict is on a doubtful post that had
    but one, since many posts waited.
    """

    complaint: bool
    probability: float
    kind: str
    severity: float
    needs_reply: bool
    words: tuple[Word, ...]
    lang: str
    reason: str
    cannot_tell: bool = False
    model: str = "builtin"
    threshold: float = 0.0
    version: str = ""
    moved: str = ""
    at_first: float | None = None
    hurried: bool = False

    @property
    def chance(self) -> str:
        """Say how probable it is (below the threshold never rounded up to it), and what came of the readings."""
        below = (
            1.0
            if self.complaint or self.probability >= self.threshold
            else ceil(round(100 * self.threshold, 6)) / 100 - 0.01
        )
        shown = f"{min(self.probability, below):.0%}"
        if self.hurried:
            return f"{shown}; read once, since many posts waited"
        return shown if self.at_first is None else f"{shown}; {self.at_first:.0%} at first reading"

    def upheld(self, case_id: str) -> Self:
        """Give the verdict on a doubtful post that fits an unresolved case too well to be left alone."""
        why = f"{self.reason} It is taken for one all the same, since it fits the unresolved case {case_id}."
        return msgspec.structs.replace(self, complaint=True, reason=why.strip())
