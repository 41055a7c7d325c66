"""What the OpenAPI document says besides the models: problems, the multipart form, and examples.

The examples are run against the application by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from countenance.api.problems import PROBLEM_TYPE
from countenance.api.schemas import (
    DocumentReadingFields,
    EnrolmentFields,
    ProblemDocument,
    VerificationFields,
)

__all__ = [
    "CONSENT_EXAMPLES",
    "DESCRIPTION",
    "DEVICE_EXAMPLES",
    "DOCUMENT_READING_BODY",
    "DOCUMENT_READING_EXAMPLES",
    "ENROLMENT_BODY",
    "ENROLMENT_EXAMPLES",
    "ENROLMENT_PICTURES",
    "INCIDENT_EXAMPLES",
    "ISSUER_EXAMPLES",
    "LIVENESS_EXAMPLES",
    "LIVENESS_FRAME_BODY",
    "NOTICE_DRAFT_EXAMPLES",
    "OUTSIDE_DRAFT_EXAMPLES",
    "RECORD_EXAMPLES",
    "REQUEST_EXAMPLES",
    "SETUP_EXAMPLES",
    "SIGN_EXAMPLES",
    "STATUS_EXAMPLES",
    "TAGS",
    "VERDICT_EXAMPLES",
    "VERIFICATION_BODY",
    "VERIFICATION_EXAMPLES",
    "WITHDRAWAL_EXAMPLES",
    "problems",
]

DESCRIPTION: Final = """Face recognition that keeps the rules by construction.

Nothing biometric is done without a permit, and a permit is what a yes of the rules yields. A refusal is
an answer: it carries the verdict with every rule that fired, its citation, and what is missing.

An API key is asked for, as `Authorization: Bearer` or `X-Api-Key`, by every path but `/healthz`, `/metrics`
from the same machine, this document, notices, and what the bearer of a receipt may do. Errors are problem
documents (RFC 9457) with a stable `code`, a sentence, and a remedy."""

TAGS: Final[list[dict[str, Any]]] = [
    {"name": "verifications", "description": "Attended one-to-one comparison."},
    {
        "name": "documents",
        "description": "What a document says of age and expiry; never whether it is genuine.",
    },
    {
        "name": "enrolments",
        "description": "Who is in a gallery: added under consent and permit, listed, removed.",
    },
    {
        "name": "identifications",
        "description": "Who stands there, among enrolled people: unknown, a lead or a match.",
    },
    {
        "name": "liveness",
        "description": "Whether a person is there: a challenge, frames, one signed result.",
    },
    {"name": "passes", "description": "Templates that people carry: issued, checked, taken back."},
    {"name": "verdicts", "description": "The rules, asked about a hypothesis."},
    {"name": "directory", "description": "Registered places and devices."},
    {"name": "setting up", "description": "A place set up: answers, notice, sign; and how it stands."},
    {"name": "records", "description": "What the rules read: filed, shown and withdrawn under a role."},
    {"name": "consents", "description": "One person's consent to one purpose: filed once, withdrawn whole."},
    {"name": "notices", "description": "What people are told, signed, for everybody to read."},
    {"name": "receipts", "description": "Receipts and the keys that check them."},
    {"name": "incidents", "description": "What happened, and who has to be told until when."},
    {"name": "requests", "description": "What people ask for as their right, and the answer."},
    {"name": "subjects", "description": "A person erased, exported, held back; certificates checked."},
    {"name": "health", "description": "Whether the installation is ready, and what it does, in figures."},
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

LIVENESS_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "desk": {
        "summary": "A guest at the front desk who agreed",
        "value": {
            "scene": "hotel-checkin",
            "place": "plc_frontdesk",
            "device": "dev_deskcamera",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
    "guest-room": {
        "summary": "The same request from a device in a guest room: refused",
        "value": {
            "scene": "hotel-checkin",
            "place": "plc_frontdesk",
            "device": "dev_roomtablet",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
}
"""Bodies that open a session."""

LIVENESS_FRAME_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "title": "LivenessFrameForm",
                "type": "object",
                "required": ["session", "number", "taken", "frame"],
                "properties": {
                    "session": {"type": "string", "description": "As it was given out."},
                    "number": {"type": "integer", "minimum": 0, "description": "Counted from 0."},
                    "taken": {
                        "type": "number",
                        "minimum": 0,
                        "description": "Seconds since the opening, by the device's clock.",
                    },
                    "frame": {
                        "type": "string",
                        "format": "binary",
                        "description": "One picture: JPEG, PNG or WebP, 640 by 480 is enough.",
                    },
                },
            }
        }
    },
}

ENROLMENT_PICTURES: Final = ("picture", "picture_2", "picture_3", "picture_4", "picture_5")
"""The fields of an enrolment's pictures; the first has to be there."""

