"""Builds the REST application."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from starlette.exceptions import HTTPException

import countenance
from countenance.api import (
    directory,
    document_readings,
    enrolments,
    health,
    identifications,
    incidents,
    issuers,
    liveness_sessions,
    metrics,
    notice_drafts,
    notices,
    passes,
    receipts,
    records,
    requests,
    setting_up,
    subjects,
    verdicts,
    verifications,
)
from countenance.api.documentation import DESCRIPTION, TAGS
from countenance.api.enrolments import ENROLMENT_REQUESTS
from countenance.api.identifications import IDENTIFICATION_REQUESTS
from countenance.api.incidents import INCIDENT_REQUESTS
from countenance.api.issuers import ISSUER_REQUESTS
from countenance.api.liveness_sessions import LIVENESS_REQUESTS
from countenance.api.notice_drafts import NOTICE_DRAFT_REQUESTS
from countenance.api.notices import NOTICE_REQUESTS
from countenance.api.pass_documents import PASS_REQUESTS
from countenance.api.problems import PROBLEM_TYPE, answer_error, problem_response
from countenance.api.records import RECORD_REQUESTS
from countenance.api.requests import RIGHTS_REQUESTS
from countenance.api.schemas import (
    DeviceRequest,
    DeviceStatusRequest,
    HypothesisRequest,
    ReceiptRequest,
)
from countenance.api.setting_up import SETUP_REQUESTS
from countenance.api.subjects import SUBJECT_REQUESTS
from countenance.api.uploads import FormMalformed, UploadTooLarge
from countenance.api.verifications import RequestMalformed
from countenance.kernel import CallerError, CountenanceError, OperatorError

if TYPE_CHECKING:
    from fastapi import Request

    from countenance.api.attempts import AttemptBook
    from countenance.api.uploads import FormReader
    from countenance.runtime import Services

__all__ = ["API_PATHS", "build_api"]

API_PATHS: Final = (
    "/healthz",
    "/metrics",
    "/v1/certificates/check",
    "/v1/consents",
    "/v1/consents/withdrawals",
    "/v1/consents/{record_id}/receipt",
    "/v1/devices",
    "/v1/devices/{device_id}/status",
    "/v1/document-readings",
    "/v1/enrolments",
    "/v1/enrolments/removals",
    "/v1/identifications",
    "/v1/identifications/{decision}/reviews",
    "/v1/incidents",
    "/v1/incidents/{incident_id}/closing",
    "/v1/incidents/{incident_id}/drafts",
    "/v1/incidents/{incident_id}/notes",
    "/v1/incidents/{incident_id}/notifications",
    "/v1/issuers",
    "/v1/issuers/{key_id}/revocation",
    "/v1/keys",
    "/v1/liveness-sessions",
    "/v1/liveness-sessions/frames",
    "/v1/liveness-sessions/results",
    "/v1/notices",
    "/v1/notices/drafts",
    "/v1/notices/{notice}",
    "/v1/openapi.json",
    "/v1/passes",
    "/v1/passes/checks",
    "/v1/passes/revocations",
    "/v1/places",
    "/v1/places/{place_id}/readiness",
    "/v1/receipts/check",
    "/v1/receipts/open",
    "/v1/receipts/withdrawals",
    "/v1/records",
    "/v1/records/signed",
    "/v1/records/signed/drafts",
    "/v1/records/{record_id}",
    "/v1/records/{record_id}/withdrawal",
    "/v1/requests",
    "/v1/requests/{request_id}/answer",
    "/v1/requests/{request_id}/extension",
    "/v1/signs",
    "/v1/signs/postings",
    "/v1/subjects/erasures",
    "/v1/subjects/exports",
    "/v1/subjects/holds",
    "/v1/subjects/holds/lifting",
    "/v1/verdicts",
    "/v1/verifications",
)
"""The paths that REST answers at."""

_WATCHED_AT_ONCE: Final = 2
"""Frames of liveness sessions that are looked at at once; they wait for no verification."""

_NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own telemetry would export what its environment variables say; this package calls nobody."""


_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    HypothesisRequest,
    ReceiptRequest,
    DeviceRequest,
    DeviceStatusRequest,
    *RECORD_REQUESTS,
    *NOTICE_REQUESTS,
    *NOTICE_DRAFT_REQUESTS,
    *ISSUER_REQUESTS,
    *INCIDENT_REQUESTS,
    *SETUP_REQUESTS,
    *SUBJECT_REQUESTS,
    *RIGHTS_REQUESTS,
    *LIVENESS_REQUESTS,
    *ENROLMENT_REQUESTS,
    *PASS_REQUESTS,
    *IDENTIFICATION_REQUESTS,
)
_MEMBERS: Final = frozenset(
    field.alias or name for request in _REQUESTS for name, field in request.model_fields.items()
)
"""The members that an error may name; what else a caller wrote isn't repeated."""


class UnknownRoute(CallerError):
    """There is nothing at this path, or not with this method."""

    code = "unknown-route"
    default_remedy = "Use a path and a method that the OpenAPI document lists."


class UnexpectedFailure(OperatorError):
    """Something failed that nobody foresaw. What it was stands in the server's log, not in the answer."""

    code = "unexpected-failure"
    default_remedy = "Look into the server's log; if it happens again, report it with the version."


class _Api(FastAPI):
    """FastAPI, except that its document says of a problem what it is: ``application/problem+json`` alone."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        for methods in document["paths"].values():
            for operation in methods.values():
                for response in operation["responses"].values():
                    if PROBLEM_TYPE in response.get("content", {}):
                        response["content"].pop("application/json", None)
        return document


def build_api(
    services: Services, *, forms: FormReader, attempts: AttemptBook, room: CapacityLimiter
) -> FastAPI:
    """Return the ASGI application of ``/v1`` and ``/healthz``.

    Args:
        services: what it may use.
        forms: reads the uploads.
        attempts: bounds failed keys.
        room: bounds the verifications that run at once; each holds its decoded pictures in memory.
    """
    app = _Api(
        title="Countenance",
        version=countenance.__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        exception_handlers={
            CountenanceError: answer_error,
            RequestValidationError: _answer_malformed,
            HTTPException: _answer_http,
            Exception: _answer_unexpected,
        },
    )
    app.state.services = services
    app.state.forms = forms
    app.state.attempts = attempts
    app.state.inference = room
    app.state.watching = CapacityLimiter(_WATCHED_AT_ONCE)
    for module in (
        verifications,
        document_readings,
        enrolments,
        identifications,
        passes,
        liveness_sessions,
        verdicts,
        directory,
        setting_up,
        records,
        issuers,
        notices,
        notice_drafts,
        receipts,
        subjects,
        incidents,
        requests,
        health,
        metrics,
    ):
        app.include_router(module.router)
    return app


async def _answer_malformed(_: Request, error: Exception) -> JSONResponse:
    """Name the members that are wrong; what was sent isn't repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    members = {str(item["loc"][1]) for item in error.errors() if len(item["loc"]) > 1}
    named = ", ".join(sorted(members & _MEMBERS)) or "its body isn't what this path takes"
    return problem_response(RequestMalformed(f"The request can't be used: {named}."))


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    """Say in this package's words what the framework found."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return problem_response(UnknownRoute("There is nothing at this path with this method."))
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem_response(UploadTooLarge("The request is larger than this path takes."))
    return problem_response(FormMalformed("The request's body can't be read."))


async def _answer_unexpected(_: Request, __: Exception) -> JSONResponse:
    """Answer without a word about what failed; the server logs it."""
    return problem_response(UnexpectedFailure("Something failed that nobody foresaw."))
