"""An answer keeps how many unresolved cases there were, and confirmed links are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    with op.batch_alter_table("outcomes") as batch:
        batch.add_column(sa.Column("total", sa.Integer(), nullable=True))
    op.create_index("ix_links_state", "links", ["state"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_links_state", table_name="links")
    with op.batch_alter_table("outcomes") as batch:
        batch.drop_column("total")
