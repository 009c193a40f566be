"""Who answers an alert says whether its post was a complaint, alike on SQLite and PostgreSQL."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, update

from ledger import alerts, outcomes
from ledger.database import Database
from ledger.tables import mentions
from tests.notifier.desk import MINUTE, NOON, Desk, a_case, phone_case


async def judged_post(desk: Desk, **verdict: Any) -> Row[Any]:
    """Record a post with its assessment."""
    mention = await desk.post()
    assessment = {"verdict": {"probability": 0.7, **verdict}, "linking": {"decision": "possible"}}
    async with desk.db.write("test") as conn:
        await conn.execute(update(mentions).where(mentions.c.id == mention.id).values(assessment=assessment))
    return mention


async def told(desk: Desk, since: timedelta = -MINUTE, limit: int = 100) -> list[tuple[int, str]]:
    """Give the mentions that were answered about, and what was said."""
    async with desk.db.read() as conn:
        return [(row.mention_id, row.said) for row in await outcomes.about_complaints(conn, NOON + since, limit)]


async def test_each_answer_tells_whether_its_post_was_a_complaint(database: Database) -> None:
    """A case confirmed or refused, an alert without a case that was answered: complaints; the rest says so itself."""
    desk = Desk(database)
    for case in (a_case(), phone_case()):
        await desk.open_case(case)
    linked, wrong, lonely, praise, waiting = [await judged_post(desk) for _ in range(5)]
    clicked = {
        "done": await desk.conclude(linked, "link", NOON, [("LK-1", 0.9)]),
        "not_this_case": await desk.conclude(wrong, "link", NOON, [("LK-2", 0.9)]),
    }
    lonely_alert = await desk.conclude(lonely, "unlinked", NOON)
    praise_alert = await desk.conclude(praise, "unlinked", NOON)
    await desk.conclude(waiting, "unlinked", NOON)
    for action, alert_id in clicked.items():
        assert alert_id is not None
        await desk.click(action, alert_id, NOON)
    assert lonely_alert is not None
    assert praise_alert is not None
    await desk.click("done", lonely_alert, NOON + MINUTE)
    await desk.click("not_a_complaint", praise_alert, NOON + 2 * MINUTE)
    assert sorted(await told(desk)) == sorted(
        [(linked.id, "confirmed"), (wrong.id, "wrong_case"), (lonely.id, "answered"), (praise.id, "not_a_complaint")]
    )
    assert await told(desk, since=MINUTE, limit=1) == [(praise.id, "not_a_complaint")]


async def test_the_last_word_about_a_mention_counts(database: Database) -> None:
    """It was not that case, and then no complaint at all."""
    desk = Desk(database)
    await desk.open_case(a_case())
    mention = await judged_post(desk)
    first = await desk.conclude(mention, "link", NOON, [("LK-1", 0.9)])
    assert first is not None
    await desk.click("not_this_case", first, NOON)
    async with desk.db.read() as conn:
        (second,) = [row for row in await alerts.of_mention(conn, mention.id) if row.alert_id != first]
    await desk.click("not_a_complaint", second.alert_id, NOON + MINUTE)
    assert await told(desk) == [(mention.id, "not_a_complaint")]


async def test_an_answer_comes_with_what_was_judged_and_without_it_once_the_post_is_gone(database: Database) -> None:
    desk = Desk(database)
    kept, gone = await judged_post(desk), await judged_post(desk)
    for mention in (kept, gone):
        alert_id = await desk.conclude(mention, "unlinked", NOON)
        assert alert_id is not None
        await desk.click("not_a_complaint", alert_id, NOON)
    await desk.remove(gone, NOON)
    async with desk.db.read() as conn:
        found = {row.mention_id: row for row in await outcomes.about_complaints(conn, NOON - MINUTE, 10)}
    row = found[kept.id]
    assert (row.brand, row.judged["probability"], row.linking) == ("Larkmoor", 0.7, {"decision": "possible"})
    assert (found[gone.id].judged, found[gone.id].linking) == (None, None)
