"""Which language a post is in: what few letters, emoji, handles and wrong tags may decide, and what they may not."""

import pytest

from matcher.complaint import ComplaintDecision

ARABIC = "طلبي لم يصل بعد ولا أحد يرد"


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("Fantastic", None),
        ("Delicious!", None),
        ("Gorgeous", None),
        ("Hahahaha", None),
        ("Congratulations", None),
        ("🎉", None),
        ("🔥🔥🔥🔥", None),
        ("☕☕☕☕", "ja"),
        ("thanks!!", "sv"),
        ("lol ok", "in"),
        ("cheers", "cy"),
        ("best beer ever!!", "et"),
        ("what a lovely evening, thank you all for coming to the brewery", "tl"),
    ],
)
def test_short_praise_is_english_whatever_the_tag(decision: ComplaintDecision, text: str, claimed: str | None) -> None:
    """A tag or a guess from a handful of letters makes no language unknown, and so no alert of praise."""
    (verdict,) = decision.judge([text], langs=[claimed])
    assert (verdict.lang, verdict.cannot_tell, verdict.complaint) == ("en", False, False)


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("Var är mitt paket?", "sv"),
        ("fortfarande inget svar", None),
        ("tack!!", "sv"),
        ("Gdzie jest moja paczka", None),
        ("Nadal nic", "pl"),
        ("Paketim nerede?", "tr"),
        (ARABIC, None),
        ("荷物", None),
    ],
)
def test_few_words_of_an_unknown_language_are_left_to_the_configuration(
    decision: ComplaintDecision, text: str, claimed: str | None
) -> None:
    """The platform's tag and the letters together still tell what the model cannot read."""
    (verdict,) = decision.judge([text], langs=[claimed])
    assert (verdict.lang, verdict.cannot_tell) == ("und", True)


def test_the_tag_of_a_known_language_settles_one_word(decision: ComplaintDecision) -> None:
    """One word is no clear reading, so the platform is believed."""
    (verdict,) = decision.judge(["Geweldig"], langs=["nl"])
    assert (verdict.lang, verdict.complaint) == ("nl", False)


@pytest.mark.parametrize(
    "text",
    [
        "@larkmill @a @b @c Где посылка",
        "@larkmill @larkmillhelp @a @b 荷物が届かない",
        "Где 😡😡😡 https://x.example/where",
    ],
)
def test_letters_that_nobody_wrote_tell_no_language(decision: ComplaintDecision, text: str) -> None:
    """Handles, links and the names of emoji are not the post's own words."""
    (verdict,) = decision.judge([text])
    assert (verdict.lang, verdict.words) == ("und", ())


@pytest.mark.parametrize("count", [1, 4, 11])
def test_emoji_are_in_no_unknown_language_however_many(decision: ComplaintDecision, count: int) -> None:
    """Their English names are ours."""
    (verdict,) = decision.judge(["😡" * count])
    assert (verdict.lang, verdict.cannot_tell) == ("en", False)


def test_a_reply_in_english_is_read_below_a_post_that_cannot_be(decision: ComplaintDecision) -> None:
    """Its own words tell first, what it answers only then."""
    thanks, parcel = decision.judge(["thank you mate", "Где посылка"], contexts=[ARABIC, "Where is your parcel? Anna"])
    assert (thanks.lang, thanks.complaint) == ("en", False)
    assert parcel.lang == "und"
