"""Every table that is ours. Times are UTC and aware; ``ledger/migrations`` builds what is described here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; a naive one is refused, because nobody could say when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the database UTC."""
        if value is None:
            return None
        moment = _in_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Give what tells the driver a time. For SQLite it writes SQLAlchemy's own form, four times as fast."""
        return _as_sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  the base class names it
        """Give the caller an aware time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone reached the ledger: {value!r}")
    return value.astimezone(UTC)


def _as_sqlite_text(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


Json = JSON().with_variant(JSONB(), "postgresql")
Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> "Column[Any]":
    return Column("id", Id, primary_key=True, autoincrement=True)


mentions = Table(
    "mentions",
    metadata,
    _id(),
    Column("source", String(64), nullable=False),
    Column("native_id", String(200), nullable=False),
    Column("platform", String(32), nullable=False),
    Column("brand", String(120), nullable=False, server_default=""),
    Column("rules", Json, nullable=False),
    Column("url", Text),
    Column("text", Text, nullable=False),
    Column("context", Text),
    Column("lang", String(16)),
    Column("author", Json, nullable=False),
    Column("reach", Json, nullable=False),
    Column("reply_to", String(200)),
    Column("edit_of", String(200)),
    Column("posted_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False, server_default="new"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_until", UtcTime),
    Column("worker", String(64)),
    Column("outcome", String(24)),
    Column("assessment", Json),
    Column("settled_at", UtcTime),
    Column("removed_at", UtcTime),
    UniqueConstraint("source", "native_id", name="uq_mentions_source_native_id"),
    Index("ix_mentions_state_lease", "state", "lease_until"),
    Index("ix_mentions_posted_at", "posted_at"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("value", Text),
    Column("moved_at", UtcTime, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    _id(),
    Column("source", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", UtcTime),
    Column("until", UtcTime),
    Column("recorded_at", UtcTime, nullable=False),
    Index("ix_gaps_recorded_at", "recorded_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    Column("source", String(64), nullable=False),
    Column("native_id", String(200)),
    Column("mention_id", Id),
    Column("stage", String(24), nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary),
    Column("recorded_at", UtcTime, nullable=False),
    Column("released_at", UtcTime),
    Index("ix_quarantine_recorded_at", "recorded_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", String(120), primary_key=True),
    Column("customer_id", String(120), nullable=False),
    Column("brand", String(120)),
    Column("channel", String(16), nullable=False),
    Column("team", String(120), nullable=False),
    Column("product", Text),
    Column("unresolved", Boolean, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("record", LargeBinary, nullable=False),
    Column("mirrored_at", UtcTime, nullable=False),
    Column("reader", Integer, nullable=False, server_default="0"),
    Index("ix_cases_reader", "reader"),
    Index("ix_cases_customer_id", "customer_id"),
    Index("ix_cases_unresolved_opened", "unresolved", "opened_at"),
    Index("ix_cases_mirrored_at", "mirrored_at"),
    Index("ix_cases_product_opened", "product", "opened_at"),
)

link_keys = Table(
    "link_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("opened", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", String(120), primary_key=True),
    Index("ix_link_keys_case_id", "case_id"),
    sqlite_with_rowid=False,
)

links = Table(
    "links",
    metadata,
    _id(),
    Column("mention_id", Id, nullable=False),
    Column("case_id", String(120), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("probability", Float, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("basis", Json, nullable=False),
    Column("relation", String(32)),
    Column("mode", String(8), nullable=False),
    Column("model", String(64), nullable=False),
    Column("state", String(16), nullable=False, server_default="hypothesis"),
    Column("made_at", UtcTime, nullable=False),
    Column("judged_by", String(120)),
    Column("judged_at", UtcTime),
    Column("expired_at", UtcTime),
    UniqueConstraint("mention_id", "case_id", name="uq_links_mention_case"),
    Index("ix_links_case_id", "case_id"),
    Index("ix_links_state", "state"),
)

outcomes = Table(
    "outcomes",
    metadata,
    _id(),
    Column("mention_id", Id, nullable=False),
    Column("alert_id", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("case_id", String(120)),
    Column("refused", Json, nullable=False),
    Column("relation", String(32)),
    Column("candidates", Json, nullable=False),
    Column("post", Json, nullable=False),
    Column("none", Float),
    Column("prior", Float),
    Column("total", Integer),
    Column("model", String(64), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("mention_id", "alert_id", name="uq_outcomes_mention_alert"),
    Index("ix_outcomes_at", "at"),
)

models = Table(
    "models",
    metadata,
    _id(),
    Column("version", String(64), nullable=False),
    Column("base", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("weights", Json, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("rolled_back_at", UtcTime),
    Index("ix_models_state", "state"),
    Index("ix_models_version", "version"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("fold_key", String(400), nullable=False),
    Column("case_id", String(120)),
    Column("mention_id", Id, nullable=False),
    Column("brand", String(120), nullable=False),
    Column("team", String(120), nullable=False),
    Column("route", String(120), nullable=False),
    Column("receivers", Json, nullable=False),
    Column("policy", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("raised_at", UtcTime, nullable=False),
    Column("clock_from", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("taken_by", String(120)),
    Column("taken_at", UtcTime),
    Column("ended_by", String(120)),
    Column("ended_at", UtcTime),
    Column("end_reason", Text),
    Index("ix_alerts_state_due", "state", "due_at"),
    Index("ix_alerts_case_id", "case_id"),
    Index(
        "uq_alerts_live_fold_key",
        "fold_key",
        unique=True,
        sqlite_where=text("state IN ('open', 'taken')"),
        postgresql_where=text("state IN ('open', 'taken')"),
    ),
)

alert_mentions = Table(
    "alert_mentions",
    metadata,
    Column("alert_id", String(32), primary_key=True),
    Column("mention_id", Id, primary_key=True),
    Column("folded_at", UtcTime, nullable=False),
    Index("ix_alert_mentions_mention_id", "mention_id"),
)

steps = Table(
    "steps",
    metadata,
    _id(),
    Column("alert_id", String(32), nullable=False),
    Column("name", String(32), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("receivers", Json, nullable=False),
    Column("state", String(16), nullable=False, server_default="due"),
    Column("done_at", UtcTime),
    UniqueConstraint("alert_id", "name", name="uq_steps_alert_name"),
    Index("ix_steps_state_due", "state", "due_at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("alert_id", String(32)),
    Column("step_key", String(64), nullable=False),
    Column("receiver", String(120), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("card", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False, server_default="owed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owed_at", UtcTime, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("first_attempt_at", UtcTime),
    Column("lease_until", UtcTime),
    Column("worker", String(64)),
    Column("sent_at", UtcTime),
    Column("remote_ref", Json),
    Column("error", Text),
    UniqueConstraint("alert_id", "step_key", "receiver", name="uq_outbox_alert_step_receiver"),
    Index("ix_outbox_state_next", "state", "next_at"),
)

clicks = Table(
    "clicks",
    metadata,
    Column("signature", String(64), primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Json, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
