"""What people answer makes linking better, and what does not make it better is not put in force."""

import math
import random
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.learning import Reader, clicked, companies, spoilt
from bench.linkbench.measure import detection
from matcher.evidence import EvidenceWeigher
from matcher.heldout import Figures, folds_of, held_out, thresholds_of, top_of
from matcher.judged import Judged, Seen
from matcher.learning import LEAST_LABELS, Fit, refit
from matcher.logit import _slopes, case_scores, fit, layout_of, sample_of
from matcher.model_file import LinkingModel, load
from matcher.names import shared_names
from matcher.places import shared_places
from matcher.promotion import decide

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = LinkingModel(
    "small-1",
    weights={"good": 1.0, "noise": 1.0, "words": 0.5, "against": -1.0},
    none={"bias": 0.0, "contact": -0.5},
    thresholds={"0.9": 0.75, "0.95": 0.85},
    matter_most=4.0,
)


def answered(number: int, model: LinkingModel, rng: random.Random, *, lag: int = 0) -> Judged:
    """Give an answer from a world in which ``good`` tells the right case and ``noise`` tells nothing."""
    cases = [f"C{number}-{n}" for n in range(3)]
    linked = rng.random() < 0.6
    features = []
    for n in range(3):
        good = 2.5 if linked and n == 0 else rng.choice((0.0, 0.0, 1.0))
        features.append({"good": good, "noise": rng.choice((0.0, 2.5)), "words": rng.choice((0.0, 1.0))})
    layout = layout_of(model)
    x = np.array([[each.get(code, 0.0) for code in layout.cases] for each in features])
    scores, _ = case_scores(x, layout.vector(model)[: len(layout.cases)], layout, model.matter_most)
    weights = [1.0, *(math.exp(score - 2.0) for score in scores)]
    chances = [weight / sum(weights) for weight in weights]
    first = max(range(3), key=lambda n: chances[n + 1])
    seen = tuple(Seen(cases[n], chances[n + 1], features[n]) for n in range(3))
    right = cases[0] if linked and first == 0 else None
    refused = () if right else (cases[first],)
    return Judged(NOON + timedelta(hours=number + lag), seen, {}, chances[0], model.version, right, refused)


def answers(count: int, model: LinkingModel = SMALL, seed: int = 1) -> list[Judged]:
    """Give answers to decisions of a model."""
    rng = random.Random(seed)
    return [answered(number, model, rng) for number in range(count)]


def test_from_fewer_than_25_answers_nothing_is_learnt() -> None:
    """With 25 it begins."""
    assert refit(SMALL, answers(LEAST_LABELS - 1), NOON) is None
    assert refit(SMALL, answers(LEAST_LABELS), NOON) is not None


def test_what_tells_gains_weight_and_what_does_not_loses_it() -> None:
    """And that is found on answers which were not learnt from, so it is promoted."""
    found = refit(SMALL, answers(150), NOON)
    assert found is not None
    assert found.model.weights["good"] > 1.2
    assert found.model.weights["noise"] < 0.6
    assert found.after.detection > found.before.detection
    assert found.after.loss < found.before.loss
    assert decide(found).promoted


def test_the_same_answers_give_the_same_weights() -> None:
    """Nothing is drawn by chance."""
    first, second = (refit(SMALL, answers(60), NOON) for _ in range(2))
    assert first == second
    assert first is not None
    assert first.model.version == "small-1+20260301T120000"


def test_no_weight_changes_its_sign() -> None:
    """However clearly the answers ask for it: a reason against never becomes one for."""
    turned = []
    for one in answers(120):
        marked = [
            msgspec.structs.replace(seen, features={**seen.features, "against": 3.0 * (seen.case_id == one.case_id)})
            for seen in one.candidates
        ]
        turned.append(msgspec.structs.replace(one, candidates=tuple(marked)))
    found = refit(SMALL, turned, NOON)
    assert found is not None
    assert found.model.weights["against"] == 0.0
    assert all(found.model.weights[code] >= 0 for code in ("good", "noise", "words"))


