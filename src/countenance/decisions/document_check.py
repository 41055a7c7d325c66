"""What the desk wants of a document in the reference picture, and what it says of it.

Rules kept here:

* A reading says what stands on a document, never that it is genuine: "document not authenticated".
* Only what the scene needs comes out: an age band, expired or not, the kind, and which checks passed, failed
  or couldn't be read. Number, name and dates don't.
* The age that was read is held against the age that was stated, since the rules were asked about the stated
  one. If they differ nothing is compared: somebody has to ask.
* What couldn't be read is said. Whether that is enough is the scene's own word (:class:`DocumentNeed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from countenance.kernel import EvidenceError, Frame, OperatorError, SubjectError
from countenance.vision.documents import (
    NOT_AUTHENTICATED,
    AgeBand,
    DocumentReading,
    DocumentWithoutPortrait,
)
from countenance.vision.text import TooMuchText

__all__ = [
    "AgeBandDisagrees",
    "DocumentDemand",
    "DocumentExpired",
    "DocumentNeed",
    "DocumentReadingUnavailable",
    "DocumentReport",
    "ReadsDocuments",
    "read_reference",
    "require_reader",
]

_ZONE: Final = "machine readable zone or citizen number"
_AGE, _EXPIRY = "age_band", "expired"
_SOURCE: Final = "document read"
_NO_NETWORKS: Final = "The networks that read documents aren't here, so the document wasn't read."


class AgeBandDisagrees(EvidenceError):
    """The document says another age band than the one that was stated and that the rules were asked about."""

    code = "age-band-disagrees"
    default_remedy = (
        "Look at the date of birth on the document, ask the guest, and begin again with the age band that "
        "is right. A guest who may not consent alone needs a guardian."
    )


class DocumentExpired(SubjectError):
    """The document's day of expiry has passed, and the scene takes none such."""

    code = "document-expired"
    default_remedy = "Use a document that is valid, or let the clerk decide by the house's own rule."


class DocumentReadingUnavailable(OperatorError):
    """The networks that read documents aren't here."""

    code = "document-reading-unavailable"
    default_remedy = (
        "Bring them with: countenance models pull ppocr-v6-det-small ppocr-v6-rec-small "
        "ppocr-line-orientation ultraface-rfb-320"
    )


class DocumentNeed(StrEnum):
    """Whether a reference has to be a document that can be read."""

    REQUIRED = "required"
    READ_IF_THERE = "read-if-there"


@dataclass(frozen=True, slots=True)
class DocumentDemand:
    """What a scene wants of the document in the reference.

    Attributes:
        need: whether it has to be readable.
        today: the day, at the place.
        stated_age: the age band that was stated and that the rules are asked about.
        says: what the report may say of the holder and the page: of ``age_band``, ``expired``, ``kind``.
        takes_expired: whether an expired document is taken, with a word about it.
    """

    need: DocumentNeed
    today: date
    stated_age: str
    says: frozenset[str] = frozenset({_AGE, _EXPIRY})
    takes_expired: bool = True


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What is said of the document.

    Attributes:
        read: whether it was read.
        kind: its kind; ``None`` if it wasn't read or the scene doesn't ask.
        age_band: of the holder; ``None`` if it couldn't be read or the scene doesn't ask. Equal to the stated
            one, else there would be no decision.
        expired: whether its expiry has passed; ``None`` likewise.
        passed: the checks that hold, as ``field (kind of check)``.
        unread: what couldn't be read or isn't in the zone.
        notes: what to know about it, in sentences.
    """

    read: bool
    kind: str | None
    age_band: str | None
    expired: bool | None
    passed: tuple[str, ...]
    unread: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def brief(self) -> str:
        """One short clause for a receipt."""
        read = f"read, {len(self.passed)} checks hold" if self.read else "not read"
        return f"{read}; {NOT_AUTHENTICATED}"

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values. A failed check leads to no decision, so none is in it."""
        return {
            "read": self.read,
            "kind": self.kind,
            "age_band": self.age_band,
            "age_band_source": None if self.age_band is None else _SOURCE,
            "expired": self.expired,
            "checks": {"passed": list(self.passed), "failed": [], "unread": list(self.unread)},
            "notes": list(self.notes),
            "authenticated": False,
            "assurance": NOT_AUTHENTICATED,
        }

    def kept(self) -> dict[str, object]:
        """Return what the sealed record may hold: the checks, and nothing that the document says."""
        return {"read": self.read, "passed": list(self.passed), "unread": list(self.unread)}


