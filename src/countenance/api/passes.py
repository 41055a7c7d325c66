"""``/v1/passes``: templates that people carry themselves, issued, checked and taken back.

A comparison score is in no answer. A serial stands in a body or a header, never in an address: addresses end
up in logs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request, Response

from countenance.api.access import Caller, CallerKey, Clerk, Installed, acting
from countenance.api.documentation import problems
from countenance.api.pass_documents import (
    PASS_BODY,
    PASS_CHECK_BODY,
    PASS_CHECK_FILES,
    PASS_PICTURES,
    IssuedPassAnswer,
    LeftOutOfPassDocument,
    PassCheckAnswer,
    PassCheckFields,
    PassFields,
    PassRevocationAnswer,
    PassRevocationRequest,
)
from countenance.api.schemas import LogReceiptDocument
from countenance.api.uploads import FormReader, UploadedForm
from countenance.api.verifications import (
    RequestMalformed,
    check_form,
    form_reader,
    inference_room,
    verification_document,
)
from countenance.authority import Act
from countenance.decisions import CheckedPass, PassCheckOrder
from countenance.enrolment import ConsentLine, EnrolmentOrder, IssuedPass, PassForm, require_printing
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId
from countenance.runtime import Services

__all__ = ["router"]

router = APIRouter(tags=["passes"])

_FORMS: Final = {form.media_type: form for form in PassForm}
_DRAWN: Final = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in _FORMS}


@router.post(
    "/v1/passes",
    summary="Issue a holder pass, under a permit",
    status_code=201,
    description=(
        "Makes one template of one to five pictures, seals it under the purpose's key and hands it out. "
        "Nothing of it is kept: an answer that is lost is asked for again, with a new serial. Answered with "
        "JSON, or with the pass itself; its serial stands in the header `Pass-Serial` then, and the end of "
        "its time in `Pass-Valid-Until`. What the rules refuse is answered with 403 and the verdict."
    ),
    response_model=IssuedPassAnswer,
    responses={201: {"content": _DRAWN}, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
    openapi_extra={"requestBody": PASS_BODY},
)
async def issue(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> IssuedPassAnswer | Response:
    """Issue one pass."""
    form = await forms.read(request, most_files=len(PASS_PICTURES))
    fields = check_form(form, PassFields, files=frozenset(PASS_PICTURES))
    drawn_as = _asked_for(fields, request.headers.get("accept", ""))
    if drawn_as is PassForm.PDF:
        require_printing()
    done = await to_thread.run_sync(_issue, form, fields, caller, services, limiter=room)
    if drawn_as is None:
        return _answer(done)
    drawn = await to_thread.run_sync(services.passes().draw, done, drawn_as, limiter=room)
    return _drawn(done, drawn_as, drawn)


def _asked_for(fields: PassFields, accept: str) -> PassForm | None:
    """Return in which form the pass is answered with; ``None`` is JSON. The form's own word goes first."""
    if fields.format is not None:
        return None if fields.format == "json" else PassForm(fields.format)
    for part in accept.split(","):
        media_type = part.partition(";")[0].strip().lower()
        if media_type in _FORMS:
            return _FORMS[media_type]
        if media_type == "application/json":
            return None
    return None


def _issue(form: UploadedForm, fields: PassFields, caller: CallerKey, services: Services) -> IssuedPass:
    office, subject = services.passes(), SubjectId(fields.subject)
    order = EnrolmentOrder(
        subject=subject,
        purpose=PurposeId(fields.purpose),
        place=PlaceId(fields.place),
        device=DeviceId(fields.device),
        pictures=(
            form.file(PASS_PICTURES[0]),
            *(form.file(name) for name in PASS_PICTURES[1:] if name in form.files),
        ),
        error_target=office.error_target,
    )
    if fields.consents == "no":
        raise RequestMalformed("Who doesn't agree is given no pass.")
    if fields.consents == "yes":
        if fields.age_band is None:
            raise RequestMalformed("A consent is stated without the person's age_band.")
        office.agree(
            ConsentLine(subject, fields.age_band, fields.language),
            place=order.place,
            purpose=order.purpose,
            author=acting(caller, Act.CARRY_OUT_SCENE),
            valid_for=timedelta(days=fields.consent_days),
        )
    return office.issue(order, valid_for=timedelta(days=fields.days))


@router.post(
    "/v1/passes/checks",
    summary="Compare whoever shows a pass with what is in it, under a permit",
    description=(
        "No gallery is searched. A pass that doesn't hold is refused before a face is looked at, each reason "
        "with a code of its own. The decision is signed, logged and receipted, as any other comparison."
    ),
    response_model=PassCheckAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": PASS_CHECK_BODY},
)
async def check(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> dict[str, object]:
    """Check one pass."""
    form = await forms.read(request, most_files=len(PASS_CHECK_FILES))
    fields = check_form(form, PassCheckFields, files=frozenset(PASS_CHECK_FILES))
    author = acting(caller, Act.CARRY_OUT_SCENE)
    done = await to_thread.run_sync(_check, form, fields, services, str(author), limiter=room)
    new = done.renewed
    renewed = None if new is None else {
        "text": new.text,
        "serial": new.serial,
        "purpose": new.purpose,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
    }  # fmt: skip
    return {**verification_document(done.verified), "reissue": done.reissue, "renewed": renewed}


def _check(form: UploadedForm, fields: PassCheckFields, services: Services, caller: str) -> CheckedPass:
    office = services.passes()
    shown, live = (form.file(name) for name in PASS_CHECK_FILES)
    return office.check(
        PassCheckOrder(
            text=office.read(shown),
            probe=live,
            purpose=PurposeId(fields.purpose),
            place=PlaceId(fields.place),
            device=DeviceId(fields.device),
            error_target=fields.error_target or office.error_target,
            renew=fields.renew == "yes",
            caller=caller,
        )
    )


@router.post(
    "/v1/passes/revocations",
    summary="Take a pass back for good, by its serial",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def revoke(told: PassRevocationRequest, caller: Caller, services: Installed) -> PassRevocationAnswer:
    """A second time changes nothing. Whether there is such a pass isn't known here."""
    author = acting(caller, Act.ERASE_SUBJECT)
    services.passes().revoke(bytes.fromhex(told.serial), purpose=PurposeId(told.purpose), author=author)
    return PassRevocationAnswer(revoked=True)


def _answer(done: IssuedPass) -> IssuedPassAnswer:
    return IssuedPassAnswer(
        text=done.text,
        serial=done.serial,
        purpose=done.purpose,
        valid_from=done.valid_from,
        valid_until=done.valid_until,
        pictures=done.samples,
        quality=done.quality,
        left_out=tuple(
            LeftOutOfPassDocument(number=one.number, codes=one.codes, words=one.words)
            for one in done.left_out
        ),
        permit_id=done.permit_id,
        log=LogReceiptDocument(
            index=done.log.index, leaf_hash=done.log.leaf_hash, tree_size=done.log.tree_size
        ),
    )


def _drawn(done: IssuedPass, form: PassForm, drawn: bytes) -> Response:
    return Response(
        drawn,
        status_code=201,
        media_type=form.media_type,
        headers={
            "Pass-Serial": done.serial,
            "Pass-Valid-Until": done.valid_until.isoformat(),
            "Content-Disposition": f'attachment; filename="pass.{form.value}"',
        },
    )
