"""What a post's own words decide: without any, below a thread, behind a reference, and at the end of a long text."""

import pytest

from matcher.complaint import ComplaintDecision

GRIPE = "My order never arrived and nobody answers my emails @larkmill"
PRAISE = "Lovely beer, thank you so much!"
WALK = "lovely day in the park "


@pytest.mark.parametrize(
    "text", ["@a @b @c @d @e @f @g @h", "@larkmill", "0", "00 12", "☕☕☕☕", "😡 https://x.example/1"]
)
def test_a_post_without_words_is_no_complaint(decision: ComplaintDecision, text: str) -> None:
    """Handles, numbers and emoji complain of nothing."""
    (verdict,) = decision.judge([text])
    assert (verdict.complaint, verdict.probability, verdict.needs_reply) == (False, 0.0, False)
    assert verdict.reason == "It has no words of its own, so it is no complaint."


def test_an_angry_emoji_is_a_complaint_below_one(decision: ComplaintDecision) -> None:
    """Where a post has no words, its thread says what it means; approval and laughter agree with nothing."""
    below = [("😡", GRIPE), ("😡", PRAISE), ("👍", GRIPE), ("😂", GRIPE), ("❤️", GRIPE)]
    verdicts = decision.judge([text for text, _ in below], contexts=[context for _, context in below])
    assert [verdict.complaint for verdict in verdicts] == [True, False, False, False, False]


def test_handles_in_a_row_are_one_handle(decision: ComplaintDecision) -> None:
    """Whom else a post is sent to makes it no worse."""
    few, many = decision.judge([f"{handles} any plans for Sunday" for handles in ("@a", "@a @b @c @d @e @f @g")])
    assert few.probability == many.probability


def test_a_longer_reply_that_leaves_it_in_doubt_is_read_with_its_thread(decision: ComplaintDecision) -> None:
    """'The same for me' says nothing without what it answers."""
    reply = "Yes, exactly the same for me too"
    grumble, cheer = decision.judge([reply] * 2, contexts=[GRIPE, PRAISE])
    assert (grumble.complaint, cheer.complaint) == (True, False)


@pytest.mark.parametrize("text", ["Done, I sent you the number by DM", "yes please, that would be great"])
def test_a_longer_reply_that_plainly_is_none_stays_none_below_a_complaint(
    decision: ComplaintDecision, text: str
) -> None:
    """What somebody else wrote is not laid at their door."""
    (verdict,) = decision.judge([text], contexts=[GRIPE])
    assert not verdict.complaint


def test_a_reference_that_heads_a_post_changes_nothing(decision: ComplaintDecision) -> None:
    """A post is about what stands below."""
    posts = ("my parcel is lost", "Ref AB12: my parcel is lost", "@larkmill Case LM-48213: my parcel is lost")
    bare, headed, called = decision.judge(posts)
    (called_bare,) = decision.judge(["@larkmill my parcel is lost"])
    assert (headed.probability, called.probability) == (bare.probability, called_bare.probability)


def test_the_end_of_a_long_post_is_read_as_well(decision: ComplaintDecision) -> None:
    """A complaint after pages of chatter is one, and the reason says what was read."""
    long, before = decision.judge([WALK * 430 + GRIPE, GRIPE + " " + WALK * 430])
    assert long.complaint
    assert before.complaint
    assert long.reason.endswith("Of this long post its beginning and end were read.")


def test_an_ordinary_post_is_read_whole(decision: ComplaintDecision) -> None:
    """Nothing is said of beginning and end where there is no middle."""
    (verdict,) = decision.judge([WALK * 30])
    assert "beginning" not in verdict.reason


OFFLINE = "Third week without internet @acmebroadband, nobody answers"


@pytest.mark.parametrize(
    "reply",
    ["thank you", "lol", "works for me", "good luck!", "so sorry to hear", "no problems here", "I have no issues",
     "what router?", "I love them"],
)  # fmt: skip
def test_a_bystander_below_a_complaint_does_not_complain(decision: ComplaintDecision, reply: str) -> None:
    (verdict,) = decision.judge([reply], contexts=[OFFLINE])
    assert not verdict.complaint


@pytest.mark.parametrize(
    "reply", ["same here", "me too @acmebroadband", "us too, third week", "still down here", "exactly this"]
)
def test_who_joins_in_below_a_complaint_complains(decision: ComplaintDecision, reply: str) -> None:
    (verdict,) = decision.judge([reply], contexts=[OFFLINE])
    assert verdict.complaint
