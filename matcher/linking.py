"""What linking hands over: which case, how sure, why, and which cases were turned down."""

from typing import Literal, Self

import msgspec

Outcome = Literal["link", "possible", "unlinked"]
LinkMode = Literal["review", "auto"]
Basis = Literal["given by the customer", "public profile", "public text", "confirmed by your team"]


class Evidence(msgspec.Struct, frozen=True):
    """One reason for a case (``weight`` above 0) or against it (below 0), in natural log units, and its sentence."""

    code: str
    weight: float
    sentence: str


class Candidate(msgspec.Struct, frozen=True):
    """A case that was compared. ``relation`` says who the poster may be to the customer; ``self`` is the owner.

    ``differs`` tells it apart from the other candidates that are shown. ``mode`` is ``review`` where a person is to
    confirm first. ``evidence`` is ordered from the strongest reason for to the strongest against.
    """

    case_id: str
    probability: float
    evidence: tuple[Evidence, ...] = ()
    relation: str | None = None
    differs: str = ""
    mode: LinkMode = "review"
    resolved: bool = False
    features: dict[str, float] = {}


class Thresholds(msgspec.Struct, frozen=True):
    """From which probability one case is asserted (``link``), and from which any is offered (``possible``)."""

    link: float
    possible: float


class Linking(msgspec.Struct, frozen=True):
    """The decision about one mention. ``candidates`` are those shown, best first: one for a link, at most three else.

    ``none_probability`` is that of no unresolved case at all, ``prior`` the share of complaints that have a case.
    ``rejected`` are the best of those not shown, with why not in ``differs``. ``post_evidence`` weighs for or against
    any case at all. ``truncated`` counts look-up keys whose list of cases was cut. ``post_features`` (unweighed)
    and ``total``, the unresolved cases of the base, are what is learnt from, with the features of the candidates.
    ``mild`` says that one case would have been asserted, had the post read more like a complaint.
    """

    decision: Outcome
    candidates: tuple[Candidate, ...]
    none_probability: float
    prior: float
    thresholds: Thresholds
    rejected: tuple[Candidate, ...] = ()
    post_evidence: tuple[Evidence, ...] = ()
    basis: tuple[Basis, ...] = ()
    model: str = ""
    compared: int = 0
    truncated: int = 0
    post_features: dict[str, float] = {}
    total: int = 0
    mild: bool = False

    def to_be_asked(self) -> Self:
        """Give the same decision, its case asked about and not asserted."""
        if self.decision != "link":
            return self
        return msgspec.structs.replace(self, decision="possible", mild=True)
