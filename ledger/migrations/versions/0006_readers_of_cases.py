"""Each mirrored case says which version of the readers made its facets and keys, so that old ones can be read again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, without writing a large table anew, and the index."""
    op.add_column("cases", sa.Column("reader", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_cases_reader", "cases", ["reader"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_cases_reader", table_name="cases")
    with op.batch_alter_table("cases") as batch:
        batch.drop_column("reader")
