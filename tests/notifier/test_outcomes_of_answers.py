"""Every answer to an alert leaves what the matcher learns from, in the transaction of the answer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, update

from ledger import outcomes
from ledger.tables import mentions
from tests.notifier.desk import MINUTE, NOON, Desk, a_case, phone_case

SENTENCE = "says 'my husband Mark'; the customer is Mark"


def linking(*shown: tuple[str, float], rejected: tuple[str, float] = ("LK-9", 0.02)) -> dict[str, Any]:
    """Give a decision as the pipeline keeps it in the assessment of a mention."""

    def candidate(case_id: str, probability: float) -> dict[str, Any]:
        evidence = [{"code": "kin_named", "weight": 2.0, "sentence": SENTENCE}]
        return {
            "case_id": case_id, "probability": probability, "evidence": evidence, "relation": "spouse",
            "differs": "the same facts as the others", "mode": "auto", "resolved": False, "features": {"words": 1.5},
        }  # fmt: skip

    return {
        "decision": "link", "candidates": [candidate(*one) for one in shown], "none_probability": 0.04, "prior": 0.2,
        "thresholds": {"link": 0.85, "possible": 0.4}, "rejected": [candidate(*rejected)],
        "post_evidence": [{"code": "contact", "weight": 0.4, "sentence": "tells of earlier contact"}],
        "basis": ["public text"], "model": "linking-1", "compared": 4, "truncated": 0,
    }  # fmt: skip


async def asked(desk: Desk, outcome: str, *shown: tuple[str, float]) -> tuple[str, Row[Any]]:
    """Tell of a post that was assessed, and give its alert and its mention."""
    for case in (a_case(), phone_case()):
        await desk.open_case(case)
    mention = await desk.post()
    async with desk.db.write("test") as conn:
        assessment = {"linking": linking(*shown)} if shown else {}
        await conn.execute(update(mentions).where(mentions.c.id == mention.id).values(assessment=assessment))
    alert_id = await desk.conclude(mention, outcome, NOON, list(shown))
    assert alert_id is not None
    return alert_id, mention


async def learnt(desk: Desk, mention: Row[Any]) -> list[Row[Any]]:
    """Give what was recorded of a mention."""
    async with desk.db.read() as conn:
        return list(await outcomes.of_mention(conn, mention.id))


async def test_done_confirms_the_link_with_all_that_the_decision_saw(desk: Desk) -> None:
    """The vector of each case shown and turned down is kept, with the post's own and the model; no sentence is."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.click("take", alert_id, NOON)
    assert await learnt(desk, mention) == []
    await desk.click("done", alert_id, NOON + MINUTE)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.refused, row.by, row.at) == (
        "confirmed", "LK-1", [], "slack:U-Anna", NOON + MINUTE,
    )  # fmt: skip
    same = {"features": {"words": 1.5}, "resolved": False, "relation": "spouse"}
    assert row.candidates == [
        {"case_id": "LK-1", "probability": 0.94, "shown": True, **same},
        {"case_id": "LK-9", "probability": 0.02, "shown": False, **same},
    ]
    assert (row.post, row.none, row.prior, row.model) == ({"contact": 1.0}, 0.04, 0.2, "linking-1")
    assert "husband" not in str(row)


async def test_an_answer_keeps_the_raw_numbers_of_the_decision(desk: Desk) -> None:
    """Unweighed features of the post and the size of the base make what is learnt independent of rounded values."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    async with desk.db.write("test") as conn:
        raw = {**linking(("LK-1", 0.94)), "post_features": {"bias": 1.0, "contact": 1.0}, "total": 217}
        values = {"assessment": {"linking": raw}}
        await conn.execute(update(mentions).where(mentions.c.id == mention.id).values(**values))
    await desk.click("done", alert_id, NOON)
    (row,) = await learnt(desk, mention)
    assert (row.post, row.prior, row.total) == ({"bias": 1.0, "contact": 1.0}, 0.2, 217)


async def test_not_this_case_names_the_refused_case(desk: Desk) -> None:
    """A refused link is a wrong case: it may still be another."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.click("not_this_case", alert_id, NOON)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.refused) == ("wrong_case", None, ["LK-1"])


