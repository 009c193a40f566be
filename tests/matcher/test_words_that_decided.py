"""The words that decided tell a reader why: no fillers, and some for every complaint that has words."""

import pytest

from matcher.complaint import ComplaintDecision
from matcher.verdict import Verdict


def named(verdict: Verdict) -> set[str]:
    return {word.text.lower() for word in verdict.words if word.weight > 0}


@pytest.mark.parametrize(
    ("text", "fillers"),
    [
        ("it's been weeks and they still have not replied @zeno", {"it's", "been", "they", "have"}),
        ("I've been waiting since May and she never came @northline", {"i've", "been", "since", "she"}),
        ("Ich habe seit Mai keine Antwort von euch @finbank", {"habe", "seit", "euch"}),
        ("Depuis mars j'ai écrit trois fois et personne ne répond @acme", {"depuis", "j'ai", "ne"}),
        ("Llevo desde marzo esperando y no me contestan @gymco", {"desde", "me"}),
    ],
)
def test_words_that_tell_a_reader_nothing_are_not_named(
    decision: ComplaintDecision, text: str, fillers: set[str]
) -> None:
    (verdict,) = decision.judge([text])
    assert verdict.complaint
    assert named(verdict)
    assert not named(verdict) & fillers


@pytest.mark.parametrize("word", ["still", "never", "not", "no", "again", "why"])
def test_words_that_deny_or_repeat_may_be_named(decision: ComplaintDecision, word: str) -> None:
    texts = {
        "still": "still waiting @fennimore",
        "never": "I have been waiting since May and she never came @northline",
        "not": "Not ideal, @skyhop. Not ideal at all.",
        "no": "day 11. no internet. @acmebroadband",
        "again": "ignored again @zeno",
        "why": "@finbank why have you blocked my account",
    }
    assert word in named(decision.judge([texts[word]])[0])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Rubbish @zeno", "rubbish"),
        ("Scammers @gymco", "scammers"),
        ("The can was empty. @brackwater", "empty"),
        ("Estafadores @gymco", "estafadores"),
    ],
)
def test_a_complaint_without_such_words_names_those_that_it_would_be_less_of_one_without(
    decision: ComplaintDecision, text: str, word: str
) -> None:
    """The n-grams speak against it, and the network is asked which words made it one."""
    (verdict,) = decision.judge([text])
    assert verdict.complaint
    assert word in named(verdict)
    assert f"most of all by “{verdict.words[0].text}”" in verdict.reason


def test_nobody_is_kept_waiting_for_words(decision: ComplaintDecision) -> None:
    (verdict,) = decision.judge(["Rubbish @zeno"], hurried=True)
    assert (verdict.complaint, named(verdict)) == (True, set())


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("three weeks and no reply, my mother has dementia and cannot wait @northline", "dementia"),
        ("you sent the bailiffs for a bill that I paid twice @finbank", "bailiffs"),
    ],
)
def test_words_of_health_and_debt_are_not_named(decision: ComplaintDecision, text: str, word: str) -> None:
    (verdict,) = decision.judge([text])
    assert verdict.complaint
    assert word not in verdict.reason
    assert word not in {each.text.lower() for each in verdict.words}
