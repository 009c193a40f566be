"""How far a large base must be believed to hold another case that fits a post as well, by chance alone."""

import math
from collections.abc import Mapping

KNOWN_SIZE = 200
"""About so many unresolved cases stood in the bases that the weights were learnt on."""

_IN_NATS = frozenset((
    "name_full", "name_initial", "name_given", "handle_full", "handle_initial", "handle_last", "handle_given",
    "kin_surname", "kin_surname_unrelated", "kin_named", "home_same", "text_town",
))  # fmt: skip
_RARE = {
    "reference_exact": 16.0, "email_exact": 16.0, "phone_exact": 16.0, "handle_known": 16.0, "handle_elsewhere": 14.0,
    "handle_email": 8.0, "handle_confirmed": 16.0, "kin_confirmed": 16.0, "reference_ending": 6.0, "amount": 3.0,
    "quote": 3.0, "date_shared": 3.0, "handle_letter": 2.5,
}  # fmt: skip


def surprise(features: Mapping[str, float]) -> float:
    """Give, in nats, how seldom a stranger's case would share what a case shares with a post.

    Names and towns carry their own rarity as values. What the texts have in common is left out: in a large base many
    customers tell one story.
    """
    nats = 0.0
    for code, value in features.items():
        if code in _RARE:
            nats += _RARE[code]
        elif code in _IN_NATS and value > 0:
            nats += value
    return nats


def spread(total: int, nats: float) -> float:
    """Give, in nats, what a case must outweigh in a base of ``total`` unresolved ones.

    Up to the size that the weights know, that is the log of the size, as for a case taken at random. Beyond it, further
    cases matter as far as one of them could share as much: among a million customers a rare name is rare still.
    """
    if total <= KNOWN_SIZE:
        return math.log(max(total, 1))
    chance = math.exp(-nats)
    return math.log(KNOWN_SIZE) + math.log1p(total * chance) - math.log1p(KNOWN_SIZE * chance)
