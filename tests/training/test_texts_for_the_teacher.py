"""What the teacher judges beside the corpus: posts without labels, and texts made of pieces of others."""

import re
from pathlib import Path
from random import Random

import numpy as np
import pytest

from training.lessons import Lessons, Said, load, store
from training.recombined import recombined
from training.rows import labelled, read
from training.unlabelled import UNLABELLED, raw_posts

TEXTS = [
    "@user three emails, and nobody answers. My order is lost!",
    "lovely lunch today, thank you to the whole team",
    "the app logs me out because of the update",
    "ok",
]


def test_a_seed_gives_the_same_texts_and_all_differ() -> None:
    first, second = (recombined(TEXTS, 40, Random(3)) for _ in range(2))
    assert first == second
    assert len(set(first)) == 40
    assert recombined(TEXTS, 40, Random(4)) != first


def test_texts_are_made_of_the_words_of_others() -> None:
    words = {word for text in TEXTS for word in text.split()}
    made = recombined(TEXTS, 60, Random(1))
    assert all(set(text.split()) <= words for text in made)
    assert all(3 <= len(text.split()) <= 60 for text in made)
    assert not set(made) <= set(TEXTS)


def test_posts_without_labels_are_many_and_each_stands_once() -> None:
    lines = [line for path in UNLABELLED.glob("*.txt") for line in path.read_text("utf-8").split("\n") if line]
    assert len(set(lines)) == len(lines) >= 10_000
    assert {path.stem[:2] for path in UNLABELLED.glob("*.txt")} == {"en", "de", "fr", "es", "pt", "it", "nl"}
    assert len({read(row) for row in labelled()} & set(raw_posts())) < 20


def test_the_encoder_reads_them_without_handles_and_in_english_words() -> None:
    posts = raw_posts()
    assert not any(re.search(r"(?<!\S)@(?!user\b)\w|https?://", post) for post in posts)
    assert all(post.strip() for post in posts)


def test_lessons_are_read_as_they_were_stored(tmp_path: Path) -> None:
    floats = np.arange(6, dtype=np.float32).reshape(2, 3)
    kept = Lessons(TEXTS[:2], ["en01-0001", ""], Said(floats, floats[:, 0], floats, floats.astype(np.float16)))
    store(kept, tmp_path)
    found = load(tmp_path)
    assert (found.texts, found.rows) == (kept.texts, kept.rows)
    assert all(np.array_equal(one, other) for one, other in zip(found.said, kept.said, strict=True))


def test_lessons_that_were_never_written_are_missed_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="lessons"):
        load(tmp_path)
