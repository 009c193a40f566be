"""Raising, folding and ending alerts, and what people may answer to them."""

import asyncio
from datetime import timedelta
from typing import Any

from crm.records import Customer
from ledger import alerts, audit, links
from ledger.database import Database
from tests.notifier.desk import MINUTE, NOON, RECEIVERS, Desk, a_case, config, phone_case

HOUR = timedelta(hours=1)


def told(rows: list[Any]) -> list[tuple[str, str, str]]:
    """Give step key, receiver and kind of messages owed."""
    return [(row.step_key, row.receiver, row.kind) for row in rows]


async def states_of_links(desk: Desk, mention_id: int) -> dict[str, str]:
    """Give the state of each link of a mention."""
    async with desk.db.read() as conn:
        return {link.case_id: link.state for link in await links.of_mention(conn, mention_id)}


async def test_an_alert_is_raised_with_its_steps_its_policy_and_its_debts(desk: Desk) -> None:
    """One transaction writes all of it; the clock starts with the post."""
    alert_id = await desk.complaint(NOON + 5 * MINUTE, posted_at=NOON)
    row = await desk.alert(alert_id)
    assert (row.state, row.team, row.route, row.receivers) == ("open", "email-care", "email", ["email-team"])
    assert (row.clock_from, row.due_at, row.raised_at) == (NOON, NOON + HOUR, NOON + 5 * MINUTE)
    assert row.policy["respond_within"] == 3600
    assert await desk.steps(alert_id) == {
        "remind": ("due", NOON + 30 * MINUTE),
        "escalate": ("due", NOON + HOUR),
    }
    assert told(await desk.owed(alert_id)) == [("raise", "email-team", "new")]
    assert len(alert_id) == 32


async def test_concluding_a_mention_twice_raises_one_alert(desk: Desk) -> None:
    """A mention that is handled again, as after a lost claim, changes nothing."""
    await desk.open_case(a_case())
    mention = await desk.post()
    first = await desk.conclude(mention, "link", NOON, [("LK-1", 0.94)])
    assert await desk.conclude(mention, "link", NOON + MINUTE) == first
    assert len(await desk.owed(str(first))) == 1


async def test_both_posters_of_a_case_share_one_alert(desk: Desk) -> None:
    """The husband's own later post folds into the alert that his wife's post raised, and gets a note below it."""
    alert_id = await desk.complaint()
    husband = await desk.post(NOON + MINUTE, author={"handle": "mark_h", "followers": 40})
    assert await desk.conclude(husband, "link", NOON + MINUTE, [("LK-1", 0.97)], relation="self") == alert_id
    assert told(await desk.owed(alert_id)) == [
        ("raise", "email-team", "new"),
        ("update:2", "email-team", "edit"),
        (f"fold:{husband.id}", "email-team", "thread"),
    ]
    edit, note = (await desk.cards(alert_id))[1:]
    assert (edit.folded, edit.folded_lines) == (1, ("@mark_h at 12:01, 40 followers",))
    assert note.headline == "Somebody else has posted about this, too"


async def test_the_same_poster_again_is_an_edit_only_unless_it_spreads(desk: Desk) -> None:
    """Nobody is disturbed by a second grumble; a post that reaches thousands is worth a note."""
    alert_id = await desk.complaint()
    again = await desk.post(NOON + MINUTE)
    await desk.conclude(again, "link", NOON + MINUTE, [("LK-1", 0.9)])
    assert [row.kind for row in await desk.owed(alert_id)] == ["new", "edit"]
    viral = await desk.post(NOON + 2 * MINUTE, reach={"likes": 90, "reposts": 30, "replies": 0})
    await desk.conclude(viral, "link", NOON + 2 * MINUTE, [("LK-1", 0.9)])
    assert [row.kind for row in await desk.owed(alert_id)] == ["new", "edit", "edit", "thread"]
    assert (await desk.cards(alert_id))[-1].headline.startswith("Another post about this spreads")


