"""A question about a case says what tells the candidates apart, and asserts nothing of who posted."""

from datetime import timedelta
from typing import Any

import pytest

from crm.records import Customer
from notifier.card import AlertCard
from notifier.disclosure import RELATIONS, who_posted
from tests.notifier.desk import NOON, Desk, a_case, config

NAMESAKES = (
    a_case("LK-1", customer=Customer("C1", "Olivia Brown", city="Leeds"), opened_at=NOON - timedelta(days=9)),
    a_case("LK-2", customer=Customer("C2", "Olivia Brown", city="York"), opened_at=NOON - timedelta(days=10)),
)
FITS = {"code": "name_full", "weight": 3.0, "sentence": "the poster's name fits the customer, Olivia Brown"}
CAN = {"code": "words", "weight": 3.5, "sentence": 'shares words with the case: "empty can"'}


async def asked(desk: Desk, *cases: Any, **link: Any) -> AlertCard:
    """Give what a question about these cases says."""
    for case in cases:
        await desk.open_case(case)
    shares = [(case.case_id, 0.31 - n / 100) for n, case in enumerate(cases)]
    alert_id = await desk.conclude(await desk.post(), "possible", NOON, shares, **{"evidence": [FITS], **link})
    assert alert_id is not None
    return (await desk.cards(alert_id))[0]


async def test_namesakes_are_told_apart_by_town_and_age(desk: Desk) -> None:
    """A reason that all share tells nothing apart."""
    card = await asked(desk, *NAMESAKES)
    assert [one.differs for one in card.candidates] == [
        "Leeds, opened 9 days before the post",
        "York, opened 10 days before the post",
    ]


async def test_a_best_reason_of_its_own_stands_behind_the_facts(desk: Desk) -> None:
    """Where the candidates have other best reasons, each is shown."""
    card = await asked(desk, *NAMESAKES, by_case={"LK-2": {"evidence": [FITS, CAN]}})
    assert [one.differs for one in card.candidates] == [
        f"Leeds, opened 9 days before the post; {FITS['sentence']}",
        f"York, opened 10 days before the post; {CAN['sentence']}",
    ]


async def test_channel_product_and_customer_tell_apart_too(desk: Desk) -> None:
    """What one case does not name is said to be unknown."""
    other = a_case("LK-3", customer=Customer("C3", "Ewan Reid"), channel="phone", team="email-care", product=None)
    card = await asked(desk, a_case(), other)
    assert [one.differs for one in card.candidates] == [
        "Mark Harlow, Leeds, by e-mail, Pale Ale 12x440",
        "Ewan Reid, no known town, by phone, no known product",
    ]


async def test_twins_are_said_to_be_the_same(desk: Desk) -> None:
    """An empty line would look like a fault."""
    card = await asked(desk, a_case("LK-1"), a_case("LK-2"))
    assert {one.differs for one in card.candidates} == {"the same facts as the others"}


async def test_one_candidate_differs_from_nothing(desk: Desk) -> None:
    """Its reasons stand below anyway."""
    assert [one.differs for one in (await asked(desk, a_case())).candidates] == [""]


async def test_a_reader_of_initials_sees_them_in_what_tells_apart(desk: Desk) -> None:
    """Customers are told apart by initials, and no reason names another candidate's customer."""
    desk = Desk(desk.db, config(customer_names="initials"))
    cases = (a_case("LK-1"), a_case("LK-2", customer=Customer("C2", "Jessica Miller", city="Leeds")))
    reason = {**CAN, "code": "kin_named", "sentence": "says “my flatmate Mark”; the customer is Jessica Miller"}
    card = await asked(desk, *cases, by_case={"LK-2": {"evidence": [reason]}})
    assert card.candidates[0].differs.startswith("M. H.; ")
    assert card.candidates[1].differs == "J. M.; says “my flatmate M.”; the customer is J. M."


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("self", "If it is this case, the poster is probably the customer themselves, but nobody has checked that."),
        (
            "sibling",
            "If it is this case, the poster is probably not the customer: "
            "this reads like a brother or sister of the customer.",
        ),
        (None, "It is not known whether the poster is the customer."),
        ("", "It is not known whether the poster is the customer."),
    ],
)
async def test_who_posted_hangs_on_the_case_while_that_is_a_question(
    desk: Desk, relation: str | None, said: str
) -> None:
    """A candidate of 31% asserts nothing of the poster."""
    assert (await asked(desk, a_case(), relation=relation)).poster == said


async def test_who_posted_hangs_on_one_of_several_cases(desk: Desk) -> None:
    """Where the candidates would make the poster somebody else each, the likeliest one is named."""
    card = await asked(desk, *NAMESAKES, relation="self")
    assert card.poster.startswith("If it is one of these cases, the poster is probably the customer themselves")
    other = await asked(desk, a_case("LK-8"), a_case("LK-9"), relation="self", by_case={"LK-9": {"relation": "child"}})
    assert other.poster.startswith("If it is case LK-8, the poster is probably the customer themselves")


@pytest.mark.parametrize("relation", ["inlaw", "relative", "grandchild", "other", "carer", "grandparent"])
def test_every_relation_has_plain_words_and_can_be_chosen(relation: str) -> None:
    """Nobody is shown a code of ours."""
    assert relation in RELATIONS
    assert who_posted(relation).endswith(f"this reads like {RELATIONS[relation]}.")
    assert f"({relation})" not in who_posted(relation)


@pytest.mark.parametrize("relation", ["inlaw", "relative", "grandchild", "other"])
async def test_a_person_may_say_each_of_them(desk: Desk, relation: str) -> None:
    """The alert then says so, in the same words."""
    alert_id = await desk.complaint()
    told = await desk.click("relation", alert_id, NOON, relation=relation)
    assert told == f"Noted: the poster is {RELATIONS[relation]}."
    assert RELATIONS[relation] in (await desk.cards(alert_id))[-1].poster