async def test_none_of_the_offered_cases_is_no_case(desk: Desk) -> None:
    """Whoever was asked about several cases and took none refused each of them."""
    alert_id, mention = await asked(desk, "possible", ("LK-1", 0.5), ("LK-2", 0.3))
    await desk.click("not_this_case", alert_id, NOON)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.refused) == ("no_case", None, ["LK-1", "LK-2"])


async def test_a_picked_case_is_confirmed_and_the_others_are_refused(desk: Desk) -> None:
    """The pick says which case it is; Done afterwards is the same word again, not a second one."""
    alert_id, mention = await asked(desk, "possible", ("LK-1", 0.5), ("LK-2", 0.3))
    await desk.click("pick", alert_id, NOON, case_id="LK-2")
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.refused) == ("confirmed", "LK-2", ["LK-1"])
    await desk.click("done", alert_id, NOON + MINUTE)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id) == ("confirmed", "LK-2")


async def test_not_a_complaint_is_kept_apart_from_links(desk: Desk) -> None:
    """It says nothing of whose case it was, so linking does not learn from it."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.click("not_a_complaint", alert_id, NOON)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.refused) == ("not_a_complaint", None, [])
    async with desk.db.read() as conn:
        assert await outcomes.about_links(conn, 10) == []


@pytest.mark.parametrize("action", ["done", "not_this_case", "not_a_complaint"])
async def test_an_answer_to_an_alert_that_is_over_teaches_nothing(desk: Desk, action: str) -> None:
    """The first answer counts; a late second click records nothing."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.click("done", alert_id, NOON)
    before = await learnt(desk, mention)
    await desk.click(action, alert_id, NOON + timedelta(hours=1), name="Ben")
    assert await learnt(desk, mention) == before


async def test_a_complaint_without_a_case_confirms_nothing(desk: Desk) -> None:
    """Done on a first contact says nothing of any link."""
    alert_id, mention = await asked(desk, "unlinked")
    await desk.click("done", alert_id, NOON)
    assert await learnt(desk, mention) == []


async def test_an_answer_about_a_removed_post_keeps_the_word_without_numbers(desk: Desk) -> None:
    """Its assessment went with the post."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.remove(mention, NOON)
    await desk.click("done", alert_id, NOON)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.candidates, row.none, row.model) == ("confirmed", [], None, "")


async def test_whoever_says_who_posted_corrects_the_link_and_what_must_not_be_disclosed(desk: Desk) -> None:
    """The message is rewritten; the clock goes on, for nobody has answered yet."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    told = await desk.click("relation", alert_id, NOON, relation="sibling")
    assert told == "Noted: the poster is a brother or sister of the customer."
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.case_id, row.relation) == ("relation", "LK-1", "sibling")
    assert (await desk.alert(alert_id)).state == "open"
    assert "a brother or sister" in (await desk.cards(alert_id))[-1].poster


async def test_a_link_whose_relation_was_wrong_is_confirmed_without_being_learnt_from(desk: Desk) -> None:
    """Its features are those of another hypothesis; who posted stays on record after Done."""
    alert_id, mention = await asked(desk, "link", ("LK-1", 0.94))
    await desk.click("relation", alert_id, NOON, relation="self")
    await desk.click("done", alert_id, NOON + MINUTE)
    (row,) = await learnt(desk, mention)
    assert (row.verdict, row.relation) == ("confirmed", "self")
    async with desk.db.read() as conn:
        assert await outcomes.about_links(conn, 10) == []


async def test_nobody_is_related_to_a_customer_where_no_case_is_named(desk: Desk) -> None:
    """A question about several cases is answered first."""
    alert_id, mention = await asked(desk, "possible", ("LK-1", 0.5), ("LK-2", 0.3))
    assert "names no case" in await desk.click("relation", alert_id, NOON, relation="self")
    assert await learnt(desk, mention) == []
