"""What the OpenAPI document says besides the models: problems, the multipart form, and examples.

The examples are run against the application by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from countenance.api.problems import PROBLEM_TYPE
from countenance.api.schemas import DocumentReadingFields, ProblemDocument, VerificationFields

__all__ = [
    "DESCRIPTION",
    "DOCUMENT_READING_BODY",
    "DOCUMENT_READING_EXAMPLES",
    "TAGS",
    "VERDICT_EXAMPLES",
    "VERIFICATION_BODY",
    "VERIFICATION_EXAMPLES",
    "problems",
]

DESCRIPTION: Final = """Face recognition that keeps the rules by construction.

Nothing biometric is done without a permit, and a permit is what a yes of the rules yields. A refusal is
an answer: it carries the verdict with every rule that fired, its citation, and what is missing.

Every path but `/healthz` and this document asks for an API key, as `Authorization: Bearer` or
`X-Api-Key`. Errors are problem documents (RFC 9457) with a stable `code`, a sentence, and a remedy."""

TAGS: Final[list[dict[str, Any]]] = [
    {"name": "verifications", "description": "Attended one-to-one comparison."},
    {
        "name": "documents",
        "description": "What a document says of age and expiry; never whether it is genuine.",
    },
    {"name": "verdicts", "description": "The rules, asked about a hypothesis."},
    {"name": "directory", "description": "Registered places and devices."},
    {"name": "receipts", "description": "Receipts and the keys that check them."},
    {"name": "health", "description": "Whether the installation is ready."},
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problem responses of a route, for its OpenAPI entry."""
    return {
        status: {
            "model": ProblemDocument,
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in statuses
    }


VERIFICATION_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "desk": {
        "summary": "A guest at the front desk, photographed with the desk's own camera",
        "value": {
            "place": "plc_frontdesk",
            "device": "dev_deskcamera",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
            "scene": "hotel-checkin",
        },
    },
    "guest-room": {
        "summary": "The same request from a device in a guest room: refused",
        "value": {
            "place": "plc_frontdesk",
            "device": "dev_roomtablet",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
            "scene": "hotel-checkin",
        },
    },
}
"""Text fields of the form; the two photographs are added by whoever runs them."""


def _verification_body() -> dict[str, Any]:
    schema = VerificationFields.model_json_schema()
    photographs = {
        "document": "A photograph or scan of the page with the portrait: JPEG, PNG, WebP or BMP.",
        "live": "A photograph of the person at the desk, taken now.",
    }
    schema["properties"] = {
        **{
            name: {"type": "string", "format": "binary", "description": words}
            for name, words in photographs.items()
        },
        **schema["properties"],
    }
    schema["required"] = [*photographs, *schema["required"]]
    schema["title"] = "VerificationForm"
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": schema, "examples": dict(VERIFICATION_EXAMPLES)}},
    }


VERIFICATION_BODY: Final = _verification_body()

DOCUMENT_READING_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "page": {
        "summary": "The page with the portrait, at the front desk",
        "value": {
            "place": "plc_frontdesk",
            "device": "dev_deskcamera",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
            "portrait": "yes",
        },
    },
    "guest-room": {
        "summary": "The same request from a device in a guest room: refused",
        "value": {
            "place": "plc_frontdesk",
            "device": "dev_roomtablet",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
}
"""Text fields of the form; the photograph is added by whoever runs them."""


def _document_reading_body() -> dict[str, Any]:
    schema = DocumentReadingFields.model_json_schema()
    words = "A photograph or scan of the side with the machine readable lines: JPEG, PNG, WebP or BMP."
    schema["properties"] = {
        "document": {"type": "string", "format": "binary", "description": words},
        **schema["properties"],
    }
    schema["required"] = ["document", *schema["required"]]
    schema["title"] = "DocumentReadingForm"
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": schema, "examples": dict(DOCUMENT_READING_EXAMPLES)}},
    }


DOCUMENT_READING_BODY: Final = _document_reading_body()

VERDICT_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "identify-in-the-street": {
        "summary": "May a city identify passers-by in the EU?",
        "value": {"operation": "identify_live", "place": "street", "jurisdictions": ["EU"]},
    },
    "verify-in-a-guest-room": {
        "summary": "May a hotel in China verify a face in a guest room?",
        "value": {"operation": "verify", "place": "private_space", "jurisdictions": ["CN"]},
    },
}
