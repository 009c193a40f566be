"""A post's text as the complaint model reads it: emoji as words, handles and references set apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.wording import body, own_words, plain, tokens


def test_words_between_two_colons_are_no_emoji() -> None:
    """Only what an emoji is called stands as one token."""
    assert tokens("still waiting: nobody replied: awful") == ["still", "waiting", "nobody", "replied", "awful"]
    assert tokens("gone 😡🔥: hot: air") == ["gone", ":angry:", ":fire:", "hot", "air"]


def test_the_encoder_reads_emoji_by_their_names() -> None:
    """A handle is a user, a link is gone, an emoji is its name between colons."""
    assert plain("@larkmill late again 😡 https://x.example/1 #FreshBeer") == "@user late again :angry: Fresh Beer"


def test_a_crowd_of_handles_is_one() -> None:
    """Two handles stay two, as in most posts that call two companies."""
    assert plain("@a @b hello") == "@user @user hello"
    assert plain("@a @b\n@c @d hello @e") == "@user hello @user"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ref AB12: my parcel is lost", "my parcel is lost"),
        ("@larkmill @help Case no. LM-48213: still nothing", "@larkmill @help still nothing"),
        ("Bestellung 4471: kein Paket", "kein Paket"),
        ("order 4471 never came: why?", "order 4471 never came: why?"),
        ("Case in point: the lid", "Case in point: the lid"),
        ("Ref AB12:", "Ref AB12:"),
    ],
)
def test_a_reference_at_the_head_is_left_out(text: str, left: str) -> None:
    """A reference within a sentence belongs to the sentence."""
    assert body(text) == left


def test_own_words_are_without_handles_and_links() -> None:
    """What tells the language is what somebody wrote."""
    assert own_words("@larkmill Где &amp; https://x.example/where").split() == ["Где", "&"]


@given(st.text(st.sampled_from("a: \ue000@x1😡\n")))
def test_private_signs_of_a_post_mark_no_emoji(text: str) -> None:
    """Whatever a post holds, a token between colons is the name of an emoji in it."""
    named = [token for token in tokens(text) if token.startswith(":")]
    assert named == [":angry:"] * text.count("😡")
