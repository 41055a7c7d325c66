"""The values that the store takes and gives: frozen, plain, free of the database.

Rules kept here:

* A value holds identifiers and pseudonyms. ``author`` and ``name`` are roles, workplaces or key ids,
  never a person's name.
* Every time is aware and in UTC; a naive one is refused.
* What a record says about a person (``content``, ``salt``, ``sealed``, ``hashed``) stays out of its
  ``repr``.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from countenance.kernel import (
    CaseId,
    DecisionId,
    DeploymentId,
    DeviceId,
    DutyId,
    EvidenceId,
    PermitId,
    PlaceId,
    PurposeId,
    SubjectId,
    canonical_sha256,
    new_id,
    require_utc,
)
from countenance.kernel.canonical import JsonValue

__all__ = [
    "ApiKeyRecord",
    "DecisionRecord",
    "Deployment",
    "Device",
    "DeviceEnrolment",
    "DeviceStatus",
    "DutyRecord",
    "EvidenceKind",
    "EvidenceRecord",
    "EvidenceScope",
    "Issuer",
    "PermitRecord",
    "Place",
    "Purpose",
]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One installation: the data folder and the keys that belong to it.

    Attributes:
        deployment_id: random; every MAC, seal and permit is bound to it.
        demo: whether DEMO evidence is believed here.
        created_at: when the store was made, UTC.
    """

    deployment_id: DeploymentId
    demo: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Purpose:
    """What faces are processed for.

    Attributes:
        purpose_id: its identifier, such as ``pur_checkin``.
        title: a few words.
        description: what is done and for whom, in a sentence or two.
        dpv_term: the nearest term of the Data Privacy Vocabulary (W3C), such as
            ``dpv:IdentityVerification``.
    """

    purpose_id: PurposeId
    title: str
    description: str
    dpv_term: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where faces are processed.

    Attributes:
        place_id: its identifier.
        title: a few words.
        kind: the kind of place in the rules' vocabulary, such as ``hotel_lobby``.
        jurisdictions: codes of the rule packs that hold there, such as ``("CN",)``; sorted.
        time_zone: IANA name of its time zone.
    """

    place_id: PlaceId
    title: str
    kind: str
    jurisdictions: tuple[str, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Device:
    """What takes the pictures.

    Attributes:
        device_id: its identifier.
        title: a few words.
        place: where it stands.
        functions: the operations that it was declared for; sorted.
        registered_at: when, UTC.
    """

    device_id: DeviceId
    title: str
    place: PlaceId
    functions: tuple[str, ...]
    registered_at: datetime


class DeviceStatus(StrEnum):
    """Whether a device is in use."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    """It takes no pictures until somebody puts it back into use."""
    RETIRED = "retired"
    """It takes no pictures ever again."""


@dataclass(frozen=True, slots=True)
class DeviceEnrolment:
    """A device's key and status.

    Attributes:
        device_id: which device.
        key_id: the thumbprint of its public key (RFC 7638); ``None`` while it has none.
        jwk: its Ed25519 public key as a JWK; ``None`` while it has none.
        status: whether it is in use.
        changed_at: since when, UTC.
        changed_by: the role or key id that changed it last, never a name.
    """

    device_id: DeviceId
    key_id: str | None
    jwk: Mapping[str, str] | None
    status: DeviceStatus
    changed_at: datetime
    changed_by: str


class Issuer(StrEnum):
    """Who vouches for a record."""

    SYSTEM = "system"
    """This installation saw it itself."""
    PERSON = "person"
    """A signed-in person of the operator's recorded it."""
    OUTSIDE = "outside"
    """It carries the signature of somebody outside: an authority, a guardian, a laboratory."""


class EvidenceKind(StrEnum):
    """What a record is for."""

    EVIDENCE = "evidence"
    """It satisfies, or lifts, what a rule asks for; its key is an evidence key."""
    STATEMENT = "statement"
    """It states a trigger's fact; its key is the trigger and its content ``{"value": true}`` or false."""


