"""Graded posts: what the encoder learns from beside the corpus."""

import re
from collections import Counter
from pathlib import Path

import pytest

from training.graded import CHANCES, encoded, graded
from training.rows import labelled, read

POSTS = graded()


def test_they_are_many_in_every_language_and_each_stands_once() -> None:
    texts = [post.text for post in POSTS]
    assert len(set(texts)) == len(texts) >= 45_000
    assert {post.lang for post in POSTS} == {"en", "de", "fr", "es", "pt", "it", "nl"}
    assert len({read(row) for row in labelled()} & {encoded(post) for post in POSTS}) < 20


def test_every_grade_is_given_and_complaints_are_in_a_worse_mood() -> None:
    given = Counter(post.complaint for post in POSTS)
    assert set(given) == set(range(10))
    sure, none = ([post.mood for post in POSTS if post.complaint in some] for some in ({8, 9}, {0, 1}))
    assert sum(sure) / len(sure) > sum(none) / len(none) + 4


def test_a_higher_grade_is_a_higher_chance() -> None:
    assert list(CHANCES) == sorted(set(CHANCES))
    assert all(0 < chance < 1 for chance in CHANCES)


def test_the_encoder_reads_them_without_handles_and_in_english_words() -> None:
    read_as = [encoded(post) for post in POSTS[:2000]]
    assert not any(re.search(r"(?<!\S)@(?!user\b)\w|https?://", text) for text in read_as)
    assert all(text.strip() for text in read_as)


@pytest.mark.parametrize("line", ["no grades", "7 one digit", "84", "8x letters", "¹² not digits of ours"])
def test_a_line_without_grades_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "en01.txt").write_text(f"84 still waiting\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"en01\.txt:2: a line is two digits, a space and a post"):
        graded(tmp_path)
