"""How true the probabilities of links were is told from what people answered."""

from datetime import UTC, datetime

import pytest

from matcher.calibration import calibrated
from matcher.judged import Judged, Seen

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def said(probability: float, right: bool) -> Judged:
    """Give an answer about a link of a probability."""
    seen = (Seen("A", probability, {}), Seen("B", 0.01, {}))
    return Judged(NOON, seen, {}, 0.1, "m", "A" if right else None, () if right else ("A",))


def test_bands_hold_what_was_said_against_what_was_confirmed() -> None:
    """A case that nobody judged counts nowhere, and certainty belongs to the highest band."""
    found = calibrated([said(0.92, True), said(1.0, True), said(0.94, False), said(0.55, True)])
    assert [(band.low, band.links, band.confirmed) for band in found.bands] == [(0.5, 1, 1.0), (0.9, 3, 0.6667)]
    assert found.links == 4
    assert found.error == pytest.approx((0.45 + 3 * abs(2.86 / 3 - 2 / 3)) / 4, abs=1e-4)


def test_without_answers_there_is_nothing_to_tell() -> None:
    """No bands and no error."""
    assert calibrated([]).bands == ()