async def test_a_possible_post_folds_into_the_alert_of_its_most_probable_case(desk: Desk) -> None:
    """Where one case has at least half of the probability and an alert already, no second question is asked."""
    alert_id = await desk.complaint()
    await desk.open_case(phone_case())
    likely = await desk.post(NOON + MINUTE)
    assert await desk.conclude(likely, "possible", NOON, [("LK-1", 0.6), ("LK-2", 0.3)]) == alert_id
    open_question = await desk.post(NOON + MINUTE)
    asked = await desk.conclude(open_question, "possible", NOON, [("LK-1", 0.45), ("LK-2", 0.44)])
    assert asked not in {None, alert_id}
    again = await desk.post(NOON + 2 * MINUTE)
    assert await desk.conclude(again, "possible", NOON, [("LK-2", 0.46), ("LK-1", 0.42)]) == asked


async def test_a_question_goes_to_the_team_with_the_most_probability(desk: Desk) -> None:
    """Two cases of the phone desk together outweigh the single best one of another team."""
    await desk.open_case(a_case())
    await desk.open_case(phone_case("LK-2"))
    await desk.open_case(phone_case("LK-3"))
    mention = await desk.post()
    asked = await desk.conclude(mention, "possible", NOON, [("LK-1", 0.4), ("LK-2", 0.3), ("LK-3", 0.25)])
    assert (await desk.alert(str(asked))).receivers == ["phone-team"]


async def test_an_edited_post_folds_into_the_alert_of_what_it_was(desk: Desk) -> None:
    """An edit is a new post with a new id; without a case of its own it belongs where its first version is."""
    first = await desk.post()
    alert_id = await desk.conclude(first, "unlinked", NOON)
    edited = await desk.post(NOON + MINUTE, edit_of=first.native_id)
    assert await desk.conclude(edited, "unlinked", NOON + MINUTE) == alert_id


async def test_a_case_resolved_meanwhile_raises_nothing(desk: Desk) -> None:
    """Between the assessment and the alert the team may have answered; then nobody is disturbed."""
    await desk.open_case(a_case(status="resolved"))
    assert await desk.conclude(await desk.post(), "link", NOON, [("LK-1", 0.94)]) is None


async def test_a_resolved_case_closes_its_alert(desk: Desk) -> None:
    """Steps are cancelled, the message says why, and the link has ended with its case."""
    alert_id = await desk.complaint()
    await desk.resolve(a_case(), NOON + 10 * MINUTE)
    row = await desk.alert(alert_id)
    assert (row.state, row.end_reason) == ("closed", "the case was resolved in the CRM")
    assert {state for state, _ in (await desk.steps(alert_id)).values()} == {"cancelled"}
    card = (await desk.cards(alert_id))[-1]
    assert (card.state, card.note, card.closing) == ("closed", "closed", "the case was resolved in the CRM")
    async with desk.db.read() as conn:
        assert all(link.expired_at for link in await links.of_case(conn, "LK-1"))


async def test_a_new_post_about_a_finished_alert_s_case_raises_a_new_one(desk: Desk) -> None:
    """An alert that is over takes nothing in: the customer still waits, so the team must hear of it."""
    first = await desk.complaint()
    await desk.click("done", first, NOON + MINUTE)
    second = await desk.conclude(await desk.post(NOON + HOUR), "link", NOON + HOUR, [("LK-1", 0.9)])
    assert second not in {None, first}


async def test_a_resolved_candidate_leaves_the_question(desk: Desk) -> None:
    """A question names only cases that wait; when the last is resolved, nothing is left to ask."""
    email, phone = await desk.open_case(a_case()), await desk.open_case(phone_case())
    mention = await desk.post()
    asked = str(await desk.conclude(mention, "possible", NOON, [("LK-1", 0.45), ("LK-2", 0.44)]))
    await desk.resolve(phone, NOON + MINUTE)
    card = (await desk.cards(asked))[-1]
    assert [case.case_id for case in card.candidates] == ["LK-1"]
    assert card.headline == "Find out whether this is about case LK-1 of Mark Harlow"
    await desk.resolve(email, NOON + 2 * MINUTE)
    assert (await desk.alert(asked)).state == "closed"


