"""Every configuration of the corpus is accepted, or refused with exactly the problems that it names."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backchannel.config import ConfigError, Settings, load, parse
from backchannel.yaml_errors import Flaw, YamlError
from backchannel.yaml_tree import SIZE_LIMIT, read

CORPUS = Path(__file__).parent / "configs"
BAD = sorted((CORPUS / "bad").glob("*.yaml"))
GOOD = sorted((CORPUS / "good").glob("*.yaml"))
ROOT = Path(__file__).parents[2]
MORE_SECRETS = (
    "CRM_DATABASE",
    "REDDIT_CLIENT_ID",
    "REDDIT_CLIENT_SECRET",
    "SMTP_USERNAME",
    "SMTP_PASSWORD",
    "SLACK_SIGNING_SECRET",
    "BACKCHANNEL_WEB_SECRET",
)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_line_column_and_the_next_step(path: Path, secrets: Mapping[str, str]) -> None:
    expected = [f"config.yaml:{line[3:]}" for line in path.read_text("utf-8").splitlines() if line.startswith("#! ")]
    assert expected, "each file of the corpus says what is expected, on lines that begin with '#! '"
    with pytest.raises(ConfigError) as refused:
        parse(path.read_bytes(), "config.yaml")
    assert str(refused.value).splitlines() == expected


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_is_accepted(path: Path, secrets: Mapping[str, str]) -> None:
    assert load(path).rules


def test_words_that_old_yaml_takes_for_truth_values_or_dates_stay_words(secrets: Mapping[str, str]) -> None:
    loaded = load(CORPUS / "good" / "words_stay_words.yaml")
    assert loaded.rules[0].any == ("larkmoor", "no", "off", "yes", "on", "y", "2026-01-02", "12:30", "1_000")
    assert loaded.sources["x"].linking == "off"


def test_no_refusal_repeats_a_value_that_may_be_a_secret(secrets: Mapping[str, str]) -> None:
    for path in BAD:
        with pytest.raises(ConfigError) as refused:
            parse(path.read_bytes(), "config.yaml")
        told = f"{refused.value} {refused.value!r} {refused.value.__cause__} {refused.value.problems}"
        assert "CANARY" not in told
        assert "canary" not in told


def test_settings_show_no_secret_when_they_are_printed(settings: Settings) -> None:
    assert "canary" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_file_that_cannot_be_read_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read.*name it with --config"):
        load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"rules: caf\xe9\n", "config.yaml:1:11: this is not UTF-8: save the file as UTF-8"),
        (b"a: 1\nb: x\x00y\n", "config.yaml:2:5: an invisible control character (U+0000) stands here: delete it"),
        (b"a: 1\nb: \x1b[31m\n", "config.yaml:2:4: an invisible control character (U+001B) stands here: delete it"),
        (b"#" * (SIZE_LIMIT + 1), "config.yaml:1:1: the file is larger than 1024 KiB: split or shorten it"),
        (b"? [a, b]\n: c\n", "config.yaml:1:3: a key must be one word or a quoted text"),
        (b"[" * 100_000, "config.yaml:1:41: 0: nested deeper than 40 levels"),
    ],
    ids=["latin-1", "nul", "escape", "too large", "list as key", "brackets"],
)
def test_content_that_is_no_text_is_refused_at_its_place(content: bytes, expected: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(content, "config.yaml")
    assert str(refused.value) == expected


def test_windows_line_ends_and_the_byte_order_mark_change_nothing(minimal: str, secrets: Mapping[str, str]) -> None:
    windows = b"\xef\xbb\xbf" + minimal.replace("\n", "\r\n").encode()
    assert parse(windows, "config.yaml") == parse(minimal.encode(), "config.yaml")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="abc:-[]{}'\"#&*!|>%@` \n\t0.~?,", max_size=80).map(str.encode))
)
def test_whatever_is_written_is_read_or_refused_at_a_place_inside_the_file(content: bytes) -> None:
    flaw = _flaw(content)
    if flaw is not None:
        assert 1 <= flaw.line <= content.count(b"\n") + content.count(b"\r") + 2
        assert flaw.column >= 1


def _flaw(content: bytes) -> Flaw | None:
    try:
        read(content)
    except YamlError as error:
        return error.flaw
    return None


def test_the_configuration_that_we_ship_is_right(secrets: Mapping[str, str]) -> None:
    shipped = load(ROOT / "config.yaml")
    assert [route.name for route in shipped.notifier.routes] == ["e-mail cases", "phone cases"]


def test_every_option_that_we_ship_as_a_comment_is_right_too(
    secrets: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in MORE_SECRETS:
        monkeypatch.setenv(name, "sqlite:///canary-and-long-enough")
    text = (ROOT / "config.yaml").read_text("utf-8")
    text = text.replace("crm:\n  kind: embedded\n  #poll_every: 15s", "", 1)  # the two kinds exclude each other
    everything = parse(re.sub(r"^( *)#(?=[\w-])", r"\1", text, flags=re.MULTILINE).encode(), "config.yaml")
    assert everything.crm.kind == "sql"
    assert set(everything.sources) == {"x", "reddit"}
    assert everything.model_fields_set == set(Settings.model_fields)


def test_every_option_that_there_is_stands_in_the_configuration_that_we_ship() -> None:
    from backchannel.config import schema

    text = (ROOT / "config.yaml").read_text("utf-8")
    names = {name for shape in schema()["$defs"].values() for name in shape.get("properties", {})}
    assert not {name for name in names if not re.search(rf"\b{re.escape(name)}\b\s*:", text)}


def test_the_first_line_of_the_file_leads_editors_to_the_schema() -> None:
    first = (ROOT / "config.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./config.schema.json"


def test_the_readme_shows_only_configurations_that_are_right(
    secrets: Mapping[str, str], minimal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each YAML block of the README is a part of a configuration: laid over the smallest one, it must be accepted."""
    readme = ROOT / "README.md"
    blocks = re.findall(r"```yaml\n(.*?)```", readme.read_text("utf-8"), re.DOTALL) if readme.exists() else []
    for name in MORE_SECRETS:
        monkeypatch.setenv(name, "sqlite:///canary-and-long-enough")
    for block in blocks:
        sections = set(re.findall(r"^(\w+):", block, re.MULTILINE))
        parse((_without(minimal, sections) + block).encode(), "README.md")


def _without(text: str, sections: set[str]) -> str:
    parts = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
    return "".join(part for part in parts if part.split(":")[0] not in sections)
