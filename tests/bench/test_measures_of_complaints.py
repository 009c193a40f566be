"""The complaint benchmark measures the same whatever the order of a file, and says what it could not measure."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.complaints import figures, left_out, main
from bench.encoder import Speed, ratios


def measured(*posts: tuple[int, float]) -> tuple[float, float]:
    """Give average precision and precision at 90% recall of labels with scores."""
    labels = np.array([float(label) for label, _ in posts])
    scores = np.array([score for _, score in posts])
    found = figures(labels, scores, (scores > 0.5).astype(np.float64))
    return found.average_precision, found.precision


def test_the_order_of_posts_with_one_score_changes_nothing() -> None:
    """Three of six with the same score are complaints: half of what is called is right, in any order."""
    tied = [(1, 0.7), (1, 0.7), (1, 0.7), (0, 0.7), (0, 0.7), (0, 0.7)]
    assert measured(*tied) == measured(*reversed(tied)) == pytest.approx((0.5, 0.5))


def test_without_ties_each_complaint_counts_at_its_rank() -> None:
    average, _ = measured((1, 0.9), (0, 0.8), (1, 0.7), (0, 0.1))
    assert average == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_a_table_without_any_labelled_set_is_an_error_that_says_what_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--table"])
    assert ended.value.code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "there is no labelled set in ../shared/data, data: give --data DIR" in told


def test_the_first_folder_that_exists_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the two that are looked for only one is there, and it has a set of another name."""
    (tmp_path / "data").mkdir()
    row = {"id": "1", "text": "my parcel never came", "complaint": 1}
    (tmp_path / "data" / "posts.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["--table", "--only", "tweets"])
    assert "no labelled set named tweets in data: give" in " ".join(capsys.readouterr().err.split())


def test_a_peer_that_is_not_installed_is_said() -> None:
    assert left_out({"VADER": None, "TF-IDF, own corpus": np.asarray}) == [
        "VADER was left out: pip install vaderSentiment"
    ]


def test_the_ratio_to_the_peer_is_said_for_one_thread_and_for_two() -> None:
    ours = {"encoder, 2 workers": {32: Speed(900.0, 840.0)}}
    others = {"pipeline, 1 thread": {1: Speed(90.0, 84.0)}, "pipeline, 2 threads": {1: Speed(130.0, 120.0)}}
    assert ratios(ours, others) == [
        "encoder, 2 workers, at 32: 10.0 times pipeline, 1 thread",
        "encoder, 2 workers, at 32: 7.0 times pipeline, 2 threads",
    ]
