"""What the ``crm`` section takes and refuses."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from crm.config import CrmConfig, EmbeddedCrmConfig, SqlCrmConfig

adapter: TypeAdapter[EmbeddedCrmConfig | SqlCrmConfig] = TypeAdapter(CrmConfig)


@pytest.fixture
def section(tmp_path: Path) -> dict[str, Any]:
    """A SQL section as it stands in the file; the address lies in a file of its own."""
    (tmp_path / "url").write_text("sqlite:////var/crm.db\n")
    columns = {"case_id": "id", "customer_id": "who", "status": "state", "opened_at": "made", "updated_at": "changed"}
    return {
        "kind": "sql",
        "url": {"file": str(tmp_path / "url")},
        "cases": {"table": "tickets", "columns": columns},
        "customers": {"table": "people", "columns": {"customer_id": "id", "name": "name", "emails": "mail"}},
        "defaults": {"channel": "email", "team": "care"},
    }


def test_the_embedded_crm_needs_its_kind_alone() -> None:
    assert isinstance(adapter.validate_python({"kind": "embedded"}), EmbeddedCrmConfig)


def test_one_column_may_be_written_without_a_list(section: dict[str, Any]) -> None:
    config = adapter.validate_python(section)
    assert isinstance(config, SqlCrmConfig)
    assert config.customers.columns.emails == ("mail",)
    assert config.customers.columns.name == ("name",)


def test_words_that_yaml_takes_for_numbers_are_compared_as_text(section: dict[str, Any]) -> None:
    config = adapter.validate_python(section | {"values": {"status": {1: "open", "Done": "resolved"}}})
    assert isinstance(config, SqlCrmConfig)
    assert config.values.status == {"1": "open", "done": "resolved"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"defaults": {"team": "care"}}, "the column of the channel", id="channel"),
        pytest.param({"defaults": {"channel": "email"}}, "the column of the team", id="team"),
        pytest.param({"case_url": "https://crm.example/"}, "case_url must hold {case_id}", id="link"),
        pytest.param({"timezone": "Mars/Olympus"}, "no time zone", id="zone"),
        pytest.param({"poll_every": "0s"}, "longer than 0s", id="interval"),
        pytest.param({"values": {"status": {"new": "opened"}}}, "'open', 'pending', 'resolved' or 'closed'", id="word"),
        pytest.param({"query": "SELECT 1"}, "Extra inputs", id="no-sql"),
        pytest.param({"url": "sqlite:////var/crm.db"}, "a secret is never written here", id="secret"),
        pytest.param({"kind": "oracle"}, "'embedded', 'sql'", id="kind"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    section: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError) as failed:
        adapter.validate_python(section | change)
    assert message in str(failed.value)
