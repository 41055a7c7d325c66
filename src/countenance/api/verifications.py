"""``POST /v1/verifications``: two photographs in; a decision out, or the verdict that refuses it."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ValidationError

from countenance.api.access import Clerk, Installed, acting
from countenance.api.documentation import VERIFICATION_BODY, problems
from countenance.api.schemas import VerificationAnswer, VerificationFields
from countenance.api.uploads import FieldMissing, FormReader, UploadedForm
from countenance.authority import Act
from countenance.decisions import Verified
from countenance.kernel import CallerError, DeviceId, PlaceId
from countenance.scenes import AgeBand, AttendedOrder, AttendedResult, GuestStatement, UnknownScene

__all__ = [
    "RequestMalformed",
    "check_form",
    "form_reader",
    "inference_room",
    "parse_fields",
    "router",
    "verification_document",
]

router = APIRouter(tags=["verifications"])

_Fields = TypeVar("_Fields", bound=BaseModel)
_FILES: Final = frozenset({"document", "live"})


class RequestMalformed(CallerError):
    """A member of the request is missing, unknown, or has a value that it can't have."""

    code = "request-malformed"
    default_remedy = "Use the names and values that the OpenAPI document lists."


def parse_fields(form: UploadedForm) -> VerificationFields:
    """Return a verification form's text fields, checked.

    Raises:
        FieldMissing: if a field isn't there.
        RequestMalformed: if a value can't be, or there is a field that the form doesn't have.
    """
    return check_form(form, VerificationFields, files=_FILES)


def check_form(form: UploadedForm, kind: type[_Fields], *, files: frozenset[str]) -> _Fields:
    """Return a form's text fields, checked against a model.

    Args:
        form: as it came.
        kind: which fields there are.
        files: the names under which it may carry files.

    Raises:
        FieldMissing: if a field isn't there.
        RequestMalformed: if a value can't be, or there is a field or file that the form doesn't have.
    """
    if not set(form.files) <= files:
        raise RequestMalformed("The form has a file under a name that it doesn't know.")
    try:
        return kind.model_validate(form.fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if name not in kind.model_fields:
            raise RequestMalformed("The form has a field that it doesn't know.") from None
        if first["type"] == "missing":
            msg = f"The form lacks its field {name}."
            raise FieldMissing(msg) from None
        msg = f"The field {name} has a value that it can't have."
        raise RequestMalformed(msg) from None


def form_reader(request: Request) -> FormReader:
    """Return the reader that the application was built with."""
    return cast("FormReader", request.app.state.forms)


def inference_room(request: Request) -> CapacityLimiter:
    """Return what bounds the verifications that run at once."""
    return cast("CapacityLimiter", request.app.state.inference)


@router.post(
    "/v1/verifications",
    summary="Compare a document's portrait with a live photograph, under a permit",
    description=(
        "Carries out the scene at a registered place with a registered device. A file that is no picture is "
        "refused first, without a trace. Then the rules are asked: what they refuse is answered with 403 and "
        "the verdict, and nobody is looked at. Photographs and templates stay in memory and are overwritten; "
        "the decision is signed, logged and receipted."
    ),
    response_model=VerificationAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": VERIFICATION_BODY},
)
async def verify(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> dict[str, object]:
    """Answer one verification."""
    form = await forms.read(request)
    fields = parse_fields(form)
    scene = services.attended.get(fields.scene)
    if scene is None:
        raise UnknownScene("This installation carries out no attended scene of that id.")
    order = AttendedOrder(
        document=form.file("document"),
        live=form.file("live"),
        place=PlaceId(fields.place),
        device=DeviceId(fields.device),
        guest=GuestStatement(
            consents=fields.consents == "yes",
            age_band=AgeBand(fields.age_band),
            language=fields.language,
            stated_by=str(acting(caller, Act.CARRY_OUT_SCENE)),
        ),
        liveness=fields.liveness,
    )
    result = await to_thread.run_sync(scene.run, order, limiter=room)
    try:
        return verification_document(result)
    finally:
        for preview in result.previews:
            preview.wipe()


def verification_document(result: AttendedResult | Verified) -> dict[str, object]:
    """Return what the API says about a verification. It holds neither score nor pixels."""
    return {
        **result.decision.to_json(),
        "verdict": result.verdict.to_json(),
        "receipt": result.receipt,
        "log": {
            "index": result.log.index,
            "leaf_hash": result.log.leaf_hash,
            "tree_size": result.log.tree_size,
        },
    }
