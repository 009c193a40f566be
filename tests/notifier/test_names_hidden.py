"""Whoever may not see customers' names sees none: not of others of the household, and not through the poster's."""

from typing import Any

import pytest

from crm.records import Customer
from notifier.card import AlertCard, EvidenceLine
from notifier.disclosure import hide_in_evidence, hide_names
from tests.notifier.desk import NOON, Desk, a_case, config


def reason(code: str, sentence: str, weight: float = 2.0) -> dict[str, Any]:
    """Give one reason as a link keeps it."""
    return {"code": code, "weight": weight, "sentence": sentence}


MATE = reason("kin_household", "the poster may be Jessica Miller, of one household with the customer, Mark Harlow")


async def shown_in_initials(desk: Desk, outcome: str, evidence: list[dict[str, Any]], **post: Any) -> AlertCard:
    """Give the card of an alert for a reader of initials."""
    desk = Desk(desk.db, config(customer_names="initials"))
    await desk.open_case(a_case())
    alert_id = await desk.conclude(await desk.post(**post), outcome, NOON, [("LK-1", 0.9)], evidence=evidence)
    assert alert_id is not None
    return (await desk.cards(alert_id))[0]


@pytest.mark.parametrize("outcome", ["link", "possible"])
async def test_another_customer_of_the_household_is_not_named(desk: Desk, outcome: str) -> None:
    """Her case is not at hand, so her name is known from the sentence alone."""
    card = await shown_in_initials(desk, outcome, [MATE])
    assert [line.sentence for line in card.evidence_for] == [
        "the poster may be somebody else of the customer's household"
    ]
    assert "Jessica" not in repr(card)


async def test_the_owners_of_the_case_read_the_name(desk: Desk) -> None:
    """Who may see names keeps the sentence."""
    await desk.open_case(a_case())
    alert_id = await desk.conclude(await desk.post(), "link", NOON, [("LK-1", 0.9)], evidence=[MATE])
    assert alert_id is not None
    assert (await desk.cards(alert_id))[0].evidence_for[0].sentence == MATE["sentence"]


@pytest.mark.parametrize("code", ["kin_household", "kin_confirmed", "kin_poster_named", "handle_confirmed"])
def test_evidence_that_names_others_is_said_without_names(code: str) -> None:
    """However the CRM writes the name: small, of one letter, or in another script."""
    lines = (EvidenceLine(code, 1.0, "it is jessica o'neill, Åsa, 美穂"), EvidenceLine(code, 1.0, ""))
    told, hushed = hide_in_evidence(lines, ["Mark Harlow"])
    assert not any(part in told.sentence for part in ("jessica", "neill", "Åsa", "美穂"))
    assert told.sentence
    assert hushed.sentence == ""


async def test_the_poster_s_name_is_hidden_where_it_gives_the_customer_s_away(desk: Desk) -> None:
    """In what is said of persons, where it is written as a name; what happened keeps its words."""
    evidence = [
        reason("kin_mentioned", "the case speaks of Jess as the customer's partner", 3.0),
        reason("words", "Both speak of an Empty can"),
    ]
    card = await shown_in_initials(desk, "link", evidence, author={"handle": "j", "name": "jess the empty can"})
    assert [line.sentence for line in card.evidence_for] == [
        "the case speaks of J. as the customer's partner",
        "Both speak of an Empty can",
    ]


async def test_names_of_all_candidates_are_hidden_everywhere(desk: Desk) -> None:
    """Evidence and subject of one case may name the customer of another."""
    await desk.open_case(a_case("LK-2", customer=Customer("C2", "José Quirke"), subject="Mark's can, says José"))
    desk = Desk(desk.db, config(customer_names="initials"))
    await desk.open_case(a_case())
    evidence = [reason("kin_named", "says “my husband jose”; the customer is Mark Harlow, not José Quirke")]
    wanted = [("LK-1", 0.5), ("LK-2", 0.4)]
    alert_id = await desk.conclude(await desk.post(), "possible", NOON, wanted, evidence=evidence)
    assert alert_id is not None
    card = (await desk.cards(alert_id))[0]
    assert card.evidence_for[0].sentence == "says “my husband J.”; the customer is M. H., not J. Q."
    assert [one.subject for one in card.candidates] == ["Empty can in my multipack", "M.'s can, says J."]


@pytest.mark.parametrize("name", ["", " ", "\t\n"])
def test_an_empty_name_hides_nothing(name: str) -> None:
    """A customer whose name the CRM does not know leaves every text as it is."""
    assert hide_names("Both speak of an empty can.", [name]) == "Both speak of an empty can."


def test_a_short_name_is_not_hidden_inside_words() -> None:
    """Only whole words are names."""
    assert hide_names("Al always calls; Harlow-Smith, too", ["Al", "Ann Harlow-Jones"]) == (
        "A. always calls; H.-Smith, too"
    )
