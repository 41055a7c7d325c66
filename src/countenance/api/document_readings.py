"""``POST /v1/document-readings``: one photograph of a document in; age band, expiry and checks out."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request

from countenance.api.access import Clerk, Installed, acting
from countenance.api.documentation import DOCUMENT_READING_BODY, problems
from countenance.api.schemas import DocumentReadingAnswer, DocumentReadingFields
from countenance.api.uploads import FormReader
from countenance.api.verifications import check_form, form_reader, inference_room
from countenance.authority import Act
from countenance.decisions import DocumentReadingUnavailable
from countenance.kernel import DeviceId, PlaceId
from countenance.scenes import AgeBand, GuestStatement
from countenance.scenes.document_reading import DocumentOrder, DocumentResult

__all__ = ["document_reading", "router"]

router = APIRouter(tags=["documents"])


@router.post(
    "/v1/document-readings",
    summary="Read a document under a permit: age band, expiry, check digits",
    description=(
        "Reads the machine readable zone or the citizen number. A file that is no picture is refused first, "
        "without a trace; then the rules are asked. No template is made; number, name and dates aren't "
        "answered and nothing of them is kept. The document is not authenticated. A check that doesn't hold "
        "is said; what follows from its field isn't."
    ),
    response_model=DocumentReadingAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra={"requestBody": DOCUMENT_READING_BODY},
)
async def read_document(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> dict[str, object]:
    """Answer one reading."""
    form = await forms.read(request)
    fields = check_form(form, DocumentReadingFields, files=frozenset({"document"}))
    if services.documents is None:
        raise DocumentReadingUnavailable("The networks that read documents aren't here.")
    order = DocumentOrder(
        document=form.file("document"),
        place=PlaceId(fields.place),
        device=DeviceId(fields.device),
        guest=GuestStatement(
            consents=fields.consents == "yes",
            age_band=AgeBand(fields.age_band),
            language=fields.language,
            stated_by=str(acting(caller, Act.CARRY_OUT_SCENE)),
        ),
        portrait=fields.portrait == "yes",
    )
    result = await to_thread.run_sync(services.documents.run, order, limiter=room)
    return document_reading(result)


def document_reading(result: DocumentResult) -> dict[str, object]:
    """Return what the API says about a reading: no number, no name, no date, no confidence."""
    reading = result.reading
    return {
        "kind": reading.kind.value,
        "issuing_state": reading.issuing_state,
        "age_band": reading.age_band.value,
        "age_agrees": result.age_agrees,
        "expired": reading.expired,
        "checks": [
            {"field": check.field, "kind": check.kind.value, "right": check.right} for check in reading.checks
        ],
        "portrait_found": reading.portrait is not None,
        "authenticated": reading.authenticated,
        "assurance": reading.assurance,
        "permit_id": result.permit_id,
        "demo": result.demo,
        "verdict": result.verdict.to_json(),
        "log": {
            "index": result.log.index,
            "leaf_hash": result.log.leaf_hash,
            "tree_size": result.log.tree_size,
        },
    }
