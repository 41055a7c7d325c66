"""``/v1/identifications``: a search among enrolled people, and what reviewers say about its answer.

A comparison score is in no answer. What each reviewer said is told to nobody before all have spoken.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from countenance.api.access import Caller, Clerk, Installed, acting
from countenance.api.documentation import problems
from countenance.api.schemas import LogReceiptDocument, VerdictDocument
from countenance.api.uploads import FormReader
from countenance.api.verifications import check_form, form_reader, inference_room
from countenance.authority import Act
from countenance.kernel import DecisionId, DeviceId, PlaceId, PurposeId
from countenance.scenes import AgeBand, GuestStatement, VisitOrder, VisitResult

__all__ = ["IDENTIFICATION_EXAMPLES", "IDENTIFICATION_REQUESTS", "router"]

router = APIRouter(tags=["identifications"])

_PICTURE: Final = "picture"


class IdentificationFields(BaseModel):
    """The text fields of a search's multipart form; the picture stands beside them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: str = Field(description="Id of the registered purpose for which people are enrolled.")
    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the picture.")
    consents: Literal["yes", "no"] = Field(
        description="What whoever stands there answered to being searched for; there is no default."
    )
    age_band: Literal["adult", "14-17", "under14"] = Field(description="The age band that they stated.")
    language: str = Field(
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="Language of the notice (BCP 47)."
    )
    fpir: float | None = Field(
        default=None,
        gt=0,
        le=0.1,
        description="Share of strangers who may be falsely named; the installation's own if smaller.",
    )
    automatic: Literal["yes", "no"] = Field(
        default="no", description="Whether it is to be acted on without a person; the rules are asked."
    )


