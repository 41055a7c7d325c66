"""Evidence is looked up by whom it is about and until when it lasts: what has run out isn't read."""

from __future__ import annotations

from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Exchange the index."""
    op.create_index("ix_evidence_subject_until", "evidence", ["subject", "valid_until"])
    op.drop_index("ix_evidence_subject_valid", table_name="evidence")