def test_few_answers_move_weights_less_than_many() -> None:
    """The anchor holds until there is reason to move."""

    def moved(count: int) -> float:
        found = refit(SMALL, answers(count), NOON)
        assert found is not None
        return abs(found.model.weights["noise"] - 1.0)

    assert moved(25) < moved(300)


def test_answers_that_keep_all_numbers_need_neither_rounding_nor_the_weights_of_then() -> None:
    """With prior and size of the base, an answer gives its exact scores, whatever a version unheard of said of it."""
    layout = layout_of(SMALL)
    seen = (Seen("A", 0.0, {"good": 2.0}), Seen("B", 1.0, {"words": 1.0}))
    one = Judged(NOON, seen, {"bias": 1.0, "contact": 1.0}, 0.5, "unheard", "A", (), prior=0.2, total=50)
    sample = sample_of([one], {}, SMALL)
    told = 4.0 * math.tanh(0.5 / 4.0)
    weights = [math.exp(math.log(4.0) - 0.5), math.exp(2.0) / 50, math.exp(told) / 50]
    assert sample.chances(layout.vector(SMALL), layout)[0] == pytest.approx([w / sum(weights) for w in weights])


def test_a_refused_case_leaves_open_which_other_it_is() -> None:
    """Not this case makes that case less likely, while another candidate keeps its share against no case."""
    seen = (Seen("A", 0.6, {"good": 2.0}), Seen("B", 0.3, {"words": 2.0}))
    one = Judged(NOON, seen, {}, 0.1, "small-1", None, ("A",))
    sample = sample_of([one], {"small-1": SMALL}, SMALL)
    layout = layout_of(SMALL)
    before = sample.chances(layout.vector(SMALL), layout)[0]
    after = sample.chances(fit(sample, layout.vector(SMALL), layout, 0.2), layout)[0]
    assert before == pytest.approx([0.1, 0.6, 0.3], abs=1e-9)
    assert after[1] < before[1]
    assert after[2] > before[2]
    assert after[0] > before[0]


def test_answers_to_learnt_weights_teach_too_and_those_of_unknown_weights_do_not() -> None:
    """Each probability is read by the weights that gave it."""
    learnt = msgspec.structs.replace(SMALL, version="small-1+x", weights={**SMALL.weights, "good": 2.0})
    mixed = [*answers(30), *answers(30, learnt, seed=2)]
    alone, both = refit(SMALL, mixed, NOON), refit(SMALL, mixed, NOON, known={"small-1+x": learnt})
    assert alone is not None
    assert both is not None
    assert (alone.labels, both.labels) == (30, 60)


def test_weights_in_force_are_compared_without_the_answers_they_are_held_against() -> None:
    """Learnt from the same answers, they are as good as the new ones, and nothing is gained."""
    given_answers = answers(100)
    found = refit(SMALL, given_answers, NOON, learnt_until=given_answers[-1].at)
    assert found is not None
    assert found.before == found.after
    assert not decide(found).promoted


def test_nothing_of_a_held_out_answer_reaches_the_weights_that_are_held_against_it() -> None:
    """Whatever people had said in a fold, the probabilities of that fold are the same to the last bit."""
    said = answers(120)
    folds = folds_of(said)
    turned = [
        msgspec.structs.replace(one, case_id=None, refused=(one.group,)) if fold == folds[0] else one
        for one, fold in zip(said, folds, strict=True)
    ]
    every, models = np.ones(len(said), dtype=np.bool_), {"small-1": SMALL}
    first, second = (held_out(sample_of(each, models, SMALL), folds, every, SMALL) for each in (said, turned))
    assert said != turned
    assert (first[folds == folds[0]] == second[folds == folds[0]]).all()
    assert (first[folds != folds[0]] != second[folds != folds[0]]).any()


