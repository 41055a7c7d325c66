"""``/v1/records`` and ``/v1/consents``: what the rules read, filed, shown and withdrawn under a role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import (
    CONSENT_EXAMPLES,
    RECORD_EXAMPLES,
    WITHDRAWAL_EXAMPLES,
    problems,
)
from countenance.authority import Act, Withdrawal
from countenance.kernel import DeviceId, EvidenceId, PlaceId, PurposeId, SubjectId
from countenance.runtime import FiledRecord
from countenance.store import EvidenceScope

__all__ = ["RECORD_REQUESTS", "router"]

router = APIRouter()

Part = Annotated[str | None, Field(max_length=128)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScopeDocument(_Request):
    """What a record is about; what isn't named stays open."""

    place: Part = None
    purpose: Part = None
    device: Part = None
    subject: Part = None

    def scope(self) -> EvidenceScope:
        """Return it as the store has it."""
        return EvidenceScope(
            place=None if self.place is None else PlaceId(self.place),
            purpose=None if self.purpose is None else PurposeId(self.purpose),
            device=None if self.device is None else DeviceId(self.device),
            subject=None if self.subject is None else SubjectId(self.subject),
        )


class RecordRequest(_Request):
    """A record to file, or a statement where the key is a trigger."""

    key: str = Field(max_length=100, description="An evidence key or a trigger.")
    content: dict[str, JsonValue] = Field(
        description="What it says, in the key's form; `value` for a statement."
    )
    scope: ScopeDocument = Field(default=ScopeDocument(), description="What it is about.")
    valid_from: AwareDatetime | None = Field(default=None, description="From when; now if left out.")
    valid_until: AwareDatetime | None = Field(default=None, description="Until when; no end if left out.")


class SignedRequest(_Request):
    """A statement that a registered body outside signed."""

    statement: str = Field(max_length=200_000, description="A compact JWS.")


class ReasonRequest(_Request):
    """Why a record is withdrawn."""

    reason: str = Field(min_length=1, max_length=500, description="A few words; no names.")


class ConsentRequest(_Request):
    """One person's consent to one purpose."""

    subject: str = Field(max_length=128, description="Whose, by pseudonym.")
    consent: dict[str, JsonValue] = Field(description="The consent, in its form.")


class ConsentWithdrawalRequest(_Request):
    """Whose consent to what is withdrawn."""

    subject: str = Field(max_length=128, description="Whose, by pseudonym.")
    purpose: str = Field(max_length=128, description="To which purpose.")


RECORD_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    RecordRequest,
    SignedRequest,
    ReasonRequest,
    ConsentRequest,
    ConsentWithdrawalRequest,
    ScopeDocument,
)


class RecordDocument(BaseModel):
    """A record on file."""

    model_config = ConfigDict(frozen=True)

    record: str = Field(description="Its identifier.")
    key: str = Field(description="The evidence key, or the trigger of a statement.")
    words: str = Field(description="What it proves, or what its fact says.")
    kind: str = Field(description="evidence or statement.")
    issuer: str = Field(description="Who vouches: system, person or outside.")
    author: str = Field(description="The role and key that recorded it.")
    counts: bool = Field(description="Whether it counts now for what it is about.")
    demo: bool = Field(description="Whether it is made up.")
    scope: ScopeDocument = Field(description="What it is about.")
    content_hash: str = Field(description="SHA-256 over content and salt.")
    valid_from: datetime
    valid_until: datetime | None
    withdrawn_at: datetime | None
    content: dict[str, JsonValue] | None = Field(
        default=None, description="What it says; where one record is asked for."
    )


class RecordsAnswer(BaseModel):
    """Records on file."""

    model_config = ConfigDict(frozen=True)

    records: tuple[RecordDocument, ...]


class WithdrawalAnswer(BaseModel):
    """What a withdrawal of consent did."""

    model_config = ConfigDict(frozen=True)

    records: tuple[str, ...] = Field(description="The records that no longer count.")
    told: tuple[str, ...] = Field(description="Who let go of what rested on it.")
    unfinished: tuple[str, ...] = Field(description="Who couldn't; ask again.")
    log_index: int = Field(description="Where it stands in the log.")
    certificates: tuple[dict[str, Any], ...] = Field(
        description="The deletion certificates of what was kept on the consent; not kept here."
    )


