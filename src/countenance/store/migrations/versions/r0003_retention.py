"""Legal holds, backups, how late it has been, and which data key a decision is sealed under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; find the data key of each decision that is there in its sealed value."""
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ground", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.String(length=27), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.String(length=27), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_subject", "legal_holds", ["subject"])
    op.create_table(
        "backups",
        sa.Column("backup_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("backup_id", name="pk_backups"),
    )
    op.create_table(
        "retention_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("floor", sa.String(length=27), nullable=False),
        sa.Column("swept_at", sa.String(length=27), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="single"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_state"),
    )
    op.create_table(
        "decision_keys",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decision_keys"),
    )
    op.create_index("ix_decision_keys_key_id", "decision_keys", ["key_id"])
    op.execute(
        "INSERT INTO decision_keys (decision_id, key_id) "
        "SELECT decision_id, substr(sealed, 2, 16) FROM decisions"
    )
    op.create_index("ix_duties_discharged_by", "duties", ["discharged_by"])
