"""One table from errors to HTTP, and the problem documents (RFC 9457) that carry them.

The family of an error gives its status; the few codes that HTTP has a better word for stand in
:data:`STATUS_BY_CODE`. Nothing else in the package chooses a status for an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from countenance.authority import RefusedByRule
from countenance.kernel import CountenanceError, Family

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = [
    "PROBLEM_TYPE",
    "STATUS_BY_CODE",
    "STATUS_BY_FAMILY",
    "problem_document",
    "problem_response",
    "status_of",
]

PROBLEM_TYPE: Final = "application/problem+json"

STATUS_BY_FAMILY: Final[Mapping[Family, int]] = {
    Family.CALLER: 422,
    Family.SUBJECT: 422,
    Family.EVIDENCE: 403,
    Family.OPERATOR: 503,
}
"""Who has to act, as HTTP says it: the request can't be processed, a rule forbids it, or the
installation isn't ready."""

STATUS_BY_CODE: Final[Mapping[str, int]] = {
    "already-enrolled": 409,
    "api-key-refused": 401,
    "certificate-refused": 422,
    "close-to-another": 409,
    "consent-not-on-file": 404,
    "document-altered": 422,
    "duty-overdue": 409,
    "field-missing": 400,
    "field-twice": 400,
    "form-malformed": 400,
    "held-from-erasure": 409,
    "key-not-for-the-page": 403,
    "liveness-attempts-used-up": 429,
    "not-a-form": 415,
    "notices-owed": 409,
    "notice-not-published": 404,
    "not-a-picture": 415,
    "page-failed": 500,
    "page-not-found": 404,
    "picture-moves": 415,
    "picture-too-large": 413,
    "post-from-elsewhere": 403,
    "receipt-refused": 422,
    "record-exists": 409,
    "record-unknown": 404,
    "request-malformed": 422,
    "role-missing": 403,
    "subject-not-on-file": 404,
    "too-many-attempts": 429,
    "too-many-comparisons": 429,
    "unexpected-failure": 500,
    "unknown-device": 404,
    "unknown-place": 404,
    "unknown-scene": 404,
    "unknown-route": 404,
    "upload-too-large": 413,
}
"""The codes that HTTP has a better word for than their family's."""


def status_of(error: CountenanceError) -> int:
    """Return the HTTP status of an error, from 400 to 599."""
    return STATUS_BY_CODE.get(error.code, STATUS_BY_FAMILY[error.family])


def problem_document(error: CountenanceError) -> dict[str, object]:
    """Return the problem document of an error.

    Returns:
        ``type`` (a URN that ends with the code), ``title`` (the family in words), ``status``,
        ``detail`` (what happened), ``code``, ``remedy`` and, when a rule said no, ``verdict``.
    """
    document: dict[str, object] = {
        "type": f"urn:countenance:error:{error.code}",
        "title": _TITLES[error.family],
        "status": status_of(error),
        "detail": error.message,
        "code": error.code,
        "family": error.family.value,
        "remedy": error.remedy,
    }
    if isinstance(error, RefusedByRule):
        document["verdict"] = error.verdict.to_json()
    return document


_TITLES: Final[Mapping[Family, str]] = {
    Family.CALLER: "The request can't be used",
    Family.SUBJECT: "The photograph can't be used",
    Family.EVIDENCE: "Not permitted",
    Family.OPERATOR: "The installation isn't ready",
}


def problem_response(error: CountenanceError) -> JSONResponse:
    """Return the answer that carries an error."""
    status = status_of(error)
    headers = {"WWW-Authenticate": 'Bearer realm="countenance"'} if status == 401 else {}  # noqa: PLR2004
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(problem_document(error), status, headers=headers, media_type=PROBLEM_TYPE)


async def answer_error(_: Request, error: Exception) -> JSONResponse:
    """Turn an error of this package's into its problem document; a Starlette exception handler."""
    if not isinstance(error, CountenanceError):
        raise error
    return problem_response(error)
