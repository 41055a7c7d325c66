"""The tables. Private to this package: rows never leave it, values do.

Rules kept here:

* Every row that is believed has a ``mac``; how it is computed stands in ``integrity``.
* Times are text in UTC with microseconds, so that they sort as they are compared.
* A change here needs a migration; a test compares the two.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from countenance.kernel import canonical_json, require_utc
from countenance.store.errors import RecordTampered

__all__ = [
    "ApiKeyRow",
    "BackupRow",
    "Base",
    "BelievedRow",
    "CaseStepRow",
    "CaseWordsRow",
    "DataKeyRow",
    "DecisionKeyRow",
    "DecisionRow",
    "DeploymentRow",
    "DestroyedKeyRow",
    "DeviceEnrolmentRow",
    "DeviceRow",
    "DutyRow",
    "EpochRow",
    "EvidenceRow",
    "HoldRow",
    "LogCheckpointRow",
    "LogEntryRow",
    "LogHeadRow",
    "OutsideIssuerRow",
    "PermitRow",
    "PermitUseRow",
    "PlaceRow",
    "PurposeRow",
    "RetentionRow",
]

_TIME_LENGTH = 27


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC as text such as ``2026-11-22T12:00:00.000000Z``."""

    impl = String(_TIME_LENGTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write a moment; refuse a naive one."""
        if value is None:
            return None
        # Not strftime: its year loses leading zeros, and then the text no longer sorts.
        return require_utc(value).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Read a moment back."""
        try:
            return None if value is None else datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            raise RecordTampered("A time in the database isn't one that this installation wrote.") from None


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of short strings as a canonical JSON array."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write the strings."""
        return None if value is None else canonical_json(list(value)).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ANN401, ARG002
        """Read the strings back."""
        return None if value is None else tuple(json.loads(value))


class Base(DeclarativeBase):
    """All tables of the store."""

    # Named constraints can be changed by a later migration; unnamed ones can't.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class BelievedRow(Base):
    """A row with a MAC over all its other columns and the deployment."""

    __abstract__ = True

    mac: Mapped[bytes] = mapped_column(LargeBinary, sort_order=99)


class DeploymentRow(BelievedRow):
    """The one deployment of this store, with its wrapped keys."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    deployment_id: Mapped[str] = mapped_column(String)
    demo: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    wrapped_master_key: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_signing_key: Mapped[bytes] = mapped_column(LargeBinary)


class PurposeRow(BelievedRow):
    """A purpose."""

    __tablename__ = "purposes"

    purpose_id: Mapped[str] = mapped_column(String, primary_key=True)
    title: Mapped[str] = mapped_column(String)
    description: Mapped[str] = mapped_column(String)
    dpv_term: Mapped[str] = mapped_column(String)


class PlaceRow(BelievedRow):
    """A place."""

    __tablename__ = "places"

    place_id: Mapped[str] = mapped_column(String, primary_key=True)
    title: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)
    jurisdictions: Mapped[tuple[str, ...]] = mapped_column(Words)
    time_zone: Mapped[str] = mapped_column(String)


class DeviceRow(BelievedRow):
    """A device at its place."""

    __tablename__ = "devices"

    device_id: Mapped[str] = mapped_column(String, primary_key=True)
    title: Mapped[str] = mapped_column(String)
    place: Mapped[str] = mapped_column(ForeignKey("places.place_id"))
    functions: Mapped[tuple[str, ...]] = mapped_column(Words)
    registered_at: Mapped[datetime] = mapped_column(UtcTime)


class DeviceEnrolmentRow(BelievedRow):
    """A device's public key and whether it is in use."""

    __tablename__ = "device_enrolments"

    device_id: Mapped[str] = mapped_column(ForeignKey("devices.device_id"), primary_key=True)
    key_id: Mapped[str | None] = mapped_column(String)
    jwk: Mapped[str | None] = mapped_column(String)
    status: Mapped[str] = mapped_column(String)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[str] = mapped_column(String)


class OutsideIssuerRow(BelievedRow):
    """A body outside that vouches, with its public key."""

    __tablename__ = "outside_issuers"

    key_id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)
    jwk: Mapped[str] = mapped_column(String)
    keys: Mapped[tuple[str, ...]] = mapped_column(Words)
    registered_by: Mapped[str] = mapped_column(String)
    registered_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(String)


