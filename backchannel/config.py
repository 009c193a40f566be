"""The whole configuration: every section, read from one file, all of its problems told at once with their places."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from backchannel.config_checks import cross_checks
from backchannel.config_problems import Problem, from_flaw, from_validation
from backchannel.logs import Format, Level
from backchannel.yaml_errors import YamlError
from backchannel.yaml_tree import read
from crm.config import CrmConfig
from ledger.database import async_url
from ledger.section import Duration, Secret, Section
from listener.config import OwnAccounts, Rules
from listener.sources.reddit_config import RedditConfig
from listener.sources.x import XConfig
from matcher.config import MatcherConfig
from notifier.config import NotifierConfig
from notifier.transports.slack_clicks import SlackAppConfig

SCHEMA_URL = "./config.schema.json"
EMBEDDED = "sqlite:///var/backchannel.db"
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SourceConfig = Annotated[XConfig | RedditConfig, Field(discriminator="kind")]
"""All kinds of sources; adding one is its file and its name here."""


def _address(value: Any) -> Any:
    """Take an address that stands in the file, provided that it holds no password."""
    if not isinstance(value, str):
        return value
    if _usable(SecretStr(value)) and make_url(value).password:
        raise ValueError("a password stands in this address: name a variable instead, {env: BACKCHANNEL_DATABASE}")
    return SecretStr(value)


def _usable(address: SecretStr) -> SecretStr:
    try:
        async_url(address.get_secret_value())
    except ArgumentError:
        raise ValueError(
            "this is no address of a database: use sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    return address


DatabaseAddress = Annotated[
    Secret,
    BeforeValidator(_address),
    AfterValidator(_usable),
    WithJsonSchema({"anyOf": [{"type": "string"}, TypeAdapter(Secret).json_schema()]}),
]
"""``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``; one that holds a password is named by env or file."""


class WebConfig(Section):
    """The web page. Away from the loopback it shows customers' cases only to those who know the shared secret."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="The address to listen on; 0.0.0.0 for all of them."
    )
    port: int = Field(default=8080, ge=0, le=65535)
    access: Secret | None = Field(
        default=None,
        description="The shared secret, asked for with a name of one's own; needed unless host is 127.0.0.1.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="Names under which browsers reach the page, beside that of notifier.inbox_url."
    )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the page."""
        return self.host in _LOOPBACK

    @field_validator("access")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < 12:
            raise ValueError("the shared secret is shorter than 12 characters: choose a longer one")
        return secret

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not self.is_loopback and self.access is None:
            raise ValueError("others can reach this host: set access, such as access: {env: BACKCHANNEL_WEB_SECRET}")
        return self


class HealthConfig(Section):
    """From when a part counts as broken on ``/readyz``, on the page and in the log."""

    cursor_age: Duration | None = Field(
        default=None, description="A source's cursor has stood still for this long; left out, its age is only shown."
    )
    step_late: Duration = Field(default=timedelta(minutes=2), description="A reminder or escalation is this late.")
    message_late: Duration = Field(default=timedelta(minutes=5), description="A message is owed for this long.")
    mention_waits: Duration = Field(
        default=timedelta(minutes=5), description="A mention waits for its decision this long."
    )
    disk_free_mb: int = Field(default=500, ge=0, description="The disk below the embedded database has less MiB free.")


class LogConfig(Section):
    """The log, on standard error. It holds ids and reasons, never a text, a name, an address or a secret."""

    level: Level = "info"
    format: Format = Field(default="json", description="json for machines, console for people.")


class SlackClicksConfig(SlackAppConfig):
    """The Slack app whose buttons are pressed, and the way in which the presses arrive."""

    mode: Literal["http", "socket"] = Field(
        default="socket", description="socket needs app_token and no public address; http needs signing_secret and one."
    )

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        wanted = "app_token" if self.mode == "socket" else "signing_secret"
        if getattr(self, wanted) is None:
            raise ValueError(f"mode: {self.mode} needs {wanted}: set it, or choose the other mode")
        return self


class Settings(Section):
    """Everything that ``config.yaml`` says."""

    database: DatabaseAddress = Field(
        default_factory=lambda: SecretStr(EMBEDDED), description=f"Where what we saw and owe is kept; {EMBEDDED}."
    )
    crm: CrmConfig
    sources: dict[str, SourceConfig] = Field(min_length=1, description="Where to listen, by names of your choice.")
    rules: Rules = Field(min_length=1, description="Which posts to hear.")
    own_accounts: OwnAccounts = Field(default_factory=dict, description="Your own accounts; their posts are not heard.")
    matcher: MatcherConfig = MatcherConfig()
    notifier: NotifierConfig
    slack: SlackClicksConfig | None = Field(default=None, description="The Slack app, for the buttons below alerts.")
    web: WebConfig = WebConfig()
    health: HealthConfig = HealthConfig()
    log: LogConfig = LogConfig()


class ConfigError(Exception):
    """A configuration cannot be used; ``problems`` are all of its problems, from top to bottom."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(problem.at(name) for problem in self.problems))


def load(path: Path) -> Settings:
    """Load a configuration; raises ConfigError with everything that is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        told = f"the file cannot be read ({error.strerror}): name it with --config"
        raise ConfigError(str(path), [Problem(1, 1, "", told)]) from None
    return parse(content, path.name)


def parse(content: bytes, name: str) -> Settings:
    """Make settings of a file's content; ``name`` stands in the messages. Raises ConfigError."""
    try:
        tree = read(content)
    except YamlError as error:
        raise ConfigError(name, [from_flaw(error.flaw)]) from None
    problems = [from_flaw(flaw) for flaw in tree.flaws]
    try:
        settings = Settings.model_validate(tree.value)
    except ValidationError as error:
        raise ConfigError(name, [*problems, *from_validation(error, tree, schema())]) from None
    problems += cross_checks(settings, tree)
    if problems:
        raise ConfigError(name, problems)
    return settings


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) by which editors complete and check ``config.yaml``."""
    made = _spelled(Settings.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Backchannel's config.yaml"}


def _spelled(node: Any) -> Any:
    """Spell default durations as people write them in the file, ``10m``, and not ``PT10M``."""
    if isinstance(node, list):
        return [_spelled(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: _spelled_default(value) if key == "default" else _spelled(value) for key, value in node.items()}


def _spelled_default(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelled_default(one) for key, one in value.items()}
    if not isinstance(value, str) or not (parts := _ISO_DURATION.fullmatch(value)):
        return value
    units = zip(("d", "h", "m", "s"), parts.groups(), strict=True)
    return " ".join(f"{number}{unit}" for unit, number in units if number) or "0s"
