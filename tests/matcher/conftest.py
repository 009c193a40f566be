"""The shipped model of complaints, loaded once for each file of tests."""

from collections.abc import Iterator

import pytest

from matcher.complaint import ComplaintDecision
from matcher.encoder import Encoder


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    with Encoder() as opened:
        yield opened


@pytest.fixture(scope="module")
def decision(encoder: Encoder) -> ComplaintDecision:
    return ComplaintDecision(encoder)
