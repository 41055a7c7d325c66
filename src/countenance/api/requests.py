"""``/v1/requests``: what people ask for as their right, until when it is answered, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from countenance.api.access import Caller, CallerKey, Installed, RoleMissing, acting
from countenance.api.documentation import REQUEST_EXAMPLES, problems
from countenance.authority import Act, Author
from countenance.cases import AnswerKind, Right, RightsRequest
from countenance.kernel import CaseId, PlaceId, SubjectId

__all__ = ["RIGHTS_REQUESTS", "router"]

router = APIRouter(tags=["requests"])


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RightsRequestRequest(_Request):
    """A person's request."""

    right: Right = Field(description="What is asked for.")
    subject: str = Field(min_length=1, max_length=128, description="Who asks, by pseudonym.")
    words: str = Field(min_length=1, max_length=4000, description="What they ask; kept sealed.")
    received_at: AwareDatetime | None = Field(default=None, description="When it arrived; now if left out.")
    place: str | None = Field(
        default=None, max_length=128, description="Whose rules count; every place's if left out."
    )


class ExtensionRequest(_Request):
    """Why a request's time is extended."""

    words: str = Field(min_length=1, max_length=4000, description="Why, as the person was told; kept sealed.")


class AnswerRequest(_Request):
    """The answer to a request."""

    words: str = Field(
        default="", max_length=4000, description="What the person is told; kept sealed. Why, if refused."
    )
    refused: bool = Field(default=False, description="Whether it is refused.")


RIGHTS_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    RightsRequestRequest,
    ExtensionRequest,
    AnswerRequest,
)


class RequestStepDocument(BaseModel):
    """What was done, and when."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="opened, extended or answered.")
    at: datetime
    by: str
    words: str | None = Field(description="What was said; none once the person was erased.")


class RightsRequestDocument(BaseModel):
    """A request as it stands."""

    model_config = ConfigDict(frozen=True)

    request: str
    right: Right
    subject: str | None = Field(description="Who asks; none once the person was erased.")
    received_at: datetime
    due: datetime = Field(description="Until when it is answered.")
    overdue: bool
    rules: tuple[str, ...] = Field(description="Whose clocks apply; house for the house's own.")
    extendable_to: datetime | None
    answer: AnswerKind | None
    answered_at: datetime | None
    export_sha256: str | None = Field(description="Of the export that answered it.")
    certificate: str | None = Field(description="The deletion certificate that answered it.")
    certificate_sha256: str | None
    steps: tuple[RequestStepDocument, ...]


class RightsRequestsAnswer(BaseModel):
    """Requests, the one due first in front."""

    model_config = ConfigDict(frozen=True)

    requests: tuple[RightsRequestDocument, ...]


class AnsweredDocument(BaseModel):
    """A request that was answered, and what is handed out with it."""

    model_config = ConfigDict(frozen=True)

    request: RightsRequestDocument
    export: dict[str, Any] | None = Field(description="Everything about the person, if that was asked.")
    certificate: dict[str, Any] | None = Field(description="The certificate, if erasure was asked.")


@router.get("/v1/requests", summary="List the open requests", responses=problems(401, 403, 422, 503))
def list_requests(
    caller: Caller,
    services: Installed,
    *,
    answered: Annotated[bool, Query(description="Answered ones too.")] = False,
) -> RightsRequestsAnswer:
    """With until when each is answered."""
    found, now = services.requests.all(author=_reading(caller), answered=answered), services.clock.now()
    return RightsRequestsAnswer(requests=tuple(_document(one, now) for one in found))


@router.post(
    "/v1/requests",
    summary="Take a person's request down",
    status_code=201,
    responses=problems(401, 403, 404, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": REQUEST_EXAMPLES}}}},
)
def open_request(told: RightsRequestRequest, caller: Caller, services: Installed) -> RightsRequestDocument:
    """Its clock runs from the moment at which it arrived."""
    request = services.requests.open(
        told.right,
        SubjectId(told.subject),
        words=told.words,
        author=acting(caller, Act.TAKE_REQUEST),
        received_at=told.received_at,
        place=None if told.place is None else PlaceId(told.place),
    )
    return _document(request, services.clock.now())


@router.post(
    "/v1/requests/{request_id}/extension",
    summary="Extend a request's time",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def extend(
    request_id: str, told: ExtensionRequest, caller: Caller, services: Installed
) -> RightsRequestDocument:
    """Once, as far as the rules allow."""
    author = acting(caller, Act.ANSWER_REQUEST)
    request = services.requests.extend(CaseId(request_id), words=told.words, author=author)
    return _document(request, services.clock.now())


@router.post(
    "/v1/requests/{request_id}/answer",
    summary="Answer a request",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def answer_request(
    request_id: str, told: AnswerRequest, caller: Caller, services: Installed
) -> AnsweredDocument:
    """Access with the export, erasure with the certificate, the rest in words."""
    done = services.requests.answer(
        CaseId(request_id),
        author=acting(caller, Act.ANSWER_REQUEST),
        words=told.words,
        refused=told.refused,
    )
    return AnsweredDocument(
        request=_document(done.request, services.clock.now()),
        export=None if done.export is None else done.export.model_dump(mode="json"),
        certificate=None if done.certified is None else dict(done.certified.document),
    )


def _reading(caller: CallerKey) -> Author:
    try:
        return acting(caller, Act.READ_RECORDS)
    except RoleMissing:
        return acting(caller, Act.ANSWER_REQUEST)


def _document(request: RightsRequest, now: datetime) -> RightsRequestDocument:
    return RightsRequestDocument(
        request=request.request_id,
        right=request.right,
        subject=request.subject,
        received_at=request.received_at,
        due=request.due,
        overdue=request.overdue_at(now),
        rules=request.rules,
        extendable_to=request.extendable_to,
        answer=request.answer,
        answered_at=request.answered_at,
        export_sha256=request.export_sha256,
        certificate=request.certificate,
        certificate_sha256=request.certificate_sha256,
        steps=tuple(
            RequestStepDocument(kind=step.kind, at=step.at, by=step.author, words=step.words)
            for step in request.steps
        ),
    )