class ReviewRequest(BaseModel):
    """What a reviewer says about the answer to a search."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    right: bool = Field(description="Whether the answer is right, as far as the reviewer can see.")


IDENTIFICATION_REQUESTS: Final[tuple[type[BaseModel], ...]] = (IdentificationFields, ReviewRequest)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class CandidateDocument(_Document):
    """Somebody enrolled who may be the person in the picture. No score."""

    reference: str
    subject: str = Field(description="By pseudonym.")
    odds: str = Field(description="How often a stranger would be named so, in words.")


class SearchErrorDocument(_Document):
    """How often a search among so many people falsely names a stranger."""

    asked: float = Field(description="The false positive identification rate asked for.")
    people: int = Field(description="How many were searched.")
    largest_gallery: int = Field(description="How many the evidence supports at that rate.")
    fpir: float = Field(description="Predicted for the worst measured group.")
    low: float = Field(description="Lower end of its 95 % prediction interval.")
    high: float = Field(description="Upper end.")
    fmr_low: float = Field(description="Lower end of a single comparison's false match rate.")
    fmr_high: float = Field(description="Upper end.")
    fnir: float | None = Field(description="Share of enrolled people missed, at most; null: not measured.")
    measured_on: str
    worst_group: str
    label: str = Field(description="How far the error table goes, such as `development`.")
    document_portraits: str


class IdentificationAnswer(_Document):
    """The answer to one search, with its error, its receipt and the rules that allowed it."""

    decision_id: str
    outcome: Literal["unknown", "lead", "match", "inconclusive"]
    words: tuple[str, ...] = Field(description="The decision in sentences, the outcome first.")
    stated_error: SearchErrorDocument
    candidates: tuple[CandidateDocument, ...] = Field(description="Empty unless a lead or a match.")
    holds: tuple[str, ...] = Field(description="Why a lead isn't a match; stable codes.")
    reviewers: int = Field(ge=0, le=2, description="How many people have to look at it, by the rules.")
    inputs: tuple[dict[str, Any], ...] = Field(description="What was found in the picture.")
    models: tuple[str, ...]
    permit_id: str
    rule_set: str
    request_digest: str
    decided_at: str
    assurance: str
    demo: bool
    verdict: VerdictDocument
    subject: str = Field(description="The pseudonym of this visit.")
    receipt: str = Field(description="For whoever was searched for: a signed receipt (compact JWS).")
    log: LogReceiptDocument


class ReviewAnswer(_Document):
    """How the review of a decision stands."""

    decision: str
    given: int = Field(ge=0, description="How many have spoken.")
    asked: int = Field(ge=1, description="How many have to.")
    confirmed: bool | None = Field(description="Whether all say it is right; null until they have spoken.")


IDENTIFICATION_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "agreed": {
        "summary": "Somebody at the staff door who agrees to be searched for",
        "value": {
            "purpose": "pur_staffdoor",
            "place": "plc_staffdoor",
            "device": "dev_staffdoor",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
}
"""Text fields of the form; the picture is added by whoever runs them."""


def _body() -> dict[str, Any]:
    schema = IdentificationFields.model_json_schema()
    picture = {
        "type": "string",
        "format": "binary",
        "description": (
            "A picture of whoever stands there: JPEG, PNG, WebP or BMP. At a street or a gate a clip of two "
            "seconds and more, in which a person is shown to be there."
        ),
    }
    schema["properties"] = {_PICTURE: picture, **schema["properties"]}
    schema["required"] = [_PICTURE, *schema["required"]]
    schema["title"] = "IdentificationForm"
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": schema, "examples": IDENTIFICATION_EXAMPLES}},
    }


@router.post(
    "/v1/identifications",
    summary="Search for whoever stands there among enrolled people, under a permit",
    description=(
        "Open set: `unknown` is an answer, and whoever is named is a lead unless the rules allow acting on "
        "it. The threshold follows from the rate asked for and the number of people; a gallery above the "
        "evidence is refused (`gallery-beyond-evidence`). In streets and at gates a face is searched for "
        "only if a clip shows that it is a person's (`not-shown-to-be-a-person`). What the rules refuse is "
        "answered with 403 and the verdict. The picture stays in memory and is overwritten."
    ),
    response_model=IdentificationAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": _body()},
)
async def identify(
    request: Request,
    caller: Clerk,
    services: Installed,
    forms: Annotated[FormReader, Depends(form_reader)],
    room: Annotated[CapacityLimiter, Depends(inference_room)],
) -> dict[str, object]:
    """Answer one search."""
    form = await forms.read(request, most_files=1)
    fields = check_form(form, IdentificationFields, files=frozenset({_PICTURE}))
    author = acting(caller, Act.CARRY_OUT_SCENE)
    order = VisitOrder(
        probe=form.file(_PICTURE),
        purpose=PurposeId(fields.purpose),
        place=PlaceId(fields.place),
        device=DeviceId(fields.device),
        guest=GuestStatement(
            consents=fields.consents == "yes",
            age_band=AgeBand(fields.age_band),
            language=fields.language,
            stated_by=str(author),
        ),
        fpir=fields.fpir,
        automatic=fields.automatic == "yes",
    )

    def search() -> VisitResult:
        return services.identification().identify(order, author=author)

    result = await to_thread.run_sync(search, limiter=room)
    for preview in result.identified.previews:
        preview.wipe()
    return _document(result)


@router.post(
    "/v1/identifications/{decision}/reviews",
    summary="Say as a reviewer whether the answer to a search is right",
    description=(
        "Where the rules ask for two people, neither is told the other's word before both have spoken, and "
        "the second one acts under another key. Two who differ confirm nothing."
    ),
    responses=problems(401, 403, 404, 413, 422, 503),
)
def review(decision: str, told: ReviewRequest, caller: Caller, services: Installed) -> ReviewAnswer:
    """Take one reviewer's word."""
    state = services.identification().review(
        DecisionId(decision), right=told.right, author=acting(caller, Act.REVIEW_RESULT)
    )
    return ReviewAnswer(
        decision=state.decision_id, given=state.given, asked=state.asked, confirmed=state.confirmed
    )


def _document(result: VisitResult) -> dict[str, object]:
    done = result.identified
    return {
        **done.decision.to_json(),
        "verdict": done.verdict.to_json(),
        "subject": result.subject,
        "receipt": done.receipt,
        "log": {
            "index": done.log.index,
            "leaf_hash": done.log.leaf_hash,
            "tree_size": done.log.tree_size,
        },
    }
