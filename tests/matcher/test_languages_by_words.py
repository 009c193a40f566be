"""The words of a post tell its language where its letters do not, and that it is in none that the model knows."""

import pytest

from matcher.complaint import ComplaintDecision
from matcher.lexis import lexis
from training.build_lexis import by_language
from training.rows import labelled


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Nadie contesta @gymco", "es"),
        ("Nunca más @skyhop", "es"),
        ("Muy mal @zeno", "es"),
        ("Cero problemas @skyhop", "es"),
        ("Problema resuelto, mil gracias @acme", "es"),
        ("Mai più @skyhop", "it"),
        ("Nunca mais @skyhop", "pt"),
        ("Paket weg @parcelfox", "de"),
        ("Nul problemen @skyhop", "nl"),
        ("Marche pas @zeno", "fr"),
    ],
)
def test_a_few_words_without_a_tag_are_in_their_own_language(decision: ComplaintDecision, text: str, lang: str) -> None:
    """English has none of them."""
    assert decision.judge([text])[0].lang == lang


@pytest.mark.parametrize(
    "text",
    [
        "No",
        "Not great",
        "die hard fan of this pub",
        "fab gig m8",
        "same old",
        "Bravo!",
        "lol",
        "<script>alert(1)</script> broken",
        "Scammers @gymco",
        "Drop in anytime",
    ],
)
def test_a_few_english_words_stay_english(decision: ComplaintDecision, text: str) -> None:
    """Words that another language has too do not make a post foreign."""
    assert decision.judge([text])[0].lang == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Tôi vẫn chưa nhận được tiền hoàn lại @zeno",
        "Odotan edelleen rahojani takaisin @zeno",
        "Ningú contesta al telèfon des de fa dues setmanes @finbank",
        "Pakiet nie dotarł @parcelfox",
        "Ek wag nog steeds vir my geld @zeno",
        "bhai mera paisa kab wapas milega @zeno",
        "Saya masih menunggu pengembalian dana saya @zeno",
    ],
)
def test_a_language_of_other_words_cannot_be_told(decision: ComplaintDecision, text: str) -> None:
    """Its letters resemble a known language; its words do not."""
    (verdict,) = decision.judge([text])
    assert (verdict.lang, verdict.cannot_tell) == ("und", True)


def test_the_shipped_words_are_those_of_the_lists() -> None:
    """Who adds a gloss or a row builds the words anew; a code in twenty thousand may be that of another word."""
    known = lexis()
    for name, words in by_language(labelled()).items():
        if name in ("es", "nl"):
            lacking = [word for word in words if word.isascii() and not known.count(word).known[name]]
            assert len(lacking) <= len(words) / 1000
