"""Holder passes that were taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

_TIME = sa.String(length=27)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "pass_revocations",
        sa.Column("serial", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("revoked_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_pass_revocations"),
    )
