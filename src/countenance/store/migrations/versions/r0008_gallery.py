"""Keys of purposes, and enrolled references under them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

_TIME = sa.String(length=27)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "purpose_keys",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("custodian", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("grace_until", _TIME, nullable=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "version", name="pk_purpose_keys"),
    )
    op.create_table(
        "biometric_references",
        sa.Column("reference_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("valid_from", _TIME, nullable=False),
        sa.Column("valid_until", _TIME, nullable=True),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.Column("permit_id", sa.String(), nullable=True),
        sa.Column("consent_id", sa.String(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference_id", name="pk_biometric_references"),
    )
    op.create_index("ix_biometric_references_purpose_change", "biometric_references", ["purpose", "change"])
    op.create_index("ix_biometric_references_subject", "biometric_references", ["subject", "purpose"])
    op.create_table(
        "reference_states",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_reference_states"),
    )
