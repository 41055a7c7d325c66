"""From a photograph of a document to its reading.

The picture is tried flat (if an outline is seen) and as it is, each the way up that the writing suggests and
then the other. The first with a zone that can be parsed is taken, else the first with a citizen number. Where
the writing is sure which way up it is, a coarse look leaves the other way out.

Reading one line costs about a third of finding all of them, so a picture without a zone isn't read whole:
only lines of like width below one another are, the widest first; where the widest have no fillers, the rest
is left; and one picture may cost so many lines and no more.

Finding lines costs time and memory with the square of the picture's side, and the lines of a zone are long:
so a coarse look comes first, and a thorough one only if that finds nothing. Lines are read from the picture
as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame
from countenance.vision.detection.base import Face, FaceDetector
from countenance.vision.documents.check_digits import FILLER
from countenance.vision.documents.dates import age_band, birth_span, expiry_day
from countenance.vision.documents.errors import (
    DocumentWithoutPortrait,
    MachineReadableZoneUnreadable,
    NoMachineReadableZone,
)
from countenance.vision.documents.lines import ReadLine, bands, complete, in_blocks, zones_among
from countenance.vision.documents.reading import (
    DocumentKind,
    DocumentNumber,
    DocumentReading,
    FieldConfidence,
)
from countenance.vision.documents.rectification import flatten, outline_of, turn, turn_regions, writing_angle
from countenance.vision.documents.resident_card import (
    CITIZEN_NUMBER_ALPHABET,
    CITIZEN_NUMBER_LENGTH,
    CitizenNumber,
    parse_citizen_number,
)
from countenance.vision.documents.states import ISSUING_STATES
from countenance.vision.documents.views import Ledger, View, Written, on_its_head
from countenance.vision.documents.zone import (
    ZONE_ALPHABET,
    Check,
    CheckKind,
    MachineReadableZone,
    parse_zone,
)
from countenance.vision.text import TextRegion, WrittenLine

__all__ = ["DocumentReader", "LineOrientation", "TextDetector", "TextRecogniser"]

_LEVEL: Final = 1.0
_SLIM_ZONE: Final = 10.0
_SLIM_NUMBER: Final = 7.0
_LABEL: Final = "公民身份号码"
_LEAST_FILLERS: Final = 2
_VOTERS: Final = 4
_MOST_NUMBERS: Final = 3
_FIRST_LOOK: Final = 3
_MOST_LINES: Final = 16
_SURE: Final = 0.8
_SLACK: Final = 2
_COUNTED_RUN: Final = 3
_ALPHABETS: Final = (ZONE_ALPHABET, None, CITIZEN_NUMBER_ALPHABET + _LABEL)
_RESIDENT_STATE: Final = "CHN"


class TextDetector(Protocol):
    """Finds lines of text."""

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[TextRegion, ...]:
        """Return the lines of a picture, uint8, shape (height, width, 3), RGB."""
        ...


class LineOrientation(Protocol):
    """Says whether lines stand on their head."""

    def upside_down(self, lines: Sequence[NDArray[np.uint8]]) -> tuple[float, ...]:
        """Return for each line how surely it does, from 0 to 1."""
        ...


class TextRecogniser(Protocol):
    """Reads lines of text."""

    def read_as(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabets: Sequence[str | None]
    ) -> tuple[tuple[WrittenLine, ...], ...]:
        """Return for each line what it says in each alphabet; ``None`` stands for every character."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _FoundZone:
    zone: MachineReadableZone
    lines: tuple[ReadLine, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _FoundNumber:
    number: CitizenNumber
    confidence: float


class DocumentReader:
    """Reads travel documents and resident cards. It says nothing about who holds them.

    Args:
        detector: finds lines of text.
        first_look: finds them coarsely, and is asked first; left out, there is no such look.
        orientation: says which way up they are.
        recogniser: reads them.
        faces: finds the portrait.
        model_ids: the networks behind them, for a decision to name.
    """

    __slots__ = ("_detectors", "_faces", "_orientation", "_recogniser", "model_ids")

    def __init__(
        self,
        *,
        detector: TextDetector,
        orientation: LineOrientation,
        recogniser: TextRecogniser,
        faces: FaceDetector,
        first_look: TextDetector | None = None,
        model_ids: tuple[str, ...] = (),
    ) -> None:
        self.model_ids = model_ids
        self._detectors = (detector,) if first_look is None else (first_look, detector)
        self._orientation = orientation
        self._recogniser = recogniser
        self._faces = faces

    def read(self, frame: Frame, *, today: date, portrait: bool = True) -> DocumentReading:
        """Read the document in a picture. The frame isn't changed or kept.

        Args:
            frame: the picture.
            today: the day of reading, in the place's time zone.
            portrait: whether the side must show one. A card of the TD1 size has its zone on the back and its
                portrait on the front.

        Raises:
            NoMachineReadableZone: if there is neither a zone nor a citizen number.
            MachineReadableZoneUnreadable: if there is a zone whose lines aren't complete.
            DocumentNotSupported: if the zone is a visa's.
            DocumentWithoutPortrait: if a portrait was asked for and none is found.
            TooMuchText: if the picture holds too many pieces of text.
        """
        made: list[NDArray[np.uint8]] = []
        try:
            return self._read(frame, made, today=today, portrait=portrait)
        finally:
            for pixels in made:
                pixels.fill(0)

    def _read(
        self, frame: Frame, made: list[NDArray[np.uint8]], *, today: date, portrait: bool
    ) -> DocumentReading:
        unreadable = False
        zones, numbers = Ledger(_MOST_LINES), Ledger(_MOST_NUMBERS + 1)
        for detector in self._detectors:
            last = detector is self._detectors[-1]
            views: list[View] = []
            unreadable = False
            for view in self._views(frame.pixels, made, detector):
                if not (view.likely or last):
                    continue
                views.append(view)
                try:
                    zone = self._zone(view, zones)
                except MachineReadableZoneUnreadable:
                    unreadable = True
                    continue
                if zone is not None:
                    return self._of_zone(frame, view, zone, today=today, portrait=portrait)
            if unreadable:
                continue
            for view in sorted(views, key=lambda view: not view.likely):
                number = self._citizen_number(view, today, numbers)
                if number is not None:
                    return self._of_card(frame, view, number, today=today, portrait=portrait)
        if unreadable:
            msg = "The picture shows a machine readable zone, but its lines aren't complete."
            raise MachineReadableZoneUnreadable(msg)
        msg = "The picture shows no machine readable zone and no citizen number."
        raise NoMachineReadableZone(msg)

    def _views(
        self, pixels: NDArray[np.uint8], made: list[NDArray[np.uint8]], detector: TextDetector
    ) -> Iterator[View]:
        """Yield what is worth reading; every array that is made on the way is noted, to be overwritten."""
        corners = outline_of(pixels)
        if corners is not None:
            flat = flatten(pixels, corners)
            made.append(flat)
            yield from self._both_ways_up(flat, made, detector, source=1)
        yield from self._both_ways_up(pixels, made, detector, source=0)

    def _both_ways_up(
        self, pixels: NDArray[np.uint8], made: list[NDArray[np.uint8]], detector: TextDetector, *, source: int
    ) -> Iterator[View]:
        regions = detector.detect(pixels)
        angle = writing_angle(regions)
        if abs(angle) > _LEVEL:
            turned = turn(pixels, angle)
            made.append(turned)
            regions = turn_regions(regions, angle, before=pixels.shape[:2], after=turned.shape[:2])
            pixels = turned
        upright = View(pixels=pixels, lines=bands(regions), place=(source, False))
        if not upright.lines:
            return
        over = on_its_head(upright)
        made.append(over.pixels)
        votes = self._orientation.upside_down([upright.cut(line) for line in upright.lines[:_VOTERS]])
        doubt = sum(votes) / len(votes)
        first, second = (over, upright) if doubt > 0.5 else (upright, over)  # noqa: PLR2004 - one half
        yield first
        yield replace(second, likely=max(doubt, 1.0 - doubt) < _SURE)

    def _zone(self, view: View, ledger: Ledger) -> _FoundZone | None:
        slim = in_blocks([line for line in view.lines if line.width >= _SLIM_ZONE * line.height])
        first = _FIRST_LOOK if view.likely else 1
        read = self._read_lines(view, slim[:first], ledger)
        found = _zone_in(read)
        if read and found is None:
            read = (*read, *self._read_lines(view, slim[first:], ledger))
            found = _zone_in(read)
        if found is not None:
            return found
        if zones_among(read):
            msg = "The lines of the zone aren't complete."
            raise MachineReadableZoneUnreadable(msg)
        return None

    def _read_lines(self, view: View, lines: Sequence[TextRegion], ledger: Ledger) -> tuple[ReadLine, ...]:
        """Read as many lines as are allowed; return those that may belong to a zone."""
        kept = []
        for region in ledger.take(view, lines):
            line = self._written(view, region).as_zone
            if FILLER * _LEAST_FILLERS in line.text:
                kept.append(ReadLine(region=region, written=line))
            else:
                ledger.note(view, region)
        return tuple(kept)

    def _written(self, view: View, region: TextRegion) -> Written:
        """Read a line in every way that is asked for, once."""
        known = view.written.get(id(region))
        if known is None:
            (read,) = self._recogniser.read_as([view.cut(region)], alphabets=_ALPHABETS)
            known = view.written[id(region)] = Written(*read)
        return known

    def _citizen_number(self, view: View, today: date, ledger: Ledger) -> _FoundNumber | None:
        slim = [line for line in view.lines if line.width >= _SLIM_NUMBER * line.height]
        for region in ledger.take(view, slim[:_MOST_NUMBERS]):
            found = _number_in(self._written(view, region), today)
            if found is not None:
                return found
            ledger.note(view, region)
        return None

    def _of_zone(
        self, frame: Frame, view: View, found: _FoundZone, *, today: date, portrait: bool
    ) -> DocumentReading:
        zone = found.zone
        kind = DocumentKind[zone.format.name]
        state = zone.fields["issuing_state"].rstrip(FILLER)
        known = state in ISSUING_STATES
        birth = birth_span(zone.fields["birth_date"], today=today)
        expiry = expiry_day(zone.fields["expiry_date"], today=today)
        forms = (
            Check("birth_date", CheckKind.FORM, right=birth is not None),
            Check("expiry_date", CheckKind.FORM, right=expiry is not None),
            # No check digit covers the state.
            Check("issuing_state", CheckKind.FORM, right=known),
        )
        wrong = frozenset((*zone.wrong, *(() if known else ("number", "issuing_state"))))
        value = zone.fields["number"].rstrip(FILLER)
        level, face = self._portrait(frame, view, wanted=portrait)
        return DocumentReading(
            kind=kind,
            issuing_state=state if known else "",
            age_band=age_band(None if "birth_date" in wrong else birth, today=today),
            expired=None if expiry is None or "expiry_date" in wrong else expiry < today,
            number=None if "number" in wrong else DocumentNumber(kind=kind, issuing_state=state, value=value),
            checks=(*zone.checks, *forms),
            resolved=zone.resolved,
            confidences=tuple(_confidences(found)),
            frame=level,
            portrait=face,
        )

    def _of_card(
        self, frame: Frame, view: View, found: _FoundNumber, *, today: date, portrait: bool
    ) -> DocumentReading:
        number, wrong = found.number, found.number.wrong
        kind = DocumentKind.RESIDENT_CARD_CN
        level, face = self._portrait(frame, view, wanted=portrait)
        return DocumentReading(
            kind=kind,
            issuing_state=_RESIDENT_STATE,
            # The check character covers the date: if it doesn't hold, neither does the date.
            age_band=age_band(None if wrong else number.birth, today=today),
            expired=None,
            number=None
            if wrong
            else DocumentNumber(kind=kind, issuing_state=_RESIDENT_STATE, value=number.number),
            checks=number.checks,
            resolved=(),
            confidences=(FieldConfidence("number", found.confidence),),
            frame=level,
            portrait=face,
        )

    def _portrait(self, frame: Frame, view: View, *, wanted: bool) -> tuple[Frame, Face | None]:
        level = Frame(pixels=np.array(view.pixels, order="C"), material=frame.material)
        if not wanted:
            return level, None
        faces = self._faces.detect(level)
        if not faces:
            level.wipe()
            msg = "No face was found on the document."
            raise DocumentWithoutPortrait(msg)
        # Passports print the portrait a second time, smaller and fainter.
        return level, max(faces, key=lambda face: face.box.width)


def _zone_in(lines: Sequence[ReadLine]) -> _FoundZone | None:
    """Return the zone that these lines make, if they make a whole one."""
    for layout, group in zones_among(lines):
        texts = [complete(line.written.text, layout.length) for line in group]
        whole = [text for text in texts if text is not None]
        if len(whole) == layout.lines:
            return _FoundZone(zone=parse_zone(whole), lines=group)
    return None


def _number_in(written: Written, today: date) -> _FoundNumber | None:
    """Return the citizen number that a line says, if it is one of about the right length."""
    text = written.freely.text.replace(" ", "").removeprefix(_LABEL)
    digits = sum(character in CITIZEN_NUMBER_ALPHABET for character in text)
    if abs(digits - CITIZEN_NUMBER_LENGTH) > _SLACK or digits < len(text) - 2 * len(_LABEL):
        return None
    line = written.as_number
    kept = [
        (character, confidence)
        for character, confidence in zip(line.text, line.confidences, strict=True)
        if character not in _LABEL
    ]
    number = parse_citizen_number("".join(character for character, _ in kept), today=today)
    return None if number is None else _FoundNumber(number, min(confidence for _, confidence in kept))


def _confidences(found: _FoundZone) -> Iterator[FieldConfidence]:
    """Yield the least confidence of the fields that were used.

    A line whose fillers were counted anew no longer has its characters in their places; then the least of the
    whole line is said.
    """
    for name in ("issuing_state", "number", "birth_date", "expiry_date"):
        line, start, end = found.zone.place_of(name)
        written = found.lines[line].written
        exact = found.zone.format.length == len(written.text) or end <= _first_run(written.text)
        values = written.confidences[start:end] if exact else written.confidences
        yield FieldConfidence(name, min(values))


def _first_run(text: str) -> int:
    """Return where the first run of fillers begins that may have been counted anew."""
    place = text.find(FILLER * _COUNTED_RUN)
    return len(text) if place < 0 else place
