"""What each kind of link key tells: how far its bearers are followed, and what a hit adds to a case's promise."""

import math
from typing import Literal, NamedTuple

_RAREST = 12.0
_LEAST = 0.1

Family = Literal["who", "given", "matter"]


class Kind(NamedTuple):
    """One kind of key, by its ``name``, the first part of its keys; the figures are shares of a key's rarity in nats.

    ``weight`` is what a hit adds, ``reach`` says which keys are followed first: who shares surname and town has both
    keys of their own, too, so that kind adds little and is followed early.
    ``family`` says how hits go together: those of "who" are summed, of "given" the best counts (one name has several
    short forms), and the sum of "matter" is bounded, since many customers tell one story.
    """

    name: str
    weight: float
    reach: float
    family: Family


class Hit(NamedTuple):
    """What a key that some cases bear adds to each of them, in nats, and how early it is followed."""

    value: float
    reach: float
    family: Family


_ALL = (
    Kind("reference", 0.8, 1.0, "who"),
    Kind("ending", 0.6, 0.7, "who"),
    Kind("email", 0.8, 1.0, "who"),
    Kind("phone", 0.8, 1.0, "who"),
    Kind("handle", 0.85, 1.0, "who"),
    Kind("local", 0.05, 0.9, "who"),
    Kind("amount", 0.8, 0.8, "who"),
    Kind("last", 0.65, 0.9, "who"),
    Kind("sound", 0.05, 0.5, "who"),
    Kind("name", 0.05, 1.0, "who"),
    Kind("initial name", 0.05, 1.0, "who"),
    Kind("last town", 0.08, 1.0, "who"),
    Kind("last week", 0.15, 0.9, "who"),
    Kind("last product", 0.15, 1.0, "who"),
    Kind("given town", 0.05, 1.0, "who"),
    Kind("person", 0.05, 0.3, "who"),
    Kind("given", 0.7, 0.9, "given"),
    Kind("concept town", 0.23, 0.5, "matter"),
    Kind("concept week", 0.17, 0.3, "matter"),
    Kind("product town", 0.6, 1.0, "matter"),
    Kind("product week", 0.7, 0.8, "matter"),
    Kind("town week", 0.56, 0.6, "matter"),
    Kind("stem", 0.23, 0.5, "matter"),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name. By these weights the true case ranks best in invented bases (``python -m training.train_keys``)."""


def hit(kind: Kind, bearers: int, total: int) -> Hit:
    """Weigh a key by how few of ``total`` cases bear it."""
    rarity = min(max(math.log((total + 1) / bearers), 0.0) + _LEAST, _RAREST)
    return Hit(kind.weight * rarity, kind.reach * rarity, kind.family)