@router.get(
    "/v1/records",
    tags=["records"],
    summary="List what counts now",
    responses=problems(401, 403, 422, 503),
)
def list_records(
    caller: Caller,
    services: Installed,
    about: Annotated[ScopeDocument, Query()],
) -> RecordsAnswer:
    """Records about a place, purpose or device; those about one person with ``subject`` alone."""
    found = services.records.records(author=acting(caller, Act.READ_RECORDS), scope=about.scope())
    return RecordsAnswer(records=tuple(_document(filed) for filed in found))


@router.get(
    "/v1/records/{record_id}",
    tags=["records"],
    summary="Show one record with what it says",
    responses=problems(401, 403, 404, 503),
)
def show_record(record_id: str, caller: Caller, services: Installed) -> RecordDocument:
    """Valid or not."""
    author = acting(caller, Act.READ_RECORDS)
    return _document(services.records.record(EvidenceId(record_id), author=author), whole=True)


@router.post(
    "/v1/records",
    tags=["records"],
    summary="File a record or a statement",
    status_code=201,
    responses=problems(401, 403, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": RECORD_EXAMPLES}}}},
)
def file_record(told: RecordRequest, caller: Caller, services: Installed) -> RecordDocument:
    """Filed and logged under the key's role; nobody files what the system sees itself."""
    filed = services.records.file(
        key=told.key,
        content=told.content,
        author=acting(caller, Act.FILE_RECORD, key=told.key),
        scope=told.scope.scope(),
        valid_from=told.valid_from,
        valid_until=told.valid_until,
    )
    return _document(filed)


@router.post(
    "/v1/records/signed",
    tags=["records"],
    summary="File what a body outside signed",
    status_code=201,
    responses=problems(401, 403, 413, 422, 503),
)
def file_signed(told: SignedRequest, caller: Caller, services: Installed) -> RecordDocument:
    """Filed exactly as it was signed."""
    author = acting(caller, Act.FILE_RECORD)
    return _document(services.records.file_signed(told.statement, author=author))


@router.post(
    "/v1/records/{record_id}/withdrawal",
    tags=["records"],
    summary="Withdraw a record",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def withdraw_record(
    record_id: str, told: ReasonRequest, caller: Caller, services: Installed
) -> RecordDocument:
    """Permits that rest on it open no door any more."""
    author = acting(caller, Act.WITHDRAW_RECORD)
    gone = services.records.withdraw(EvidenceId(record_id), author=author, reason=told.reason)
    return _document(gone)


@router.post(
    "/v1/consents",
    tags=["consents"],
    summary="File a person's consent to one purpose",
    status_code=201,
    responses=problems(401, 403, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": CONSENT_EXAMPLES}}}},
)
def file_consent(told: ConsentRequest, caller: Caller, services: Installed) -> RecordsAnswer:
    """One consent, filed under every evidence key that it satisfies and under no other."""
    filed = services.records.file_consent(
        told.consent,
        subject=SubjectId(told.subject),
        author=acting(caller, Act.FILE_RECORD, key="consent.record"),
    )
    return RecordsAnswer(records=tuple(_document(one) for one in filed))


@router.post(
    "/v1/consents/withdrawals",
    tags=["consents"],
    summary="Withdraw a person's consent to a purpose",
    responses=problems(401, 403, 404, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": WITHDRAWAL_EXAMPLES}}}},
)
def withdraw_consent(told: ConsentWithdrawalRequest, caller: Caller, services: Installed) -> WithdrawalAnswer:
    """All its records stop counting at once, without a reason; then whoever rests on it lets go."""
    done: Withdrawal = services.records.withdraw_consent(
        author=acting(caller, Act.WITHDRAW_CONSENT),
        subject=SubjectId(told.subject),
        purpose=PurposeId(told.purpose),
    )
    return WithdrawalAnswer(
        records=tuple(done.what.records),
        told=done.told,
        unfinished=done.unfinished,
        log_index=done.log_index,
        certificates=tuple(dict(each) for each in done.certificates),
    )


def _document(filed: FiledRecord, *, whole: bool = False) -> RecordDocument:
    record, scope = filed.record, filed.record.scope
    content: Mapping[str, Any] | None = record.content if whole else None
    return RecordDocument(
        record=record.evidence_id,
        key=record.key,
        words=filed.words,
        kind=record.kind.value,
        issuer=record.issuer.value,
        author=record.author,
        counts=filed.counts,
        demo=record.demo,
        scope=ScopeDocument(
            place=scope.place, purpose=scope.purpose, device=scope.device, subject=scope.subject
        ),
        content_hash=record.content_hash,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        withdrawn_at=record.withdrawn_at,
        content=None if content is None else dict(content),
    )
