"""What was asserted when hand-written sets were first met bounds the thresholds from below."""

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from matcher.assess import MILD
from matcher.model_file import load
from training.first_runs import FIRST_RUNS, Asserted, least, read

SETS = FIRST_RUNS.parent
some = st.lists(st.builds(Asserted, st.floats(0, 1), st.booleans()), max_size=40)


def test_the_least_probability_is_where_enough_was_right() -> None:
    asserted = [*[Asserted(0.95, True)] * 31, Asserted(0.85, True), Asserted(0.72, False), Asserted(0.61, True)]
    assert least(asserted, 0.95) == 0.73
    assert least(asserted, 0.92) == 0.5


def test_where_nothing_was_right_hardly_anything_is_asserted() -> None:
    assert least([Asserted(0.999, False)], 0.9) == 0.99
    assert least([], 0.9) == 0.99


@given(some, st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_who_wants_more_precision_never_gets_a_lower_bound(asserted: list[Asserted], one: float, other: float) -> None:
    assert least(asserted, max(one, other)) >= least(asserted, min(one, other))


def test_every_row_of_the_record_is_a_post_of_its_set() -> None:
    with FIRST_RUNS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = {(row["set"], row["post_id"]) for row in rows}
    assert len(told) == len(rows)
    assert len(read()) == len([row for row in rows if float(row["complaint"]) >= MILD])
    for name in {row["set"] for row in rows}:
        posts = _posts(SETS / name / "posts.jsonl")
        assert all(post in posts for one, post in told if one == name)


def test_shipped_thresholds_would_have_held_at_first_sight() -> None:
    shipped = load()
    assert all(value >= least(read(), float(target)) for target, value in shipped.thresholds.items())


def _posts(path: Path) -> str:
    return path.read_text(encoding="utf-8")
