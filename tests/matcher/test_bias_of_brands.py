"""A brand's threshold rises where answers show more false alarms than the model expects, and falls only back."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.bias import LEAST_ANSWERS, Answered, Finding, learn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_answer(number: int, chance: float, complaint: bool, asked_from: float = 0.5) -> Answered:
    return Answered(NOON + timedelta(minutes=number), f"a{number}", chance, complaint, asked_from)


def answers(*groups: tuple[int, float, float, bool], asked_from: float = 0.5) -> list[Answered]:
    """Give answers: so many, evenly between two probabilities, all complaints or all none."""
    found: list[Answered] = []
    for count, low, high, complaint in groups:
        for place in range(count):
            chance = low + (high - low) * (place + 0.5) / count
            found.append(an_answer(len(found), chance, complaint, asked_from))
    return found


def a_quiet_brand(count: int = 60) -> list[Answered]:
    """Give answers about a brand of which hardly anybody complains: below 0.7 all alarms were false."""
    return answers((count // 2, 0.5, 0.7, False), (count // 2, 0.72, 0.99, True))


def moved(found: Finding | None) -> Finding:
    assert found is not None
    return found


def test_a_brand_with_many_false_alarms_gets_a_higher_threshold() -> None:
    """What takes over raises fewer false alarms on answers held out and misses none of the complaints."""
    found = moved(learn(a_quiet_brand(), 0.5, 0.5, 0.05))
    assert found.promoted
    assert 0.6 <= found.threshold <= 0.74
    assert found.bias < 0
    assert (found.before.alerts, found.before.complaints, found.before.missed) == (60, 30, 0.0)
    assert found.after.alerts < 45
    assert found.after.complaints >= 29
    assert found.reason.startswith(f"{found.after.complaints} of {found.after.alerts} alerts would have been right")


@pytest.mark.parametrize("lost", [0.01, 0.02])
def test_without_enough_confirmed_complaints_no_limit_can_be_kept_so_nothing_moves(lost: float) -> None:
    """One complaint more is reckoned as missed than was: of 30, that is three in a hundred already."""
    assert learn(a_quiet_brand(), 0.5, 0.5, lost) is None


def test_a_brand_that_is_as_the_model_says_keeps_its_threshold() -> None:
    """Answers that agree with the probabilities teach nothing."""
    rng = random.Random(7)
    chances = [0.5 + 0.5 * place / 300 for place in range(300)]
    agreeing = [an_answer(place, chance, rng.random() < chance) for place, chance in enumerate(chances)]
    assert learn(agreeing, 0.5, 0.5, 0.05) is None


def test_a_threshold_never_falls_below_the_default() -> None:
    """Nobody is asked about posts below it, so answers that are all complaints cannot support less."""
    assert learn(answers((80, 0.5, 0.99, True)), 0.5, 0.5, 0.05) is None


def test_too_few_answers_move_nothing() -> None:
    """Nineteen are too few, however clear they are."""
    few = answers((10, 0.5, 0.6, False), (9, 0.9, 0.99, True))
    assert len(few) == LEAST_ANSWERS - 1
    assert learn(few, 0.5, 0.5, 0.5) is None


def test_a_raised_threshold_whose_answers_have_grown_old_falls_back_to_the_default() -> None:
    """What nothing supports any more is let go, and says so."""
    found = moved(learn([], 0.5, 0.62, 0.05))
    assert (found.threshold, found.promoted) == (0.5, True)
    assert "does not support 62% any more" in found.reason


def test_a_raised_threshold_falls_only_as_far_as_the_answers_say() -> None:
    """It comes down to what is supported now, not to the default."""
    found = moved(learn(a_quiet_brand(), 0.5, 0.9, 0.05))
    assert found.promoted
    assert 0.6 <= found.threshold <= 0.74


def test_a_small_change_is_none() -> None:
    """What differs by less than two points would only be noise."""
    there = moved(learn(a_quiet_brand(), 0.5, 0.5, 0.05)).threshold
    assert learn(a_quiet_brand(), 0.5, there - 0.01, 0.05) is None


def test_complaints_between_the_false_alarms_hold_the_threshold_down() -> None:
    """It goes no higher than the limit on missed complaints allows."""
    mixed = answers((40, 0.5, 0.8, False), (10, 0.55, 0.6, True), (40, 0.9, 0.99, True))
    found = learn(mixed, 0.5, 0.5, 0.05)
    assert found is None or found.threshold <= 0.56


def test_what_misses_too_many_complaints_on_answers_held_out_is_turned_down() -> None:
    """Precision alone does not count."""
    low = answers((20, 0.5, 0.7, False), (4, 0.55, 0.7, True), (20, 0.8, 0.99, True))
    found = moved(learn(low, 0.5, 0.5, 0.05))
    assert not found.promoted
    assert found.after.precision > found.before.precision
    assert found.reason == "it would miss 8% of the complaints, and 5% are allowed"


def test_a_rise_that_proves_nothing_on_answers_held_out_is_turned_down() -> None:
    """Where complaints and false alarms lie mixed, the reason names both figures."""
    found = moved(learn(answers((25, 0.6, 0.9, False), (25, 0.55, 0.95, True)), 0.5, 0.5, 0.05))
    assert not found.promoted
    assert found.reason.startswith("held-out precision does not rise: ")


def test_alerts_that_a_raised_threshold_prevented_do_not_make_its_misses_look_small() -> None:
    """Of the first 40 complaints 4 lay below 0.6; that stays a tenth, though all 400 asked about later lie above."""
    first = answers((30, 0.5, 0.8, False), (4, 0.55, 0.59, True), (36, 0.61, 0.99, True))
    later = answers((400, 0.61, 0.99, True), (200, 0.61, 0.8, False), asked_from=0.6)
    renamed = [Answered(one.at, f"b{place}", *_rest(one)) for place, one in enumerate(later)]
    found = moved(learn(first + renamed, 0.5, 0.6, 0.05))
    assert found.before.missed == pytest.approx(0.1, abs=1e-4)
    assert found.threshold < 0.6


def _rest(one: Answered) -> tuple[float, bool, float]:
    return one.probability, one.complaint, one.asked_from


_ANSWER = st.tuples(st.floats(0.3, 1.0), st.booleans(), st.sampled_from([0.5, 0.6, 0.8]))


@given(st.lists(_ANSWER, max_size=80), st.sampled_from([0.5, 0.62, 0.9]), st.sampled_from([0.0, 0.05, 0.3]))
def test_whatever_people_answer_the_limits_hold(
    given_answers: list[tuple[float, bool, float]], used: float, may_miss: float
) -> None:
    """A threshold stays between the default and 0.95, and rises only where precision does and little is missed."""
    told = [an_answer(place, *one) for place, one in enumerate(given_answers)]
    found = learn(told, 0.5, used, may_miss)
    if found is None:
        return
    assert 0.5 <= found.threshold <= 0.95
    if found.threshold > used and found.promoted:
        assert found.after.precision > found.before.precision
        assert found.after.missed <= may_miss
