"""Python's garbage collector, told what stays for the life of the process."""

import gc

THRESHOLDS = (20_000, 50, 100)
"""A post leaves few cycles behind, and counting objects hundreds of times a second held up one post in a hundred."""


def settle() -> None:
    """Let later collections pass over all that exists by now, and be rarer; source: Python's documentation of gc."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