async def test_a_deleted_post_ends_only_an_open_alert_without_a_case(desk: Desk) -> None:
    """The case behind a post still waits when the post is gone; a complaint without a case is gone with it."""
    linked = await desk.complaint()
    async with desk.db.read() as conn:
        wife = (await alerts.mention_ids(conn, linked))[0]
    lone = await desk.post()
    unlinked = str(await desk.conclude(lone, "unlinked", NOON))
    kept = await desk.post()
    taken = str(await desk.conclude(kept, "unlinked", NOON))
    await desk.click("take", taken, NOON)
    async with desk.db.write("test") as conn:
        await desk.dispatcher.mention_removed(conn, wife, NOON + MINUTE)
    await desk.remove(lone, NOON + MINUTE)
    await desk.remove(kept, NOON + MINUTE)
    assert [(await desk.alert(each)).state for each in (linked, unlinked, taken)] == ["open", "closed", "taken"]
    assert {state for state, _ in (await desk.steps(linked)).values()} == {"due"}


async def test_taking_stops_the_clock_and_edits_the_message(desk: Desk) -> None:
    """The first one gets it; the second is told who has it."""
    alert_id = await desk.complaint()
    assert "It is yours" in await desk.click("take", alert_id, NOON + 20 * MINUTE)
    assert await desk.click("take", alert_id, NOON + 21 * MINUTE, name="Bo") == "Anna took this already, at 12:20."
    assert {state for state, _ in (await desk.steps(alert_id)).values()} == {"cancelled"}
    card = (await desk.cards(alert_id))[-1]
    assert (card.state, card.taken_by) == ("taken", "Anna")
    async with desk.db.read() as conn:
        entry = (await audit.newest(conn, 1))[0]
    assert (entry.actor, entry.action, entry.subject) == ("slack:U-Anna", "alert.taken", alert_id)


async def test_done_confirms_the_link(desk: Desk) -> None:
    """Whoever answered the case says thereby that it was the right one; it can be done by a colleague."""
    alert_id = await desk.complaint()
    await desk.click("take", alert_id, NOON)
    await desk.click("done", alert_id, NOON + MINUTE, name="Bo")
    row = await desk.alert(alert_id)
    assert (row.state, row.taken_by, row.end_reason) == ("done", "Anna", "answered, says Bo")
    assert await states_of_links(desk, row.mention_id) == {"LK-1": "confirmed"}
    assert await desk.click("done", alert_id, NOON + MINUTE) == "This alert is over already: answered, says Bo."


async def test_not_this_case_refuses_the_link_and_hands_the_complaint_on(desk: Desk) -> None:
    """The complaint is real all the same: first contacts get it, with its own clock."""
    alert_id = await desk.complaint()
    await desk.click("not_this_case", alert_id, NOON + 40 * MINUTE)
    row = await desk.alert(alert_id)
    assert row.state == "dismissed"
    assert await states_of_links(desk, row.mention_id) == {"LK-1": "refused"}
    async with desk.db.read() as conn:
        handed = [each for each in await alerts.of_mention(conn, row.mention_id) if each.alert_id != alert_id]
    assert [(each.kind, each.state, each.receivers) for each in handed] == [("unlinked", "open", ["first"])]
    steps = await desk.steps(handed[0].alert_id)
    assert steps["escalate"][1] == NOON + 70 * MINUTE
    assert steps["remind"][1] == NOON + 55 * MINUTE


async def test_not_a_complaint_ends_the_alert_and_leaves_the_link_undecided(desk: Desk) -> None:
    """That a post is no complaint says nothing of whose case it is about."""
    alert_id = await desk.complaint()
    await desk.click("not_a_complaint", alert_id, NOON)
    row = await desk.alert(alert_id)
    assert (row.state, row.end_reason) == ("dismissed", "no complaint, says Anna")
    assert await states_of_links(desk, row.mention_id) == {"LK-1": "hypothesis"}


