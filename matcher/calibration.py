"""Calibration: how often people confirmed links of which a probability was said."""

from collections.abc import Sequence

import msgspec

from matcher.judged import Judged

BANDS = 10


class Band(msgspec.Struct, frozen=True):
    """Links whose probability was said to be from ``low`` to a tenth above it; ``said`` is their mean probability."""

    low: float
    links: int
    said: float
    confirmed: float


class Calibration(msgspec.Struct, frozen=True):
    """The bands that hold links, lowest first, and the expected calibration error over all of them."""

    bands: tuple[Band, ...]
    links: int
    error: float


def calibrated(judged: Sequence[Judged]) -> Calibration:
    """Compare the probability of each case that people confirmed or refused with what they said."""
    pairs = [
        (seen.probability, seen.case_id == one.case_id)
        for one in judged
        for seen in one.candidates
        if seen.case_id == one.case_id or seen.case_id in one.refused
    ]
    bands = tuple(band for number in range(BANDS) if (band := _band(number, pairs)) is not None)
    error = sum(band.links * abs(band.said - band.confirmed) for band in bands) / max(len(pairs), 1)
    return Calibration(bands, len(pairs), round(error, 4))


def _band(number: int, pairs: Sequence[tuple[float, bool]]) -> Band | None:
    inside = [pair for pair in pairs if min(int(pair[0] * BANDS), BANDS - 1) == number]
    if not inside:
        return None
    said, confirmed = (sum(column) / len(inside) for column in zip(*inside, strict=True))
    return Band(number / BANDS, len(inside), round(said, 4), round(confirmed, 4))
