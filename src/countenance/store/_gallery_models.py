"""The tables of purpose keys, enrolled references and passes that were taken back.

Private to this package, as those in ``_models``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from countenance.store._models import BelievedRow, UtcTime

__all__ = ["PassRevocationRow", "PurposeKeyRow", "ReferenceRow", "ReferenceStateRow"]


class PurposeKeyRow(BelievedRow):
    """One version of a purpose's key, wrapped by its custodian; the wrapped key is empty once it is gone."""

    __tablename__ = "purpose_keys"

    purpose: Mapped[str] = mapped_column(String, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    custodian: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String)
    grace_until: Mapped[datetime | None] = mapped_column(UtcTime)
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class ReferenceRow(BelievedRow):
    """An enrolled reference, its template sealed."""

    __tablename__ = "biometric_references"
    __table_args__ = (
        Index("ix_biometric_references_purpose_change", "purpose", "change"),
        Index("ix_biometric_references_subject", "subject", "purpose"),
    )

    reference_id: Mapped[str] = mapped_column(String, primary_key=True)
    subject: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    model_id: Mapped[str] = mapped_column(String)
    key_version: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    place: Mapped[str | None] = mapped_column(String)
    valid_from: Mapped[datetime] = mapped_column(UtcTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcTime)
    samples: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    permit_id: Mapped[str | None] = mapped_column(String)
    consent_id: Mapped[str | None] = mapped_column(String)
    # The number of its purpose's change with which it came, or was sealed anew: who keeps references in
    # memory reads what came since.
    change: Mapped[int]


class ReferenceStateRow(BelievedRow):
    """How many changes the references of a purpose have seen, and how many of them took some away."""

    __tablename__ = "reference_states"

    purpose: Mapped[str] = mapped_column(String, primary_key=True)
    changes: Mapped[int]
    removals: Mapped[int]


class PassRevocationRow(BelievedRow):
    """A holder pass that was taken back; nothing in it is about a person."""

    __tablename__ = "pass_revocations"

    serial: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str] = mapped_column(String)
    revoked_at: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