def test_thresholds_follow_only_from_200_answers_on() -> None:
    """Until then the shipped ones hold."""
    few, many = refit(SMALL, answers(199), NOON), refit(SMALL, answers(400), NOON)
    assert few is not None
    assert many is not None
    assert few.model.thresholds == SMALL.thresholds
    assert many.model.thresholds != SMALL.thresholds
    assert many.model.thresholds["0.9"] <= many.model.thresholds["0.95"]


def test_a_threshold_that_no_answers_reach_is_never_sure() -> None:
    """Where links above every bound were wrong as often, only near certainty is asserted."""
    wrong = [msgspec.structs.replace(one, case_id=None, refused=(one.group,)) for one in answers(40)]
    sample = sample_of(wrong, {"small-1": SMALL}, SMALL)
    layout = layout_of(SMALL)
    top = top_of(sample, sample.chances(layout.vector(SMALL), layout))
    assert thresholds_of(top, np.ones(40, dtype=np.bool_), SMALL) == {"0.9": 0.99, "0.95": 0.99}


def test_a_lead_that_nobody_judged_is_neither_right_nor_wrong() -> None:
    """Where A was refused, B may be the case: it is held against nobody that B leads."""
    seen = (Seen("A", 0.01, {"good": 1.0}), Seen("B", 0.98, {"good": 4.0}))
    said = {"refused": (None, ("A",)), "confirmed B": ("B", ()), "confirmed A": ("A", ())}
    judged = [Judged(NOON, seen, {}, 0.01, "small-1", *one) for one in said.values()]
    sample = sample_of(judged, {"small-1": SMALL}, SMALL)
    layout = layout_of(SMALL)
    top = top_of(sample, sample.chances(layout.vector(SMALL), layout))
    assert top.right.tolist() == [False, True, False]
    assert top.wrong.tolist() == [False, False, True]


FIGURES = Figures(answers=100, linked=60, asserted=50, detection=0.5, precision=0.9, loss=0.4)


@pytest.mark.parametrize(
    ("changes", "promoted", "says"),
    [
        ({"detection": 0.6}, True, "finds 60.0% of the confirmed cases, not 50.0%"),
        ({"detection": 0.5}, False, "detection does not rise"),
        ({"detection": 0.6, "precision": 0.89}, False, "precision falls"),
        ({"detection": 0.6, "loss": 0.41}, False, "surprise it more"),
        ({"detection": 0.6, "precision": 1.0}, True, "right in 100.0% of its links"),
    ],
)
def test_promotion_needs_more_found_and_no_more_wrong(changes: dict[str, float], promoted: bool, says: str) -> None:
    """Every refusal names its reason with both figures."""
    after = msgspec.structs.replace(FIGURES, **changes)
    decision = decide(Fit(SMALL, 100, FIGURES, after))
    assert decision.promoted is promoted
    assert says in decision.reason


def test_weights_that_asserted_nothing_set_no_precision_to_keep() -> None:
    """Whoever links nothing is never wrong; that must not stop learning, but the target must be reached."""
    silent = msgspec.structs.replace(FIGURES, asserted=0, precision=1.0)
    decision = decide(Fit(SMALL, 100, silent, msgspec.structs.replace(FIGURES, detection=0.6)), 0.9)
    assert decision.promoted
    assert "90.0% of its links; nothing was asserted before" in decision.reason
    refused = decide(Fit(SMALL, 100, silent, msgspec.structs.replace(FIGURES, detection=0.6)), 0.95)
    assert not refused.promoted
    assert "below the target of 95%" in refused.reason


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(25, 60))
def test_learning_never_explains_the_answers_worse_than_the_start(seed: int, count: int) -> None:
    """Whatever the answers, the weights fit them at least as well as the shipped ones do."""
    sample = sample_of(answers(count, seed=seed), {"small-1": SMALL}, SMALL)
    layout = layout_of(SMALL)
    start = layout.vector(SMALL)
    fitted = fit(sample, start, layout)

    def surprise(w: np.typing.NDArray[np.float64]) -> float:
        return float(-np.log(np.where(sample.allowed, sample.chances(w, layout), 0.0).sum(axis=1)).sum())

    assert np.isfinite(fitted).all()
    assert surprise(fitted) <= surprise(start) + 1e-6


