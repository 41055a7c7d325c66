"""``/v1/notices`` and ``/v1/signs`` for whoever sets a place up: drafted, published, made, posted.

Rules kept here:

* A draft is drafted from what is on file; what only people can supply is a gap. Nobody publishes a gap.
* A sign is posted by what it says itself, signed when it was made; where it hangs is the role's word.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import NOTICE_DRAFT_EXAMPLES, SIGN_EXAMPLES, problems
from countenance.authority import Act
from countenance.authority.notices import NoticeDraftDocument, sheet_of, sign_svg
from countenance.kernel import DeviceId, PlaceId, PurposeId

__all__ = ["NOTICE_DRAFT_REQUESTS", "router"]

router = APIRouter()

_Id = Annotated[str, Field(min_length=1, max_length=128)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class NoticeDraftRequest(_Request):
    """What a notice is to be drafted for."""

    place: _Id = Field(description="Where it is to hang.")
    purpose: _Id = Field(description="What for.")
    device: _Id = Field(description="Whose functions say what is done with a face.")


class SignRequest(_Request):
    """Which sign is to be made."""

    place: _Id = Field(description="Where it is to hang.")
    devices: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=64)] = Field(
        description="Of which devices it warns."
    )
    notice: _Id | None = Field(default=None, description="Of which notice, where several are in force.")


class PostingRequest(_Request):
    """That a sign was put up."""

    sign: str = Field(
        min_length=1,
        max_length=240_000,
        description="The sign's statement, or its whole SVG, as it was made.",
    )
    position: str = Field(min_length=2, max_length=1000, description="Where it hangs or stands, in words.")
    posted_at: AwareDatetime | None = Field(default=None, description="When it was put up; now if left out.")
    photograph_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="SHA-256 of a photograph of it."
    )


NOTICE_DRAFT_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    NoticeDraftRequest,
    NoticeDraftDocument,
    SignRequest,
    PostingRequest,
)


class GapDocument(_Answer):
    """A text that a person has to write."""

    part: str
    language: str
    wanted: str = Field(description="What has to be written there.")


class NoticeDraftAnswer(_Answer):
    """A draft, to be completed in both languages, read, and published."""

    draft: NoticeDraftDocument
    gaps: tuple[GapDocument, ...] = Field(description="What only a person can supply, in reading order.")


class PublishedAnswer(_Answer):
    """A notice in force."""

    notice: str
    version: int
    version_id: str = Field(description="SHA-256 of this version.")
    link: str = Field(description="What a sign's QR code holds.")
    record: str = Field(description="Under which record it is filed.")


class SignAnswer(_Answer):
    """A sign, to be printed and put up."""

    sign: str
    kind: str = Field(description="Its pictogram: verify, identify or count.")
    notice: str
    version: int
    devices: tuple[str, ...]
    link: str = Field(description="What its QR code holds.")
    statement: str = Field(description="What it says of itself, signed; post the sign with it.")
    svg: str = Field(description="One sheet of A4 as SVG.")


class PostedAnswer(_Answer):
    """A sign that was put up; its devices have one from now on."""

    sign: str
    devices: tuple[str, ...]
    record: str = Field(description="Under which record that is filed.")
    posted_at: datetime


@router.post(
    "/v1/notices/drafts",
    tags=["setting up"],
    summary="Draft a notice from what is on file",
    responses=problems(401, 403, 404, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": NOTICE_DRAFT_EXAMPLES}}}},
)
def draft(told: NoticeDraftRequest, caller: Caller, services: Installed) -> NoticeDraftAnswer:
    """Files nothing. A record's words in one language are a gap that quotes them in the other."""
    made = services.notices.draft(
        author=acting(caller, Act.READ_RECORDS),
        place=PlaceId(told.place),
        purpose=PurposeId(told.purpose),
        device=DeviceId(told.device),
    )
    return NoticeDraftAnswer(
        draft=NoticeDraftDocument.of(made),
        gaps=tuple(
            GapDocument(part=gap.part.value, language=gap.language, wanted=gap.wanted) for gap in made.gaps
        ),
    )


@router.post(
    "/v1/notices",
    tags=["setting up"],
    summary="Publish a completed notice",
    status_code=201,
    responses=problems(401, 403, 404, 413, 422, 503),
)
def publish(told: NoticeDraftDocument, caller: Caller, services: Installed) -> PublishedAnswer:
    """Signed and filed. The version before it is no longer in force, nor are its signs."""
    found = services.notices.publish(told.to_draft(), author=acting(caller, Act.FILE_RECORD, key="notice"))
    return PublishedAnswer(
        notice=found.notice.notice_id,
        version=found.notice.version,
        version_id=found.notice.version_id,
        link=found.link,
        record=found.record,
    )


@router.post(
    "/v1/signs",
    tags=["setting up"],
    summary="Make the sign of a place's notice",
    responses=problems(401, 403, 404, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": SIGN_EXAMPLES}}}},
)
def make_sign(told: SignRequest, caller: Caller, services: Installed) -> SignAnswer:
    """Files nothing: a sign counts once it hangs and was posted."""
    made = services.notices.make_sign(
        author=acting(caller, Act.FILE_RECORD, key="sign"),
        place=PlaceId(told.place),
        devices=tuple(map(DeviceId, told.devices)),
        notice=told.notice,
    )
    return SignAnswer(
        sign=made.sign.sign_id,
        kind=made.sign.kind.value,
        notice=made.sign.notice_id,
        version=made.sign.notice_version,
        devices=made.sign.devices,
        link=made.sign.link,
        statement=made.carried,
        svg=sign_svg(sheet_of(made)).decode(),
    )


@router.post(
    "/v1/signs/postings",
    tags=["setting up"],
    summary="File that a sign was put up",
    status_code=201,
    responses=problems(401, 403, 404, 413, 422, 503),
)
def post_sign(told: PostingRequest, caller: Caller, services: Installed) -> PostedAnswer:
    """Without a posted, current sign its devices get no permit to capture."""
    posted = services.notices.post_sign(
        told.sign.encode(),
        author=acting(caller, Act.FILE_RECORD, key="sign"),
        position=told.position,
        posted_at=told.posted_at,
        photograph_sha256=told.photograph_sha256,
    )
    return PostedAnswer(
        sign=posted.sign_id, devices=posted.devices, record=posted.record, posted_at=posted.posted_at
    )
