"""The service learns at night from what people answered, and follows whatever comes into force."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backchannel.config import ConfigError, Settings, parse
from backchannel.learnt import base_of, in_force, relearn, roll_back, start
from backchannel.relearning import Relearning
from ledger import audit, models
from ledger.database import Database
from matcher.model_file import LinkingModel
from tests.backchannel.answered import SMALL, answer
from tests.backchannel.conftest import MINIMAL, HandClock
from tests.backchannel.told import NOW

LATER = NOW + timedelta(days=1)


async def learnt_version(db: Database, shipped: LinkingModel = SMALL) -> str | None:
    """Give the version of the learnt weights in force."""
    async with db.read() as conn:
        found = await in_force(conn, shipped)
    return found.version if found else None


async def test_better_weights_come_into_force_with_their_figures(sqlite_db: Database) -> None:
    """The refit is kept with what it was held against, and the audit says who put it in force."""
    await answer(sqlite_db, 80)
    done = await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    assert (done.state, done.labels) == ("promoted", 80)
    assert await learnt_version(sqlite_db) == "small-1+20260315T092000"
    async with sqlite_db.read() as conn:
        row = await models.promoted(conn, base_of(SMALL))
        assert row is not None
        assert row.after["detection"] > row.before["detection"]
        assert row.weights["weights"]["noise"] < 1.0 < row.weights["weights"]["good"]
        assert [(each.actor, each.action, each.subject) for each in await audit.newest(conn, 1)] == [
            ("backchannel", "model.promoted", "small-1+20260315T092000")
        ]


async def test_with_too_few_answers_nothing_is_written(sqlite_db: Database) -> None:
    """The reason says how many there are and how many it takes."""
    await answer(sqlite_db, 24)
    done = await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    assert done.reason == "24 answers to links can be learnt from, and 25 are needed"
    async with sqlite_db.read() as conn:
        assert await models.refits(conn, 5) == []


async def test_without_new_answers_a_night_passes_without_a_refit(sqlite_db: Database) -> None:
    """The same answers would give the same weights."""
    await answer(sqlite_db, 80)
    await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    done = await relearn(sqlite_db, SMALL, 0.95, LATER + timedelta(days=1), actor="backchannel")
    assert done.reason == "nobody has answered about a link since the last refit"


async def test_what_learnt_weights_decided_is_learnt_from_too(sqlite_db: Database) -> None:
    """Their version leads to the weights, whether they were learnt or came with an earlier program."""
    await answer(sqlite_db, 80)
    await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    version = await learnt_version(sqlite_db)
    assert version is not None
    older = msgspec.structs.replace(SMALL, version="small-0")
    await start(sqlite_db, older, NOW)
    await answer(sqlite_db, 10, first=2000, model=version)
    await answer(sqlite_db, 10, first=3000, model="small-0")
    await answer(sqlite_db, 10, first=4000, model="nobody's")
    done = await relearn(sqlite_db, SMALL, 0.95, NOW + timedelta(days=9), actor="backchannel")
    assert done.labels == 100


async def test_after_a_roll_back_the_same_answers_do_not_bring_the_weights_back(sqlite_db: Database) -> None:
    """Learning waits for 25 answers more: a person has just said that these weights are wrong."""
    await answer(sqlite_db, 80)
    await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    done = await roll_back(sqlite_db, SMALL, LATER, actor="command line")
    assert done == ("small-1+20260315T092000", "small-1")
    assert await learnt_version(sqlite_db) is None
    assert await roll_back(sqlite_db, SMALL, LATER, actor="command line") is None
    await answer(sqlite_db, 24, first=1500)
    waiting = await relearn(sqlite_db, SMALL, 0.95, LATER + timedelta(days=1), actor="backchannel")
    assert waiting.reason == "24 answers to links since weights were rolled back, and 25 are waited for"
    await answer(sqlite_db, 1, first=1600)
    again = await relearn(sqlite_db, SMALL, 0.95, LATER + timedelta(days=1), actor="backchannel")
    assert again.labels == 105


async def test_weights_learnt_over_other_shipped_ones_are_not_in_force(sqlite_db: Database) -> None:
    """A new version of the program decides by what it ships until it has been learnt anew from all answers."""
    await answer(sqlite_db, 80)
    await relearn(sqlite_db, SMALL, 0.95, LATER, actor="backchannel")
    newer = msgspec.structs.replace(SMALL, weights={**SMALL.weights, "fresh_reason": 1.0})
    assert await learnt_version(sqlite_db, newer) is None
    assert await learnt_version(sqlite_db) is not None


class Desk:
    """A relearning part whose service remembers what it was given."""

    def __init__(self, db: Database, clock: HandClock, settings: Settings) -> None:
        self.used = SMALL.version
        self.part = Relearning(db, SMALL, lambda: settings, clock, in_use=lambda: self.used, adopt=self._adopt)

    async def _adopt(self, learnt: LinkingModel | None) -> None:
        self.used = (learnt or SMALL).version


def at(hour: int, minute: int, day: int = 20) -> HandClock:
    """Give a clock that stands at a time of UTC."""
    return HandClock(datetime(2026, 7, day, hour, minute, tzinfo=UTC))


async def test_the_refit_waits_for_its_local_time(
    sqlite_db: Database, minimal: str, secrets: Mapping[str, str]
) -> None:
    """03:30 in London is 02:30 UTC in summer."""
    settings = parse((minimal + "  timezone: Europe/London\n").encode(), "config.yaml")
    await answer(sqlite_db, 80)
    clock = at(2, 29)
    desk = Desk(sqlite_db, clock, settings)
    await desk.part.look()
    assert desk.used == "small-1"
    clock.turn(timedelta(minutes=1))
    await desk.part.look()
    assert desk.used == "small-1+20260720T023000"


async def test_one_refit_a_night_is_enough(sqlite_db: Database, settings: Settings) -> None:
    """Answers that come later in the day wait for the next night."""
    clock = at(4, 0)
    desk = Desk(sqlite_db, clock, settings)
    await desk.part.look()
    await answer(sqlite_db, 80)
    clock.turn(timedelta(hours=2))
    await desk.part.look()
    assert desk.used == "small-1"
    clock.turn(timedelta(hours=22))
    await desk.part.look()
    assert desk.used == "small-1+20260721T040000"


async def test_the_service_follows_a_roll_back_by_command(sqlite_db: Database, settings: Settings) -> None:
    """Another process took the weights out of force; the next look finds that."""
    await answer(sqlite_db, 80)
    desk = Desk(sqlite_db, at(4, 0), settings)
    await desk.part.look()
    assert desk.used != "small-1"
    await roll_back(sqlite_db, SMALL, LATER, actor="command line")
    await desk.part.look()
    assert desk.used == "small-1"


async def test_learning_that_is_switched_off_refits_nothing(
    sqlite_db: Database, minimal: str, secrets: Mapping[str, str]
) -> None:
    """What is in force stays in force."""
    off = minimal + "matcher: {linking: {learning: {enabled: false}}}\n"
    await answer(sqlite_db, 80)
    desk = Desk(sqlite_db, at(4, 0), parse(off.encode(), "config.yaml"))
    await desk.part.look()
    assert desk.used == "small-1"


@pytest.mark.parametrize(
    ("written", "says"),
    [("02:30", "choose another time, such as 03:30"), ("24:00", "write a time of day"), ("half three", "write a time")],
)
def test_a_time_that_some_days_lack_is_refused(secrets: Mapping[str, str], written: str, says: str) -> None:
    """The hours in which clocks are changed come twice or never."""
    with pytest.raises(ConfigError, match=says):
        parse((MINIMAL + f"matcher: {{linking: {{learning: {{at: {written}}}}}}}\n").encode(), "config.yaml")


def test_a_time_needs_no_quotes(secrets: Mapping[str, str]) -> None:
    """It is read as it is written."""
    read = parse((MINIMAL + "matcher: {linking: {learning: {at: 04:15}}}\n").encode(), "config.yaml")
    assert read.matcher.linking.learning.time_of_day.hour == 4