@dataclass(frozen=True, slots=True)
class EvidenceScope:
    """What a record speaks about. A part that is ``None`` is left open: it speaks about all of them."""

    place: PlaceId | None = None
    purpose: PurposeId | None = None
    device: DeviceId | None = None
    subject: SubjectId | None = None

    def covers(self, other: EvidenceScope) -> bool:
        """Say whether a record of this scope applies to the (fully stated) scope of a request.

        A record about a subject never applies to a request without one, nor the other way round
        unless the record leaves the subject open. The same holds for the other parts.
        """
        return (
            (self.place is None or self.place == other.place)
            and (self.purpose is None or self.purpose == other.purpose)
            and (self.device is None or self.device == other.device)
            and (self.subject is None or self.subject == other.subject)
        )


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One thing on file that a rule may rest on. Make one with :meth:`make`.

    Attributes:
        evidence_id: its identifier.
        key: the evidence key, or the trigger that a statement is about.
        scope: what it speaks about.
        content: what it says, as JSON values.
        content_hash: SHA-256 of the canonical JSON of content and salt; hides the content from
            whoever has the hash alone.
        salt: 32 random hexadecimal digits that go into the hash.
        author: the role or key id that recorded it, never a name.
        issuer: who vouches for it.
        kind: evidence or statement.
        demo: whether it was made up for the demo.
        valid_from: from when it counts, UTC.
        valid_until: the moment from which it no longer counts, UTC; ``None`` for no end.
        withdrawn_at: from when it is withdrawn, UTC; ``None`` while it isn't.
        recorded_at: when it was recorded, UTC.
    """

    evidence_id: EvidenceId
    key: str
    scope: EvidenceScope
    content: Mapping[str, JsonValue] = field(repr=False)
    content_hash: str
    salt: str = field(repr=False)
    author: str = field(repr=False)
    issuer: Issuer
    kind: EvidenceKind
    demo: bool
    valid_from: datetime
    valid_until: datetime | None
    withdrawn_at: datetime | None
    recorded_at: datetime

    @classmethod
    def make(
        cls,
        *,
        key: str,
        content: Mapping[str, JsonValue],
        author: str,
        issuer: Issuer,
        recorded_at: datetime,
        scope: EvidenceScope | None = None,
        kind: EvidenceKind = EvidenceKind.EVIDENCE,
        demo: bool = False,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        evidence_id: EvidenceId | None = None,
    ) -> EvidenceRecord:
        """Return a record with a fresh identifier, a fresh salt and its content hash.

        Args:
            key: the evidence key or trigger; not empty.
            content: what it says; JSON values.
            author: the role or key id that records it.
            issuer: who vouches for it.
            recorded_at: now, aware.
            scope: what it speaks about; everything if left out.
            kind: evidence or statement. A statement's content is ``{"value": true}`` or false, and texts
                that say where it comes from.
            demo: whether it is made up for the demo.
            valid_from: from when it counts; ``recorded_at`` if left out.
            valid_until: the moment from which it no longer counts; no end if left out.
            evidence_id: an identifier to use in place of a fresh one.

        Raises:
            ValueError: if the key or author is empty, a time is naive, the end isn't after the
                beginning, or a statement's content isn't one boolean ``value`` and texts.
        """
        if not key or not author:
            msg = "a record has a key and an author"
            raise ValueError(msg)
        if kind is EvidenceKind.STATEMENT and not _states(content):
            msg = 'the content of a statement is {"value": true} or {"value": false}, and texts'
            raise ValueError(msg)
        begins = require_utc(valid_from if valid_from is not None else recorded_at)
        ends = None if valid_until is None else require_utc(valid_until)
        if ends is not None and ends <= begins:
            msg = "a record's validity ends after it begins"
            raise ValueError(msg)
        salt = secrets.token_hex(16)
        return cls(
            evidence_id=evidence_id if evidence_id is not None else EvidenceId(new_id("evd")),
            key=key,
            scope=scope if scope is not None else EvidenceScope(),
            content=content,
            content_hash=cls.hash_content(content, salt),
            salt=salt,
            author=author,
            issuer=issuer,
            kind=kind,
            demo=demo,
            valid_from=begins,
            valid_until=ends,
            withdrawn_at=None,
            recorded_at=require_utc(recorded_at),
        )

    @staticmethod
    def hash_content(content: Mapping[str, JsonValue], salt: str) -> str:
        """Return the content hash: SHA-256 of the canonical JSON of content and salt, 64 hex digits."""
        return canonical_sha256({"content": content, "salt": salt})

    def holds_its_hash(self) -> bool:
        """Say whether the content hash is that of the content and the salt."""
        return hmac.compare_digest(self.content_hash, self.hash_content(self.content, self.salt))

    def valid_at(self, moment: datetime) -> bool:
        """Say whether the record counts at a moment: begun, not run out, not withdrawn."""
        at = require_utc(moment)
        return (
            self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
            and (self.withdrawn_at is None or at < self.withdrawn_at)
        )


def _states(content: Mapping[str, JsonValue]) -> bool:
    return isinstance(content.get("value"), bool) and all(
        isinstance(said, str) for name, said in content.items() if name != "value"
    )


@dataclass(frozen=True, slots=True)
class PermitRecord:
    """That a permit was issued; the permit itself travels as a signed token.

    Attributes:
        permit_id: its identifier.
        request_digest: the one request that it is for, 64 hexadecimal digits.
        epoch: the evidence epoch at which it was issued.
        issued_at: from when it holds, UTC.
        not_after: the moment after which it is expired, UTC.
    """

    permit_id: PermitId
    request_digest: str
    epoch: int
    issued_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """Something that must be done after an act or an event, and whether it was.

    Attributes:
        duty_id: its identifier.
        key: the evidence key that discharges it, such as ``image_deleted``.
        rule: the rule that asks for it.
        permit_id: the permit that carried it; ``None`` if an event obliges to it.
        place: where the act or the event happened.
        purpose: what for; ``None`` for whatever is done at the place.
        due: until when it must be done, UTC.
        discharged_by: the evidence that it was done; ``None`` while it is open.
        discharged_at: when it was discharged, UTC.
        case_id: the case of the event that obliges to it; ``None`` if a permit does.
    """

    duty_id: DutyId
    key: str
    rule: str
    permit_id: PermitId | None
    place: PlaceId
    purpose: PurposeId | None
    due: datetime
    discharged_by: EvidenceId | None = None
    discharged_at: datetime | None = None
    case_id: CaseId | None = None

    def __post_init__(self) -> None:
        if (self.permit_id is None) is (self.case_id is None):
            msg = "a duty comes from a permit or from a case"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as it is kept: what is sealed stays sealed, the receipt is what anybody was given.

    Attributes:
        decision_id: its identifier.
        permit_id: the permit under which it was made.
        decided_at: when, UTC.
        sealed: the sealed record (with the exact score), opaque here.
        receipt: the signed receipt, a compact JWS.
    """

    decision_id: DecisionId
    permit_id: PermitId
    decided_at: datetime
    sealed: bytes = field(repr=False)
    receipt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """An API key as it is kept: never the key.

    Attributes:
        prefix: the part of the key that finds the record; no secret.
        name: the workplace or program that uses it, never a person's name.
        roles: what it may do; sorted.
        hashed: the argon2id hash of the secret part.
        created_at: when it was issued, UTC.
        revoked_at: when it was revoked, UTC; ``None`` while it is good.
    """

    prefix: str
    name: str
    roles: tuple[str, ...]
    hashed: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None
