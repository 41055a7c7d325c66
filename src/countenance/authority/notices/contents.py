"""What a notice says: its parts, in each language, and the gaps that only a person can fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from countenance.authority.records import Pictogram

__all__ = ["GAP_MARK", "LANGUAGES", "ErrorRates", "Gap", "NoticeDraft", "Part", "is_gap"]

LANGUAGES: Final = ("en", "zh")
"""The languages of every notice and every sign (BCP 47)."""

GAP_MARK: Final = "TO FILL IN:"
"""Stands in a text where a person has to write something; a text with it in it is a gap."""


class Part(StrEnum):
    """The parts of a notice, in the order in which they are read."""

    TITLE = "title"
    KEEPER = "keeper"
    CONTACT = "contact"
    PURPOSE = "purpose"
    PROCESSING = "processing"
    NECESSITY = "necessity"
    IMPACT = "impact"
    BASIS = "basis"
    RETENTION = "retention"
    RECIPIENTS = "recipients"
    ALTERNATIVE = "alternative"
    RIGHTS = "rights"
    WITHDRAWAL = "withdrawal"
    APPEAL = "appeal"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often a comparison is wrong, as the shipped error table states it.

    Attributes:
        fmr: the false match rate measured at the threshold, in [0, 1].
        high: the upper end of its 95 % interval.
        fnmr: the false non-match rate there.
        measured_on: the data, in a few words.
        label: how far the table goes, such as ``development``.
    """

    fmr: float
    high: float
    fnmr: float
    measured_on: str
    label: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A text that is missing.

    Attributes:
        part: of which part.
        language: in which language.
        wanted: what a person has to write there.
    """

    part: Part
    language: str
    wanted: str


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice before it is signed.

    Attributes:
        notice_id: the notice; the same in every version.
        version: which version, from 1.
        place: at which place.
        place_title: what that place is called there.
        place_kind: its kind in the rules' vocabulary.
        jurisdictions: whose rules hold there; sorted.
        purpose: for which purpose.
        purpose_term: the nearest term of the DPV.
        kind: which kind of processing.
        by_consent: whether it rests on consent.
        texts: part -> language -> text; a gap where a person has to write.
    """

    notice_id: str
    version: int
    place: str
    place_title: str
    place_kind: str
    jurisdictions: tuple[str, ...]
    purpose: str
    purpose_term: str
    kind: Pictogram
    by_consent: bool
    texts: Mapping[Part, Mapping[str, str]]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing, in reading order."""
        return tuple(
            Gap(part, language, _wanted(self.texts.get(part, {}).get(language, "")))
            for part in Part
            for language in LANGUAGES
            if is_gap(self.texts.get(part, {}).get(language, ""))
        )


def is_gap(text: str) -> bool:
    """Return whether a text is empty, or still has a mark where something is missing."""
    return not text.strip() or GAP_MARK in text


def _wanted(text: str) -> str:
    _, mark, wanted = text.partition(GAP_MARK)
    return wanted.strip() if mark else "the text"