ENROLMENT_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "agreed": {
        "summary": "A member of staff who agreed at the door's screen",
        "value": {
            "subject": "sub_specimen",
            "purpose": "pur_staffdoor",
            "place": "plc_staffdoor",
            "device": "dev_staffdoor",
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
    "on file": {
        "summary": "A member of staff whose consent is on file",
        "value": {
            "subject": "sub_specimen",
            "purpose": "pur_staffdoor",
            "place": "plc_staffdoor",
            "device": "dev_staffdoor",
        },
    },
}
"""Text fields of the form; the pictures are added by whoever runs them."""


def _enrolment_body() -> dict[str, Any]:
    schema = EnrolmentFields.model_json_schema()
    first, *more = ENROLMENT_PICTURES
    words = {
        first: "A picture of the person alone: JPEG, PNG, WebP or BMP.",
        **dict.fromkeys(more, "Another one. All are fused into one reference."),
    }
    pictures = {
        name: {"type": "string", "format": "binary", "description": said} for name, said in words.items()
    }
    schema["properties"] = {**pictures, **schema["properties"]}
    schema["required"] = [first, *schema["required"]]
    schema["title"] = "EnrolmentForm"
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": schema, "examples": dict(ENROLMENT_EXAMPLES)}},
    }


ENROLMENT_BODY: Final = _enrolment_body()

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

_EXAMPLE_JWK: Final = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
"""The public key of RFC 8037, appendix A.2; the private key is published there and protects nothing."""

DEVICE_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "camera": {
        "summary": "A second camera at the front desk",
        "value": {
            "device_id": "dev_secondcamera",
            "title": "Second camera",
            "place": "plc_frontdesk",
            "functions": ["capture", "verify"],
            "public_key": _EXAMPLE_JWK,
        },
    },
}

STATUS_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "suspend": {"summary": "Suspend a device", "value": {"status": "suspended"}},
    "activate": {"summary": "Put it back into use", "value": {"status": "active"}},
}

RECORD_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "channel": {
        "summary": "How to contest a decision",
        "value": {
            "key": "appeal_channel",
            "content": {
                "how": "Ask at the desk or write to the address on the receipt.",
                "address": "the desk",
                "answered_by_role": "officer",
                "answer_within_days": 30,
            },
            "scope": {"place": "plc_frontdesk"},
        },
    },
    "statement": {
        "summary": "No data have leaked",
        "value": {"key": "event.leak", "content": {"value": False}},
    },
}

CONSENT_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "check-in": {
        "summary": "A guest agreed to one comparison",
        "value": {
            "subject": "sub_specimen",
            "consent": {
                "consent_id": "cns-specimen",
                "purpose": "pur_checkin",
                "screen_purposes": ["pur_checkin"],
                "separate": True,
                "explicit": True,
                "given": "One comparison of two photographs, for this check-in.",
                "method": "on a screen",
                "language": "en",
                "notice_id": "notice-checkin",
                "notice_version": 1,
                "given_at": "2026-11-22T12:00:00Z",
            },
        },
    },
}

WITHDRAWAL_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "person": {
        "summary": "The guest takes it back",
        "value": {"subject": "sub_specimen", "purpose": "pur_checkin"},
    },
}
INCIDENT_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "leak": {
        "summary": "A backup was lost, at every place",
        "value": {"kind": "leak", "words": "A backup disk was lost. It was sealed."},
    },
}
REQUEST_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "access": {
        "summary": "A guest asks what is held about them",
        "value": {"right": "access", "subject": "sub_specimen", "words": "What do you hold about me?"},
    },
}

SETUP_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "desk": {
        "summary": "A second desk in China, with what its officer can say at once",
        "value": {
            "schema": 1,
            "scene": "hotel-checkin",
            "place": {
                "id": "plc_seconddesk",
                "title": "Second desk",
                "kind": "hotel_lobby",
                "jurisdictions": ["CN"],
                "time_zone": "Asia/Shanghai",
            },
            "device": {"id": "dev_seconddesk", "title": "Camera on it", "public_key": _EXAMPLE_JWK},
            "purpose": {
                "title": "Check-in",
                "description": "Compare the guest with the document, once, at check-in.",
            },
            "facts": {"actor.private": True, "capture.area": False},
            "records": {"purpose": {"by": "officer", "statement": "Compare once, at check-in."}},
        },
    },
}
"""Answers that register everything and leave the rest to be drafted."""

NOTICE_DRAFT_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "desk": {
        "summary": "The notice of the second desk",
        "value": {"place": "plc_seconddesk", "purpose": "pur_checkin", "device": "dev_seconddesk"},
    },
}

SIGN_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "desk": {
        "summary": "The sign of the second desk's camera",
        "value": {"place": "plc_seconddesk", "devices": ["dev_seconddesk"]},
    },
}

ISSUER_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "court": {
        "summary": "A court that authorises searches",
        "value": {
            "name": "District court",
            "kind": "court",
            "public_key": _EXAMPLE_JWK,
            "keys": ["authorisation"],
        },
    },
}

OUTSIDE_DRAFT_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "authorisation": {
        "summary": "What the court is asked to sign",
        "value": {
            "key": "authorisation",
            "content": {
                "authority": "District court",
                "number": "7/2026",
                "operations": ["identify_live"],
                "places": ["plc_frontdesk"],
                "area": "The hall before the counters.",
                "who": "The duty officer.",
                "begins_at": "2026-11-01T00:00:00Z",
                "ends_at": "2026-12-01T00:00:00Z",
                "ground": "A missing child.",
            },
            "scope": {"place": "plc_frontdesk"},
            "valid_from": "2026-11-20T00:00:00Z",
            "valid_until": "2026-12-01T00:00:00Z",
        },
    },
}
