"""What a search among enrolled people says. Pure: values in, values out.

Rules kept here:

* A search is open-set: whoever stands there may be nobody who is enrolled, and ``unknown`` is an answer.
* Stated is how often a stranger would be falsely named among these people (FPIR, ISO/IEC 19795-1). The
  threshold follows from that rate, the number of people and the measured tail; it can't be chosen.
* More people than the evidence supports are refused, and so is an empty gallery and a table without a tail.
* A candidate is a lead. It is a match only if automatic action was permitted, its reference rests on a
  consent, no other person reaches the threshold, none comes near, none was enrolled who looks like that, and
  no rule asks for two reviewers.
* Nothing here that is shown holds a score or a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from countenance.decisions.decision import NOT_MEASURED, Outcome
from countenance.decisions.impostor_tail import ImpostorTail
from countenance.kernel import CallerError, OperatorError, SubjectId

if TYPE_CHECKING:
    from countenance.decisions.error_table import ErrorTable

__all__ = [
    "LARGEST_FPIR",
    "Conclusion",
    "FpirNotOffered",
    "GalleryEmpty",
    "Hold",
    "ScoredReference",
    "SearchLevel",
    "SearchNotMeasured",
    "StatedSearchError",
    "conclude",
    "search_level",
    "search_level_at",
]

LARGEST_FPIR: Final = 0.1
"""More than one stranger in ten falsely named is no search that anybody may rely on. House value."""
_NEAR: Final = 10.0
"""A runner-up is near if it reaches the threshold of an FPIR so many times larger: then of people who are
enrolled, the asked share times this have somebody else that near by chance. House value."""
_NEAREST_CERTAIN: Final = 0.5


class GalleryEmpty(CallerError):
    """Nobody takes part in the search."""

    code = "gallery-empty"
    default_remedy = "Enrol people for this purpose, or name the purpose for which they are enrolled."


class FpirNotOffered(CallerError):
    """The false positive identification rate asked for isn't one that a search may have."""

    code = "fpir-not-offered"
    default_remedy = "Ask for a rate above 0 and up to 0.1, such as 0.001: one stranger in a thousand."


class SearchNotMeasured(OperatorError):
    """The error table of these networks has no model of how rare false matches get."""

    code = "search-not-measured"
    default_remedy = "Use networks whose table has one, or measure your own with `countenance calibrate`."


class Hold(StrEnum):
    """Why a candidate stays a lead."""

    NOT_AUTOMATIC = "not-automatic"
    SEVERAL = "several-candidates"
    RUNNER_UP = "runner-up-near"
    LOOK_ALIKE = "look-alike-enrolled"
    NO_CONSENT = "no-consent-on-file"
    TWO_REVIEWERS = "two-reviewers-owed"

    @property
    def words(self) -> str:
        """The reason as a sentence."""
        return _HOLDS[self]


