"""A configuration that wants doubtful posts read twice is refused where the larger network cannot be unpacked."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backchannel.assembly import open_judge
from backchannel.reload import NotReadyError
from matcher.config import ComplaintConfig, MatcherConfig
from matcher.encoder import MODEL_DIR, Encoder
from matcher.second_reader import PACKED

DOUBTFUL = "So @larkmill, when exactly is 'soon'?"


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Any]:
    """What stays through a reload, with an encoder whose larger network is cut short."""
    for file in MODEL_DIR.iterdir():
        if file.name != PACKED[1]:
            (tmp_path / file.name).symlink_to(file)
    (tmp_path / PACKED[1]).write_bytes((MODEL_DIR / PACKED[1]).read_bytes()[:-1000])
    with Encoder(tmp_path) as encoder:
        yield SimpleNamespace(encoder=encoder)


def settings(**complaint: Any) -> Any:
    return SimpleNamespace(matcher=MatcherConfig(complaint=ComplaintConfig(**complaint)))


def test_the_old_configuration_stays_and_the_message_says_what_to_do(broken: Any) -> None:
    with pytest.raises(NotReadyError, match=r"it ends too early.*give the temporary folder"):
        open_judge(settings(), broken)


def test_without_the_second_reading_nothing_of_it_is_needed(broken: Any) -> None:
    judge = open_judge(settings(second_reading=False), broken)
    (verdict,) = judge.judge([DOUBTFUL], [None], [None], [None])
    assert 0.076 < verdict.probability < 0.924
    assert "first reading" not in verdict.reason
