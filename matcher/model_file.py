"""The fitted weights of linking, as shipped or as learnt here."""

from pathlib import Path

import msgspec

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
        """Give the probability from which asserted links reach a precision, between the calibrated points."""
        points = sorted((float(precision), value) for precision, value in self.thresholds.items())
        below = [point for point in points if point[0] <= target_precision]
        above = [point for point in points if point[0] >= target_precision]
        if not below or not above:
            return (above or below)[0 if above else -1][1]
        (low, start), (high, end) = below[-1], above[0]
        return start if high == low else start + (end - start) * (target_precision - low) / (high - low)


def load(path: Path = SHIPPED) -> LinkingModel:
    """Read the weights from a file; raises LinkingModelMissing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=LinkingModel)
    except (OSError, msgspec.MsgspecError) as error:
        raise LinkingModelMissing(
            f"the linking weights {path} cannot be read ({error}): install the package again"
        ) from error
