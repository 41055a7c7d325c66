"""What one person said or is: consent, age, a guardian's word, a child's answer.

Rules kept here:

* One consent, one purpose. *Separate* can't be set where the screen asked for more than one purpose.
* A person is a pseudonym. An age is a band.
* The members of a consent follow ISO/IEC TS 27560:2023 as far as a desk can fill them in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from countenance.authority.records.base import (
    Code,
    Hash,
    Identifier,
    Language,
    RecordContent,
    ScopePart,
    Term,
    Words,
)
from countenance.kernel import require_utc

__all__ = [
    "AgeBand",
    "Consent",
    "ConsentMethod",
    "GuardianConsent",
    "PersonAnswer",
    "SubjectFacts",
]

_PERSON = frozenset[ScopePart]({"subject"})
_ONE_PURPOSE = frozenset[ScopePart]({"subject", "purpose"})
CONSENT_SCHEMA = "ISO/IEC TS 27560:2023"


class ConsentMethod(StrEnum):
    """How a person agreed."""

    SCREEN = "on a screen"
    DECLARED = "declared, written down by who attended"
    SIGNED_PAPER = "signed on paper"
    SIGNED_SCREEN = "signed electronically"

    @property
    def in_writing(self) -> bool:
        """Whether the person signed."""
        return self in (ConsentMethod.SIGNED_PAPER, ConsentMethod.SIGNED_SCREEN)


class AgeBand(StrEnum):
    """How old somebody is, as far as it has to be known."""

    UNDER_13 = "under13"
    UNDER_14 = "under14"
    FROM_14_TO_17 = "14-17"
    ADULT = "adult"


class Consent(RecordContent):
    """One person's consent to one purpose. Several evidence keys may rest on one consent."""

    form: ClassVar[str] = "consent"
    title: ClassVar[str] = "consent"
    about: ClassVar[frozenset[ScopePart]] = _ONE_PURPOSE

    schema_version: Term = Field(default=CONSENT_SCHEMA, description="Which shape of a consent record.")
    consent_id: Identifier = Field(description="The consent; records that rest on it share this identifier.")
    purpose: Identifier = Field(description="The one purpose that was agreed to.")
    screen_purposes: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(
        description="Every purpose for which the same screen or sheet asked."
    )
    separate: bool = Field(description="Whether it was asked for apart from anything else.")
    explicit: bool = Field(description="Whether the person said yes in so many words.")
    given: Words = Field(description="What the person agreed to, in words.")
    method: ConsentMethod = Field(description="How the person agreed.")
    language: Language = Field(description="In which language the person was asked.")
    notice_id: Identifier | None = Field(default=None, description="The notice that was shown before.")
    notice_version: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Which version of it."
    )
    notice_sha256: Hash | None = Field(default=None, description="SHA-256 of its text in that language.")
    given_at: AwareDatetime = Field(description="When the person agreed.")
    expires_at: AwareDatetime | None = Field(default=None, description="Until when it holds.")
    upload: bool = Field(default=False, description="Whether it covers sending face data out of the device.")
    place: Identifier | None = Field(default=None, description="Where it was given.")
    pii_information: tuple[Term, ...] = Field(
        default=("pd:FacialPrint",), description="Which categories of data, as terms of the DPV."
    )
    processing_method: Term = Field(
        default="one comparison of two photographs", description="By which method they are processed."
    )
    pii_controllers: tuple[Term, ...] = Field(default=(), description="Who keeps the data; organisations.")
    recipients: tuple[Term, ...] = Field(default=(), description="Who receives them; empty for nobody.")
    jurisdiction: Code | None = Field(default=None, description="Under whose law it was given.")
    retention_period: Words | None = Field(default=None, description="How long what is kept.")
    withdrawal_method: Words | None = Field(default=None, description="How to withdraw it.")

    @model_validator(mode="after")
    def _one_purpose(self) -> Self:
        """Refuse a consent that isn't to one purpose, or calls itself separate where it wasn't."""
        if self.purpose not in self.screen_purposes:
            msg = "the purpose isn't one of those for which the screen asked"
            raise ValueError(msg)
        if self.separate and len(set(self.screen_purposes)) > 1:
            msg = "a consent isn't separate when the screen asked for more than one purpose"
            raise ValueError(msg)
        if (self.notice_id is None) is not (self.notice_version is None):
            msg = "a notice is named with its version"
            raise ValueError(msg)
        return self

    def ends(self) -> datetime | None:
        """Return when the consent runs out."""
        return None if self.expires_at is None else require_utc(self.expires_at)


class SubjectFacts(RecordContent):
    """How old a person is, how that was found out, and whether a guardian answers for them."""

    form: ClassVar[str] = "subject-facts"
    title: ClassVar[str] = "facts about a person"
    about: ClassVar[frozenset[ScopePart]] = _PERSON

    pseudonym: Identifier = Field(description="The person's pseudonym here.")
    age_band: AgeBand = Field(description="How old, as a band.")
    read_from: Term = Field(description="What it was read from, such as a passport; no number.")
    guardian: Identifier | None = Field(default=None, description="The guardian's pseudonym, if one answers.")


class GuardianConsent(RecordContent):
    """A guardian's consent for a child, vouched for from outside."""

    form: ClassVar[str] = "guardian-consent"
    title: ClassVar[str] = "guardian's consent"
    about: ClassVar[frozenset[ScopePart]] = _ONE_PURPOSE

    purpose: Identifier = Field(description="The one purpose that was agreed to.")
    child: Identifier = Field(description="The child's pseudonym here.")
    guardian: Identifier = Field(description="The guardian's pseudonym here.")
    relation: Term = Field(description="How the guardian is related to the child.")
    given_at: AwareDatetime = Field(description="When the guardian agreed.")
    notice_id: Identifier = Field(description="The notice that was shown before.")
    notice_version: Annotated[int, Field(ge=1)] = Field(description="Which version of it.")


class PersonAnswer(RecordContent):
    """What one person answered to one question."""

    form: ClassVar[str] = "answer"
    title: ClassVar[str] = "person's answer"
    about: ClassVar[frozenset[ScopePart]] = _PERSON

    question: Words = Field(description="What was asked.")
    answer: Words = Field(description="What was answered.")
    asked_at: AwareDatetime = Field(description="When.")
    asked_by_role: Term = Field(description="The role that asked; no name.")
