"""The README says what is so: its configuration loads, its commands exist, its links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from backchannel import config
from backchannel.cli import app
from backchannel.commands.failure import CONFIG_BROKEN
from crm.import_records import _CASES, _CUSTOMERS, _MESSAGES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = sorted(set(re.findall(r"(?:`|bin/)backchannel ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", README)))
OPTIONS = sorted(set(re.findall(r"(?<!\S)`?(--[a-z]+)\b", README.partition("## Figures")[0])))
LINKS = sorted(set(re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", README)))


@pytest.fixture
def secrets_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that an example names is set."""
    for name in re.findall(r"\{env: (\w+)\}", README):
        address = "postgresql://reader:canary@127.0.0.1/crm"
        monkeypatch.setenv(name, address if name.endswith("DATABASE") else "canary-canary")


def _names(command: Any, before: str = "") -> set[str]:
    inner = getattr(command, "commands", {})
    return {before.strip()} | {name for key, each in inner.items() for name in _names(each, f"{before} {key}")}


def _options(command: Any) -> set[str]:
    own = {option for parameter in command.params for option in parameter.opts}
    return own.union(*(_options(each) for each in getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: "+".join(yaml.safe_load(block)))
def test_each_example_of_the_readme_loads_on_top_of_the_smallest(block: str, secrets_of_the_readme: None) -> None:
    smallest, shown = yaml.safe_load(BLOCKS[0]), yaml.safe_load(block)
    whole = {**smallest, **shown, "sources": {**smallest["sources"], **shown.get("sources", {})}}
    assert config.parse(yaml.safe_dump(whole).encode(), "config.yaml").rules


def test_the_first_example_is_a_whole_configuration(secrets_of_the_readme: None) -> None:
    assert config.parse(BLOCKS[0].encode(), "config.yaml").slack is not None


def test_every_section_but_the_tuning_has_an_example() -> None:
    shown = {key for block in BLOCKS for key in yaml.safe_load(block)}
    assert set(config.Settings.model_fields) - shown <= {"database", "matcher", "health", "log"}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_that_the_readme_names_exists(command: str) -> None:
    known = _names(typer.main.get_command(app))
    assert command in known or command.partition(" ")[0] in known - {"crm", "model", "audit"}


def test_each_option_that_the_readme_names_exists() -> None:
    foreign = {"--require", "--no", "--quick"}  # of pip (--require-hashes, --no-deps) and of bench.speed
    assert set(OPTIONS) - foreign <= _options(typer.main.get_command(app))
    assert len(OPTIONS) > 4


def test_each_target_of_make_that_the_readme_names_exists() -> None:
    targets = re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^ {4})make ([a-z]+)", README, re.MULTILINE)
    assert set(named) >= {"demo", "test", "pictures"}
    assert set(named) <= set(targets)


@pytest.mark.parametrize("link", ["".join(both) for both in LINKS])
def test_each_link_within_the_repository_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_columns_of_the_import_are_those_that_the_readme_lists() -> None:
    table = re.search(r"^ {4}customers  .*?(?=^$)", README, re.MULTILINE | re.DOTALL)
    assert table is not None
    listed = re.findall(r"^ {4}([a-z]+) +(.*(?:\n {5,}.*)*)", table[0], re.MULTILINE)
    told = {kind: [re.findall(r"\w+", part) for part in columns.split(";")] for kind, columns in listed}
    optional = [name for name in _CASES.optional if name != "messages"]  # of JSON Lines alone, told in a sentence
    assert told == {
        "customers": [list(_CUSTOMERS.required), list(_CUSTOMERS.optional)],
        "cases": [list(_CASES.required), optional],
        "messages": [list(_MESSAGES.required)],
    }


def test_the_unit_for_systemd_does_not_restart_what_only_an_editor_can_mend() -> None:
    assert f"RestartPreventExitStatus={CONFIG_BROKEN}" in README
