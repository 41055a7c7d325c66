"""Tables beside the log's leaves: hashes of subtrees, and how many checkpoints were kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from countenance.store._models import Base, BelievedRow, UtcTime

__all__ = ["LogKeptRow", "LogNodeRow"]

_WIDE = BigInteger().with_variant(Integer(), "sqlite")


class LogNodeRow(Base):
    """The hash of a perfect subtree. Never believed: a proof is checked against the signed head."""

    __tablename__ = "log_nodes"

    position: Mapped[int] = mapped_column(_WIDE, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogKeptRow(BelievedRow):
    """How many checkpoints were kept, the size of the latest, and when; one that is dropped is missed."""

    __tablename__ = "log_kept"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    count: Mapped[int]
    size: Mapped[int]
    kept_at: Mapped[datetime] = mapped_column(UtcTime)