_HOLDS: Final = {
    Hold.NOT_AUTOMATIC: "Nobody asked for, and was permitted, acting on it without a person.",
    Hold.SEVERAL: "Several enrolled people are alike enough.",
    Hold.RUNNER_UP: "Another enrolled person comes near.",
    Hold.LOOK_ALIKE: "Somebody who looks like that person is enrolled, too.",
    Hold.NO_CONSENT: "That person's reference doesn't rest on a consent.",
    Hold.TWO_REVIEWERS: "The rules ask for two people who look at it, each without the other's answer.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSearchError:
    """How often a search errs, as everybody may see it.

    Attributes:
        asked: the false positive identification rate asked for, in (0, 0.1].
        people: how many enrolled people were searched.
        largest_gallery: how many the evidence supports at that rate.
        fpir: the FPIR that the model predicts for the worst measured group; kept below ``asked`` also at the
            upper end of what the data say of it.
        low: lower end of its 95 % prediction interval, for other people like those measured.
        high: upper end.
        fmr_low: lower end of that of a single comparison's false match rate.
        fmr_high: upper end.
        fnir: share of enrolled people who were missed at the next stricter measured threshold, the upper end
            of its interval; ``None`` where the threshold lies beyond the measured ones.
        measured_on: the data, in words.
        worst_group: the group of people that the intervals are for, in words.
        label: how far the table goes, such as ``development``.
        document_portraits: what was measured on portraits in documents, in words.
    """

    asked: float
    people: int
    largest_gallery: int
    fpir: float
    low: float
    high: float
    fmr_low: float
    fmr_high: float
    fnir: float | None
    measured_on: str
    worst_group: str
    label: str
    document_portraits: str = NOT_MEASURED

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values."""
        return {
            "asked": self.asked,
            "people": self.people,
            "largest_gallery": self.largest_gallery,
            "fpir": self.fpir,
            "low": self.low,
            "high": self.high,
            "fmr_low": self.fmr_low,
            "fmr_high": self.fmr_high,
            "fnir": self.fnir,
            "measured_on": self.measured_on,
            "worst_group": self.worst_group,
            "label": self.label,
            "document_portraits": self.document_portraits,
        }


@dataclass(frozen=True, slots=True)
class SearchLevel:
    """What a desk gets for an asked rate and a number of people.

    Attributes:
        threshold: the score from which a reference is a candidate. Never shown; left out of ``repr``.
        near: the score from which a runner-up is near; at most ``threshold``. Likewise.
        stated: what the decision says about it.
    """

    threshold: float = field(repr=False)
    near: float = field(repr=False)
    stated: StatedSearchError


@dataclass(frozen=True, slots=True)
class ScoredReference:
    """A reference as a search found it.

    Attributes:
        reference_id: which.
        subject: whose, by pseudonym.
        score: the comparison score. Left out of ``repr``.
        consented: whether it rests on a consent that is on file.
        look_alikes: references of other people that were as close as one person's when it was enrolled.
    """

    reference_id: str
    subject: SubjectId
    score: float = field(repr=False)
    consented: bool
    look_alikes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows from a search.

    Attributes:
        outcome: unknown, lead or match.
        candidates: whoever reaches the threshold, the most alike first; empty if unknown.
        holds: why it isn't a match; empty unless a lead.
    """

    outcome: Outcome
    candidates: tuple[ScoredReference, ...]
    holds: tuple[Hold, ...]


def search_level(table: ErrorTable, *, fpir: float, people: int) -> SearchLevel:
    """Return the threshold that keeps a false positive identification rate, and what is stated about it.

    Args:
        table: of the networks in use.
        fpir: the rate asked for: of strangers, so many are falsely named; in (0, 0.1].
        people: how many references are searched, one a person.

    Raises:
        GalleryEmpty: if there are none.
        FpirNotOffered: if the rate isn't in that range.
        SearchNotMeasured: if the table has no tail.
        GalleryBeyondEvidence: if there are more than the evidence supports; it names how many that is.
    """
    if people < 1:
        raise GalleryEmpty("Nobody is enrolled for this purpose who could be searched.")
    if not 0.0 < fpir <= LARGEST_FPIR:
        msg = f"A false positive identification rate of {fpir:g} isn't offered."
        raise FpirNotOffered(msg)
    tail = table.tail
    if tail is None:
        raise SearchNotMeasured("The error table of these networks says nothing about a search among many.")
    threshold = tail.threshold_for_search(fpir=fpir, people=people)
    stated = _stated(table, tail, asked=fpir, people=people, threshold=threshold.value)
    return SearchLevel(threshold.value, _near(tail, fpir, people), stated)


def search_level_at(table: ErrorTable, *, fmr: float, people: int) -> SearchLevel:
    """Return what a search would state at the threshold of a measured false match rate: for plans alone.

    A false match rate says how often two strangers match. Among many people a stranger meets many, so that
    the same threshold names far more.

    Args:
        table: of the networks in use.
        fmr: one of the measured levels.
        people: how many references are searched, one a person.

    Raises:
        GalleryEmpty: if there are none.
        ErrorTargetNotOffered: if the rate wasn't measured.
        SearchNotMeasured: if the table has no tail.
    """
    if people < 1:
        raise GalleryEmpty("Nobody is enrolled for this purpose who could be searched.")
    tail = table.tail
    if tail is None:
        raise SearchNotMeasured("The error table of these networks says nothing about a search among many.")
    threshold = table.threshold(fmr).value
    asked = -math.expm1(people * math.log1p(-fmr))
    stated = _stated(table, tail, asked=asked, people=people, threshold=threshold)
    return SearchLevel(threshold, threshold, stated)


def _stated(
    table: ErrorTable, tail: ImpostorTail, *, asked: float, people: int, threshold: float
) -> StatedSearchError:
    fmr, fpir = tail.fmr_at(threshold), tail.fpir(people=people, threshold=threshold)
    worst = tail.worst_group(threshold)
    middle, _ = tail.log_rate(worst, threshold)
    return StatedSearchError(
        asked=asked,
        people=people,
        largest_gallery=tail.largest_gallery(fpir=asked),
        fpir=-math.expm1(people * math.log1p(-min(math.exp(middle), 1.0 - 1e-12))),
        low=fpir.low,
        high=fpir.high,
        fmr_low=fmr.low,
        fmr_high=fmr.high,
        fnir=_missed(table, threshold),
        measured_on=table.measured_on,
        worst_group=worst,
        label=table.label,
        document_portraits=table.document_portraits,
    )


def conclude(
    found: Sequence[ScoredReference], *, level: SearchLevel, automatic: bool, two_reviewers: bool
) -> Conclusion:
    """Return what follows from the references that came nearest.

    Args:
        found: all that reach ``level.near``, in any order; others may be among them.
        level: the thresholds.
        automatic: whether the permit covers acting without a person.
        two_reviewers: whether the permit obliges to two blind reviewers.
    """
    by_score = sorted(found, key=lambda one: (-one.score, one.reference_id))
    candidates = tuple(one for one in by_score if one.score >= level.threshold)
    if not candidates:
        return Conclusion(Outcome.UNKNOWN, (), ())
    best = candidates[0]
    others = [one for one in by_score if one.subject != best.subject]
    checks = (
        (Hold.NOT_AUTOMATIC, not automatic),
        (Hold.SEVERAL, any(one.score >= level.threshold for one in others)),
        (Hold.RUNNER_UP, any(level.near <= one.score < level.threshold for one in others)),
        (Hold.LOOK_ALIKE, bool(best.look_alikes)),
        (Hold.NO_CONSENT, not best.consented),
        (Hold.TWO_REVIEWERS, two_reviewers),
    )
    holds = tuple(hold for hold, holds in checks if holds)
    return Conclusion(Outcome.LEAD if holds else Outcome.MATCH, candidates, holds)


def _near(tail: ImpostorTail, fpir: float, people: int) -> float:
    return tail.threshold_for_search(fpir=min(_NEAREST_CERTAIN, _NEAR * fpir), people=people).value


def _missed(table: ErrorTable, threshold: float) -> float | None:
    """Return how many were missed at the next stricter level: more than are at this threshold."""
    above = [level for level in table.levels if level.threshold >= threshold]
    if not above:
        return None
    return min(above, key=lambda level: level.threshold).fnmr_interval.high
