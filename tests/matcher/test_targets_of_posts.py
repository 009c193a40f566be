"""What a post says of a competitor is no complaint about the brand, where the configuration names the competitor."""

from collections.abc import Iterator

import pytest

from matcher.config import ComplaintConfig
from matcher.custom_model import decision_for
from matcher.encoder import Encoder
from matcher.targets import Decision, OfUs

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
        "Fourth cancellation this month. Thanks for nothing, PENNINE ARROW. @larkmoor here I come",
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
    ],
)
def test_a_complaint_of_us_stays_one_whatever_is_said_of_others(decision: Decision, text: str) -> None:
    (verdict,) = decision.judge([text], [None], [None], [BRAND])
    assert verdict.complaint


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
