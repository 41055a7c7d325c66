"""Which references were close to one another when the later one was enrolled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "look_alikes",
        sa.Column("reference_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference_id", "other_id", name="pk_look_alikes"),
    )
    op.create_index("ix_look_alikes_other_id", "look_alikes", ["other_id"])
