"""Complaints that name a hazard are of safety, and those that wait for an answer need one; no post becomes one so."""

import pytest

from matcher.complaint import ComplaintDecision


@pytest.mark.parametrize(
    "text",
    [
        "Strong smell of gas since your engineer left @northline",
        "Got an electric shock from the kettle @acme",
        "There's glass in my jam @tessaro",
        "The brakes failed on my @velo downhill this morning",
        "Whole family has food poisoning after Saturday's dinner @burgerden",
        "The car seat buckle doesn't lock @castellan",
        "Mould in the baby food pouch @tessaro",
        "Glassplitter im Joghurt @tessaro",
        "Odeur de gaz depuis le passage du technicien @northline",
        "Los frenos de la bici fallaron cuesta abajo @velo",
        "Vidro no iogurte da minha filha @tessaro",
        "Pezzi di vetro nella marmellata @tessaro",
        "Gaslucht sinds jullie monteur weg is @northline",
    ],
)
def test_a_complaint_that_names_a_hazard_is_of_safety(decision: ComplaintDecision, text: str) -> None:
    (verdict,) = decision.judge([text])
    assert (verdict.complaint, verdict.kind, verdict.needs_reply) == (True, "safety", True)
    assert verdict.severity >= 0.7
    assert "about safety or health" in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "You should fire the manager @gymco",
        "Shocking service at your Leeds branch @tessaro",
        "The glass arrived broken @fennimore",
        "Got a shock from my gas bill, it doubled @northline",
        "Your app is on fire, crashes every time @zeno",
        "Wheel of my suitcase fell off after one trip @skyhop",
        "Smoke and mirrors, your refund policy @zeno",
        "Sick of waiting for your reply @zeno",
        "Das Glas kam zerbrochen an @fennimore",
        "La facture de gaz a doublé @northline",
    ],
)
def test_words_of_danger_that_endanger_nobody_are_no_hazard(decision: ComplaintDecision, text: str) -> None:
    assert decision.judge([text])[0].kind != "safety"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks @northline for coming so fast when we smelt gas, brilliant engineer",
        "How do I fit the carbon monoxide alarm? @northline",
        "Great evening at @brackwater, the brakes failed on our quiz team lol",
    ],
)
def test_a_hazard_makes_no_complaint_of_a_post(decision: ComplaintDecision, text: str) -> None:
    assert not decision.judge([text])[0].complaint


@pytest.mark.parametrize(
    "text",
    [
        "two-factor code never arrives @finbank",
        "Ich hätte gern mein Geld zurück @zeno",
        "Good beer, but three of six cans dented @brackwater",
        "Screws missing from pack B @fennimore",
    ],
)
def test_what_can_be_mended_needs_an_answer(decision: ComplaintDecision, text: str) -> None:
    (verdict,) = decision.judge([text])
    assert (verdict.complaint, verdict.needs_reply) == (True, True)


def test_what_nothing_mends_asks_nobody_for_an_answer(decision: ComplaintDecision) -> None:
    (verdict,) = decision.judge(["your new logo is hideous @zeno"])
    assert (verdict.complaint, verdict.needs_reply) == (True, False)
