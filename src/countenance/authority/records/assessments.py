"""Assessments and reports: impact assessments, audits, certificates, measured error rates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from countenance.authority.records.base import (
    Hash,
    Identifier,
    RecordContent,
    ScopePart,
    Term,
    Words,
)

__all__ = [
    "AccuracyReport",
    "Assessment",
    "AssessmentKind",
    "AuditReport",
    "Certificate",
    "ErrorRate",
    "FourQuestions",
    "PadReport",
]

Rate = Annotated[float, Field(ge=0.0, le=1.0)]


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over, UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


class AssessmentKind(StrEnum):
    """Which assessment it is."""

    PIA = "PIA"
    """Impact assessment on the protection of personal information (PIPL Art 55, Order 19 Art 9)."""
    DPIA = "DPIA"
    """Data protection impact assessment (GDPR Art 35)."""
    FRIA = "FRIA"
    """Fundamental rights impact assessment (AI Act Art 27)."""


class ErrorRate(RecordContent):
    """An error rate that was measured elsewhere, as it is quoted."""

    form: ClassVar[str] = "error-rate"
    title: ClassVar[str] = "quoted error rate"

    name: Term = Field(description="Which rate, such as FMR or FNMR.")
    rate: Rate = Field(description="The rate, between 0 and 1.")
    upper_95: Rate | None = Field(default=None, description="Upper bound of its 95 % interval.")
    measured_on: Words = Field(description="On what it was measured, and how many comparisons.")


class FourQuestions(RecordContent):
    """The four questions that CAC/MPS Order 19 Art 9 puts to an assessment."""

    form: ClassVar[str] = "four-questions"
    title: ClassVar[str] = "four questions of Order 19"

    lawful_and_necessary: Words = Field(
        description="Whether purpose and means are lawful, legitimate and necessary."
    )
    impact_and_mitigation: Words = Field(
        description="The effect on people's rights, and whether what is done lowers it."
    )
    leak_risk: Words = Field(
        description="The danger of leaks, alteration, loss, theft, sale or misuse, and what they could harm."
    )
    protection_fits: Words = Field(
        description="Whether the protective measures are lawful, work and fit the risk."
    )


class Assessment(RecordContent):
    """An impact assessment, made before the start."""

    form: ClassVar[str] = "assessment"
    title: ClassVar[str] = "impact assessment"
    about: ClassVar[frozenset[ScopePart]] = frozenset({"purpose"})

    assessment_id: Identifier = Field(description="The assessment's identifier.")
    version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="Which version, from 1.")
    kind: AssessmentKind = Field(description="Which assessment it is.")
    questions: FourQuestions = Field(description="The four questions and their answers.")
    error_rates: tuple[ErrorRate, ...] = Field(
        default=(), description="The error rates on which it rests, as measured."
    )
    made_on: date = Field(description="When it was made.")
    approved_by_role: Term = Field(description="The role that approved it; no name.")
    valid_until: date = Field(description="The last day on which it holds; then it is made anew.")
    sha256: Hash | None = Field(default=None, description="SHA-256 of the whole document.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse an assessment that ends before it was made."""
        if self.valid_until <= self.made_on:
            msg = "an assessment holds for some time after it was made"
            raise ValueError(msg)
        return self

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return end_of(self.valid_until)


class AccuracyReport(RecordContent):
    """Measured error rates."""

    form: ClassVar[str] = "accuracy-report"
    title: ClassVar[str] = "measured error rates"

    models: Annotated[tuple[Identifier, ...], Field(min_length=1)] = Field(
        description="Which networks were measured."
    )
    data_set: Words = Field(description="On which data set.")
    non_mated_comparisons: Annotated[int, Field(ge=1)] = Field(
        description="How many comparisons of different people."
    )
    rates: Annotated[tuple[ErrorRate, ...], Field(min_length=1)] = Field(description="The rates.")
    groups: tuple[Term, ...] = Field(default=(), description="Groups of people measured apart.")
    measured_on: date = Field(description="When it was measured.")


class PadReport(RecordContent):
    """Presentation attack detection at a stated level, by a laboratory."""

    form: ClassVar[str] = "pad-report"
    title: ClassVar[str] = "presentation attack report"

    laboratory: Term = Field(description="Which laboratory.")
    standard: Term = Field(description="By which standard and level.")
    species: Annotated[tuple[ErrorRate, ...], Field(min_length=1)] = Field(
        description="The rate for each species of attack (print, replay, mask ...)."
    )
    bona_fide_rejected: Rate = Field(description="How often a real person was rejected (BPCER).")
    measured_on: date = Field(description="When it was measured.")
    valid_until: date = Field(description="The last day on which it holds.")

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return end_of(self.valid_until)


class AuditReport(RecordContent):
    """A compliance audit by somebody outside."""

    form: ClassVar[str] = "audit-report"
    title: ClassVar[str] = "audit report"

    auditor: Term = Field(description="Which organisation audited.")
    scope_of_audit: Words = Field(description="What was audited.")
    findings: Words = Field(description="What was found.")
    finished_on: date = Field(description="When it was finished.")
    next_due: date = Field(description="When the next one is due.")
    sha256: Hash | None = Field(default=None, description="SHA-256 of the report.")

    def ends(self) -> datetime | None:
        """Return when the next audit is due."""
        return end_of(self.next_due)


class Certificate(RecordContent):
    """A conformity assessment or an approval by somebody outside."""

    form: ClassVar[str] = "certificate"
    title: ClassVar[str] = "certificate or approval"

    issued_by: Term = Field(description="Which body issued it.")
    number: Term = Field(description="Its number.")
    covers: Words = Field(description="What it covers.")
    issued_on: date = Field(description="When it was issued.")
    valid_until: date = Field(description="The last day on which it holds.")

    def ends(self) -> datetime | None:
        """Return the end of its last day."""
        return end_of(self.valid_until)
