"""What becomes of alerts and answers when the case ends, leaves the CRM or was over before."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from crm.standing import unresolved
from ledger import alerts, cases, links, outcomes
from ledger.tables import mentions
from notifier.dispatch import Dispatcher
from notifier.endings import GONE, RESOLVED
from tests.notifier.desk import MINUTE, NOON, Desk, a_case, config, phone_case


async def leave(desk: Desk, case_id: str) -> None:
    """Let a case leave the CRM, as the follower tells it."""
    async with desk.db.write("follow") as conn:
        await cases.forget(conn, [case_id])
        await desk.dispatcher.case_over(conn, case_id, NOON + MINUTE)


async def verdicts(desk: Desk, mention_id: int) -> list[tuple[str, str | None]]:
    async with desk.db.read() as conn:
        return [(row.verdict, row.relation) for row in await outcomes.of_mention(conn, mention_id)]


async def states(desk: Desk, mention_id: int) -> dict[str, str]:
    async with desk.db.read() as conn:
        return {link.case_id: link.state for link in await links.of_mention(conn, mention_id)}


async def test_whoever_answered_may_say_so_after_the_case_was_resolved(desk: Desk) -> None:
    """The usual way: take it, answer, resolve the case in the CRM, and only then press Done."""
    alert_id = await desk.complaint()
    mention_id = (await desk.alert(alert_id)).mention_id
    await desk.click("take", alert_id, NOON)
    await desk.resolve(a_case(), NOON + MINUTE)
    assert (await desk.cards(alert_id))[-1].asks
    said = await desk.click("done", alert_id, NOON + 2 * MINUTE)
    assert "it was this case" in said
    assert await verdicts(desk, mention_id) == [("confirmed", None)]
    assert (await desk.alert(alert_id)).state == alerts.CLOSED
    assert not (await desk.cards(alert_id))[-1].asks
    assert "over already" in await desk.click("done", alert_id, NOON + 3 * MINUTE)


async def test_whoever_took_it_may_say_that_it_was_another_case_after_all(desk: Desk) -> None:
    """Then nobody has answered the complaint, and it goes on as one without a case."""
    alert_id = await desk.complaint()
    mention_id = (await desk.alert(alert_id)).mention_id
    await desk.click("take", alert_id, NOON)
    await desk.resolve(a_case(), NOON + MINUTE)
    await desk.click("not_this_case", alert_id, NOON + 2 * MINUTE)
    assert await verdicts(desk, mention_id) == [("wrong_case", None)]
    async with desk.db.read() as conn:
        kinds = [row.kind for row in await alerts.of_mention(conn, mention_id) if row.state == alerts.OPEN]
    assert kinds == ["unlinked"]


async def test_nobody_is_asked_who_never_took_it(desk: Desk) -> None:
    alert_id = await desk.complaint()
    await desk.resolve(a_case(), NOON + MINUTE)
    assert not (await desk.cards(alert_id))[-1].asks


async def test_a_case_that_left_the_crm_was_not_answered_by_that(desk: Desk) -> None:
    """The alert says what happened, and the complaint goes on as one without a case."""
    alert_id = await desk.complaint()
    await leave(desk, "LK-1")
    assert (await desk.alert(alert_id)).end_reason == GONE
    async with desk.db.read() as conn:
        found = await alerts.of_mention(conn, (await desk.alert(alert_id)).mention_id)
    assert [(row.kind, row.state) for row in found if row.alert_id != alert_id] == [("unlinked", "open")]


async def test_what_somebody_took_is_not_raised_again_when_its_case_leaves(desk: Desk) -> None:
    alert_id = await desk.complaint()
    await desk.click("take", alert_id, NOON)
    await leave(desk, "LK-1")
    async with desk.db.read() as conn:
        found = await alerts.of_mention(conn, (await desk.alert(alert_id)).mention_id)
    assert [row.alert_id for row in found] == [alert_id]


async def test_a_case_that_leaves_while_the_post_is_assessed_is_no_reason_for_silence(desk: Desk) -> None:
    mention = await desk.post()
    alert_id = await desk.conclude(mention, "link", NOON, [("LK-1", 0.94)])
    assert alert_id is not None
    assert (await desk.alert(alert_id)).kind == "unlinked"
    async with desk.db.read() as conn:
        assert [link.expired_at is not None for link in await links.of_mention(conn, mention.id)] == [True]


async def test_a_case_resolved_while_the_post_is_assessed_raises_nothing_and_its_link_ends(desk: Desk) -> None:
    await desk.open_case(a_case(status="resolved", resolved_at=NOON))
    mention = await desk.post()
    assert await desk.conclude(mention, "link", NOON, [("LK-1", 0.94)]) is None
    async with desk.db.read() as conn:
        assert [link.expired_at is not None for link in await links.of_mention(conn, mention.id)] == [True]


async def test_a_case_that_is_over_cannot_be_picked(desk: Desk) -> None:
    for case in (a_case(), phone_case()):
        await desk.open_case(case)
    mention = await desk.post()
    alert_id = await desk.conclude(mention, "possible", NOON, [("LK-1", 0.5), ("LK-2", 0.3)])
    assert alert_id is not None
    await desk.resolve(phone_case(), NOON + MINUTE)
    assert "LK-2 is over by now" in await desk.click("pick", alert_id, NOON + MINUTE, case_id="LK-2")
    assert (await desk.alert(alert_id)).state == alerts.OPEN


async def test_a_picked_case_that_was_reopened_ends_its_alert_when_it_is_resolved_again(desk: Desk) -> None:
    for case in (a_case(), phone_case()):
        await desk.open_case(case)
    mention = await desk.post()
    alert_id = await desk.conclude(mention, "possible", NOON, [("LK-1", 0.5), ("LK-2", 0.3)])
    assert alert_id is not None
    await desk.resolve(phone_case(), NOON + MINUTE)
    await desk.open_case(phone_case())
    await desk.click("pick", alert_id, NOON + MINUTE, case_id="LK-2")
    async with desk.db.read() as conn:
        assert await links.cases_at_stake(conn, ["LK-2"]) == ["LK-2"]
    await desk.resolve(phone_case(), NOON + 2 * MINUTE)
    assert (await desk.alert(alert_id)).end_reason == RESOLVED


@pytest.mark.parametrize(("decision", "state"), [("link", "confirmed"), ("possible", "hypothesis")])
async def test_done_confirms_a_further_post_only_where_it_was_linked(desk: Desk, decision: str, state: str) -> None:
    """A stranger's post that might be about the case lies in the same alert; nobody said that it is."""
    alert_id = await desk.complaint()
    other = await desk.post(author={"handle": "stranger", "name": "S", "followers": 1})
    linking = {"decision": decision, "candidates": [{"case_id": "LK-1", "probability": 0.6}]}
    async with desk.db.write("test") as conn:
        await conn.execute(update(mentions).where(mentions.c.id == other.id).values(assessment={"linking": linking}))
    assert await desk.conclude(other, decision, NOON, [("LK-1", 0.6)]) == alert_id
    await desk.click("done", alert_id, NOON + MINUTE)
    assert await states(desk, (await desk.alert(alert_id)).mention_id) == {"LK-1": "confirmed"}
    assert await states(desk, other.id) == {"LK-1": state}


