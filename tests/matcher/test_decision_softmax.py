"""The decision is one softmax over no case and every candidate, and says LINK only where all of its rules hold."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.records import Case, CaseMessage, Customer
from matcher.background import Background
from matcher.clues import ClueReader
from matcher.concepts import shared_concepts
from matcher.config import LinkingConfig
from matcher.decision import Decider, none_at_all, none_score, softmax
from matcher.evidence import EvidenceWeigher, saturated
from matcher.facets import FacetReader, Facets
from matcher.linking import Linking
from matcher.mention import MentionText
from matcher.model_file import LinkingModelMissing, load
from matcher.names import shared_names
from matcher.places import shared_places

AT = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
LISTS = (shared_names(), shared_places(), shared_concepts())
MODEL = load()
scores = st.floats(-60, 60, allow_nan=False)


def facets(
    number: int, name: str, told: str, *, days: float = 9, city: str = "Leeds", resolved: bool = False
) -> Facets:
    opened = AT - timedelta(days=days)
    answered = CaseMessage(AT - timedelta(days=1), "agent", "A new one was delivered today and the fee of £4 refunded.")
    messages = (CaseMessage(opened, "customer", told), *((answered,) if resolved else ()))
    return FacetReader(*LISTS).read(
        Case(
            case_id=f"C-{number}", customer=Customer(f"K-{number}", name, (), city, None, "GB"), channel="email",
            status="resolved" if resolved else "open", team="t", opened_at=opened, updated_at=opened,
            resolved_at=AT - timedelta(days=1) if resolved else None, messages=messages,
        )
    )  # fmt: skip


FILLERS = [facets(n, name, told, days=n, city="Hull") for n, (name, told) in enumerate([
    ("Ann Lowe", "Where is my parcel?"), ("Bob Hart", "I was charged twice."), ("Cat Moss", "The tour was cancelled."),
    ("Dan Finch", "Please send an invoice."), ("Eve Stone", "My password does not work."),
    ("Fay Holt", "The lamp flickers."),
], start=100)]  # fmt: skip
POST = MentionText(
    "emailed you nine days ago about the kettle that leaks on the worktop. no reply", AT, "x", "owl_hq", "Nina Brook",
    None, "Leeds", policy="auto",
)  # fmt: skip


def decide(mention: MentionText, cases: list[Facets], **rules: object) -> Linking:
    clues = ClueReader(*LISTS).read(mention)
    background = Background([case for case in cases if case.resolved is None], len(cases))
    compared = EvidenceWeigher(LISTS[0], LISTS[1], MODEL).weigh(mention, clues, cases, background)
    return Decider(MODEL, LinkingConfig(**rules)).decide(mention, clues, compared, len(cases))  # type: ignore[arg-type]


@given(scores, st.lists(scores, max_size=30))
def test_probabilities_of_none_and_all_candidates_sum_to_one(none: float, found: list[float]) -> None:
    rest, chances = softmax(none, found)
    assert math.isclose(rest + math.fsum(chances), 1.0, abs_tol=1e-9)


@given(scores, st.lists(scores, min_size=1, max_size=20), scores)
def test_one_more_candidate_never_raises_another(none: float, found: list[float], more: float) -> None:
    _, before = softmax(none, found)
    _, after = softmax(none, [*found, more])
    assert all(late <= early + 1e-12 for early, late in zip(before, after, strict=False))


@given(scores, scores)
def test_two_equal_candidates_share_the_mass(none: float, score: float) -> None:
    _, (one, other) = softmax(none, [score, score])
    assert one == other <= 0.5


@given(st.floats(0.01, 0.98))
def test_a_higher_prevalence_makes_no_case_less_likely(prevalence: float) -> None:
    assert none_score({}, MODEL, prevalence) > none_score({}, MODEL, prevalence + 0.01)


@given(st.floats(-50, 200))
def test_what_texts_have_in_common_is_bounded_and_keeps_its_order(value: float) -> None:
    assert saturated(value, 5.0) <= 5.0
    assert saturated(value, 5.0) <= saturated(value + 1, 5.0)


def test_a_customer_who_tells_the_story_again_is_linked() -> None:
    found = decide(POST, [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS])
    assert (found.decision, found.candidates[0].case_id, found.candidates[0].relation) == ("link", "C-1", "self")
    assert found.candidates[0].mode == "auto"


def test_the_same_case_twice_is_a_question_and_not_a_link() -> None:
    told = "The kettle leaks all over my worktop."
    found = decide(POST, [facets(1, "Nina Brook", told), facets(2, "Nina Brook", told), *FILLERS])
    assert found.decision == "possible"
    assert {case.case_id for case in found.candidates} == {"C-1", "C-2"}


def test_a_link_leaves_no_other_case_a_chance_of_eight_in_a_hundred() -> None:
    """The later the other case about a kettle was opened, the less it is meant; in between lies a question."""
    story = "The kettle leaks on the worktop. No reply to my email."
    outcomes = []
    for days in range(9, 60, 3):
        cases = [facets(1, "Nina Brook", story), facets(2, "Nina Brook", story, days=days), *FILLERS]
        found = decide(POST, cases)
        chances = {one.case_id: one.probability for one in (*found.candidates, *found.rejected)}
        outcomes.append((found.decision, chances.get("C-2", 0.0) >= 0.08))
    assert all(not close for decision, close in outcomes if decision == "link")
    assert {close for _, close in outcomes} == {True, False}


def test_two_like_cases_are_offered_with_what_tells_them_apart() -> None:
    mention = MentionText(
        "emailed you nine days ago about the kettle that leaks on the worktop. no reply", AT, "x", "owl_hq", None,
        None, "Leeds", policy="auto",
    )  # fmt: skip
    one, other = (
        facets(1, "Nina Brook", "The kettle leaks on my worktop."),
        facets(2, "Omar Lund", "My kettle leaks, worktop is wet."),
    )
    found = decide(mention, [one, other, *FILLERS], prevalence=0.5)
    assert found.decision == "possible"
    assert [case.differs for case in found.candidates if case.case_id == "C-2"] == ["Omar Lund"]


CHARGED = MentionText(
    "told you nine days ago that £29.50 was taken twice for the kettle. £29.50! twice!", AT, "x", "owl_hq", None, None,
    "Leeds", policy="auto",
)  # fmt: skip


def test_a_sum_that_one_case_merely_lacks_does_not_tell_two_apart() -> None:
    """A note of a call is short: its silence about the sum is no reason against it."""
    mail = facets(1, "Nina Brook", "You took £29.50 twice for my kettle. Please pay one back.")
    note = facets(2, "Omar Lund", "Kettle: taken twice. To billing.")
    found = decide(CHARGED, [mail, note, *FILLERS], prevalence=0.5)
    assert found.decision == "possible"
    assert {case.case_id for case in found.candidates} == {"C-1", "C-2"}


def test_another_sum_tells_two_cases_apart() -> None:
    """Where both name a sum, that of the post speaks for one of them."""
    mail = facets(1, "Nina Brook", "You took £29.50 twice for my kettle. Please pay one back.")
    other = facets(2, "Omar Lund", "You took £81 twice for my kettle.")
    found = decide(CHARGED, [mail, other, *FILLERS], prevalence=0.5)
    assert found.candidates[0].case_id == "C-1"
    assert found.candidates[0].probability > 0.8


def test_a_case_that_names_the_same_sum_has_its_matter_in_common() -> None:
    """However tersely it is told."""
    note = facets(1, "Omar Lund", "£29.50 x2.")
    found = decide(CHARGED, [note, *FILLERS], prevalence=0.5)
    every = {case.case_id: case for case in (*found.candidates, *found.rejected)}
    assert "matter_nothing" not in {evidence.code for evidence in every["C-1"].evidence}


NO_SHOW = MentionText(
    "third evening at home for @loch, third time nobody came with the dishwasher, and the dishes walk by themselves",
    AT, "x", "owl_hq", None, None, "Leeds", policy="auto",
)  # fmt: skip


def test_the_luck_of_a_shared_word_does_not_tell_twins_apart() -> None:
    """One wrote "evening", of the other a note was made; both wait for the same thing, as long, in the same town."""
    mail = facets(1, "Nina Brook", "Third evening off work, third time no delivery. When comes my dishwasher?", days=2)
    note = facets(2, "Omar Lund", "cust stayed home 3x, dishwasher no show 3x. route says 'not home'", days=2)
    found = decide(NO_SHOW, [mail, note, *FILLERS], prevalence=0.5)
    assert found.decision == "possible"


def test_a_near_certain_case_has_no_rival_but_of_its_own_customer_or_family() -> None:
    """Two twins in one town: what the post shares with one of them settles it, unless both may be of one family."""
    story = "My kettle leaks: blue puddle under the toaster, the parrot got a shock, the fuse box sings. £61.20 please."
    text = "emailed nine days ago. kettle leaks, toaster in a blue puddle, parrot shocked, fuse box sings. £61.20"
    post, mine = msgspec.structs.replace(POST, name=None, text=text), facets(1, "Nina Brook", story)
    twin = "kettle leaks, electric shock"
    decided = {
        name: decide(post, [mine, facets(2, name, twin), *FILLERS], prevalence=0.5)
        for name in ("Omar Lund", "Omar Brook", "Omar")
    }
    assert decided["Omar Lund"].candidates[0].probability >= 0.99
    assert {name: found.decision for name, found in decided.items()} == {
        "Omar Lund": "link",
        "Omar Brook": "possible",
        "Omar": "possible",
    }


def test_namesakes_with_one_story_are_asked_about_however_sure_the_wording_makes_one() -> None:
    """Both lost the same flight and wait for the same sum; one wrote a letter, of the other a note was made."""
    post = MentionText(
        "checking my bank again for the £318 you owe me for that cancelled Palma flight. two weeks of nope", AT, "x",
        "barker_m", "M Barker", None, "Leeds", policy="auto",
    )  # fmt: skip
    letter = facets(1, "Michelle Barker", "Our Palma flight was cancelled, my bank has no £318 refund yet.", days=14)
    note = facets(2, "Michael Barker", "M Barker, flt cxl, refund GBP 318 requested, not recd. To refunds.", days=13)
    found = decide(post, [letter, note, *FILLERS])
    assert found.decision == "possible"
    assert {case.case_id for case in found.candidates} == {"C-1", "C-2"}
    surely = decide(post, [letter, facets(2, "Olaf Lund", "Lost my umbrella on board.", days=13), *FILLERS])
    assert (surely.decision, surely.candidates[0].case_id) == ("link", "C-1")


def test_a_case_of_another_kind_in_the_same_town_is_no_rival() -> None:
    """It has as many hard facts (town and time), and nothing else in common with the right one."""
    right = facets(1, "Nina Brook", "Third evening at home, third time nobody came with my dishwasher.", days=2)
    other = facets(2, "Omar Lund", "At home for the third evening: nobody came back about my voucher.", days=2)
    found = decide(NO_SHOW, [right, other, *FILLERS], prevalence=0.5, target_precision=0.9)
    assert (found.decision, found.candidates[0].case_id) == ("link", "C-1")


def test_at_most_three_cases_are_offered() -> None:
    same = [facets(n, "Nina Brook", "The kettle leaks on the worktop.") for n in range(1, 7)]
    assert len(decide(POST, [*same, *FILLERS], prevalence=0.5).candidates) <= 3


def test_knowing_who_posts_does_not_say_what_about() -> None:
    mention = MentionText(
        "your new adverts on the bus are dreadful", AT, "x", "ninabrook", "Nina Brook", None, "Leeds", policy="auto"
    )
    found = decide(
        mention, [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS], prevalence=0.6
    )
    assert found.decision != "link"


@given(scores, st.lists(scores, max_size=20))
def test_customers_other_matters_only_ever_speak_for_no_case(none: float, persons: list[float]) -> None:
    """And without that possibility, as in older weights, nothing changes."""
    assert none_at_all(none, persons, msgspec.structs.replace(MODEL, another_matter=-1.0)) >= none
    assert none_at_all(none, persons, msgspec.structs.replace(MODEL, another_matter=None)) == none


def test_the_surer_a_namesake_is_the_customer_the_less_a_wrong_story_is_believed() -> None:
    """A full name and the town lead to the customer, whose case is about something else."""
    text = "your delivery driver left my new curtains in the rain"
    mention = MentionText(text, AT, "x", "ninabrook", "Nina Brook", None, "Leeds", policy="auto")
    cases = [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS]
    clues = ClueReader(*LISTS).read(mention)
    background = Background(cases, len(cases))
    compared = EvidenceWeigher(LISTS[0], LISTS[1], MODEL).weigh(mention, clues, cases, background)
    chances = []
    for model in (msgspec.structs.replace(MODEL, another_matter=None), MODEL):
        decider = Decider(model, LinkingConfig(prevalence=0.5))
        none = decider.none_beside(clues, compared, len(cases))
        chances.append(softmax(none, [decider.net(case, len(cases)) for case in compared])[1][0])
    assert compared[0].case.case_id == "C-1"
    assert 1 - chances[1] > 10 * (1 - chances[0])


def test_the_decision_says_that_a_customer_may_mean_something_else() -> None:
    text = "your delivery driver left my new curtains in the rain"
    mention = MentionText(text, AT, "x", "ninabrook", "Nina Brook", None, "Leeds", policy="auto")
    found = decide(mention, [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS])
    assert "another_matter" in {evidence.code for evidence in found.post_evidence}


def test_a_post_that_says_it_is_another_matter_is_not_linked() -> None:
    text = "Separate issue from my other complaint, but your shop in Leeds was shut at four"
    mention = MentionText(text, AT, "x", "ninabrook", "Nina Brook", None, "Leeds", policy="auto")
    found = decide(mention, [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS])
    assert found.decision == "unlinked"


def test_a_post_with_the_number_of_another_case_is_not_asserted_of_this_one() -> None:
    text = "emailed you nine days ago about the kettle that leaks on the worktop. no reply. ref {}"
    decisions = []
    for number in ("20417", "99863"):
        case = msgspec.structs.replace(
            facets(1, "Nina Brook", "The kettle leaks all over my worktop."), references=("20417",)
        )
        mention = msgspec.structs.replace(POST, text=text.format(number))
        decisions.append(decide(mention, [case, *FILLERS]).decision)
    assert decisions[0] == "link"
    assert decisions[1] != "link"


def test_a_resolved_case_takes_mass_from_the_open_ones_but_is_not_shown() -> None:
    told = "The kettle leaks all over my worktop."
    alone = decide(POST, [facets(1, "Nina Brook", told), *FILLERS])
    beside = decide(POST, [facets(1, "Nina Brook", told), facets(2, "Nina Brook", told, resolved=True), *FILLERS])
    assert beside.candidates[0].probability <= alone.candidates[0].probability
    assert "C-2" not in [case.case_id for case in beside.candidates]


def test_an_unrelated_resolved_case_never_raises_a_candidate() -> None:
    told = "The kettle leaks all over my worktop."
    clues = ClueReader(*LISTS).read(POST)
    one = facets(1, "Nina Brook", told)
    background = Background([one, *FILLERS], 7)
    weigher = EvidenceWeigher(LISTS[0], LISTS[1], MODEL)
    decider = Decider(MODEL, LinkingConfig())
    few = decider.decide(POST, clues, weigher.weigh(POST, clues, [one, *FILLERS], background), 7)
    other = facets(2, "Zoe Quist", "The tour was cancelled.", resolved=True)
    more = decider.decide(POST, clues, weigher.weigh(POST, clues, [one, other, *FILLERS], background), 7)
    assert more.candidates[0].probability <= few.candidates[0].probability


def test_chat_cases_compete_but_are_not_linked() -> None:
    chat = msgspec.structs.replace(facets(1, "Nina Brook", "The kettle leaks all over my worktop."), channel="chat")
    found = decide(POST, [chat, *FILLERS])
    assert found.decision == "unlinked"
    assert "which is not linked" in next(case.differs for case in found.rejected if case.case_id == "C-1")


def test_under_review_every_link_waits_for_a_persons_word() -> None:
    review = msgspec.structs.replace(POST, policy="review")
    found = decide(review, [facets(1, "Nina Brook", "The kettle leaks all over my worktop."), *FILLERS])
    assert (found.decision, found.candidates[0].mode) == ("link", "review")


def test_the_threshold_follows_from_the_target_precision() -> None:
    assert MODEL.threshold(0.9) < MODEL.threshold(0.95) < MODEL.threshold(0.98)
    assert MODEL.threshold(0.9) < MODEL.threshold(0.93) < MODEL.threshold(0.95)
    assert MODEL.threshold(0.98) < MODEL.threshold(0.99) < MODEL.threshold(0.999) <= 1.0
    assert 0.5 <= MODEL.threshold(0.3) <= MODEL.threshold(0.8) < MODEL.threshold(0.9)
    assert Decider(MODEL, LinkingConfig(target_precision=0.98)).thresholds.link == MODEL.threshold(0.98)


def test_missing_weights_name_the_file_and_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(LinkingModelMissing, match=r"nowhere\.json.*install the package again"):
        load(tmp_path / "nowhere.json")


def among(total: int, owner: str) -> Linking:
    """Decide on a post by Nina Brook as if so many unresolved cases stood in the base, one of them her own."""
    case = facets(1, owner, "I e-mailed you: the kettle leaks on the worktop.")
    clues, background = ClueReader(*LISTS).read(POST), Background([case, *FILLERS], total)
    compared = EvidenceWeigher(LISTS[0], LISTS[1], MODEL).weigh(POST, clues, [case, *FILLERS], background)
    return Decider(MODEL, LinkingConfig()).decide(POST, clues, compared, total)


def test_a_name_a_town_and_a_story_that_fit_are_not_doubted_because_the_base_is_large() -> None:
    """By the log of the size alone, the right case among a million would be less likely than none at all."""
    small, large = among(200, "Nina Brook"), among(1_000_000, "Nina Brook")
    assert (small.decision, large.decision) == ("link", "link")
    assert large.candidates[0].probability > small.candidates[0].probability - 0.2


def test_a_story_alone_is_doubted_the_more_the_larger_the_base() -> None:
    """Without a name, some other of a million customers tells the same story."""
    chances = [1.0 - among(total, "Olga Finch").none_probability for total in (200, 20_000, 1_000_000)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.05
