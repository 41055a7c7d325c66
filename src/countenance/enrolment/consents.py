"""The consents of many people, taken down elsewhere and filed from a list.

Rules kept here:

* A line is one person's consent to being enrolled for one purpose; whoever isn't in the list has none.
* It is filed as the word of the role that states it, and says so. Who has one on file is passed over, so that
  a list can be filed again after a crash.
* The list holds pseudonyms and no name.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from countenance.authority import AGE_BANDS, AuthorityDesk, EvidenceNotAccepted, record_guest_consent
from countenance.enrolment.errors import ConsentListInvalid
from countenance.enrolment.people import is_pseudonym
from countenance.kernel import CallerError, PlaceId, PurposeId, SubjectId
from countenance.store import EvidenceScope

__all__ = ["ENROLMENT", "HOLDER_PASS", "ConsentImport", "ConsentLine", "import_consents", "read_consents"]

ENROLMENT: Final = ("enrolment", "one sealed template, kept for this purpose until the consent ends")
"""What people agree to: the act in a word, and the method."""

HOLDER_PASS: Final = (
    "holder pass",
    "one sealed template in a pass that the person carries; none is kept here",
)
"""What people agree to who are given a pass."""

_COLUMNS: Final = ("subject", "age_band", "language")
_CONSENT: Final = "consent.record"
_AT_ONCE: Final = 100
"""People whose consents are kept together: a second or less in which no other process changes anything."""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One person's consent as the list states it."""

    subject: SubjectId
    age_band: str
    language: str


@dataclass(frozen=True, slots=True)
class ConsentImport:
    """How many consents were filed, and how many were on file already."""

    filed: int
    already: int


def read_consents(path: Path) -> Iterator[ConsentLine]:
    """Give the lines of a CSV with the columns ``subject``, ``age_band`` and ``language``.

    Raises:
        ConsentListInvalid: if it can't be read, has other columns, or a line isn't complete.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != _COLUMNS:
                raise ConsentListInvalid("The list's columns aren't subject, age_band, language.")
            for row in lines:
                subject, band, language = (row[name] or "" for name in _COLUMNS)
                if not is_pseudonym(subject) or band not in AGE_BANDS or not language:
                    bands = ", ".join(AGE_BANDS)
                    msg = f"Line {lines.line_num} isn't a pseudonym, an age band ({bands}) and a language."
                    raise ConsentListInvalid(msg)
                yield ConsentLine(SubjectId(subject), band, language)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ConsentListInvalid("The list of consents can't be read.") from None


def import_consents(
    desk: AuthorityDesk,
    lines: Iterable[ConsentLine],
    *,
    place: PlaceId,
    purpose: PurposeId,
    stated_by: str,
    valid_for: timedelta,
    moved: Callable[[int], None] = lambda _: None,
    agreed_to: tuple[str, str] = ENROLMENT,
) -> ConsentImport:
    """File what the lines say, each person's whole or not at all.

    Args:
        desk: where it is filed and logged.
        lines: the consents.
        place: where they were given.
        purpose: the one purpose that was agreed to.
        stated_by: the role or key id that answers for the list, never a name.
        valid_for: how long they count.
        moved: called with how many lines were dealt with, once they are on disk.
        agreed_to: the act in a word, and the method.

    Raises:
        EvidenceNotAccepted: if a line's language isn't one; whoever stands before it is filed.
        ConsentListInvalid: if a line can't be read; likewise.
    """
    filed = already = 0

    def file(line: ConsentLine) -> bool:
        scope = EvidenceScope(place=place, purpose=purpose, subject=line.subject)
        if desk.on_file(scope=scope).evidence.get(_CONSENT):
            return False
        record_guest_consent(
            desk,
            subject=line.subject,
            place=place,
            purpose=purpose,
            consents=True,
            age_band=line.age_band,
            language=line.language,
            stated_by=stated_by,
            valid_for=valid_for,
            agreed_to=agreed_to,
        )
        return True

    for some in _batches(lines):
        # One wait for the disk for all of them; only then is anybody told.
        with desk.together():
            done, refusal = _each(file, some)
        filed, already = filed + sum(done), already + len(done) - sum(done)
        moved(filed + already)
        if refusal is not None:
            raise refusal
    return ConsentImport(filed, already)


def _each(
    file: Callable[[ConsentLine], bool], lines: Iterable[ConsentLine | ConsentListInvalid]
) -> tuple[list[bool], CallerError | None]:
    """File line after line up to one that is refused, so that those before it are kept."""
    done: list[bool] = []
    for line in lines:
        if isinstance(line, ConsentListInvalid):
            return done, line
        try:
            done.append(file(line))
        except EvidenceNotAccepted as refusal:
            return done, refusal
    return done, None


def _batches(lines: Iterable[ConsentLine]) -> Iterator[list[ConsentLine | ConsentListInvalid]]:
    """Give the lines some at a time; one that can't be read ends them, as what is wrong with it."""
    rest, some = iter(lines), list[ConsentLine | ConsentListInvalid]()
    try:
        for line in rest:
            some.append(line)
            if len(some) == _AT_ONCE:
                yield some
                some = []
    except ConsentListInvalid as refusal:
        some.append(refusal)
    if some:
        yield some
