"""``/v1/issuers``: bodies outside that vouch for records, and what each of them has to sign.

Rules kept here:

* A body comes with its public key; its word counts from then on, for its keys alone, until it is revoked.
* What is drafted for a body is the exact bytes that it signs; filing what came back is another path.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import ISSUER_EXAMPLES, OUTSIDE_DRAFT_EXAMPLES, problems
from countenance.api.records import ScopeDocument
from countenance.authority import Act
from countenance.store import OutsideIssuer, OutsideKind

__all__ = ["ISSUER_REQUESTS", "router"]

router = APIRouter(tags=["records"])

_Words = Annotated[str, Field(min_length=1, max_length=200)]


class IssuerRequest(BaseModel):
    """A body outside with its public key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Words = Field(description="The body's name; a guardian's pseudonym, never a person's name.")
    kind: OutsideKind = Field(description="What sort of body.")
    public_key: dict[str, str] = Field(description="Its public key as a JWK: Ed25519, or P-256.")
    keys: Annotated[tuple[_Words, ...], Field(min_length=1, max_length=64)] = Field(
        description="The evidence keys for which it may vouch."
    )


class OutsideDraftRequest(BaseModel):
    """What a body outside is asked to state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: _Words = Field(description="The evidence key.")
    content: dict[str, Any] = Field(description="What it states, in the key's form.")
    scope: ScopeDocument = Field(default=ScopeDocument(), description="What it is about.")
    valid_from: AwareDatetime | None = Field(default=None, description="From when; now if left out.")
    valid_until: AwareDatetime = Field(description="Until when it holds.")


ISSUER_REQUESTS: Final[tuple[type[BaseModel], ...]] = (IssuerRequest, OutsideDraftRequest)


class IssuerDocument(BaseModel):
    """A body outside, as it is registered."""

    model_config = ConfigDict(frozen=True)

    key_id: str = Field(description="The thumbprint of its public key (RFC 7638).")
    name: str
    kind: OutsideKind
    keys: tuple[str, ...] = Field(description="The evidence keys for which it may vouch.")
    registered_at: datetime
    revoked_at: datetime | None = Field(
        description="From when its word no longer counts; null while it does."
    )


class IssuersAnswer(BaseModel):
    """The registered bodies."""

    model_config = ConfigDict(frozen=True)

    issuers: tuple[IssuerDocument, ...]


class OutsideDraftAnswer(BaseModel):
    """What the body signs."""

    model_config = ConfigDict(frozen=True)

    payload: str = Field(
        description="The payload of the JWS, byte for byte. Its header has `alg`, `kid` (the key's "
        "thumbprint) and `typ`: countenance-outside+jws."
    )


@router.get("/v1/issuers", summary="List the bodies outside", responses=problems(401, 403, 503))
def list_issuers(caller: Caller, services: Installed) -> IssuersAnswer:
    """Revoked ones too."""
    found = services.records.issuers(author=acting(caller, Act.READ_RECORDS))
    return IssuersAnswer(issuers=tuple(map(_document, found)))


@router.post(
    "/v1/issuers",
    summary="Register a body outside with its public key",
    status_code=201,
    responses=problems(401, 403, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": ISSUER_EXAMPLES}}}},
)
def add_issuer(told: IssuerRequest, caller: Caller, services: Installed) -> IssuerDocument:
    """Compare the key with the body itself first: whoever holds it vouches in its name."""
    added = services.records.add_issuer(
        author=acting(caller, Act.REGISTER_ISSUER),
        name=told.name,
        kind=told.kind,
        jwk=told.public_key,
        keys=told.keys,
    )
    return _document(added)


@router.post(
    "/v1/issuers/{key_id}/revocation",
    summary="Revoke a body's key, for good",
    responses=problems(401, 403, 404, 422, 503),
)
def revoke_issuer(
    key_id: Annotated[str, Path(max_length=128)], caller: Caller, services: Installed
) -> IssuerDocument:
    """What it vouched for stops counting at once."""
    return _document(services.records.revoke_issuer(key_id, author=acting(caller, Act.REVOKE_ISSUER)))


@router.post(
    "/v1/records/signed/drafts",
    summary="Draft what a body outside has to sign",
    responses=problems(401, 403, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": OUTSIDE_DRAFT_EXAMPLES}}}},
)
def draft_for_outside(told: OutsideDraftRequest, caller: Caller, services: Installed) -> OutsideDraftAnswer:
    """Files nothing. What comes back signed goes to ``/v1/records/signed``."""
    acting(caller, Act.FILE_RECORD)
    payload = services.records.draft_for_outside(
        key=told.key,
        content=told.content,
        scope=told.scope.scope(),
        valid_from=told.valid_from,
        valid_until=told.valid_until,
    )
    return OutsideDraftAnswer(payload=payload.decode())


def _document(issuer: OutsideIssuer) -> IssuerDocument:
    return IssuerDocument(
        key_id=issuer.key_id,
        name=issuer.name,
        kind=issuer.kind,
        keys=issuer.keys,
        registered_at=issuer.registered_at,
        revoked_at=issuer.revoked_at,
    )
