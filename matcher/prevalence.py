"""The share of complaints that have a case behind them, estimated from decisions alone: no answer is needed."""

from collections.abc import Sequence

_ROUNDS = 200
_EDGE = 1e-9
_LEAST_SHARE = 1e-4
_ENOUGH = 1e-6


def estimated(chances: Sequence[tuple[float, float]]) -> float:
    """Estimate the share from pairs of a post's probability of having a case and the share that it was given under.

    The probabilities are shifted until their mean is the share that they assume (Saerens, Latinne and Decaestecker,
    2002, "Adjusting the outputs of a classifier to new a priori probabilities").
    """
    if not chances:
        raise ValueError("a share cannot be estimated from no decision")
    odds = [_odds(chance) / _odds(assumed) for chance, assumed in chances]
    share = sum(assumed for _, assumed in chances) / len(chances)
    for _ in range(_ROUNDS):
        prior = _odds(share)
        shifted = sum(prior * one / (1.0 + prior * one) for one in odds) / len(odds)
        done = abs(shifted - share) < _ENOUGH
        share = min(max(shifted, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
        if done:
            break
    return share


def _odds(chance: float) -> float:
    bounded = min(max(chance, _EDGE), 1.0 - _EDGE)
    return bounded / (1.0 - bounded)