async def test_a_picked_case_of_another_team_reaches_that_team(desk: Desk) -> None:
    """The owners of the case that a person picked get the alert; the clock goes on, for nobody has taken it."""
    await desk.open_case(a_case())
    await desk.open_case(phone_case())
    mention = await desk.post()
    asked = str(await desk.conclude(mention, "possible", NOON, [("LK-1", 0.45), ("LK-2", 0.44)]))
    answer = await desk.click("pick", asked, NOON + MINUTE, case_id="LK-2")
    assert answer == "Noted: it is case LK-2 of team phone-desk, who have been told."
    row = await desk.alert(asked)
    assert (row.kind, row.case_id, row.team, row.receivers) == ("link", "LK-2", "phone-desk", ["phone-team"])
    assert await states_of_links(desk, mention.id) == {"LK-1": "refused", "LK-2": "confirmed"}
    assert ("picked", "phone-team", "new") in told(await desk.owed(asked))
    assert {state for state, _ in (await desk.steps(asked)).values()} == {"due"}
    assert await desk.click("pick", asked, NOON + MINUTE, case_id="LK-1") == (
        "That case is not among those that this alert asks about any more."
    )


async def test_a_picked_case_with_an_alert_of_its_own_takes_the_post_in(desk: Desk) -> None:
    """One alert per case holds for what people decide, too."""
    await desk.open_case(a_case())
    await desk.open_case(phone_case())
    mention = await desk.post()
    asked = str(await desk.conclude(mention, "possible", NOON, [("LK-1", 0.45), ("LK-2", 0.44)]))
    known = await desk.complaint()
    answer = await desk.click("pick", asked, NOON + MINUTE, case_id="LK-1")
    assert "There is an alert about it already" in answer
    assert (await desk.alert(asked)).state == "closed"
    async with desk.db.read() as conn:
        assert mention.id in await alerts.mention_ids(conn, known)


async def test_an_unknown_alert_is_answered_in_words(desk: Desk) -> None:
    """A button of a message from long ago never ends in an error."""
    for action in ("take", "done", "not_this_case", "not_a_complaint", "pick"):
        assert "not known any more" in await desk.click(action, "gone", NOON, case_id="LK-1")


async def test_a_running_alert_keeps_its_policy_when_the_configuration_changes(sqlite_db: Database) -> None:
    """Receivers and times were copied when it was raised: a reload bends no running clock."""
    before = Desk(sqlite_db)
    alert_id = await before.complaint()
    routes = [{"name": "email", "match": {"channel": "email"}, "receivers": "new-team", "policy": "slow"}]
    mail = {**RECEIVERS["first"], "to": ["new@brand.example"]}
    after = Desk(
        sqlite_db,
        config(
            routes=routes,
            receivers={**RECEIVERS, "new-team": mail},
            policies={"slow": {"respond_within": "5h"}},
            head_of_support="first",
        ),
    )
    husband = await after.post(NOON + MINUTE)
    assert await after.conclude(husband, "link", NOON + MINUTE, [("LK-1", 0.9)]) == alert_id
    row = await after.alert(alert_id)
    assert (row.due_at, row.receivers, row.policy["respond_within"]) == (NOON + HOUR, ["email-team"], 3600)
    assert (await after.steps(alert_id))["escalate"] == ("due", NOON + HOUR)
    assert {row.receiver for row in await after.owed(alert_id)} == {"email-team"}
    await after.open_case(a_case("LK-5", customer=Customer("C5", "Ann Poe")))
    fresh = await after.conclude(await after.post(NOON), "link", NOON, [("LK-5", 0.9)])
    assert (await after.alert(str(fresh))).receivers == ["new-team"]


async def test_a_race_for_one_case_ends_in_one_alert(database: Database) -> None:
    """Two transactions that raise an alert for one case at the same moment share it, on both stores."""
    desk = Desk(database)
    await desk.open_case(a_case())
    posts = [await desk.post(NOON, author={"handle": name}) for name in ("a", "b", "c", "d")]
    async with asyncio.timeout(30):
        raised = await asyncio.gather(*(desk.conclude(each, "link", NOON, [("LK-1", 0.9)]) for each in posts))
    assert len(set(raised)) == 1
    async with database.read() as conn:
        assert len(await alerts.mention_ids(conn, str(raised[0]))) == 4
