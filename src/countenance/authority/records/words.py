"""What nothing can verify: a named role's word, documents, measures, training; and what was done after."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from countenance.authority.records.base import Hash, Identifier, RecordContent, ScopePart, Term, Words

__all__ = [
    "BreachNotice",
    "Document",
    "Explanation",
    "Installation",
    "Measures",
    "Overseer",
    "RetentionTerm",
    "Review",
    "Training",
    "Word",
]


class Word(RecordContent):
    """A named role's word for something that nothing can verify; shown as such."""

    form: ClassVar[str] = "word"
    title: ClassVar[str] = "a role's word"

    what: Words = Field(description="What is stated.")
    why: Words = Field(description="On what the statement rests.")
    reviewed_on: date = Field(description="When it was last looked at.")


class Document(RecordContent):
    """A document that was written and is kept."""

    form: ClassVar[str] = "document"
    title: ClassVar[str] = "document on file"

    name: Term = Field(description="The document's title.")
    version: Term = Field(description="Which version.")
    written_on: date = Field(description="When this version was written.")
    kept_at: Term = Field(description="Where it is kept.")
    summary: Words = Field(description="What it says, in a few sentences.")
    sha256: Hash | None = Field(default=None, description="SHA-256 of its text.")
    responsible_role: Term = Field(description="The role that answers for it; no name.")


class Measures(RecordContent):
    """Protective measures, and who answers for them."""

    form: ClassVar[str] = "measures"
    title: ClassVar[str] = "protective measures"

    measures: Annotated[tuple[Words, ...], Field(min_length=1)] = Field(description="What is done, one each.")
    responsible_role: Term = Field(description="The role that answers for them; no name.")
    reviewed_on: date = Field(description="When they were last looked at.")


class Installation(RecordContent):
    """How a device was installed at its place, as the installer states it."""

    form: ClassVar[str] = "installation"
    title: ClassVar[str] = "installer's statement of the place"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"place"})

    devices: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(description="Which devices.")
    seen: Words = Field(description="What the device sees, and where that ends.")
    bystanders: Words = Field(description="How people who don't take part are kept out of the picture.")
    installed_on: date = Field(description="When it was installed.")
    drawing_sha256: Hash | None = Field(default=None, description="SHA-256 of the drawing of the area.")


class Training(RecordContent):
    """Who was trained, on what."""

    form: ClassVar[str] = "training"
    title: ClassVar[str] = "training"

    roles: Annotated[tuple[Term, ...], Field(min_length=1)] = Field(
        description="Which roles were trained; no names."
    )
    people: Annotated[int, Field(ge=1)] = Field(description="How many people.")
    topics: Words = Field(description="On what.")
    held_on: date = Field(description="When.")


class Overseer(RecordContent):
    """That a trained person oversees the system."""

    form: ClassVar[str] = "overseer"
    title: ClassVar[str] = "appointed overseer"

    office: Term = Field(description="Which office oversees; no name.")
    powers: Words = Field(description="What it may do: suspend, stop, overrule.")
    trained_on: date = Field(description="When it was trained.")
    appointed_on: date = Field(description="Since when.")


class RetentionTerm(RecordContent):
    """How long which data are kept at most."""

    form: ClassVar[str] = "retention"
    title: ClassVar[str] = "retention term"

    keeps: Words = Field(description="Which data.")
    days: Annotated[int, Field(ge=0, le=36_525)] = Field(
        description="For how many days at most; 0 for no longer than the act."
    )
    counted_from: Term = Field(description="From what: the act, the last contact, the end of the purpose.")
    last_day: date | None = Field(default=None, description="A day after which none of it is kept.")

    def ends(self) -> datetime | None:
        """Return the end of the last day: a term that is over permits nothing new."""
        return (
            None
            if self.last_day is None
            else datetime.combine(self.last_day + timedelta(days=1), time.min, UTC)
        )


class Review(RecordContent):
    """What a person decided about a result. No name, no score."""

    form: ClassVar[str] = "review"
    title: ClassVar[str] = "a person's review"

    reviewer_roles: Annotated[tuple[Term, ...], Field(min_length=1, max_length=2)] = Field(
        description="The role or key id of each reviewer; no name."
    )
    decided: Words = Field(description="What was decided.")
    blind: bool = Field(description="Whether each decided before seeing another's answer.")
    decided_at: AwareDatetime = Field(description="When.")


class Explanation(RecordContent):
    """What a person was told about a decision."""

    form: ClassVar[str] = "explanation"
    title: ClassVar[str] = "explanation given"
    about: ClassVar[frozenset[ScopePart]] = frozenset()

    told: Words = Field(description="Which rules and reasons were told.")
    how: Term = Field(description="How: on paper, at the desk, by letter.")
    told_at: AwareDatetime = Field(description="When.")


class BreachNotice(RecordContent):
    """The notice of a leak that was sent."""

    form: ClassVar[str] = "breach-notice"
    title: ClassVar[str] = "notice of a leak"

    incident_id: Identifier = Field(description="Which incident.")
    known_at: AwareDatetime = Field(description="When the leak became known.")
    sent_at: AwareDatetime = Field(description="When the notice was sent.")
    authority: Term = Field(description="To which authority.")
    people_told: Words = Field(description="Which groups of people were told, and how.")
    what_leaked: Words = Field(description="Which data, of how many people at most.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a notice that was sent before anything was known."""
        if self.sent_at < self.known_at:
            msg = "a notice is sent after the leak became known"
            raise ValueError(msg)
        return self
