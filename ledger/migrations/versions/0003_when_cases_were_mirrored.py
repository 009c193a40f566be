"""Which cases were mirrored since a time is asked every second: an index answers."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_cases_mirrored_at", "cases", ["mirrored_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_cases_mirrored_at", table_name="cases")
