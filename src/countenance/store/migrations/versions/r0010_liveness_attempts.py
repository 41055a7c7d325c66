"""Attempts at liveness, counted by keyed names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None

_TIME = sa.String(length=27)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "liveness_attempts",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last", _TIME, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_liveness_attempts"),
    )
