"""The fitted weights of linking, as shipped or as learnt here."""

from itertools import pairwise
from pathlib import Path

import msgspec

_EVEN = 0.5
SHIPPED = Path(__file__).parent / "model" / "linking.json"


class LinkingModelMissing(RuntimeError):  # noqa: N818  named as EncoderMissing is
    """The weights cannot be read; the text names the file and the next step."""


class LinkingModel(msgspec.Struct, frozen=True):
    """``weights`` by reason code, ``none`` by post-level code, ``thresholds`` from target precision to probability.

    ``matter_most`` is the most that the likeness of two texts counts, in nats. ``another_matter`` is the log odds that
    a customer of a case posts about something else than it; None, as in older files, leaves that possibility out.
    """

    version: str
    weights: dict[str, float]
    none: dict[str, float]
    thresholds: dict[str, float]
    matter_most: float = 5.0
    another_matter: float | None = None

    def threshold(self, target_precision: float) -> float:
        """Give the probability from which asserted links reach a precision, between the calibrated points.

        Beyond them it nears certainty, or even odds: asking for more must never give less.
        """
        known = {float(precision): value for precision, value in self.thresholds.items()}
        points = sorted({0.0: _EVEN, _EVEN: _EVEN, **known, 1.0: 1.0}.items())
        (low, start), (high, end) = next(pair for pair in pairwise(points) if target_precision <= pair[1][0])
        return start + (end - start) * (target_precision - low) / (high - low)


def load(path: Path = SHIPPED) -> LinkingModel:
    """Read the weights from a file; raises LinkingModelMissing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=LinkingModel)
    except (OSError, msgspec.MsgspecError) as error:
        raise LinkingModelMissing(
            f"the linking weights {path} cannot be read ({error}): install the package again"
        ) from error