class ReadsDocuments(Protocol):
    """Reads the document in a picture; :class:`countenance.vision.documents.DocumentReader` does."""

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks that it reads with."""
        ...

    def read(self, frame: Frame, *, today: date, portrait: bool = True) -> DocumentReading:
        """Return what the document says, with its page laid flat."""
        ...


def require_reader(demand: DocumentDemand | None, reader: ReadsDocuments | None) -> None:
    """See that a document which has to be read can be.

    Raises:
        DocumentReadingUnavailable: if it has to be read and there is no reader.
    """
    if demand is not None and demand.need is DocumentNeed.REQUIRED and reader is None:
        raise DocumentReadingUnavailable(_NO_NETWORKS)


def read_reference(
    frame: Frame, demand: DocumentDemand, reader: ReadsDocuments | None
) -> tuple[DocumentReport, DocumentReading | None]:
    """Read the document in the reference, as far as the scene asks.

    Args:
        frame: the opened picture.
        demand: what the scene wants.
        reader: reads documents; ``None`` where its networks aren't here.

    Returns:
        What is said of it, and the reading with its level page; ``None`` if there is none. Whoever gets
        the reading wipes it.

    Raises:
        DocumentWithoutPortrait: if a document was read and has no portrait on this side.
        CheckDigitWrong: if a check doesn't hold.
        AgeBandDisagrees: if it says another age band than was stated.
        DocumentExpired: if it has expired and the scene takes none such.
        DocumentReadingUnavailable: if it has to be read and there is no reader.
        SubjectError: if it has to be read and can't be.
        TooMuchText: likewise.
    """
    require_reader(demand, reader)
    if reader is None:
        return _not_read(_NO_NETWORKS, DocumentReadingUnavailable.default_remedy), None
    try:
        reading = reader.read(frame, today=demand.today)
    except DocumentWithoutPortrait:
        raise
    except (SubjectError, TooMuchText) as error:
        if demand.need is DocumentNeed.REQUIRED:
            raise
        return _not_read(error.message, error.remedy), None
    try:
        return _report(reading, demand), reading
    except (SubjectError, EvidenceError):
        reading.wipe()
        raise


def _not_read(*notes: str) -> DocumentReport:
    return DocumentReport(
        read=False, kind=None, age_band=None, expired=None, passed=(), unread=(_ZONE,), notes=notes
    )


def _report(reading: DocumentReading, demand: DocumentDemand) -> DocumentReport:
    reading.require_checks()
    known = reading.age_band is not AgeBand.UNKNOWN
    if known and reading.age_band.value != demand.stated_age:
        msg = "The age band on the document isn't the one that was stated."
        raise AgeBandDisagrees(msg)
    if reading.expired and not demand.takes_expired:
        raise DocumentExpired("The document's day of expiry has passed.")
    notes, unread = [], []
    if not known:
        unread.append("birth_date")
        notes.append("The document doesn't say clearly how old the holder is; the clerk looks at it.")
    if reading.expired is None:
        unread.append("expiry_date")
        notes.append("This side doesn't say when the document expires; the clerk looks at it.")
    elif reading.expired:
        notes.append("The document's day of expiry has passed.")
    return DocumentReport(
        read=True,
        kind=reading.kind.value if "kind" in demand.says else None,
        age_band=reading.age_band.value if known and _AGE in demand.says else None,
        expired=reading.expired if _EXPIRY in demand.says else None,
        passed=tuple(f"{check.field} ({check.kind.value})" for check in reading.checks),
        unread=tuple(unread),
        notes=tuple(notes),
    )
