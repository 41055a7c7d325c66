"""What ``/v1/passes`` takes and answers, as the OpenAPI document says it. The examples are run by a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from countenance.api.documentation import ENROLMENT_PICTURES
from countenance.api.schemas import LogReceiptDocument, VerificationAnswer

__all__ = [
    "PASS_BODY",
    "PASS_CHECK_BODY",
    "PASS_CHECK_EXAMPLES",
    "PASS_CHECK_FILES",
    "PASS_EXAMPLES",
    "PASS_PICTURES",
    "PASS_REQUESTS",
    "IssuedPassAnswer",
    "LeftOutOfPassDocument",
    "PassCheckAnswer",
    "PassCheckFields",
    "PassFields",
    "PassRevocationAnswer",
    "PassRevocationRequest",
    "RenewedPassDocument",
]

PASS_PICTURES: Final = ENROLMENT_PICTURES
"""The fields of the pictures that a pass is made from; the first has to be there."""
PASS_CHECK_FILES: Final = ("pass", "live")
"""The fields of what is shown: the pass, and a picture of who shows it."""

_LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: str = Field(min_length=1, max_length=128, description="Id of the registered purpose.")


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class PassFields(_Request):
    """The text fields of the form that asks for a pass; the pictures stand beside them."""

    subject: str = Field(
        pattern=r"^sub_[a-z0-9][a-z0-9_-]{0,60}$", description="Who is given it, by pseudonym."
    )
    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the pictures.")
    days: int = Field(
        default=90, ge=1, le=3650, description="How long it is to hold; never longer than the consent."
    )
    format: Literal["json", "png", "svg", "pdf", "pass"] | None = Field(
        default=None, description="What is answered with; left out, what `Accept` says, else JSON."
    )
    consents: Literal["yes", "no"] | None = Field(
        default=None,
        description="What the person answered on the consent screen, given separately and informed; left "
        "out where the consent is on file.",
    )
    age_band: Literal["adult", "14-17", "under14"] | None = Field(
        default=None, description="The age band that the person stated; with `consents`."
    )
    language: str = Field(default="en", pattern=_LANGUAGE, description="Language of the notice (BCP 47).")
    consent_days: int = Field(default=365, ge=1, le=3650, description="How many days the consent counts.")


class PassCheckFields(_Request):
    """The text fields of the form that shows a pass; pass and picture stand beside them."""

    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the picture.")
    error_target: float | None = Field(
        default=None, gt=0, lt=1, description="The false match rate asked for, such as 1e-4."
    )
    renew: Literal["yes", "no"] = Field(
        default="no", description="Whether a pass whose key is being replaced is exchanged for a new one."
    )


class PassRevocationRequest(_Request):
    """Which pass is taken back."""

    serial: str = Field(
        pattern=r"^[0-9a-f]{32}$", description="The serial that was handed out with it: 32 digits."
    )


PASS_REQUESTS: Final[tuple[type[BaseModel], ...]] = (PassFields, PassCheckFields, PassRevocationRequest)


class LeftOutOfPassDocument(_Document):
    """A picture that isn't in the pass."""

    number: int = Field(ge=1, description="Which, in the order of the form's fields.")
    codes: tuple[str, ...] = Field(description="Why; stable.")
    words: tuple[str, ...] = Field(description="Why, and what to change.")


class RenewedPassDocument(_Document):
    """A pass, as it goes to the person. Nothing of it is kept here."""

    text: str = Field(description="What its QR code holds.")
    serial: str = Field(description="Takes it back if it is lost; keep it apart from the pass.")
    purpose: str
    valid_from: datetime
    valid_until: datetime = Field(description="Until when, exclusive.")


class IssuedPassAnswer(RenewedPassDocument):
    """A pass that was issued now. No score."""

    pictures: int = Field(ge=1, description="How many it was made from.")
    quality: int = Field(ge=0, le=100, description="The least unified quality among them.")
    left_out: tuple[LeftOutOfPassDocument, ...] = Field(description="The pictures that aren't in it.")
    permit_id: str
    log: LogReceiptDocument


class PassCheckAnswer(VerificationAnswer):
    """A decision about whoever shows a pass. The comparison score isn't part of it."""

    reissue: bool = Field(description="Whether the pass's key is being replaced: hand out a new pass.")
    renewed: RenewedPassDocument | None = Field(
        description="The new pass, where `renew` asked for it and the person is the holder; the one that was "
        "shown is void then."
    )


class PassRevocationAnswer(_Document):
    """The pass holds no more."""

    revoked: Literal[True] = Field(description="Asked again, nothing changes.")


_DESK: Final = {"purpose": "pur_guestpass", "place": "plc_passdesk", "device": "dev_passdesk"}

PASS_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "agreed": {
        "summary": "A guest who agreed at the desk",
        "value": {
            "subject": "sub_specimen",
            **_DESK,
            "consents": "yes",
            "age_band": "adult",
            "language": "en",
        },
    },
    "picture": {
        "summary": "The code as a picture, under a consent on file",
        "value": {"subject": "sub_specimen", **_DESK, "days": "30", "format": "png"},
    },
}
"""Text fields of the form; the pictures are added by whoever runs them."""

PASS_CHECK_EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "shown": {"summary": "A guest shows a pass", "value": dict(_DESK)},
    "exchanged": {
        "summary": "The same after a re-key, with the pass exchanged at once",
        "value": {**_DESK, "error_target": "0.0001", "renew": "yes"},
    },
}
"""Text fields of the form; pass and picture are added by whoever runs them."""


def _body(
    fields: type[BaseModel], title: str, files: Mapping[str, str], needed: tuple[str, ...], examples: object
) -> dict[str, Any]:
    schema = fields.model_json_schema()
    binary = {
        name: {"type": "string", "format": "binary", "description": said} for name, said in files.items()
    }
    schema["properties"] = {**binary, **schema["properties"]}
    schema["required"] = [*needed, *schema["required"]]
    schema["title"] = title
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": schema, "examples": examples}},
    }


_FIRST, *_MORE = PASS_PICTURES
PASS_BODY: Final = _body(
    PassFields,
    "PassForm",
    {
        _FIRST: "A picture of the person alone: JPEG, PNG, WebP or BMP.",
        **dict.fromkeys(_MORE, "Another one. All are fused into one template."),
    },
    (_FIRST,),
    dict(PASS_EXAMPLES),
)
PASS_CHECK_BODY: Final = _body(
    PassCheckFields,
    "PassCheckForm",
    {
        "pass": "The pass: a picture of its code, its card as it was handed out (PDF), or its file.",
        "live": "A picture of the person who shows it, taken now.",
    },
    PASS_CHECK_FILES,
    dict(PASS_CHECK_EXAMPLES),
)
