"""A reason: one feature of a pair of mention and case, before it is weighed."""

from typing import NamedTuple


class Reason(NamedTuple):
    """``value`` is multiplied by the weight of ``code``; ``sentence`` is what a support lead reads."""

    code: str
    value: float
    sentence: str
