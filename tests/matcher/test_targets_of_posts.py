"""What a post says of a competitor is no complaint about the brand, where the configuration names the competitor."""

from collections.abc import Iterator

import pytest

from matcher.config import ComplaintConfig
from matcher.custom_model import decision_for
from matcher.encoder import Encoder
from matcher.targets import Competitor, Decision, OfUs, apart

BRAND = "Larkmoor"
KNOWN = ComplaintConfig(competitors=["northernfly", "Pennine Arrow"])


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    with Encoder() as opened:
        yield opened


@pytest.fixture(scope="module")
def decision(encoder: Encoder) -> Decision:
    return decision_for(KNOWN, encoder)


@pytest.mark.parametrize(
    "text",
    [
        "Done with @northernfly, four cancellations this month. Switching to @larkmoor",
        "Pennine Arrow have cancelled me for the fourth time this month. Hello @larkmoorbrew!",
        "Thanks for nothing, PENNINE ARROW, four cancellations in a month. @larkmoor here I come",
        "@northernfly trois mails sans réponse, c'est honteux. Je passe chez @larkmoor",
    ],
)
def test_who_complains_of_a_competitor_does_not_complain_of_us(decision: Decision, encoder: Encoder, text: str) -> None:
    (verdict,) = decision.judge([text], [None], [None], [BRAND])
    assert not verdict.complaint
    assert verdict.reason.startswith("What it says of us does not read as a complaint (")
    assert decision_for(ComplaintConfig(), encoder).judge([text])[0].complaint, "whom it is about is not in the words"


@pytest.mark.parametrize(
    "text",
    [
        "@larkmoor cancelled again and no reply to three emails. Is @northernfly any better?",
        "@larkmoor is even worse than @northernfly. Still no refund",
        "Three weeks and no reply, @larkmoor. Pennine Arrow answered within the hour",
        "Pennine Arrow lost my bag. Then @larkmoor lost it again, and nobody answers my emails",
        "@northernfly is fine. Three weeks and still no reply to my emails @larkmoor",
        "Fourth cancellation this month. Thanks for nothing, Pennine Arrow. @larkmoor here I come",
        "Northernfly refunded me in a day. Three weeks waiting here, no reply to three emails. @larkmoor",
        "Ich hätte zu Northernfly gehen sollen. Drei Wochen keine Antwort auf meine E-Mails. @larkmoor",
        "J'aurais dû prendre Northernfly. Trois semaines sans réponse, c'est honteux. @larkmoor",
        "I'm off to Northernfly. Three weeks, no refund, nobody answers my emails. #larkmoor",
        "@larkmoor. Your courier Northernfly lost my parcel and nobody answers me.",
        "Northernfly m'a perdu mon sac, aucun remboursement. @larkmoor pareil",
        "Northernfly lost my bag, no refund, useless. @larkmoor ditto",
        "Switching back to Northernfly after three cancellations and no refund. @larkmoor",
        "Three weeks and no refund, I'm going to Northernfly. @larkmoor",
        "Nobody answers my emails since I came over from Northernfly. Hi @larkmoor",
        "Northernfly was better than this, three cancellations and no refund. @larkmoor",
        "Three weeks and no reply, Northernfly next time. @larkmoor",
    ],
)
def test_a_complaint_of_us_stays_one_whatever_is_said_of_others(decision: Decision, text: str) -> None:
    (verdict,) = decision.judge([text], [None], [None], [BRAND])
    assert verdict.complaint


def test_what_a_part_answers_still_counts(decision: Decision) -> None:
    """Alone, "exactly this" complains of nothing."""
    text, answered = (
        "@larkmoor exactly this! Northernfly never replied, useless",
        "three weeks without a refund, @larkmoor",
    )
    assert decision.judge([text], [answered], ["en"], [BRAND])[0].complaint