def test_the_learner_scores_a_case_as_the_linker_does() -> None:
    """The sum of evidence is defined in two places; here they are held to each other on invented posts."""
    model = load()
    layout = layout_of(model)
    weigher = EvidenceWeigher(shared_names(), shared_places(), model)
    compared = [
        one
        for row in list(companies("train", [901], 12))
        for one in weigher.weigh(row.item.mention, row.clues, row.cases, row.background)[:40]
    ]
    x = np.array([[one.features.get(code, 0.0) for code in layout.cases] for one in compared])
    scores, _ = case_scores(x, layout.vector(model)[: len(layout.cases)], layout, model.matter_most)
    assert scores == pytest.approx([one.score for one in compared], abs=1e-6)


def test_the_learner_gives_the_probabilities_that_the_decision_gave() -> None:
    """Those of no case, the customers' other matters among it, and of each case."""
    model = load()
    assert model.another_matter is not None
    layout = layout_of(model)
    rows = list(companies("train", [911], 60))
    for row in rows:
        few = msgspec.structs.replace(row, cases=row.cases[-6:])
        linking = Reader(model).decision(few)
        seen = [Seen(c.case_id, c.probability, c.features) for c in (*linking.candidates, *linking.rejected)]
        if len(seen) < len(few.cases):
            continue
        one = Judged(
            NOON, tuple(seen), linking.post_features, linking.none_probability, model.version, seen[0].case_id,
            prior=linking.prior, total=linking.total,
        )  # fmt: skip
        chances = sample_of([one], {}, model).chances(layout.vector(model), layout)[0]
        assert chances[1:] == pytest.approx([each.probability for each in seen], abs=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_the_slopes_are_those_of_the_scores(seed: int) -> None:
    """Also of the customers' other matters: else the learner would walk past the best weights."""
    model, rng = load(), np.random.default_rng(seed)
    layout = layout_of(model)
    row = next(companies("train", [912 + seed], 5))
    linking = Reader(model).decision(row)
    seen = tuple(Seen(c.case_id, c.probability, c.features) for c in (*linking.candidates, *linking.rejected))
    one = Judged(NOON, seen, linking.post_features, 0.5, model.version, seen[0].case_id, prior=0.3, total=100)
    sample = sample_of([one], {}, model)
    w, way = layout.vector(model), rng.standard_normal(len(layout.cases) + len(layout.posts))
    step = 1e-5
    moved = (sample.scores(w + step * way, layout) - sample.scores(w - step * way, layout)) / (2 * step)
    assert _slopes(sample, w, layout)[0] @ way == pytest.approx(moved[0], abs=1e-4)


def learnt(seed: int) -> tuple[LinkingModel, Fit]:
    """Spoil the weights, let an invented company answer its alerts, and learn from that."""
    start = spoilt(load(), seed)
    reader = Reader(start)
    posts = list(companies("train", [910], 260))
    said = [clicked(row, reader.decision(row), number) for number, row in enumerate(posts)]
    found = refit(start, [one for one in said if one is not None], NOON)
    assert found is not None
    return start, found


def test_an_invented_companys_answers_bring_back_most_of_what_was_lost() -> None:
    """Of posts about other companies too, which nobody answered."""
    start, found = learnt(5)
    others = list(companies("train", [900, 901], 120))
    before, after = (detection([Reader(m).answer(row) for row in others], 0.1) for m in (start, found.model))
    assert after > before + 0.1
    assert found.after.loss < found.before.loss


def test_what_an_invented_companys_answers_teach_comes_into_force() -> None:
    assert decide(learnt(5)[1]).promoted
