"""Every command says what it did, or what to do next; no user ever sees a traceback."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from backchannel.config import schema
from ledger.database import Database
from ledger.migrate import newest_revision
from ledger.tables import mentions as mentions_table
from tests.backchannel.calling import call, in_ledger

ROOT = Path(__file__).parents[2]


def test_help_names_every_command() -> None:
    text = call("--help").output
    for name in (
        "run",
        "demo",
        "check-config",
        "schema",
        "explain",
        "crm",
        "migrate",
        "replay",
        "doctor",
        "audit",
        "model",
    ):
        assert name in text
    assert "dead-letters" in text


def test_the_version_is_told() -> None:
    assert call("--version").output.startswith("backchannel ")


def test_a_good_configuration_is_called_right(config_file: Path) -> None:
    result = call("check-config", "-c", config_file)
    assert result.exit_code == 0
    assert "is right: 1 source, 1 rule, 1 receiver, 0 routes" in result.output
    assert "own_accounts is empty" in result.output


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_a_model_that_needs_what_is_not_installed_is_noted(config_file: Path) -> None:
    """The file may be right for another machine, so this is no mistake in it."""
    with config_file.open("a") as file:
        file.write("matcher: {complaint: {model: foo/bar, labels: {NEG: complaint, POS: not}}}\n")
    result = call("check-config", "-c", config_file)
    assert result.exit_code == 0
    assert "the model foo/bar needs torch, which this installation lacks: run pip install" in result.output


def test_a_bad_configuration_is_told_by_line_and_ends_with_a_code_of_its_own(config_file: Path) -> None:
    config_file.write_text(config_file.read_text().replace("any:", "anny:") + "log: {level: loud}\n")
    result = call("check-config", "-c", config_file)
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        'config.yaml:7:5: rules.0.anny: unknown key; did you mean "any"?',
        "config.yaml:13:14: log.level: write one of 'debug', 'info', 'warning' or 'error'",
    ]


@pytest.mark.parametrize("command", [("run",), ("doctor",), ("migrate",), ("dead-letters",), ("audit", "verify")])
def test_a_missing_configuration_says_how_to_name_one(command: tuple[str, ...], tmp_path: Path) -> None:
    result = call(*command, "--config", tmp_path / "nowhere.yaml")
    assert result.exit_code == 3
    assert "name it with --config" in result.stderr


def test_a_text_is_tried_on_every_rule_with_reasons(config_file: Path) -> None:
    heard = call("check-config", "-c", config_file, "--try", "Dear @Larkmoor, where is my beer?")
    assert heard.exit_code == 0
    assert "heard by larkmoor" in heard.output
    unheard = call("check-config", "-c", config_file, "--try", "lovely weather [red]today[/]")
    assert unheard.exit_code == 1
    assert "does not stand in the text" in unheard.output
    assert "No rule hears this text." in unheard.output


def test_the_schema_that_is_shipped_is_that_of_this_version() -> None:
    printed = json.loads(call("schema").output)
    assert printed == schema()
    shipped = json.loads((ROOT / "config.schema.json").read_text("utf-8"))
    assert shipped == printed, "run: backchannel schema > config.schema.json"


def test_the_schema_spells_lengths_of_time_as_people_write_them() -> None:
    text = json.dumps(schema())
    assert '"default": "PT' not in text
    assert schema()["$defs"]["Policy"]["properties"]["remind_after"]["default"] == "30m"


def test_migrating_twice_does_nothing_the_second_time(config_file: Path) -> None:
    assert f"from revision none to {newest_revision()}" in call("migrate", "-c", config_file).output
    assert "nothing to do" in call("migrate", "-c", config_file).output


def test_explain_tells_the_whole_way_of_a_mention(config_file: Path, tell_story: Any) -> None:
    story = in_ledger(config_file, tell_story)
    for reference in (story.mention_id, "1900000000000000001", "https://x.com/i/status/1900000000000000001"):
        text = " ".join(call("explain", reference, "-c", config_file).output.split())
        for part in (
            "My husband e-mailed",
            "larkmoor: “larkmoor”, “@larkmoor”",
            "words that decided: nothing +1.20, empty +0.90",
            "37 cases compared; 12% of complaints have one",
            "Named from 85%, asked about from 50%: this came to link",
            "94% case LM-20931, email case of team E-mail team",
            "One case reaches 85%, and no other comes close: it is named. Weights shipped-1; basis: none.",
            "what held before: 12% of complaints have a case",
            "+4.1",
            "says “my husband”; the customer is Mark Hartley",
            "1% case LM-20411",
            "turned down: another surname, and answered",
            "al_7f3k: open, team E-mail team, route e-mail cases",
            "remind email-team due",
            "message: raised email-team owed",
        ):
            assert part in text, part


def test_explain_says_what_to_give_it_where_nothing_is_known(config_file: Path) -> None:
    result = call("explain", "https://x.com/a/status/404", "-c", config_file)
    assert result.exit_code == 1
    assert "its number, the id of the post, or its address" in result.stderr


def test_a_mention_that_another_version_judged_is_explained_as_far_as_it_can_be(
    config_file: Path, tell_story: Any
) -> None:
    async def age(db: Database) -> Any:
        story = await tell_story(db)
        async with db.write("age") as conn:
            await conn.execute(update(mentions_table).values(assessment={"verdict": {"old": 1}, "linking": 7}))
        return story

    result = call("explain", in_ledger(config_file, age).mention_id, "-c", config_file)
    assert result.exit_code == 0
    assert "Another version of this program judged this post" in result.output


CUSTOMERS = "customer_id,name,emails\nC1,Mark Hartley,mark@hartley.example\n"
CASES = """case_id,customer_id,channel,status,team,opened_at,updated_at,subject
LM-1,C1,email,open,E-mail team,2026-03-05T08:00:00Z,2026-03-05T08:00:00Z,Empty can
LM-2,C1,carrier pigeon,open,E-mail team,2026-03-05T08:00:00Z,2026-03-05T08:00:00Z,Empty can
"""


def test_a_crm_is_imported_and_each_bad_row_is_named(config_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "crm"
    folder.mkdir()
    (folder / "customers.csv").write_text(CUSTOMERS)
    (folder / "cases.csv").write_text(CASES)
    result = call("crm", "import", folder, "-c", config_file)
    assert result.exit_code == 1
    assert "cases.csv:3" in result.output
    assert "customers: 1 new" in result.output
    assert "cases: 1 new" in result.output
    strict = call("crm", "import", folder, "-c", config_file, "--strict")
    assert "Nothing was imported" in strict.output


def test_a_folder_that_is_none_is_told_so(config_file: Path, tmp_path: Path) -> None:
    result = call("crm", "import", tmp_path / "nowhere", "-c", config_file)
    assert result.exit_code == 1
    assert "is no folder" in result.stderr


def test_doctor_names_each_part_ok_or_fail_with_the_next_step(config_file: Path) -> None:
    """Nothing outside is reachable here: the parts of this machine are well, the others say what to check."""
    closed = "http://127.0.0.1:9"
    text = config_file.read_text().replace("kind: x,", f"kind: x, base_url: '{closed}',")
    config_file.write_text(text.replace("kind: slack,", f"kind: slack, base_url: '{closed}/api/', timeout: 2s,"))
    result = call("doctor", "-c", config_file)
    lines = {line.split(":")[0]: line for line in result.output.splitlines() if line[:4] in ("OK  ", "FAIL", "NOTE")}
    assert result.exit_code == 1
    assert "OK   configuration" in lines
    assert "OK   database" in lines
    assert "OK   disk" in lines
    assert "OK   model" in lines
    assert "FAIL CRM" in lines
    assert "crm import" in lines["FAIL CRM"]
    assert "FAIL source x" in lines
    assert "FAIL receiver email-team" in lines
    assert "canary" not in result.output
    assert not (config_file.parent.parent / "ledger.db").exists(), "an examination makes nothing"


def test_a_database_that_is_newer_than_the_program_is_left_alone(config_file: Path) -> None:
    async def newer(db: Database) -> None:
        async with db.write("newer") as conn:
            await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    in_ledger(config_file, newer)
    for command in (("explain", "1"), ("dead-letters",), ("audit", "verify"), ("migrate",)):
        result = call(*command, "-c", config_file)
        assert result.exit_code == 1
        assert "newer" in result.stderr or "9999" in result.stderr
