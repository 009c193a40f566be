"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


UTC = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "alert_mentions",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("folded_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "mention_id", name=op.f("pk_alert_mentions")),
    )
    with op.batch_alter_table("alert_mentions", schema=None) as batch_op:
        batch_op.create_index("ix_alert_mentions_mention_id", ["mention_id"], unique=False)

    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fold_key", sa.String(length=400), nullable=False),
        sa.Column("case_id", sa.String(length=120), nullable=True),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("brand", sa.String(length=120), nullable=False),
        sa.Column("team", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("receivers", JSON, nullable=False),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("raised_at", UTC, nullable=False),
        sa.Column("clock_from", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("taken_by", sa.String(length=120), nullable=True),
        sa.Column("taken_at", UTC, nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index("ix_alerts_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_alerts_state_due", ["state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_alerts_live_fold_key",
            ["fold_key"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'taken')"),
            postgresql_where=sa.text("state IN ('open', 'taken')"),
        )

    op.create_table(
        "audit",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=120), nullable=False),
        sa.Column("customer_id", sa.String(length=120), nullable=False),
        sa.Column("brand", sa.String(length=120), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("team", sa.String(length=120), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("unresolved", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.Column("resolved_at", UTC, nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("mirrored_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_customer_id", ["customer_id"], unique=False)
        batch_op.create_index("ix_cases_unresolved_opened", ["unresolved", "opened_at"], unique=False)

    op.create_table(
        "clicks",
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_clicks")),
    )
    op.create_table(
        "cursors",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("moved_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_cursors")),
    )
    op.create_table(
        "gaps",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UTC, nullable=True),
        sa.Column("until", UTC, nullable=True),
        sa.Column("recorded_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    with op.batch_alter_table("gaps", schema=None) as batch_op:
        batch_op.create_index("ix_gaps_recorded_at", ["recorded_at"], unique=False)

    op.create_table(
        "link_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("key", "opened", "case_id", name=op.f("pk_link_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("link_keys", schema=None) as batch_op:
        batch_op.create_index("ix_link_keys_case_id", ["case_id"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("mention_id", ID, nullable=False),
        sa.Column("case_id", sa.String(length=120), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("basis", JSON, nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=True),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="hypothesis", nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("judged_by", sa.String(length=120), nullable=True),
        sa.Column("judged_at", UTC, nullable=True),
        sa.Column("expired_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("mention_id", "case_id", name="uq_links_mention_case"),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_case_id", ["case_id"], unique=False)

    op.create_table(
        "mentions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("native_id", sa.String(length=200), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("brand", sa.String(length=120), server_default="", nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("lang", sa.String(length=16), nullable=True),
        sa.Column("author", JSON, nullable=False),
        sa.Column("reach", JSON, nullable=False),
        sa.Column("reply_to", sa.String(length=200), nullable=True),
        sa.Column("edit_of", sa.String(length=200), nullable=True),
        sa.Column("posted_at", UTC, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("state", sa.String(length=16), server_default="new", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", UTC, nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("assessment", JSON, nullable=True),
        sa.Column("settled_at", UTC, nullable=True),
        sa.Column("removed_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("source", "native_id", name="uq_mentions_source_native_id"),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index("ix_mentions_posted_at", ["posted_at"], unique=False)
        batch_op.create_index("ix_mentions_state_lease", ["state", "lease_until"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=True),
        sa.Column("step_key", sa.String(length=64), nullable=False),
        sa.Column("receiver", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="owed", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owed_at", UTC, nullable=False),
        sa.Column("next_at", UTC, nullable=False),
        sa.Column("first_attempt_at", UTC, nullable=True),
        sa.Column("lease_until", UTC, nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("sent_at", UTC, nullable=True),
        sa.Column("remote_ref", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("alert_id", "step_key", "receiver", name="uq_outbox_alert_step_receiver"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_state_next", ["state", "next_at"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("native_id", sa.String(length=200), nullable=True),
        sa.Column("mention_id", ID, nullable=True),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", UTC, nullable=False),
        sa.Column("released_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index("ix_quarantine_recorded_at", ["recorded_at"], unique=False)

    op.create_table(
        "steps",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("receivers", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), server_default="due", nullable=False),
        sa.Column("done_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("alert_id", "name", name="uq_steps_alert_name"),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index("ix_steps_state_due", ["state", "due_at"], unique=False)
