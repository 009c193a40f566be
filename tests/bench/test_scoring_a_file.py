"""A file of posts is scored whole or not at all; what is wrong with it is named by file and line."""

import gzip
import json
from pathlib import Path

import pytest

from bench.complaints import main

GOOD = json.dumps({"id": "1", "text": "@larkmill where is my parcel? No answer for two weeks"}).encode()
CONFIG = """
crm: {kind: embedded}
sources:
  x: {kind: x, bearer_token: {env: X_BEARER_TOKEN}}
rules:
  - {name: larkmill, brand: Larkmill, any: [larkmill]}
notifier:
  receivers:
    team: {kind: slack, channel: C0123ABCD, bot_token: {env: SLACK_BOT_TOKEN}}
  fallback: team
"""


def refused(source: Path, out: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Score a file that cannot be, and give what is said of it."""
    with pytest.raises(SystemExit) as ended:
        main([str(source), "--out", str(out), *more])
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b'{"id": "2"}', "the row has no text: write it as text in quotes"),
        (b'{"id": "2", "text": null}', "text is null"),
        (b'{"id": "2", "text": 7}', "text is a number"),
        (b'{"id": "2", "text": "a\x00b"}', "not JSON"),
        (b'{"id": "2", "text": "caf\xe9"}', "is not UTF-8: save the file as UTF-8"),
        (b'["2", "text"]', "this is a list: write an object such as"),
        (b'"text"', "this is text"),
        (b'{"id": "2", "text": "a", "lang": 7}', "lang is a number: write it as text in quotes, or leave it out"),
        (b'{"id": "2", "text": "a", "context": {}}', "context is an object"),
        (b'{"id": "2", "text": "a", "brand": 3}', "brand is a number"),
        (b'{"id": "2", "text": "a", "complaint": "yes"}', "complaint is neither true nor false"),
        (b'{"text": "a"}', "the row has no id: give it one of its own"),
        (b'{"id": null, "text": "a"}', "the row has null as its id"),
    ],
)
def test_a_bad_row_is_named_and_the_old_scores_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: bytes, told: str
) -> None:
    source, out = tmp_path / "posts.jsonl", tmp_path / "scores.jsonl"
    source.write_bytes(GOOD + b"\n\n" + row + b"\n")
    out.write_text("old scores\n")
    said = refused(source, out, capsys)
    assert told in said
    assert said.startswith(f"{source}:3: ")
    assert out.read_text() == "old scores\n"
    assert sorted(tmp_path.iterdir()) == [source, out]


@pytest.mark.parametrize("content", [gzip.compress(GOOD * 99)[:-20], GOOD], ids=["cut short", "no gzip"])
def test_a_damaged_gzip_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    source = tmp_path / "posts.jsonl.gz"
    source.write_bytes(content)
    assert f"{source} is no whole gzip file" in refused(source, tmp_path / "out.jsonl", capsys)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_file_or_folder_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, nowhere = tmp_path / "posts.jsonl", tmp_path / "nowhere" / "out.jsonl"
    assert f"{source} cannot be read (No such file" in refused(source, tmp_path / "out.jsonl", capsys)
    source.write_bytes(GOOD)
    assert f"{nowhere} cannot be written (No such file" in refused(source, nowhere, capsys)


def test_ids_come_back_as_they_were(tmp_path: Path) -> None:
    """A gzip file is known by what it holds, whatever its name."""
    source, out = tmp_path / "posts", tmp_path / "scores.jsonl"
    rows = [
        {"id": 7, "text": "thanks @larkmill"},
        {"id": 7.5, "text": "a"},
        {"id": "7", "text": "thanks"},
        {"post_id": 0, "text": ""},
    ]
    source.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    main([str(source), "--out", str(out)])
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [7, 7.5, "7", 0]


def test_thresholds_and_competitors_of_a_configuration_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "y")
    source, out, config = (tmp_path / name for name in ("posts.jsonl", "scores.jsonl", "config.yaml"))
    texts = [
        "where is my parcel, no answer for two weeks",
        "Done with VoltNet, four cancellations this month. Hello @larkmill!",
    ]
    rows = [{"id": place, "text": text, "brand": "Larkmill"} for place, text in enumerate(texts)]
    source.write_text("\n".join(map(json.dumps, rows)))

    def called(complaint: str) -> list[bool]:
        config.write_text(f"{CONFIG}matcher: {{complaint: {complaint}}}\n")
        main([str(source), "--out", str(out), "--config", str(config)])
        return [json.loads(line)["complaint"] for line in out.read_text().splitlines()]

    assert called("{}") == [True, True]
    assert called("{brands: {Larkmill: 0.9999}}") == [False, False]
    assert called("{competitors: [VoltNet]}") == [True, False]
    config.write_text(f"{CONFIG}matcher: {{complaint: {{treshold: 0.9}}}}\n")
    assert "config.yaml:11:23: matcher.complaint.treshold" in refused(source, out, capsys, "--config", str(config))