class EvidenceRow(BelievedRow):
    """An evidence record; ``body`` and ``withdrawal`` are sealed where a subject is concerned."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_subject_until", "subject", "valid_until"),)

    evidence_id: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String)
    place: Mapped[str | None] = mapped_column(String)
    purpose: Mapped[str | None] = mapped_column(String)
    device: Mapped[str | None] = mapped_column(String)
    subject: Mapped[str | None] = mapped_column(String)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)
    demo: Mapped[bool]
    valid_from: Mapped[datetime] = mapped_column(UtcTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawal: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)


class EpochRow(BelievedRow):
    """How many changes the evidence has seen."""

    __tablename__ = "evidence_epoch"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    epoch: Mapped[int]


class PermitRow(BelievedRow):
    """A permit that was issued."""

    __tablename__ = "permits"

    permit_id: Mapped[str] = mapped_column(String, primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcTime)
    not_after: Mapped[datetime] = mapped_column(UtcTime)


class PermitUseRow(Base):
    """How often a door was passed under a permit. Has no MAC: one UPDATE counts it."""

    __tablename__ = "permit_uses"

    permit_id: Mapped[str] = mapped_column(ForeignKey("permits.permit_id"), primary_key=True)
    door: Mapped[str] = mapped_column(String, primary_key=True)
    used: Mapped[int]


class DutyRow(BelievedRow):
    """A duty, open or discharged."""

    __tablename__ = "duties"
    __table_args__ = (Index("ix_duties_open", "discharged_at", "place", "purpose"),)

    duty_id: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String)
    rule: Mapped[str] = mapped_column(String)
    # Or the case that obliges; the name is older than that, and stands under the MAC of earlier rows.
    permit_id: Mapped[str] = mapped_column(String)
    place: Mapped[str] = mapped_column(String)
    # "*" for whatever is done at the place.
    purpose: Mapped[str] = mapped_column(String)
    due: Mapped[datetime] = mapped_column(UtcTime)
    # Indexed: deleting a record looks here first.
    discharged_by: Mapped[str | None] = mapped_column(ForeignKey("evidence.evidence_id"), index=True)
    discharged_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DecisionRow(BelievedRow):
    """A decision: sealed record and receipt."""

    __tablename__ = "decisions"

    decision_id: Mapped[str] = mapped_column(String, primary_key=True)
    permit_id: Mapped[str] = mapped_column(ForeignKey("permits.permit_id"))
    decided_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    receipt: Mapped[str] = mapped_column(String)


class DecisionKeyRow(Base):
    """Under which data key a decision is sealed; finds it. Needs no MAC: the sealed value says it itself."""

    __tablename__ = "decision_keys"

    decision_id: Mapped[str] = mapped_column(String, primary_key=True)
    key_id: Mapped[bytes] = mapped_column(LargeBinary, index=True)


class HoldRow(BelievedRow):
    """That a person's records are held back from erasure; the ground is sealed."""

    __tablename__ = "legal_holds"

    hold_id: Mapped[str] = mapped_column(String, primary_key=True)
    subject: Mapped[str] = mapped_column(String, index=True)
    ground: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime] = mapped_column(UtcTime)
    placed_by: Mapped[str] = mapped_column(String)
    placed_at: Mapped[datetime] = mapped_column(UtcTime)
    lifted_by: Mapped[str | None] = mapped_column(String)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcTime)


class CaseStepRow(BelievedRow):
    """One step of a case: an incident, or a person's request. Names nobody."""

    __tablename__ = "case_steps"

    case_id: Mapped[str] = mapped_column(String, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(UtcTime)
    author: Mapped[str] = mapped_column(String)
    body: Mapped[str] = mapped_column(String)


class CaseWordsRow(BelievedRow):
    """What a step says of a person, sealed, and whom it is about; goes when the person is erased."""

    __tablename__ = "case_words"

    case_id: Mapped[str] = mapped_column(String, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String, index=True)
    words: Mapped[bytes] = mapped_column(LargeBinary)


class BackupRow(BelievedRow):
    """A backup that was made, and the day until which it is kept."""

    __tablename__ = "backups"

    backup_id: Mapped[str] = mapped_column(String, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    last_day: Mapped[str] = mapped_column(String(10))


class RetentionRow(BelievedRow):
    """How late it has been, at the last sweep that counted."""

    __tablename__ = "retention_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    floor: Mapped[datetime] = mapped_column(UtcTime)
    swept_at: Mapped[datetime] = mapped_column(UtcTime)


class ApiKeyRow(BelievedRow):
    """An API key's hash and roles."""

    __tablename__ = "api_keys"

    prefix: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str] = mapped_column(String)
    roles: Mapped[tuple[str, ...]] = mapped_column(Words)
    hashed: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DataKeyRow(Base):
    """A wrapped data key. Needs no MAC: the wrapping authenticates all columns."""

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("subject", "purpose"),)

    key_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    subject: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class DestroyedKeyRow(BelievedRow):
    """That a data key was destroyed; a restored backup has to destroy it again.

    ``subject`` is empty: a tombstone that named the person would be a record about them.
    """

    __tablename__ = "destroyed_keys"

    key_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    subject: Mapped[str] = mapped_column(String)
    purpose: Mapped[str] = mapped_column(String)
    destroyed_at: Mapped[datetime] = mapped_column(UtcTime)


class LogEntryRow(Base):
    """A leaf's commitment and, until it is erased, what it commits to. The tree authenticates it."""

    __tablename__ = "log_entries"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str | None] = mapped_column(String, index=True)
    purpose: Mapped[str | None] = mapped_column(String)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class LogHeadRow(Base):
    """The tree's right edge and its signed head. The signature authenticates it."""

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    size: Mapped[int]
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    checkpoint: Mapped[str] = mapped_column(String)


class LogCheckpointRow(Base):
    """A checkpoint that was handed out; the tree has to stay consistent with each."""

    __tablename__ = "log_checkpoints"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checkpoint: Mapped[str] = mapped_column(String)
