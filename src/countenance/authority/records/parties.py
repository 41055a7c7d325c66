"""What binds others: contracts, transfers, permissions and statements of authorities, filings, recipients."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from countenance.authority.records.assessments import end_of
from countenance.authority.records.base import (
    Code,
    Hash,
    Identifier,
    RecordContent,
    ScopePart,
    Term,
    Words,
)
from countenance.kernel import require_utc

__all__ = [
    "Authorisation",
    "AuthorityStatement",
    "Contract",
    "Filing",
    "RecipientAnswer",
    "TransferKind",
    "TransferMechanism",
]


class TransferKind(StrEnum):
    """By which lawful route data leave a country."""

    ADEQUACY = "adequacy decision"
    STANDARD_CONTRACT = "standard contract"
    CERTIFICATION = "certification"
    SECURITY_ASSESSMENT = "security assessment"
    BINDING_RULES = "binding corporate rules"


class Contract(RecordContent):
    """A contract with a processor or a joint controller."""

    form: ClassVar[str] = "contract"
    title: ClassVar[str] = "contract with a processor"

    party: Term = Field(description="The other party: an organisation.")
    what: Words = Field(description="What it processes, and on what instructions.")
    signed_on: date = Field(description="When it was signed.")
    valid_until: date | None = Field(default=None, description="The last day on which it holds.")
    sha256: Hash | None = Field(default=None, description="SHA-256 of the contract.")

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return None if self.valid_until is None else end_of(self.valid_until)


class TransferMechanism(RecordContent):
    """The lawful route by which data leave a country."""

    form: ClassVar[str] = "transfer"
    title: ClassVar[str] = "route of a transfer"

    kind: TransferKind = Field(description="Which route.")
    from_jurisdiction: Code = Field(description="Code of the jurisdiction that they leave.")
    to_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 code.")
    reference: Term = Field(description="Number of the decision, contract or certificate.")
    valid_until: date | None = Field(default=None, description="The last day on which it holds.")

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return None if self.valid_until is None else end_of(self.valid_until)


class Authorisation(RecordContent):
    """Permission of a court or an authority. Outside its operations, time and places it doesn't count."""

    form: ClassVar[str] = "authorisation"
    title: ClassVar[str] = "authorisation"

    authority: Term = Field(description="Which court or authority.")
    number: Term = Field(description="Number of the decision.")
    operations: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(
        description="The operations that it permits."
    )
    places: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(
        description="The places at which it holds."
    )
    area: Words = Field(description="The area within these places, in words.")
    galleries: tuple[Identifier, ...] = Field(
        default=(), description="The galleries that may be searched; empty where none is."
    )
    who: Words = Field(description="Who may carry it out; offices, no names.")
    begins_at: AwareDatetime = Field(description="From when it holds.")
    ends_at: AwareDatetime = Field(description="Until when it holds.")
    ground: Words = Field(description="On what ground it was given.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse one that ends before it begins."""
        if self.ends_at <= self.begins_at:
            msg = "an authorisation ends after it begins"
            raise ValueError(msg)
        return self

    def begins(self) -> datetime | None:
        """Return when it begins."""
        return require_utc(self.begins_at)

    def ends(self) -> datetime | None:
        """Return when it ends."""
        return require_utc(self.ends_at)


class AuthorityStatement(RecordContent):
    """What a court or an authority states: an order, an aim that the law lists, a concrete case."""

    form: ClassVar[str] = "authority-statement"
    title: ClassVar[str] = "statement of an authority"

    authority: Term = Field(description="Which court or authority.")
    number: Term = Field(description="Number of the order or case.")
    statement: Words = Field(description="What it states.")
    stated_on: date = Field(description="When.")
    valid_until: date = Field(description="The last day on which it holds.")

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return end_of(self.valid_until)


class Filing(RecordContent):
    """A filing with an authority, or an entry in a required register."""

    form: ClassVar[str] = "filing"
    title: ClassVar[str] = "filing with an authority"
    about: ClassVar[frozenset[ScopePart]] = frozenset()

    authority: Term = Field(description="With which authority.")
    number: Term = Field(description="The filing's number.")
    filed_on: date = Field(description="When it was filed.")
    persons_at_most: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="For how many stored persons at most, if the filing states it."
    )


class RecipientAnswer(RecordContent):
    """What a recipient answered to a correction."""

    form: ClassVar[str] = "recipient-answer"
    title: ClassVar[str] = "recipient's confirmation"

    duty: Identifier = Field(description="The duty that it discharges, as `duties list` names it.")
    recipient: Term = Field(description="Which organisation.")
    corrected: Words = Field(description="What was corrected there.")
    answered_at: AwareDatetime = Field(description="When it answered.")