@pytest.mark.parametrize(
    ("relation", "learnt", "counted"), [("spouse", 1, {"confirmed": 1}), ("child", 0, {"confirmed": 1, "relation": 1})]
)
async def test_a_relation_that_agrees_is_no_correction(
    desk: Desk, relation: str, learnt: int, counted: dict[str, int]
) -> None:
    alert_id = await desk.complaint()
    await desk.click("relation", alert_id, NOON, relation=relation)
    await desk.click("done", alert_id, NOON + MINUTE)
    async with desk.db.read() as conn:
        assert len(await outcomes.about_links(conn, 10)) == learnt
        assert await outcomes.counts(conn) == counted


def test_a_case_resolved_by_a_clock_that_is_ahead_is_over() -> None:
    answered = a_case().messages[0]
    told = msgspec.structs.replace(answered, author="agent", text="We have sent you a new multipack today.")
    case = a_case(status="resolved", resolved_at=NOON + timedelta(seconds=5), messages=(answered, told))
    assert not unresolved(case, NOON)
    assert unresolved(msgspec.structs.replace(case, resolved_at=NOON + timedelta(hours=1)), NOON)


@pytest.mark.parametrize(
    ("assessment", "said"),
    [
        ({"linking": None}, "no case was looked for, since linking is off for its source"),
        ({"linking": {"decision": "unlinked"}}, "no case was found behind it"),
    ],
)
async def test_an_alert_says_whether_a_case_was_looked_for(desk: Desk, assessment: dict[str, Any], said: str) -> None:
    mention = await desk.post()
    async with desk.db.write("test") as conn:
        await conn.execute(update(mentions).where(mentions.c.id == mention.id).values(assessment=assessment))
    async with desk.db.read() as conn:
        from_ledger = await conn.execute(mentions.select().where(mentions.c.id == mention.id))
        row = from_ledger.one()
    alert_id = await desk.conclude(row, "unlinked", NOON)
    assert alert_id is not None
    assert said in (await desk.cards(alert_id))[0].headline


async def test_an_open_alert_follows_its_case_to_another_team(desk: Desk) -> None:
    """Whoever owns the case now is told; the message that others got is rewritten, and the clock goes on."""
    alert_id = await desk.complaint()
    before = await desk.alert(alert_id)
    await desk.reassign(phone_case("LK-1"), NOON + MINUTE)
    after = await desk.alert(alert_id)
    assert (after.team, after.receivers, after.due_at) == ("phone-desk", ["phone-team"], before.due_at)
    news = [(row.receiver, row.kind) for row in await desk.owed(alert_id)]
    assert news == [("email-team", "new"), ("email-team", "edit"), ("phone-team", "new")]
    assert (await desk.cards(alert_id))[-1].headline.startswith("Ring Mark Harlow back")
    await desk.reassign(phone_case("LK-1"), NOON + 2 * MINUTE)
    assert len(await desk.owed(alert_id)) == len(news)


async def test_a_case_that_merely_changes_leaves_its_alert_where_it_is(desk: Desk) -> None:
    """Also where the configuration was changed since: what runs goes on as it began."""
    alert_id = await desk.complaint()
    desk.dispatcher = Dispatcher(config(routes=[{"name": "email", "match": {"channel": "email"}, "receivers": "head"}]))
    await desk.reassign(a_case(subject="Empty can, again"), NOON + MINUTE)
    assert (await desk.alert(alert_id)).receivers == ["email-team"]
    assert len(await desk.owed(alert_id)) == 1


async def test_an_alert_that_somebody_took_stays_theirs(desk: Desk) -> None:
    alert_id = await desk.complaint()
    await desk.click("take", alert_id, NOON)
    await desk.reassign(phone_case("LK-1"), NOON + MINUTE)
    assert (await desk.alert(alert_id)).team == "email-care"


async def test_an_alert_that_is_over_asks_nobody_to_answer(desk: Desk) -> None:
    alert_id = await desk.complaint()
    await desk.resolve(a_case(), NOON + MINUTE)
    first, *_, last = await desk.cards(alert_id)
    assert first.case is not None
    assert first.case.contact
    assert last.case is not None
    assert last.case.contact == ""
