"""The story that the product exists for, told by the real service on both kinds of database."""

import json
from datetime import UTC, datetime

from playground.world import EMAIL, HEAD, PHONE, World

WIFE, DAUGHTER, PRAISE, JOB = 1, 2, 0, 3


async def test_a_wifes_post_reaches_the_team_that_owns_her_husbands_case(world: World) -> None:
    """Within seconds Slack and the mailbox hold one alert: whose case, why, how long, until when, what not to say."""
    await world.start()
    await world.listening()
    world.says(PRAISE)
    world.says(WIFE)

    shown = world.slack.render((await world.alerts(EMAIL))[0])

    for told in ("BW-2001", "Tom Hadley", "waiting 9 days", "husband", "Sheffield", "60 min", "1,870 followers"):
        assert told in shown
    assert "may not be the customer" in shown
    letter = (await world.mail.wait_for(1, patience=20))[0]
    assert "BW-2001" in letter.body("plain")
    assert letter.message["To"] == "email-team@brackwater.example"
    assert len(world.slack.messages(EMAIL)) == 1
    assert world.slack.messages(PHONE) == world.slack.messages(HEAD) == []


async def test_taking_it_stops_the_clock_and_resolving_the_case_closes_the_alert(world: World) -> None:
    """The message is rewritten in place by the click, and again when the CRM says that the case is resolved."""
    await world.start()
    await world.listening()
    world.says(WIFE)
    message = (await world.alerts(EMAIL))[0]

    await world.slack.click(EMAIL, message["ts"], "take", via="socket")
    taken = await world.alerts_that(EMAIL, "Taken by")
    resolve(world, "BW-2001")
    await world.command("crm", "import", str(world.folder / "crm"))
    closed = await world.alerts_that(EMAIL, "resolved in the CRM")

    assert message["ts"] == taken["ts"] == closed["ts"]
    assert len(world.slack.messages(EMAIL)) == 1


async def test_a_telephone_case_goes_to_the_telephone_team(world: World) -> None:
    """A daughter's post about her father's call reaches the team that took the call, and no other."""
    await world.start()
    await world.listening()
    world.says(JOB)
    world.says(DAUGHTER)

    shown = world.slack.render((await world.alerts(PHONE))[0])

    assert "BW-2003" in shown
    assert "Ring Gareth Pugh" in shown
    assert world.slack.messages(EMAIL) == []


async def test_a_second_poster_of_the_same_case_folds_into_its_alert(world: World) -> None:
    """One alert for one case: a later post changes the message and adds none."""
    await world.start()
    await world.listening()
    world.says(WIFE)
    await world.alerts(EMAIL)

    world.says(
        WIFE, text="Day ten. My husband Tom is still waiting about the empty can in his 12-pack, @brackwaterbrew"
    )
    await world.alerts_that(EMAIL, "1 more post")

    assert len([one for one in world.slack.messages(EMAIL) if "thread_ts" not in one]) == 1


async def test_what_was_posted_while_the_service_was_down_is_found_and_told_once(world: World) -> None:
    """A restart resumes from the cursor: the missed post is recovered, and the alert before it is not repeated."""
    await world.start()
    await world.listening()
    world.says(WIFE)
    await world.alerts(EMAIL)
    assert await world.stop() == 0

    world.says(DAUGHTER)
    await world.start()

    await world.alerts(PHONE)
    assert len(world.slack.messages(EMAIL)) == 1


def resolve(world: World, case_id: str) -> None:
    """Let the CRM's export say that a case was answered."""
    path = world.folder / "crm" / "cases.jsonl"
    now = datetime.now(UTC).isoformat()
    answer = {"at": now, "author": "agent", "text": "Sorry, Tom. A new pack leaves us today with our thanks."}
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        if row["case_id"] == case_id:
            row.update(status="resolved", resolved_at=now, updated_at=now, messages=[*row["messages"], answer])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
