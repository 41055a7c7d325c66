"""From a photograph of a document to its reading.

The picture is tried flat (if an outline is seen) and as it is, each the way up that the writing suggests and
then the other. The first with a zone that can be parsed is taken, else the first with a citizen number.

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
from countenance.vision.documents.zone import (
    ZONE_ALPHABET,
    Check,
    CheckKind,
    MachineReadableZone,
    parse_zone,
)
from countenance.vision.text import TextRegion, WrittenLine, cut_line

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

    def read(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabet: str | None = None
    ) -> tuple[WrittenLine, ...]:
        """Return what each line says, of characters of the alphabet if one is given."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The document, level, one way up; its long lines; whether the writing says that it is this way up."""

    pixels: NDArray[np.uint8]
    lines: tuple[TextRegion, ...]
    likely: bool = True

    def cut(self, region: TextRegion) -> NDArray[np.uint8]:
        return cut_line(self.pixels, region.corners)


@dataclass(slots=True)
class _Allowance:
    """How many lines may still be read of this picture."""

    lines: int = _MOST_LINES

    def take(self, wanted: int) -> int:
        """Return how many of so many lines may be read, and count them."""
        taken = min(wanted, self.lines)
        self.lines -= taken
        return taken


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
        allowance, numbers = _Allowance(), _Allowance(_MOST_NUMBERS + 1)
        for detector in self._detectors:
            views: list[_View] = []
            unreadable = False
            for view in self._views(frame.pixels, made, detector):
                views.append(view)
                try:
                    zone = self._zone(view, allowance)
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
    ) -> Iterator[_View]:
        """Yield what is worth reading; every array that is made on the way is noted, to be overwritten."""
        corners = outline_of(pixels)
        if corners is not None:
            flat = flatten(pixels, corners)
            made.append(flat)
            yield from self._both_ways_up(flat, made, detector)
        yield from self._both_ways_up(pixels, made, detector)

    def _both_ways_up(
        self, pixels: NDArray[np.uint8], made: list[NDArray[np.uint8]], detector: TextDetector
    ) -> Iterator[_View]:
        regions = detector.detect(pixels)
        angle = writing_angle(regions)
        if abs(angle) > _LEVEL:
            turned = turn(pixels, angle)
            made.append(turned)
            regions = turn_regions(regions, angle, before=pixels.shape[:2], after=turned.shape[:2])
            pixels = turned
        upright = _View(pixels=pixels, lines=bands(regions))
        if not upright.lines:
            return
        over = _on_its_head(upright)
        made.append(over.pixels)
        votes = self._orientation.upside_down([upright.cut(line) for line in upright.lines[:_VOTERS]])
        doubt = sum(votes) / len(votes)
        first, second = (over, upright) if doubt > 0.5 else (upright, over)  # noqa: PLR2004 - one half
        yield first
        yield replace(second, likely=max(doubt, 1.0 - doubt) < _SURE)

    def _zone(self, view: _View, allowance: _Allowance) -> _FoundZone | None:
        slim = in_blocks([line for line in view.lines if line.width >= _SLIM_ZONE * line.height])
        read = self._read_lines(view, slim[:_FIRST_LOOK], allowance)
        found = _zone_in(read)
        if read and found is None:
            read = (*read, *self._read_lines(view, slim[_FIRST_LOOK:], allowance))
            found = _zone_in(read)
        if found is not None:
            return found
        if zones_among(read):
            msg = "The lines of the zone aren't complete."
            raise MachineReadableZoneUnreadable(msg)
        return None

    def _read_lines(
        self, view: _View, lines: Sequence[TextRegion], allowance: _Allowance
    ) -> tuple[ReadLine, ...]:
        """Read as many lines as are allowed; return those that may belong to a zone."""
        taken = lines[: allowance.take(len(lines))]
        written = self._recogniser.read([view.cut(line) for line in taken], alphabet=ZONE_ALPHABET)
        return tuple(
            ReadLine(region=region, written=line)
            for region, line in zip(taken, written, strict=True)
            if FILLER * _LEAST_FILLERS in line.text
        )

    def _citizen_number(self, view: _View, today: date, allowance: _Allowance) -> _FoundNumber | None:
        slim = [line for line in view.lines if line.width >= _SLIM_NUMBER * line.height]
        for region in slim[: allowance.take(min(len(slim), _MOST_NUMBERS))]:
            cut = [view.cut(region)]
            (free,) = self._recogniser.read(cut)
            text = free.text.replace(" ", "").removeprefix(_LABEL)
            digits = sum(character in CITIZEN_NUMBER_ALPHABET for character in text)
            if abs(digits - CITIZEN_NUMBER_LENGTH) > _SLACK or digits < len(text) - 2 * len(_LABEL):
                continue
            (written,) = self._recogniser.read(cut, alphabet=CITIZEN_NUMBER_ALPHABET + _LABEL)
            kept = [
                (character, confidence)
                for character, confidence in zip(written.text, written.confidences, strict=True)
                if character not in _LABEL
            ]
            number = parse_citizen_number("".join(character for character, _ in kept), today=today)
            if number is not None:
                return _FoundNumber(number, min(confidence for _, confidence in kept))
        return None

    def _of_zone(
        self, frame: Frame, view: _View, found: _FoundZone, *, today: date, portrait: bool
    ) -> DocumentReading:
        zone = found.zone
        kind = DocumentKind[zone.format.name]
        state = zone.fields["issuing_state"].rstrip(FILLER)
        birth = birth_span(zone.fields["birth_date"], today=today)
        expiry = expiry_day(zone.fields["expiry_date"], today=today)
        forms = (
            Check("birth_date", CheckKind.FORM, right=birth is not None),
            Check("expiry_date", CheckKind.FORM, right=expiry is not None),
        )
        wrong = frozenset(zone.wrong)
        value = zone.fields["number"].rstrip(FILLER)
        level, face = self._portrait(frame, view, wanted=portrait)
        return DocumentReading(
            kind=kind,
            issuing_state=state,
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
        self, frame: Frame, view: _View, found: _FoundNumber, *, today: date, portrait: bool
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

    def _portrait(self, frame: Frame, view: _View, *, wanted: bool) -> tuple[Frame, Face | None]:
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


def _on_its_head(view: _View) -> _View:
    """Return the view turned by half a turn."""
    height, width = view.pixels.shape[:2]
    edge = np.array([width - 1, height - 1], np.float32)
    lines = tuple(
        TextRegion(corners=np.roll(edge - line.corners, 2, axis=0), score=line.score) for line in view.lines
    )
    return _View(pixels=turn(view.pixels, 180.0), lines=lines)


def _confidences(found: _FoundZone) -> Iterator[FieldConfidence]:
    """Yield the least confidence of the fields that were used.

    A line whose fillers were counted anew no longer has its characters in their places; then the least of the
    whole line is said.
    """
    for name in ("issuing_state", "number", "birth_date", "expiry_date"):
        line, start, end = found.zone.place_of(name)
        written = found.lines[line].written
        exact = len(written.text) == found.zone.format.length
        values = written.confidences[start:end] if exact else written.confidences
        yield FieldConfidence(name, min(values))
