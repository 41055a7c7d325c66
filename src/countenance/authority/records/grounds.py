"""Why faces are processed at all: purpose, legal basis, provision, necessity, what data, where kept."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from countenance.authority.records.base import Code, Hash, Identifier, RecordContent, ScopePart, Term, Words

__all__ = [
    "BasisKind",
    "LegalBasis",
    "Necessity",
    "Provenance",
    "Provision",
    "PurposeConfirmation",
    "PurposeStatement",
    "RegisterEntry",
    "RejectedMeans",
    "StorageLocation",
]


class BasisKind(StrEnum):
    """On what the processing rests."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal obligation"
    VITAL_INTEREST = "vital interest"
    PUBLIC_TASK = "public task"
    LEGITIMATE_INTEREST = "legitimate interest"
    EMERGENCY = "emergency"
    OTHER = "other"


class PurposeStatement(RecordContent):
    """A specific purpose, stated in a sentence, that a role answers for."""

    form: ClassVar[str] = "purpose"
    title: ClassVar[str] = "purpose in words"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    statement: Words = Field(description="The purpose, in one sentence.")
    excluded: tuple[Words, ...] = Field(default=(), description="What isn't done with the faces.")
    dpv_term: Term | None = Field(
        default=None, description="The nearest term of the Data Privacy Vocabulary (W3C)."
    )
    accepts_networks: tuple[Identifier, ...] = Field(
        default=(),
        description="Recognition networks that this purpose accepts though nobody states whose faces they "
        "learned from, each by its id.",
    )


class PurposeConfirmation(RecordContent):
    """That the purpose is of a kind which the law treats apart: medical, public security, safety."""

    form: ClassVar[str] = "purpose-confirmation"
    title: ClassVar[str] = "confirmation of the kind of purpose"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    confirmed: Words = Field(description="What is confirmed about the purpose, and on what ground.")
    confirmed_by_role: Term = Field(description="The office that confirms it, such as physician; no name.")


class LegalBasis(RecordContent):
    """The legal basis of a purpose in one jurisdiction."""

    form: ClassVar[str] = "legal-basis"
    title: ClassVar[str] = "legal basis"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    jurisdictions: Annotated[tuple[Code, ...], Field(min_length=1)] = Field(
        description="Codes of the jurisdictions for which it was determined."
    )
    basis: BasisKind = Field(description="On what the processing rests.")
    article: Term = Field(description="The instrument and article.")
    reasoning: Words = Field(description="Why it applies here.")


class Provision(RecordContent):
    """A provision of law that permits, demands or empowers, and who confirmed that it applies."""

    form: ClassVar[str] = "provision"
    title: ClassVar[str] = "provision of law"

    jurisdiction: Code = Field(description="Code of the jurisdiction whose law it is.")
    article: Term = Field(description="The instrument and article.")
    applies_because: Words = Field(description="Why it applies to this processing.")
    confirmed_by_role: Term = Field(description="The office that confirmed it; no name.")


class RejectedMeans(RecordContent):
    """Another means, and why it doesn't do."""

    form: ClassVar[str] = "rejected-means"
    title: ClassVar[str] = "means that was weighed"

    means: Words = Field(description="The other means.")
    why_not: Words = Field(description="Why it doesn't do, or why it is only the alternative.")


class Necessity(RecordContent):
    """Why it is needed, and which other means were weighed."""

    form: ClassVar[str] = "necessity"
    title: ClassVar[str] = "necessity and alternatives weighed"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    need: Words = Field(description="Why a face is compared at all.")
    weighed: Annotated[tuple[RejectedMeans, ...], Field(min_length=1)] = Field(
        description="The other means that were weighed, each with the reason against it."
    )


class StorageLocation(RecordContent):
    """Where the disks are."""

    form: ClassVar[str] = "storage-location"
    title: ClassVar[str] = "place of storage"

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 code.")
    site: Words = Field(description="Which site, and who runs it.")
    confirmed_by_role: Term = Field(description="The office that confirms it; no name.")


class RegisterEntry(RecordContent):
    """An entry in the operator's record of processing activities."""

    form: ClassVar[str] = "register-entry"
    title: ClassVar[str] = "entry in the record of processing"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    number: Term = Field(description="The entry's number.")
    entered_on: date = Field(description="When it was entered.")
    subjects: Words = Field(description="Which groups of people it is about.")
    data: Words = Field(description="Which data, and for how long.")


class Provenance(RecordContent):
    """Where the pictures of a data set come from, and on what terms."""

    form: ClassVar[str] = "provenance"
    title: ClassVar[str] = "provenance of a data set"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    name: Term = Field(description="The data set's name.")
    origin: Annotated[str, Field(min_length=2, max_length=1000)] = Field(
        description="Who made it, and from what."
    )
    terms: Annotated[str, Field(min_length=2, max_length=1000)] = Field(
        description="On what terms it may be used."
    )
    list_sha256: Hash = Field(description="SHA-256 of the list of pictures or pairs.")
    consent: Words | None = Field(
        default=None, description="What the people in it agreed to; or that nobody was asked."
    )
