"""The error tables that a deployment measured itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None

_TIME = sa.String(length=27)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "error_tables",
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name="pk_error_tables"),
    )
