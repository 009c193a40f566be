"""What was learnt is shown, refitted and taken back from the command line."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert

from backchannel.learnt import base_of
from ledger import audit, models
from ledger.database import Database
from ledger.tables import mentions
from matcher.linking import Linking, Thresholds
from matcher.model_file import load
from tests.backchannel.answered import answer
from tests.backchannel.calling import call, in_ledger
from tests.backchannel.told import NOW

FIGURES = {"answers": 40, "linked": 30, "asserted": 20, "detection": 0.5, "precision": 0.9, "loss": 0.4}


async def _promoted(db: Database) -> None:
    shipped = load()
    for number in (1, 2):
        learnt = msgspec.structs.replace(shipped, version=f"learnt-{number}")
        row = {
            "version": learnt.version, "base": base_of(shipped), "state": models.PROMOTED, "labels": 40 * number,
            "weights": msgspec.to_builtins(learnt), "before": FIGURES, "after": {**FIGURES, "detection": 0.625},
            "reason": "it finds more", "made_at": NOW + timedelta(days=number),
        }  # fmt: skip
        async with db.write("test") as conn:
            await models.record(conn, row)


async def _subjects(db: Database) -> list[Any]:
    async with db.read() as conn:
        return [(row.actor, row.action, row.subject, row.detail) for row in await audit.newest(conn, 5)]


def _flat(*words: object) -> str:
    return " ".join(call(*words).output.split())


def test_without_answers_the_status_says_what_is_waited_for(config_file: Path) -> None:
    """The shipped weights are in force."""
    told = _flat("model", "status", "-c", config_file)
    assert f"In force: {load().version}, as shipped" in told
    assert "0 confirmed" in told
    assert "Nobody has confirmed or refused a link yet." in told
    assert "the first follows once 25 links were confirmed or refused" in told


def test_the_status_shows_answers_calibration_and_refits(config_file: Path) -> None:
    """Verdicts are counted, probabilities are held against answers, refits show both figures and the reason."""
    in_ledger(config_file, lambda db: answer(db, 40, model=load().version))
    in_ledger(config_file, _promoted)
    told = _flat("model", "status", "-c", config_file)
    assert f"In force: learnt-2, learnt from answers; the shipped ones are {load().version}" in told
    assert "not this case" in told
    assert "90% to 100%" in told
    assert "calibration error" in told
    assert "over 40 links" in told
    assert "80 0.500 > 0.625 0.900 > 0.900 0.400 > 0.400 promoted it finds more" in told


async def _decided(db: Database, chances: Sequence[float]) -> None:
    """Mentions that were decided with these chances of having a case, where the configuration said one in ten."""
    rows = []
    for number, chance in enumerate(chances):
        linking = Linking("unlinked", (), 1 - chance, 0.1, Thresholds(0.8, 0.3))
        rows.append(
            {
                "source": "x", "native_id": str(number), "platform": "x", "rules": [], "text": "text", "author": {},
                "reach": {}, "posted_at": NOW, "received_at": NOW, "state": "settled", "outcome": "unlinked",
                "settled_at": NOW, "assessment": {"linking": msgspec.to_builtins(linking)},
            }
        )  # fmt: skip
    async with db.write("test") as conn:
        await conn.execute(insert(mentions), rows)


def test_the_status_estimates_how_many_complaints_have_a_case(config_file: Path) -> None:
    """And says so where the configuration is far from it; a few decisions tell nothing yet."""
    assert "An estimate follows from 100 complaints on; 0 were decided." in _flat("model", "status", "-c", config_file)
    in_ledger(config_file, lambda db: _decided(db, [0.999] * 60 + [0.001] * 60))
    told = _flat("model", "status", "-c", config_file)
    assert "20% by the configuration" in told
    assert "50% by what the last 120 complaints looked like" in told
    assert "These lie far apart" in told


def test_each_rollback_goes_one_step_back_and_is_written_down(config_file: Path) -> None:
    """At last the shipped weights are in force, and then there is nothing to take back."""
    in_ledger(config_file, _promoted)
    shipped = load().version
    assert "learnt-2 is out of force; learnt-1 is in force" in call("model", "rollback", "-c", config_file).output
    assert f"{shipped} is in force" in call("model", "rollback", "-c", config_file).output
    failed = call("model", "rollback", "-c", config_file)
    assert failed.exit_code == 1
    assert f"nothing learnt is in force: the weights are those shipped, {shipped}" in failed.stderr
    assert in_ledger(config_file, _subjects) == [
        ("command line", "model.rolled_back", "learnt-1", {"in_force": shipped}),
        ("command line", "model.rolled_back", "learnt-2", {"in_force": "learnt-1"}),
    ]
    assert "rolled back" in _flat("model", "status", "-c", config_file)


def test_a_refit_on_demand_says_what_came_of_it(config_file: Path) -> None:
    """With too few answers nothing is fitted; what is fitted and gains nothing is turned down with the reason."""
    assert "Nothing was fitted: 0 answers" in _flat("model", "refit", "-c", config_file)
    in_ledger(config_file, lambda db: answer(db, 40, model=load().version))
    told = _flat("model", "refit", "-c", config_file)
    assert told.startswith(("The weights stay as they are: ", "New weights are in force: "))
    assert "40" in _flat("model", "status", "-c", config_file)
