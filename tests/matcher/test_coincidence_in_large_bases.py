"""A larger base makes a common coincidence less telling, and leaves a rare one as it is."""

import math

from hypothesis import given
from hypothesis import strategies as st

from matcher.coincidence import KNOWN_SIZE, spread, surprise

SIZES = st.integers(1, 10_000_000)
NATS = st.floats(0, 60)


@given(SIZES, NATS)
def test_no_case_must_outweigh_more_than_one_taken_at_random(total: int, nats: float) -> None:
    assert 0 <= spread(total, nats) <= math.log(total) + 1e-9


@given(SIZES, SIZES, NATS)
def test_a_larger_base_never_makes_a_case_likelier(one: int, other: int, nats: float) -> None:
    assert spread(min(one, other), nats) <= spread(max(one, other), nats) + 1e-9


def test_a_case_that_shares_nothing_rare_must_outweigh_the_whole_base() -> None:
    assert math.isclose(spread(1_000_000, 0.0), math.log(1_000_000), rel_tol=1e-3)


def test_a_rare_name_weighs_as_much_among_a_million_cases_as_among_two_hundred() -> None:
    rare = surprise({"name_full": 18.0, "home_same": 4.0, "home_other": 1.0})
    assert math.isclose(spread(1_000_000, rare), math.log(KNOWN_SIZE), abs_tol=0.01)


def test_a_common_name_weighs_less_and_less() -> None:
    common = surprise({"name_full": 8.0})
    assert spread(1_000_000, common) > spread(10_000, common) + 2 > spread(KNOWN_SIZE, common) + 2


def test_what_the_texts_have_in_common_is_no_rarity() -> None:
    assert surprise({"words": 9.0, "concepts": 5.0, "name_conflict": 1.0}) == 0.0
