"""What the teachers judge beside posts, texts made of pieces of others; and what is kept of their opinion."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from training.graded import Graded
from training.lessons import Lessons, Said, heard, load, store
from training.recombined import recombined
from training.rows import labelled

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


def test_grades_speak_beside_the_teachers_and_alone_of_the_mood() -> None:
    known, post = labelled()[:1], Graded("still waiting", "en", 9, 9)
    said = Said(np.zeros((3, 8), np.float32), np.zeros(3, np.float32), np.zeros((3, 2), np.float32), np.zeros((3, 2)))
    told = heard(said, known, [post]).flags
    assert told[0, 0] == told[2, 0] == told[2, -1] == 0.0
    assert 1.5 < told[1, 0] < 2.5
    assert told[1, -1] > 4
    assert np.sign(told[0, -1]) == np.sign(known[0].mood / 9 - 0.5)
    assert not said.flags.any()
