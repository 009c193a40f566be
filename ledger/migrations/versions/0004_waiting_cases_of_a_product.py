"""Each alert asks which other cases about the same product wait: an index answers, so products are cut to fit it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Cut what is longer than an index takes, and create the index."""
    op.execute(sa.text("UPDATE cases SET product = substr(product, 1, 200) WHERE length(product) > 200"))
    op.create_index("ix_cases_product_opened", "cases", ["product", "opened_at"], unique=False)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_cases_product_opened", table_name="cases")
