"""Coverage-guided fuzzing of what is made of a document's lines with atheris; run by ``scripts/fuzz.sh``.

    python tests/fuzz/read_zones.py -max_total_time=600 CORPUS_FOLDER

Lines of text stand in for what the networks read; zone, citizen number, dates and reading are the product's
own. A finding is anything but a result or a ``SubjectError``; a check digit that says another thing than the
sum in Doc 9303-3 done here by hand; a number or an age that comes out although its check doesn't hold; a
number, name or date in a ``repr``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import atheris  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["countenance.vision.documents"]):
    from countenance.vision.documents import (
        AgeBand,
        CheckKind,
        DocumentReader,
        MachineReadableZone,
        ZoneFormat,
        parse_citizen_number,
        parse_zone,
    )
    from countenance.vision.documents.dates import age_band, birth_span, expiry_day
    from countenance.vision.documents.lines import complete
    from countenance.vision.documents.zone import ZONE_ALPHABET
from countenance.kernel import Box, Frame, Material, Point, SubjectError
from countenance.vision import Face
from countenance.vision.text import TextRegion, WrittenLine
from drawn_documents import CITIZEN_NUMBER, TD1, TD2, TD3

TODAY = date(2026, 11, 23)
MOST_LINES = 6
ROW, WIDTH = 12, 200
LONGEST = max(layout.length for layout in ZoneFormat)


class Lines:
    """Stands in for the four networks: the lines of a text, one below the other, each told by its grey."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self.frame = Frame(
            pixels=np.zeros((ROW * (MOST_LINES + 1), WIDTH, 3), np.uint8), material=Material("ab" * 32)
        )
        for index in range(len(texts)):
            self.frame.pixels[ROW * index : ROW * (index + 1)] = 20 * (index + 1)

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[TextRegion, ...]:
        del pixels
        boxes = [
            (2.0, ROW * index + 2.0, WIDTH - 2.0, ROW * index + 10.0) for index in range(len(self._texts))
        ]
        return tuple(
            TextRegion(np.array([(x, y), (right, y), (right, low), (x, low)], np.float32), 0.9)
            for x, y, right, low in boxes
        )

    def upside_down(self, lines: Sequence[NDArray[np.uint8]]) -> tuple[float, ...]:
        return tuple(0.0 for _ in lines)

    def read_as(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabets: Sequence[str | None]
    ) -> tuple[tuple[WrittenLine, ...], ...]:
        return tuple(tuple(self._written(line, alphabet) for alphabet in alphabets) for line in lines)

    def _written(self, line: NDArray[np.uint8], alphabet: str | None) -> WrittenLine:
        index = round(float(np.median(line)) / 20) - 1
        text = self._texts[index] if 0 <= index < len(self._texts) else ""
        kept = "".join(character for character in text if alphabet is None or character in alphabet)
        places = tuple((place + 0.5) / len(kept) for place in range(len(kept)))
        return WrittenLine(text=kept, confidences=(0.9,) * len(kept), places=places)


class Portrait:
    """Stands in for the network that finds faces."""

    model_id = "made-up"

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        del frame
        return (Face(Box(10, 10, 60, 60), 0.9, (Point(25, 30), Point(45, 30))),)


def digit_of(text: str) -> str:
    """Doc 9303-3, 4.9, by hand."""
    values = {character: int(character, 36) for character in ZONE_ALPHABET if character != "<"} | {"<": 0}
    return str(sum(values[character] * (7, 3, 1)[place % 3] for place, character in enumerate(text)) % 10)


def check_zone(lines: Sequence[str], zone: MachineReadableZone) -> None:
    """Hold a zone against the lines that it was read from."""
    if zone.format.lines != len(lines) or {len(line) for line in lines} != {zone.format.length}:
        raise AssertionError(zone.format)
    digits = {check.field: check.right for check in zone.checks if check.kind is CheckKind.DIGIT}
    for name in ("birth_date", "expiry_date"):
        line, _, end = zone.place_of(name)
        settled = lines[line][end].translate(str.maketrans("OQDILZSBG", "000112586"))
        if digits[name] is not (digit_of(zone.fields[name]) == settled):
            raise AssertionError((name, zone.format))
    said = repr(zone)
    for name in ("number", "names", "birth_date"):
        if len(value := zone.fields[name].strip("<")) > 4 and value in said:
            raise AssertionError(name)


def try_zone(lines: Sequence[str]) -> None:
    """Parse lines as a zone."""
    try:
        zone = parse_zone(lines)
    except SubjectError as error:
        if any(len(line) > 6 and line in error.diagnostics() for line in lines):
            raise AssertionError("an error says what was read") from error
        return
    check_zone(lines, zone)


def try_reading(texts: Sequence[str]) -> None:
    """Read a document whose lines say this."""
    networks = Lines(texts)
    reader = DocumentReader(
        detector=networks, orientation=networks, recogniser=networks, faces=Portrait(), first_look=networks
    )
    try:
        reading = reader.read(networks.frame, today=TODAY)
    except SubjectError:
        return
    if "number" in reading.wrong and reading.number is not None:
        raise AssertionError("a number came out although its check doesn't hold")
    if "birth_date" in reading.wrong and reading.age_band is not AgeBand.UNKNOWN:
        raise AssertionError("an age came out although its check doesn't hold")
    shown = str(reading.to_json())
    if any(len(word) > 6 and word in shown for text in texts for word in text.replace("<", " ").split()):
        raise AssertionError("a reading shows what stands on the document")
    reading.wipe()


def try_dates(text: str) -> None:
    """Read six characters as either date."""
    span = birth_span(text, today=TODAY)
    if span is not None and not span.first <= span.last <= TODAY:
        raise AssertionError("a birth after today")
    age_band(span, today=TODAY)
    expiry_day(text, today=TODAY)


def try_one(data: bytes) -> None:
    """Take bytes for lines: as they are, and brought to the alphabet and length of a zone's."""
    texts = data.decode("utf-8", "replace").split("\n")[:MOST_LINES]
    plain = ["".join(ZONE_ALPHABET[ord(letter) % 37] if letter not in ZONE_ALPHABET else letter
                     for letter in text[:LONGEST]) for text in texts]  # fmt: skip
    for lines in (texts, plain):
        try_zone(lines)
        try_reading(lines)
        for layout in ZoneFormat:
            whole = [complete(line, layout.length) or line.ljust(layout.length, "<") for line in lines]
            if len(whole) >= layout.lines:
                try_zone([line[: layout.length] for line in whole[: layout.lines]])
        for line in lines:
            number = parse_citizen_number(line.replace(" ", ""), today=TODAY)
            if number is not None and line in repr(number):
                raise AssertionError("a repr shows a number")
            try_dates(line[:6])


def write_seeds(folder: Path) -> None:
    """Put the specimens of ICAO, a long number and a citizen number into the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    long_number = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", TD1[2])
    seeds = {
        "td1": TD1,
        "td2": TD2,
        "td3": TD3,
        "long": long_number,
        "visa": ("V" + TD3[0][1:], TD3[1]),
        "short": (TD3[0][:-5], TD3[1]),
        "open": (TD3[0], TD3[1].replace("740812", "74<<<<")),
        "card": ("公民身份号码 " + CITIZEN_NUMBER,),
        "both": (*TD3, CITIZEN_NUMBER),
    }
    for name, lines in seeds.items():
        (folder / name).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write_seeds(Path(sys.argv[-1]))
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()
