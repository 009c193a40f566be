"""Doubtful posts are read a second time by a larger network; nothing else is, and never in haste."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher import second_reader
from matcher.complaint import ComplaintDecision
from matcher.config import ComplaintConfig
from matcher.encoder import GRAPH, MODEL_DIR, WEIGHTS, Encoder, EncoderFilesError, Vectors
from matcher.heads import Heads
from matcher.scratch import scratch
from matcher.second_reader import FILES, SecondReaderError
from matcher.threshold import ByBrand, fingerprint

PLAIN = "I emailed @larkmill twice about my order and nobody has replied for three weeks"
PRAISE = "Thank you @larkmill, lovely service today!"
DOUBTFUL = (
    "oh well done @larkmill, another masterpiece",
    "@larkmill is that it then?",
    "So @larkmill, when exactly is 'soon'?",
    "@larkmill interesting approach to customer service you have there",
    "not sure the new @larkmill app is an improvement",
)
UNKNOWN = "荷物がまだ届きません。どうなっていますか"


class ReadingEncoder(Encoder):
    """An encoder that remembers what it read a second time."""

    def __init__(self, folder: Path = MODEL_DIR) -> None:
        super().__init__(folder)
        self.reread: list[str] = []

    def again(self, texts: Sequence[str]) -> Vectors:
        self.reread += texts
        return super().again(texts)


@pytest.fixture(scope="module")
def shared() -> Iterator[ReadingEncoder]:
    with ReadingEncoder() as encoder:
        yield encoder


@pytest.fixture
def encoder(shared: ReadingEncoder) -> ReadingEncoder:
    shared.reread.clear()
    return shared


def once(encoder: Encoder) -> ComplaintDecision:
    """Give the decision that reads every post once."""
    return ComplaintDecision(encoder, ComplaintConfig(second_reading=False))


def test_plain_posts_are_read_once(encoder: ReadingEncoder) -> None:
    verdicts = ComplaintDecision(encoder).judge([PLAIN, PRAISE])
    assert [verdict.complaint for verdict in verdicts] == [True, False]
    assert encoder.reread == []
    assert all("first reading" not in verdict.reason for verdict in verdicts)


def test_a_doubtful_post_is_read_again_and_its_reason_tells_both_readings(encoder: ReadingEncoder) -> None:
    texts = [PLAIN, *DOUBTFUL, PRAISE]
    doubt = Heads.load(MODEL_DIR).card.doubt
    first = once(encoder).judge(texts)
    in_doubt = [place for place, one in enumerate(first) if abs(odds(one.probability)) < doubt]
    assert in_doubt, "none of the doubtful posts is in doubt any more: write others"
    verdicts = ComplaintDecision(encoder).judge(texts)
    assert len(encoder.reread) == len(in_doubt)
    for place, (before, now) in enumerate(zip(first, verdicts, strict=True)):
        told = f"; {before.probability:.0%} at first reading)"
        assert (told in now.reason) == (place in in_doubt)
        assert (before.probability == now.probability) == (place not in in_doubt)


def test_in_haste_no_post_is_read_twice(encoder: ReadingEncoder) -> None:
    hurried = ComplaintDecision(encoder).judge(DOUBTFUL, hurried=True)
    assert encoder.reread == []
    told = [(one.complaint, one.probability, one.kind) for one in hurried]
    assert told == [(one.complaint, one.probability, one.kind) for one in once(encoder).judge(DOUBTFUL)]


def test_a_verdict_in_haste_says_so_and_is_not_learnt_from_with_the_others(encoder: ReadingEncoder) -> None:
    config = ComplaintConfig()
    judge = ByBrand(ComplaintDecision(encoder, config), config, fingerprint(config), {})
    doubtful, plain = judge.judge([DOUBTFUL[1], PLAIN], [None] * 2, [None] * 2, [None] * 2, hurried=True)
    assert "read once, since many posts waited" in doubtful.reason
    assert doubtful.version == f"{judge.version}:once"
    assert not plain.hurried
    assert plain.version == judge.version


def test_emoji_alone_are_not_read_twice(encoder: ReadingEncoder) -> None:
    ComplaintDecision(encoder).judge(["@larkmill 🙄🙄", "😡", "@larkmill !!!"])
    assert encoder.reread == []


def test_a_post_in_a_language_that_the_model_does_not_know_is_not_read_again(encoder: ReadingEncoder) -> None:
    (verdict,) = ComplaintDecision(encoder).judge([UNKNOWN])
    assert verdict.cannot_tell
    assert encoder.reread == []


def test_a_post_has_one_verdict_whatever_is_judged_with_it(encoder: ReadingEncoder) -> None:
    decision = ComplaintDecision(encoder)
    alone = [decision.judge([text])[0] for text in DOUBTFUL]
    assert decision.judge([PRAISE, *DOUBTFUL, PLAIN])[1:-1] == alone


def test_the_larger_network_reads_the_end_of_a_text_as_the_first_does(encoder: ReadingEncoder) -> None:
    """A complaint behind a long story is not overruled by a network that never came to it."""
    words = "we had a lovely week by the sea and the children loved the beach " * 8
    first, second = encoder.again([words + "and furious", words + "and delighted"])
    assert first.shape == (second_reader.WIDTH,)
    assert not np.allclose(first, second)


def test_a_long_reply_is_read_again_although_it_answers_something(encoder: ReadingEncoder) -> None:
    """Its parts are not read with their thread, so nothing else would settle them."""
    words = "so @larkmill, when exactly is soon then, and what am I supposed to make of that? " * 17
    decision = ComplaintDecision(encoder)
    alone, answering = (decision.judge([words], [context])[0] for context in (None, PRAISE))
    assert alone.probability == answering.probability


def test_what_was_learnt_with_two_readings_is_not_used_with_one() -> None:
    assert fingerprint(ComplaintConfig()) != fingerprint(ComplaintConfig(second_reading=False))


def test_a_missing_part_of_the_larger_network_is_named(tmp_path: Path) -> None:
    for file in MODEL_DIR.iterdir():
        if file.name != FILES[2]:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(EncoderFilesError, match=r"second\.int8\.weights\.2\.gz is missing: run `make model`"):
        Encoder(tmp_path)


def test_a_broken_part_of_the_larger_network_is_told_with_what_to_do(tmp_path: Path) -> None:
    for file in MODEL_DIR.iterdir():
        if file.name not in FILES:
            (tmp_path / file.name).symlink_to(file)
    for name in FILES:
        (tmp_path / name).write_bytes(b"no graph")
    with Encoder(tmp_path) as broken:
        with pytest.raises(SecondReaderError, match="TMPDIR"):
            broken.prepare_second()
        assert broken.meant(["hello"]).any(), "the first reading needs none of it"


@pytest.mark.parametrize("name", ["tokenizer.json", GRAPH, WEIGHTS])
def test_a_damaged_file_of_the_encoder_is_named(tmp_path: Path, name: str) -> None:
    copied(tmp_path, {name})
    with pytest.raises(EncoderFilesError, match=rf"{name.split('.', maxsplit=1)[0]}.* damaged.*run `make model`"):
        Encoder(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_damage_to_one_part_of_the_larger_network_is_put_into_words(tmp_path: Path, name: str) -> None:
    copied(tmp_path, {name})
    with Encoder(tmp_path) as broken, pytest.raises(SecondReaderError, match="install the package again"):
        broken.prepare_second()


def test_nothing_is_left_behind_and_what_a_killed_process_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that somebody holds stays, and so does a new one: its owner may be about to hold it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new, held = (tmp_path / f"backchannel-scratch-{name}" for name in ("old", "new", "held"))
    for folder in (old, new, held):
        folder.mkdir()
        (folder / "second.int8.weights").write_bytes(b"half of it")
        if folder != new:
            os.utime(folder, (0, 0))
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with scratch() as mine:
        assert set(tmp_path.iterdir()) == {new, held, mine}
    os.close(handle)
    assert set(tmp_path.iterdir()) == {new, held}


def copied(target: Path, damaged: set[str]) -> None:
    """Lay the model's files into ``target``, but for the damaged ones, of which half is there."""
    for file in MODEL_DIR.iterdir():
        if file.name in damaged:
            (target / file.name).write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        elif file.name in {GRAPH, WEIGHTS}:
            shutil.copy(file, target)
        else:
            (target / file.name).symlink_to(file)


def odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability))) if 0 < probability < 1 else np.inf
