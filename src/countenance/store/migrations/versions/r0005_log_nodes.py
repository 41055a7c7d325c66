"""Hashes of the log's subtrees, and the count of kept checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from countenance.store.log_nodes import completed, node_position
from countenance.store.merkle import Frontier, leaf_hash

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and fill in the subtrees of the log that is there; opening counts its checkpoints."""
    nodes = op.create_table(
        "log_nodes",
        sa.Column("position", _WIDE, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_log_nodes"),
    )
    op.create_table(
        "log_kept",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.String(length=27), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="single"),
        sa.PrimaryKeyConstraint("id", name="pk_log_kept"),
    )
    frontier, rows = Frontier(), []
    for (commitment,) in op.get_bind().execute(
        sa.text("SELECT commitment FROM log_entries ORDER BY position")
    ):
        leaf = leaf_hash(commitment)
        rows += [
            {"position": node_position(level, index), "hash": node}
            for level, index, node in completed(frontier, leaf)
        ]
        frontier = frontier.append(leaf)
    if rows:
        op.bulk_insert(nodes, rows)
