"""Until when the comparisons that were asked for reach, by keyed names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

_TIME = sa.String(length=27)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "comparison_dues",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("due", _TIME, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_comparison_dues"),
    )
    op.create_index("ix_comparison_dues_due", "comparison_dues", ["due"])
