"""Who posted can be corrected on the page of an alert."""

import re
from typing import Any

import msgspec
import pytest

from ledger import alerts, outbox
from ledger.database import Database
from notifier.card import AlertCard
from notifier.endings import RESOLVED
from tests.backchannel.told import NOW


async def _token(page: Any, alert_id: str) -> str:
    text = await page.text(f"/alerts/{alert_id}")
    assert '<option value="sibling">a brother or sister of the customer</option>' in text
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found is not None
    return found[1]


async def test_who_posted_is_saved_from_the_page(page: Any, story: Any) -> None:
    """The page asks the service for exactly what was chosen."""
    form = {"token": await _token(page, story.alert_id), "relation": "sibling"}
    async with page.client.post(f"/alerts/{story.alert_id}/relation", data=form) as answer:
        assert answer.status == 200
    assert page.actions.asked == [("relation", story.alert_id, "the web page", "sibling")]


@pytest.mark.parametrize(("act", "relation"), [("relation", ""), ("relation", "<b>"), ("take", "sibling")])
async def test_only_a_known_relation_is_taken_and_only_to_say_who_posted(
    page: Any, story: Any, act: str, relation: str
) -> None:
    """Anything else is refused, and nothing is asked of the service."""
    form = {"token": await _token(page, story.alert_id), "relation": relation}
    async with page.client.post(f"/alerts/{story.alert_id}/{act}", data=form) as answer:
        assert answer.status == 400
    assert page.actions.asked == []


async def test_whoever_took_an_alert_that_ended_with_its_case_is_asked_on_the_page(
    page: Any, story: Any, sqlite_db: Database
) -> None:
    """The page offers the two answers, and asks the service for the one that was pressed."""
    async with sqlite_db.write("test") as conn:
        await alerts.take(conn, story.alert_id, by="Jo", now=NOW)
        await alerts.end(conn, story.alert_id, state=alerts.CLOSED, by="backchannel", reason=RESOLVED, now=NOW)
        for row in await outbox.of_alert(conn, story.alert_id):
            ended = msgspec.structs.replace(msgspec.json.decode(row.card, type=AlertCard), state="closed", asks=True)
            await outbox.rewrite(conn, row.id, msgspec.json.encode(ended))
    text = await page.text(f"/alerts/{story.alert_id}")
    assert "It was this case" in text
    assert "It was not" in text
    form = {"token": re.search(r'name="token" value="([^"]+)"', text)[1]}  # type: ignore[index]
    async with page.client.post(f"/alerts/{story.alert_id}/done", data=form) as answer:
        assert answer.status == 200
    assert page.actions.asked == [("done", story.alert_id, "the web page", None)]
