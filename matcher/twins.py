"""Twins: two cases that tell of the same kind of thing, so that wording alone tells them apart."""

from matcher.facets import Facets
from matcher.folding import skeleton

_LEAST_TELLING = 10
_OF_ONE_PRODUCT, _OF_TWO = 0.3, 0.5


def twins(one: Facets, other: Facets) -> bool:
    """Whether two cases name one sum, or share enough concepts of the one with fewer; of one product less is enough."""
    if any(_tells(amount) for amount in set(one.amounts) & set(other.amounts)):
        return True
    mine, theirs = set(one.concepts), set(other.concepts)
    shared = len(mine & theirs) / max(min(len(mine), len(theirs)), 1)
    same = bool(one.product) and one.product == other.product
    return shared >= (_OF_ONE_PRODUCT if same else _OF_TWO)


def _tells(amount: str) -> bool:
    """Whether a sum is one that two cases hardly share by chance: of ten and more, and not round."""
    return float(amount) >= _LEAST_TELLING and float(amount) % 5 != 0


def may_be_kin(one: Facets, other: Facets) -> bool:
    """Whether two cases may be of one customer or family: a surname of like sound, or none that tells them apart."""
    mine, theirs = ({skeleton(last) for last in case.name.lasts} for case in (one, other))
    return one.customer_id == other.customer_id or not (mine and theirs) or bool(mine & theirs)
