"""Promotion: whether new weights take the place of those in force, and why."""

import msgspec

from matcher.heldout import Figures
from matcher.learning import Fit


class Promotion(msgspec.Struct, frozen=True):
    """The decision and the sentence that ``backchannel model status`` shows."""

    promoted: bool
    reason: str


def decide(fit: Fit, target: float = 0.95) -> Promotion:
    """Promote only what finds more on answers held out, is not wrong more often, and is not surprised more.

    Where the weights in force asserted nothing, the new ones must reach the ``target`` precision.
    """
    before, after = fit.before, fit.after
    found = f"finds {after.detection:.1%} of the confirmed cases, not {before.detection:.1%}"
    right = _right(before, after)
    if after.detection <= before.detection:
        return Promotion(False, f"held-out detection does not rise: it {found}")
    if before.asserted and after.precision < before.precision:
        return Promotion(False, f"held-out precision falls: it {right}")
    if after.asserted and not before.asserted and after.precision < target:
        return Promotion(False, f"held-out precision is below the target of {target:.0%}: it {right}")
    if after.loss > before.loss:
        return Promotion(False, f"held-out answers surprise it more: {after.loss:.3f} nats, not {before.loss:.3f}")
    return Promotion(True, f"it {found}; it {right}")


def _right(before: Figures, after: Figures) -> str:
    then = f", not {before.precision:.1%}" if before.asserted else "; nothing was asserted before"
    return f"is right in {after.precision:.1%} of its links{then}" if after.asserted else "asserts nothing"
