"""Recorded posts are played through the rules, and taken in only when asked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ledger import cursors, mentions
from ledger.database import Database
from tests.backchannel.calling import call, in_ledger

POSTS = [
    {
        "native_id": "1",
        "author": {"handle": "a"},
        "text": "larkmoor never answers",
        "posted_at": "2026-03-01T10:00:00Z",
    },
    {"native_id": "2", "author": {"handle": "b"}, "text": "nice weather", "posted_at": "2026-03-01T10:01:00Z"},
    {
        "native_id": "3",
        "author": {"handle": "c"},
        "text": "RT larkmoor",
        "posted_at": "2026-03-01T10:02:00Z",
        "repost_of": "1",
        "cursor": "3",
    },
]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(post) + "\n" for post in POSTS) + "\n")
    return path


def test_replay_says_what_would_be_heard_and_changes_nothing(config_file: Path, posts: Path) -> None:
    result = call("replay", posts, "-c", config_file)
    assert result.exit_code == 0
    assert "larkmoor never answers" in result.output
    assert "3 posts read, 1 heard" in result.output
    assert in_ledger(config_file, _mentions) == []


def test_replay_with_record_takes_the_posts_in_once_and_moves_no_cursor(config_file: Path, posts: Path) -> None:
    for _ in range(2):
        result = call("replay", posts, "-c", config_file, "--record")
        assert "3 posts read, 1 heard and recorded" in result.output
    assert in_ledger(config_file, _mentions) == [("x", "1", "new")]
    assert in_ledger(config_file, _cursors) == {}


async def _mentions(db: Database) -> list[tuple[str, str, str]]:
    async with db.read() as conn:
        return [(row.source, row.native_id, row.state) for row in await mentions.newest(conn, 10)]


async def _cursors(db: Database) -> Mapping[str, Any]:
    async with db.read() as conn:
        return await cursors.ages(conn)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "posts.jsonl:4: this line is no post"),
        ('{"native_id": "4"}', "posts.jsonl:4: this line is no post: Object missing required field"),
        (
            '{"native_id": "4", "author": {"handle": "a"}, "text": "x", "posted_at": "2026-03-01T10:00:00"}',
            "posted_at has no zone",
        ),
    ],
)
def test_replay_names_the_line_that_is_no_post(config_file: Path, posts: Path, line: str, told: str) -> None:
    posts.write_text(posts.read_text().rstrip("\n") + "\n" + line + "\n")
    result = call("replay", posts, "-c", config_file)
    assert result.exit_code == 1
    assert told in result.stderr


def test_replay_in_the_name_of_an_unknown_source_names_those_that_there_are(config_file: Path, posts: Path) -> None:
    result = call("replay", posts, "-c", config_file, "--source", "reddit")
    assert result.exit_code == 1
    assert "no source is called 'reddit': there are x" in result.stderr
