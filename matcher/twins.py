"""Twins: two cases of different people that tell of the same kind of thing, so that wording alone tells them apart."""

from matcher.facets import Facets

_OF_ONE_PRODUCT, _OF_TWO = 0.3, 0.5


def twins(one: Facets, other: Facets) -> bool:
    """Whether two cases share enough of the concepts of the one with fewer; of one product less is enough."""
    mine, theirs = set(one.concepts), set(other.concepts)
    shared = len(mine & theirs) / max(min(len(mine), len(theirs)), 1)
    same = bool(one.product) and one.product == other.product
    return shared >= (_OF_ONE_PRODUCT if same else _OF_TWO)
