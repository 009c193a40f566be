"""A threshold that answers have moved is told: by commands, on the page, in the alert and in the explanation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from backchannel.explanation import explain
from backchannel.thresholds import recalibrate
from ledger import audit, mentions, outbox
from ledger.database import Database
from matcher.config import ComplaintConfig
from matcher.custom_model import shipped_threshold
from matcher.threshold import fingerprint
from notifier.card import AlertCard
from notifier.transports.email_body import AlertLetter
from notifier.transports.slack_blocks import blocks
from tests.backchannel.calling import call, in_ledger
from tests.backchannel.judging import Crowd
from tests.backchannel.line import Line
from tests.notifier.desk import a_case
from tests.stories.inside import Inside

FLAT = "Every bottle of my Peat Smoke was flat and nobody ever answers. Avoid."
MOVED = "the threshold of Larkmoor was moved to 62% by 34 answers on 21 Nov"


async def _answer(db: Database) -> None:
    crowd = Crowd(db, version=fingerprint(ComplaintConfig()))
    crowd.now = datetime.now(UTC)
    await crowd.about_a_quiet_brand()


async def _audited(db: Database) -> list[str]:
    async with db.read() as conn:
        return [f"{row.actor}: {row.action} {row.subject}" for row in await audit.newest(conn, 5)]


def _flat(*words: object) -> str:
    return " ".join(call(*words).output.split())


def test_the_status_names_each_brand_its_threshold_and_what_it_is_from(config_file: Path) -> None:
    told = _flat("model", "status", "-c", config_file)
    shipped = f"{shipped_threshold(ComplaintConfig()):.0%}"
    assert f"Larkmoor {shipped} shipped 0, 0 of them complaints" in told


def test_a_configured_threshold_is_named_as_such(config_file: Path) -> None:
    with config_file.open("a") as file:
        file.write("matcher: {complaint: {brands: {Larkmoor: 0.37}, learn: false}}\n")
    told = _flat("model", "status", "-c", config_file)
    assert "Larkmoor 37% config.yaml" in told
    assert "nothing is learnt: matcher.complaint.learn is false" in told
    failed = call("model", "rollback", "--brand", "Larkmoor", "-c", config_file)
    assert failed.exit_code == 1
    assert "the threshold of Larkmoor is not learnt: config.yaml gives it" in failed.stderr


def test_a_refit_moves_it_the_status_shows_it_and_a_rollback_takes_it_back(config_file: Path) -> None:
    in_ledger(config_file, _answer)
    refitted = _flat("model", "refit", "-c", config_file)
    assert "Larkmoor, 50% to 7" in refitted
    assert "promoted, 30 of " in refitted
    told = _flat("model", "status", "-c", config_file)
    assert "learnt from 60 answers" in told
    assert "60, 30 of them complaints" in told
    assert "promoted 30 of " in told
    back = call("model", "rollback", "--brand", "Larkmoor", "-c", config_file).output
    assert "is out of force; 50% is" in back
    again = call("model", "rollback", "--brand", "Larkmoor", "-c", config_file)
    assert "nothing learnt is in force for Larkmoor: its threshold is 50%" in again.stderr
    assert in_ledger(config_file, _audited)[:2] == [
        "command line: threshold.rolled_back Larkmoor",
        "command line: threshold.moved Larkmoor",
    ]
    assert "rolled back" in _flat("model", "status", "-c", config_file)


async def test_the_page_says_which_thresholds_answers_have_moved(page: Any, story: Any) -> None:
    assert "Learnt from your answers" not in await page.text("/")
    page.notes.append(MOVED)
    text = await page.text("/")
    assert "The threshold of Larkmoor was moved to 62% by 34 answers on 21 Nov." in text
    assert "backchannel model status" in text


async def test_the_running_service_uses_what_was_learnt_until_the_configuration_says_otherwise(
    running: Inside,
) -> None:
    """A reload keeps it; switched off, it is not used, and switched on again it is."""
    service, crowd = running.service, Crowd(running.service.db, "Brackwater", running.service.current.judge.version)
    crowd.now = service.clock.now()
    await crowd.about_a_quiet_brand()
    judge = service.current.judge
    await recalibrate(service.db, service.current.settings, judge.version, judge.default, crowd.now, actor="test")
    await service.recalibration.look()
    assert "The threshold of Brackwater was moved to " in await running.page()
    threshold = service.current.judge.learnt["Brackwater"].value
    told = service.current.judge.judge([FLAT], [None], [None], ["Brackwater"])
    assert told[0].threshold == threshold
    await running.save(("notifier:", "matcher: {complaint: {learn: false}}\nnotifier:"))
    assert "Learnt from your answers" not in await running.page()
    told = service.current.judge.judge([FLAT], [None], [None], ["Brackwater"])
    assert told[0].threshold == service.current.judge.default("Brackwater")
    await running.save()
    assert "The threshold of Brackwater was moved to " in await running.page()


async def test_the_alert_and_the_explanation_say_that_the_threshold_was_moved(sqlite_db: Database) -> None:
    """The words stand below the alert in Slack and in the letter, and in the reason of the verdict."""
    line = Line(sqlite_db)
    line.matcher.links("can", "LK-1")
    line.matcher.moved = MOVED
    await line.desk.open_case(a_case())
    (post,) = await line.posts("empty can")
    await line.pipeline.handle_next()
    (alert,) = await line.told()
    async with sqlite_db.read() as conn:
        (message,) = await outbox.of_alert(conn, alert.alert_id)
        row = await mentions.get(conn, post.id)
        assert row is not None
        story = await explain(conn, row)
    card = msgspec.json.decode(message.card, type=AlertCard)
    assert card.moved == MOVED
    assert MOVED in str(blocks(card)[-1])
    assert MOVED in AlertLetter().text(card, full=True)
    assert story.verdict is not None
    assert story.verdict.moved == MOVED
