"""Answers move the threshold of a brand at night, which is written down, and a person can take it back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from backchannel.config import Settings, parse
from backchannel.recalibration import Recalibration
from backchannel.thresholds import Moved, base_of, in_force, recalibrate, roll_back
from ledger import audit, models
from ledger.database import Database
from matcher.config import ComplaintConfig
from matcher.linking import Candidate, Linking, Outcome, Thresholds
from matcher.threshold import ByBrand, LearntThresholds
from tests.backchannel.conftest import MINIMAL, HandClock
from tests.backchannel.judging import MODEL, Crowd
from tests.backchannel.told import NOW

NIGHT = NOW + timedelta(days=1)


@pytest.fixture
def crowd(sqlite_db: Database) -> Crowd:
    """People who answer alerts about Larkmoor."""
    return Crowd(sqlite_db)


async def learn(db: Database, settings: Settings, now: datetime = NIGHT, version: str = MODEL) -> list[Moved]:
    """Let a night pass over a default threshold of 50%."""
    return await recalibrate(db, settings, version, lambda _: 0.5, now, actor="backchannel")


async def used(db: Database, version: str = MODEL) -> float | None:
    """Give the learnt threshold in force for Larkmoor."""
    async with db.read() as conn:
        found = (await in_force(conn, version, ["Larkmoor"])).get("Larkmoor")
    return found.value if found else None


async def test_a_moved_threshold_is_kept_with_its_figures_and_audited(crowd: Crowd, settings: Settings) -> None:
    await crowd.about_a_quiet_brand()
    (one,) = await learn(crowd.db, settings)
    assert (one.brand, one.state, one.before, one.answers) == ("Larkmoor", "promoted", 0.5, 60)
    assert 0.6 <= one.after <= 0.72
    assert await used(crowd.db) == one.after
    async with crowd.db.read() as conn:
        (row,) = await models.refits(conn, 5, thresholds=True)
        assert await models.refits(conn, 5) == []
        (said,) = await audit.newest(conn, 5)
    assert (row.before["threshold"], row.after["threshold"], row.labels) == (0.5, one.after, 60)
    assert row.after["alerts"] < row.before["alerts"]
    assert (said.actor, said.action, said.subject) == ("backchannel", "threshold.moved", "Larkmoor")
    assert said.detail == {"from": 0.5, "to": one.after, "answers": 60}


async def test_a_second_night_without_new_answers_tries_nothing(crowd: Crowd, settings: Settings) -> None:
    await crowd.about_a_quiet_brand()
    await learn(crowd.db, settings)
    assert await learn(crowd.db, settings, NIGHT + timedelta(days=1)) == []


async def test_what_does_not_prove_better_is_turned_down_once_with_its_reason(crowd: Crowd, settings: Settings) -> None:
    """It is kept as rejected, nothing moves, and it is not tried again before somebody answers."""
    await crowd.answers(25, 0.6, 0.9, complaint=False)
    await crowd.answers(25, 0.55, 0.95, complaint=True)
    (tried,) = await learn(crowd.db, settings)
    assert (tried.state, tried.reason.split(":")[0]) == ("rejected", "held-out precision does not rise")
    assert await used(crowd.db) is None
    assert await learn(crowd.db, settings, NIGHT + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "otherwise",
    [{"version": "builtin:older"}, {"brand": "Elsewhere"}],
    ids=["another model", "a brand without a rule"],
)
async def test_answers_about_other_models_and_brands_do_not_count(
    sqlite_db: Database, settings: Settings, otherwise: dict[str, Any]
) -> None:
    await Crowd(sqlite_db, **otherwise).about_a_quiet_brand()
    assert await learn(sqlite_db, settings) == []


def linked(decision: Outcome, *chances: float) -> Linking:
    """Give a decision that shows cases of these probabilities."""
    shown = tuple(Candidate(f"C{place}", chance) for place, chance in enumerate(chances))
    return Linking(decision, shown, 1.0 - sum(chances), 0.2, Thresholds(0.85, 0.3))


@pytest.mark.parametrize(
    ("linking", "counts"),
    [
        (linked("link", 0.9), False),
        (linked("possible", 0.5, 0.45), False),
        (linked("possible", 0.8), False),
        (linked("possible", 0.5), True),
        (linked("unlinked"), True),
    ],
    ids=["of a case", "of one of two", "likely of a case", "perhaps of a case", "of none"],
)
async def test_a_post_that_surely_belongs_to_a_case_teaches_no_threshold(
    crowd: Crowd, settings: Settings, linking: Linking, counts: bool
) -> None:
    """It raises an alert at any threshold; what was only asked about, or had no case, does count."""
    await crowd.answers(30, 0.5, 0.7, complaint=False, linking=linking)
    await crowd.answers(30, 0.72, 0.99, complaint=True, linking=linking)
    assert [one.state for one in await learn(crowd.db, settings)] == ["promoted"] * counts


async def test_answers_older_than_half_a_year_let_the_threshold_fall_back(crowd: Crowd, settings: Settings) -> None:
    """Nothing supports the raise any more, so the default is in use again, and the record says why."""
    await crowd.about_a_quiet_brand()
    (raised,) = await learn(crowd.db, settings)
    (back,) = await learn(crowd.db, settings, NOW + timedelta(days=181))
    assert (back.before, back.after, back.state) == (raised.after, 0.5, "promoted")
    assert "does not support" in back.reason


async def test_a_configured_threshold_is_never_learnt_over(crowd: Crowd, secrets: Mapping[str, str]) -> None:
    await crowd.about_a_quiet_brand()
    own = parse((MINIMAL + "matcher: {complaint: {brands: {Larkmoor: 0.4}}}\n").encode(), "config.yaml")
    assert await learn(crowd.db, own) == []


async def test_after_a_roll_back_a_raise_waits_for_twenty_new_answers(crowd: Crowd, settings: Settings) -> None:
    """A person has just said that it was wrong; the audit keeps who."""
    await crowd.about_a_quiet_brand()
    (raised,) = await learn(crowd.db, settings)
    done = await roll_back(crowd.db, MODEL, "Larkmoor", lambda _: 0.5, NIGHT, actor="command line")
    assert done == (raised.after, 0.5)
    assert await used(crowd.db) is None
    async with crowd.db.read() as conn:
        (said, *_) = await audit.newest(conn, 1)
    assert (said.actor, said.action, said.detail) == (
        "command line", "threshold.rolled_back", {"from": raised.after, "to": 0.5},
    )  # fmt: skip
    crowd.now = NIGHT
    await crowd.answers(19, 0.5, 0.7, complaint=False)
    assert await learn(crowd.db, settings, NIGHT + timedelta(days=1)) == []
    await crowd.answers(1, 0.5, 0.7, complaint=False)
    assert [one.brand for one in await learn(crowd.db, settings, NIGHT + timedelta(days=1))] == ["Larkmoor"]


async def test_without_anything_learnt_there_is_nothing_to_roll_back(sqlite_db: Database) -> None:
    assert await roll_back(sqlite_db, MODEL, "Larkmoor", lambda _: 0.5, NIGHT, actor="command line") is None


async def test_what_another_process_put_in_force_meanwhile_stays(crowd: Crowd, settings: Settings) -> None:
    """The night begins from what it read; where that is no longer so, it leaves things alone."""
    await crowd.about_a_quiet_brand()
    rival: list[Moved] = []

    class Meddling(Database):
        """A ledger in which a command learns just before the night writes."""

        def write(self, name: str) -> Any:
            return _Raced(crowd.db, settings, rival, super().write(name))

    slow = Meddling(crowd.db.url.render_as_string(hide_password=False))
    try:
        assert await learn(slow, settings, NIGHT + timedelta(minutes=1)) == []
    finally:
        await slow.close()
    assert [one.state for one in rival] == ["promoted"]
    async with crowd.db.read() as conn:
        assert len(await models.refits(conn, 5, thresholds=True)) == 1


class _Raced:
    def __init__(self, db: Database, settings: Settings, rival: list[Moved], inner: Any) -> None:
        self._db, self._settings, self._rival, self._inner = db, settings, rival, inner

    async def __aenter__(self) -> Any:
        self._rival += await learn(self._db, self._settings)
        return await self._inner.__aenter__()

    async def __aexit__(self, *error: Any) -> Any:
        return await self._inner.__aexit__(*error)


class Plain:
    """A model whose default threshold is 50%."""

    def threshold(self, brand: str | None) -> float:
        return 0.5

    def judge(self, texts: Any, contexts: Any, langs: Any, brands: Any, *, hurried: bool = False) -> list[Any]:
        return []


class Desk:
    """A recalibrating part whose service remembers what it was given."""

    def __init__(self, db: Database, clock: HandClock, settings: Settings) -> None:
        self.judge = ByBrand(Plain(), ComplaintConfig(), MODEL, {})
        self.adopted = 0
        self.settings = settings
        self.part = Recalibration(db, lambda: self.settings, clock, judge=lambda: self.judge, adopt=self._adopt)

    async def _adopt(self, learnt: LearntThresholds) -> None:
        self.judge = self.judge.with_learnt(learnt)
        self.adopted += 1


def at(hour: int) -> HandClock:
    return HandClock(datetime(2026, 3, 16, hour, tzinfo=UTC))


async def test_the_service_learns_once_a_night_and_uses_what_it_learnt(crowd: Crowd, settings: Settings) -> None:
    clock = at(2)
    desk = Desk(crowd.db, clock, settings)
    await crowd.about_a_quiet_brand()
    await desk.part.look()
    assert desk.judge.moved(["Larkmoor"]) == []
    clock.turn(timedelta(hours=2))
    with capture_logs() as logs:
        await desk.part.look()
    first, second = logs
    assert (first["event"], first["brand"], first["before"], first["answers"]) == (
        "threshold moved",
        "Larkmoor",
        0.5,
        60,
    )
    assert (second["event"], second["learnt"]) == ("thresholds in force", {"Larkmoor": first["after"]})
    (moved,) = desk.judge.moved(["Larkmoor"])
    assert moved.endswith("by 60 answers on 16 Mar")
    await desk.part.look()
    assert desk.adopted == 1


async def test_the_service_follows_a_roll_back_by_command(crowd: Crowd, settings: Settings) -> None:
    desk = Desk(crowd.db, at(4), settings)
    await crowd.about_a_quiet_brand()
    await desk.part.look()
    await roll_back(crowd.db, MODEL, "Larkmoor", lambda _: 0.5, NIGHT, actor="command line")
    await desk.part.look()
    assert desk.judge.moved(["Larkmoor"]) == []


async def test_a_threshold_that_was_learnt_for_another_model_is_said_once_to_be_out_of_use(
    crowd: Crowd, settings: Settings
) -> None:
    """After an update the shipped threshold holds, and nobody has to find that out by surprise."""
    await crowd.about_a_quiet_brand()
    (one,) = await learn(crowd.db, settings)
    desk = Desk(crowd.db, at(2), settings)
    desk.judge = ByBrand(Plain(), ComplaintConfig(), "builtin:newer", {})
    with capture_logs() as logs:
        await desk.part.look()
        await desk.part.look()
    said = {"event": "threshold not in use", "log_level": "warning", "brand": "Larkmoor", "learnt": one.after}
    assert logs == [said | {"reason": "learnt for another model"}]
    assert desk.judge.moved(["Larkmoor"]) == []


async def test_learning_that_is_switched_off_moves_nothing(crowd: Crowd, secrets: Mapping[str, str]) -> None:
    off = parse((MINIMAL + "matcher: {complaint: {learn: false}}\n").encode(), "config.yaml")
    desk = Desk(crowd.db, at(4), off)
    await crowd.about_a_quiet_brand()
    await desk.part.look()
    assert await used(crowd.db) is None


async def test_what_was_learnt_is_not_said_to_be_in_force_while_learning_is_switched_off(
    crowd: Crowd, settings: Settings
) -> None:
    """Switched on again it is, and said to be."""
    await crowd.about_a_quiet_brand()
    (one,) = await learn(crowd.db, settings)
    desk = Desk(crowd.db, at(2), parse((MINIMAL + "matcher: {complaint: {learn: false}}\n").encode(), "config.yaml"))
    with capture_logs() as logs:
        await desk.part.look()
        assert logs == []
        desk.settings = settings
        await desk.part.look()
        await desk.part.look()
    assert [(line["event"], line["learnt"]) for line in logs] == [("thresholds in force", {"Larkmoor": one.after})]


async def test_a_learnt_threshold_below_the_default_is_not_said_to_be_in_force(
    crowd: Crowd, secrets: Mapping[str, str]
) -> None:
    await crowd.about_a_quiet_brand()
    high = parse((MINIMAL + "matcher: {complaint: {threshold: 0.9}}\n").encode(), "config.yaml")
    await learn(crowd.db, high)
    desk = Desk(crowd.db, at(2), high)
    with capture_logs() as logs:
        await desk.part.look()
    assert desk.judge.learnt
    assert logs == []


def test_each_brand_and_each_model_has_a_base_of_its_own() -> None:
    """It fits the column however long a brand's name is."""
    bases = {base_of(version, brand) for version in ("a", "b") for brand in ("Larkmoor", "L" * 500)}
    assert len(bases) == 4
    assert all(len(base) <= 64 for base in bases)
