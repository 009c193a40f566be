"""The pages say why a post counts as a complaint, and claim nothing where that or the case is not known."""

from typing import Any

import msgspec
from sqlalchemy import update

from ledger import mentions, outbox
from ledger.database import Database
from ledger.tables import mentions as mentions_table
from notifier.card import AlertCard

LINE = "Reads as a complaint that nobody replied (97%); what decided: “nothing”, “empty”"


async def _rewrite(db: Database, alert_id: str, **changes: Any) -> None:
    async with db.write("test") as conn:
        (message,) = await outbox.of_alert(conn, alert_id)
        card = msgspec.structs.replace(msgspec.json.decode(message.card, type=AlertCard), **changes)
        await outbox.rewrite(conn, message.id, msgspec.json.encode(card))


async def test_the_page_of_an_alert_shows_why_it_is_a_complaint(page: Any, story: Any, sqlite_db: Database) -> None:
    await _rewrite(sqlite_db, story.alert_id, complaint=LINE)
    text = await page.text(f"/alerts/{story.alert_id}")
    assert f'<p class="soft">{LINE}.</p>' in text
    assert text.index("Why we think so") < text.index(LINE)


async def test_the_words_of_a_removed_post_are_not_shown_before_its_messages_are_rewritten(
    page: Any, story: Any, sqlite_db: Database
) -> None:
    await _rewrite(sqlite_db, story.alert_id, complaint=LINE)
    async with sqlite_db.write("removal") as conn:
        await mentions.mark_removed(conn, "x", ["1900000000000000001"], page.state.clock.now())
    assert LINE not in await page.text(f"/alerts/{story.alert_id}")


async def test_no_number_is_shown_where_the_language_is_not_known(page: Any, story: Any, sqlite_db: Database) -> None:
    assert "severity 60%" in await page.text(f"/mentions/{story.mention_id}")
    async with sqlite_db.write("test") as conn:
        row = await mentions.get(conn, story.mention_id)
        assert row is not None
        verdict = {
            **row.assessment["verdict"],
            "cannot_tell": True,
            "threshold": 0.5,
            "words": [],
            "reason": "Unknown.",
        }
        changed = {**row.assessment, "verdict": verdict}
        await conn.execute(update(mentions_table).where(mentions_table.c.id == row.id).values(assessment=changed))
    text = await page.text(f"/mentions/{story.mention_id}")
    assert "Language not known · model builtin" in text
    assert "severity" not in text


async def test_who_posted_is_a_hypothesis_of_each_case(page: Any, story: Any, sqlite_db: Database) -> None:
    for relation, said in (
        ("self", "if it is this case, the poster may be the customer<"),
        ("inlaw", "if it is this case, the poster may be one of the customer&#39;s in-laws<"),
        ("wife", "if it is this case, the poster may be the customer’s wife<"),
    ):
        async with sqlite_db.write("test") as conn:
            row = await mentions.get(conn, story.mention_id)
            assert row is not None
            row.assessment["linking"]["candidates"][0]["relation"] = relation
            changed = update(mentions_table).where(mentions_table.c.id == row.id).values(assessment=row.assessment)
            await conn.execute(changed)
        assert said in await page.text(f"/mentions/{story.mention_id}")