def test_a_brand_with_a_threshold_of_its_own_is_held_to_it(encoder: Encoder) -> None:
    strict = decision_for(KNOWN.model_copy(update={"brands": {BRAND: 0.01}}), encoder)
    text = "Done with @northernfly, four cancellations this month. Switching to @larkmoor"
    assert strict.judge([text], [None], [None], [BRAND])[0].complaint


@pytest.mark.parametrize(
    ("brand", "text"),
    [
        ("M&S", "Zara has not answered in weeks. M&S never delivered my order, no refund. @ms"),
        ("H&M", "Zara next time. H&M lost my parcel and nobody answers my emails. @hm"),
        ("EE", "Zara is fine. EE's line is dead for three weeks and nobody answers"),
    ],
)
def test_short_brands_are_recognised_as_they_are_written(encoder: Encoder, brand: str, text: str) -> None:
    decision = decision_for(ComplaintConfig(competitors=["Zara"]), encoder)
    assert decision.judge([text], [None], [None], [brand])[0].complaint


def test_a_brand_of_two_words_is_known_by_its_first(encoder: Encoder) -> None:
    text = "Done with @northernfly, four cancellations this month. Switching to @larkmoor"
    assert not decision_for(KNOWN, encoder).judge([text], [None], [None], ["Larkmoor Brewing"])[0].complaint


def test_a_blank_competitor_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 characters"):
        ComplaintConfig(competitors=["   "])


@pytest.mark.timeout(20)
def test_blanks_without_end_are_parted_in_time() -> None:
    """What grows with the square of the length would take minutes."""
    apart("x" + " " * 100_000 + "y. larkmoor", BRAND, [Competitor("zara")])


def test_each_post_keeps_its_place_and_its_brand(decision: Decision) -> None:
    """Two posts of one text, about two brands: what is ours in one is a competitor's in neither."""
    text = "Pennine Arrow cancelled my train again, no refund. Switching to @larkmoor"
    verdicts = decision.judge(
        ["Lovely beer", text, text, "No refund after three weeks"], None, None, ["", BRAND, "", ""]
    )
    assert [verdict.complaint for verdict in verdicts] == [False, False, True, True]


def test_a_short_name_is_found_as_a_word_only(encoder: Encoder) -> None:
    """Two letters stand in many words."""
    decision = decision_for(ComplaintConfig(competitors=["Zipp"]), encoder)
    text = "Zipp has not answered in weeks. Coming over to @EE tomorrow"
    assert not decision.judge([text], None, None, ["EE"])[0].complaint
    assert decision.judge(["Zipp has not answered in weeks. See three letters"], None, None, ["EE"])[0].complaint


def test_without_competitors_nothing_stands_between(encoder: Encoder) -> None:
    assert not isinstance(decision_for(ComplaintConfig(), encoder), OfUs)
    assert decision_for(KNOWN, encoder).threshold(BRAND) == decision_for(ComplaintConfig(), encoder).threshold(BRAND)


@pytest.mark.parametrize(
    "text",
    [
        "Three weeks without internet. Hello @larkmoor",
        "Sky high bill and no explanation. Good morning @larkmoor",
        "Next available appointment is in March. Brilliant @larkmoor",
        "My boots fell apart after a week. Thanks @larkmoor",
    ],
)
def test_a_competitor_with_an_ordinary_words_name_is_not_every_such_word(encoder: Encoder, text: str) -> None:
    decision = decision_for(ComplaintConfig(competitors=["Three", "Sky", "Next", "Boots"]), encoder)
    assert decision.judge([text], None, None, [BRAND])[0].complaint


@pytest.mark.parametrize(
    ("sentence", "spoken_of"),
    [
        ("Another outage at Sky, useless", True), ("@sky is down again", True), ("@Sky is down again", True),
        ("Sky high bill", False), ("the sky is blue", False), ("done with #Sky for good", True),
    ],
)  # fmt: skip
def test_an_ordinary_word_is_a_name_as_a_handle_or_written_as_one(sentence: str, spoken_of: bool) -> None:
    assert Competitor("Sky").is_spoken_of(sentence) is spoken_of
