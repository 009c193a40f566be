"""How long to leave a receiver alone after a failure: exponential, with full jitter, and never before it asked."""

from collections.abc import Callable

from notifier.transport import TransportError

FIRST, LONGEST = 2.0, 60.0
SETTLE = 3.0
"""Seconds before asking whether a doubtful message arrived: the other side's own search may lag behind."""


def pause(error: TransportError, failures: int, uniform: Callable[[float, float], float]) -> float:
    """Return the seconds until the next attempt; ``failures`` counts those in a row, from 1.

    Source of full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if error.retry_after is not None:
        return error.retry_after
    drawn = uniform(0, min(LONGEST, FIRST * 2 ** min(failures, 10)))
    return max(drawn, SETTLE) if error.unsure else max(drawn, 0.1)
