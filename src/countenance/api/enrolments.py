"""``/v1/enrolments``: people are added to a gallery under consent and permit; references listed and removed.

A comparison score is in no answer, and neither is who is close to whom.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from countenance.api.access import Caller, CallerKey, Clerk, Installed, acting
from countenance.api.documentation import ENROLMENT_BODY, ENROLMENT_PICTURES, problems
from countenance.api.schemas import EnrolmentFields, LogReceiptDocument
from countenance.api.uploads import FormReader, UploadedForm
from countenance.api.verifications import RequestMalformed, check_form, form_reader, inference_room
from countenance.authority import Act
from countenance.enrolment import ConsentLine, Enrolled, EnrolmentOrder
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId
from countenance.runtime import Services
from countenance.store import ReferenceRecord

__all__ = ["ENROLMENT_REQUESTS", "router"]

router = APIRouter(tags=["enrolments"])


class RemovalRequest(BaseModel):
    """Whose references are to go, and for which purpose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(min_length=1, max_length=128, description="Whose, by pseudonym.")
    purpose: str = Field(min_length=1, max_length=128, description="For this purpose.")


ENROLMENT_REQUESTS: Final[tuple[type[BaseModel], ...]] = (EnrolmentFields, RemovalRequest)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class LeftOutDocument(_Document):
    """A picture that isn't in the reference."""

    number: int = Field(ge=1, description="Which, in the order of the form's fields.")
    codes: tuple[str, ...] = Field(description="Why; stable.")
    words: tuple[str, ...] = Field(description="Why, and what to change.")


class EnrolmentAnswer(_Document):
    """Somebody who is enrolled now. No score, no template."""

    reference: str = Field(description="The reference's id.")
    subject: str
    pictures: int = Field(ge=1, description="How many it was made from.")
    quality: int = Field(ge=0, le=100, description="The least unified quality among them.")
    left_out: tuple[LeftOutDocument, ...] = Field(description="The pictures that aren't in it.")
    valid_until: datetime | None = Field(description="From when on it takes no part; null: until erased.")
    compared: int = Field(ge=0, description="With how many references it was compared before, exactly.")
    look_alikes: int = Field(
        ge=0,
        description="How many of them are of people who look alike: never matched without a look.",
    )
    permit_id: str
    log: LogReceiptDocument


class ReferenceDocument(_Document):
    """One reference, without what is in it."""

    reference: str
    purpose: str
    model: str = Field(description="The network that made it.")
    pictures: int
    key_version: int = Field(description="The version of the purpose's key under which it was enrolled.")
    place: str | None = Field(description="Where it takes part; null: everywhere.")
    added_at: datetime
    valid_until: datetime | None
    permit_id: str
    consent: str | None = Field(description="The record of the consent on which it rests.")


class ReferencesAnswer(_Document):
    """A person's references."""

    references: tuple[ReferenceDocument, ...]


class RemovalAnswer(_Document):
    """How many references went."""

    removed: int = Field(ge=0, description="0 if there was none: asked again, nothing changes.")


@router.post(
    "/v1/enrolments",
    summary="Enrol a person for one purpose, under a permit",
    status_code=201,
    description=(
        "Makes one reference of one to five pictures. Nobody is enrolled twice (409), so a request may be "
        "sent again. The rules are asked before a picture is opened: what they refuse is answered with 403 "
        "and the verdict. Whoever is as close to somebody enrolled as one person's pictures are is enrolled "
        "only once a reviewer has looked (409). Pictures stay in memory and are overwritten; one sealed "
        "template is kept."
    ),
    response_model=EnrolmentAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra={"requestBody": ENROLMENT_BODY},
)
async def enrol(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> EnrolmentAnswer:
    """Enrol one person."""
    form = await forms.read(request, most_files=len(ENROLMENT_PICTURES))
    fields = check_form(form, EnrolmentFields, files=frozenset(ENROLMENT_PICTURES))
    done = await to_thread.run_sync(_enrol, form, fields, caller, services, limiter=room)
    return _answer(done)


def _enrol(form: UploadedForm, fields: EnrolmentFields, caller: CallerKey, services: Services) -> Enrolled:
    desk, subject = services.enrolment, SubjectId(fields.subject)
    order = EnrolmentOrder(
        subject=subject,
        purpose=PurposeId(fields.purpose),
        place=PlaceId(fields.place),
        device=DeviceId(fields.device),
        pictures=(
            form.file(ENROLMENT_PICTURES[0]),
            *(form.file(name) for name in ENROLMENT_PICTURES[1:] if name in form.files),
        ),
        error_target=desk.error_target,
        looked_at_by=desk.looked(acting(caller, Act.REVIEW_RESULT)) if fields.looked == "yes" else None,
    )
    if fields.consents == "yes":
        if fields.age_band is None:
            raise RequestMalformed("A consent is stated without the person's age_band.")
        desk.import_consents(
            (ConsentLine(subject, fields.age_band, fields.language),),
            place=order.place,
            purpose=order.purpose,
            author=acting(caller, Act.CARRY_OUT_SCENE),
            valid_for=timedelta(days=fields.consent_days),
        )
    return desk.enrol(order)


@router.get(
    "/v1/enrolments",
    summary="List a person's references",
    responses=problems(401, 403, 422, 503),
)
def list_references(
    caller: Caller,
    services: Installed,
    subject: Annotated[str, Query(min_length=1, max_length=128, description="Whose, by pseudonym.")],
) -> ReferencesAnswer:
    """The oldest first, without what is in them."""
    found = services.enrolment.references(SubjectId(subject), author=acting(caller, Act.READ_RECORDS))
    return ReferencesAnswer(references=tuple(map(_reference, found)))


@router.post(
    "/v1/enrolments/removals",
    summary="Take a person out of a gallery",
    responses=problems(401, 403, 413, 422, 503),
)
def remove(told: RemovalRequest, caller: Caller, services: Installed) -> RemovalAnswer:
    """Of one purpose. Consent and decisions stay: an erasure takes all of it."""
    removed = services.enrolment.remove(
        SubjectId(told.subject), PurposeId(told.purpose), author=acting(caller, Act.ERASE_SUBJECT)
    )
    return RemovalAnswer(removed=removed)


def _answer(done: Enrolled) -> EnrolmentAnswer:
    return EnrolmentAnswer(
        reference=done.reference_id,
        subject=done.subject,
        pictures=done.samples,
        quality=done.quality,
        left_out=tuple(
            LeftOutDocument(number=one.number, codes=one.codes, words=one.words) for one in done.left_out
        ),
        valid_until=done.valid_until,
        compared=done.compared,
        look_alikes=done.look_alikes,
        permit_id=done.permit_id,
        log=LogReceiptDocument(
            index=done.log.index, leaf_hash=done.log.leaf_hash, tree_size=done.log.tree_size
        ),
    )


def _reference(one: ReferenceRecord) -> ReferenceDocument:
    return ReferenceDocument(
        reference=one.reference_id,
        purpose=one.purpose,
        model=one.model_id,
        pictures=one.samples,
        key_version=one.key_version,
        place=one.place,
        added_at=one.added_at,
        valid_until=one.valid_until,
        permit_id=one.permit_id,
        consent=one.consent_id,
    )
