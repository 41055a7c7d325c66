"""Whole documents, drawn, through the real networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from contract.detector import head_and_shoulders
from countenance.kernel import SubjectError
from countenance.vision.documents import (
    AgeBand,
    DocumentKind,
    DocumentNotSupported,
    DocumentReader,
    DocumentReading,
    DocumentWithoutPortrait,
    FieldConfidence,
    MachineReadableZoneUnreadable,
    NoMachineReadableZone,
    icao_check_digit,
    iso7064_mod_11_2,
)
from countenance.vision.documents import reader as reader_module
from countenance.vision.documents import views as views_module
from countenance.vision.documents.rectification import flatten, turn
from countenance.vision.text import WrittenLine
from drawn_documents import (
    CITIZEN_NUMBER,
    TD1,
    TD2,
    TD3,
    blurred,
    draw_card,
    draw_document,
    in_perspective,
    on_a_desk,
)
from text_networks import document_reader, line_orientation, text_detector, text_recogniser
from weights import blazeface, frame_of

pytestmark = pytest.mark.models

TODAY = date(2026, 11, 23)
KEY = b"0123456789abcdef"
SECRETS = ("ERIKSSON", "ANNA", "L898902C3", "D23145890", "740812", "ZE184226B", CITIZEN_NUMBER, "19491231")


def read(picture: NDArray[np.uint8], *, portrait: bool = True, today: date = TODAY) -> DocumentReading:
    return document_reader().read(frame_of(picture), today=today, portrait=portrait)


def passport(lines: Sequence[str] = TD3) -> NDArray[np.uint8]:
    return draw_document(lines, portrait=head_and_shoulders("obama"))


def card(number: str = CITIZEN_NUMBER) -> NDArray[np.uint8]:
    return draw_card(number, portrait=head_and_shoulders("obama"))


def passport_lines(*, born: str, expires: str) -> tuple[str, str]:
    line = "L898902C36UTO" + born + icao_check_digit(born) + "F" + expires + icao_check_digit(expires)
    line += "ZE184226B<<<<<1"
    return TD3[0], line + icao_check_digit(line[:10] + line[13:20] + line[21:43])


@pytest.mark.parametrize(
    ("lines", "kind"), [(TD1, DocumentKind.TD1), (TD2, DocumentKind.TD2), (TD3, DocumentKind.TD3)]
)
def test_the_specimens(lines: Sequence[str], kind: DocumentKind) -> None:
    reading = read(draw_document(lines), portrait=False)
    assert reading.kind is kind
    assert reading.issuing_state == "UTO"
    assert reading.age_band is AgeBand.ADULT
    assert reading.expired is True
    assert reading.wrong == ()
    assert reading.number is not None
    assert reading.portrait is None
    assert {item.field for item in reading.confidences} >= {"number", "birth_date", "expiry_date"}


@pytest.mark.parametrize(
    "lay",
    [
        pytest.param(on_a_desk, id="on a desk"),
        pytest.param(lambda page: on_a_desk(page, degrees=7), id="turned a little"),
        pytest.param(lambda page: on_a_desk(page, degrees=180), id="on its head"),
        pytest.param(lambda page: on_a_desk(page, degrees=90), id="on its side"),
        pytest.param(lambda page: on_a_desk(page, degrees=-65), id="turned far"),
        pytest.param(lambda page: in_perspective(page, lean=0.12), id="in perspective"),
        pytest.param(lambda page: blurred(on_a_desk(page), sigma=1.5), id="blurred"),
        pytest.param(np.rot90, id="on its side, filling the picture"),
    ],
)
def test_a_passport_however_it_lies(lay: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> None:
    reading = read(np.ascontiguousarray(lay(passport())))
    assert reading.kind is DocumentKind.TD3
    assert reading.wrong == ()
    straight = read(passport()).number
    assert reading.number is not None
    assert straight is not None
    assert reading.number.keyed_digest(KEY) == straight.keyed_digest(KEY)


def test_the_portrait_is_found_on_the_level_document() -> None:
    reading = read(on_a_desk(passport(), degrees=25))
    assert reading.portrait is not None
    # It is drawn from 4 to 32 mm of 125, and from 8 to 44 of 88.
    middle = reading.portrait.box.centre
    assert 4 / 125 < middle.x / reading.frame.width < 32 / 125
    assert 8 / 88 < middle.y / reading.frame.height < 44 / 88
    assert reading.frame.width / reading.frame.height == pytest.approx(125 / 88, rel=0.02)


def test_a_document_without_a_portrait_is_refused_unless_none_is_wanted() -> None:
    with pytest.raises(DocumentWithoutPortrait):
        read(draw_document(TD3))
    assert read(draw_document(TD3), portrait=False).portrait is None


@pytest.mark.parametrize(
    ("born", "band"),
    [("130101", AgeBand.UNDER_14), ("100101", AgeBand.FROM_14_TO_17), ("080101", AgeBand.ADULT)],
)
def test_the_age_band_comes_from_the_day_of_birth(born: str, band: AgeBand) -> None:
    reading = read(draw_document(passport_lines(born=born, expires="300101")), portrait=False)
    assert reading.age_band is band
    assert reading.expired is False
    assert reading.wrong == ()


def test_the_day_of_expiry_is_still_valid() -> None:
    picture = draw_document(passport_lines(born="740812", expires="261123"))
    assert read(picture, portrait=False).expired is False
    assert read(picture, portrait=False, today=date(2026, 11, 24)).expired is True


@pytest.mark.parametrize(
    ("place", "field"), [(9, "number"), (19, "birth_date"), (27, "expiry_date"), (43, "composite")]
)
def test_nothing_follows_from_a_field_whose_digit_is_wrong(place: int, field: str) -> None:
    other = str((int(TD3[1][place]) + 4) % 10)
    line = TD3[1][:place] + other + TD3[1][place + 1 :]
    reading = read(draw_document((TD3[0], line)), portrait=False)
    assert field in reading.wrong
    assert (reading.number is None) == (field == "number")
    assert (reading.age_band is AgeBand.UNKNOWN) == (field == "birth_date")
    assert (reading.expired is None) == (field == "expiry_date")


@pytest.mark.parametrize("degrees", [0.0, 10.0, 180.0])
def test_a_resident_card(degrees: float) -> None:
    reading = read(on_a_desk(card(), degrees=degrees))
    assert reading.kind is DocumentKind.RESIDENT_CARD_CN
    assert reading.issuing_state == "CHN"
    assert reading.age_band is AgeBand.ADULT
    assert reading.expired is None
    assert reading.wrong == ()
    assert reading.number is not None
    assert reading.portrait is not None


def test_a_child_on_a_resident_card() -> None:
    digits = "11010520150601002"
    assert read(card(digits + iso7064_mod_11_2(digits))).age_band is AgeBand.UNDER_14


def test_a_wrong_character_on_a_resident_card() -> None:
    reading = read(card(CITIZEN_NUMBER[:-1] + "7"))
    assert reading.wrong == ("number",)
    assert reading.number is None
    assert reading.age_band is AgeBand.UNKNOWN


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda: np.full((400, 600, 3), 210, np.uint8), id="blank"),
        pytest.param(lambda: head_and_shoulders("biden"), id="a person"),
        pytest.param(lambda: card("4711 0815"), id="another card"),
    ],
)
def test_no_document(draw: Callable[[], NDArray[np.uint8]]) -> None:
    with pytest.raises(NoMachineReadableZone):
        read(draw())


def test_lines_that_arent_complete() -> None:
    # The personal number's fillers are cut off with the end of the lines.
    cut = tuple(line.replace("<<<<<", "<")[:40] for line in TD3)
    picture = draw_document(tuple(line.ljust(44, " ") for line in cut))
    with pytest.raises((MachineReadableZoneUnreadable, NoMachineReadableZone)):
        read(picture, portrait=False)


def test_a_visa() -> None:
    with pytest.raises(DocumentNotSupported):
        read(draw_document(("V" + TD3[0][1:], TD3[1])), portrait=False)


def test_the_picture_is_neither_changed_nor_shared() -> None:
    picture = passport()
    before = picture.copy()
    reading = read(picture)
    assert (picture == before).all()
    reading.wipe()
    assert (picture == before).all()
    assert not reading.frame.pixels.any()


@pytest.mark.parametrize("draw", [passport, card])
def test_nothing_of_the_holder_is_shown(draw: Callable[[], NDArray[np.uint8]]) -> None:
    reading = read(draw())
    shown = f"{reading!r} {dict(reading.to_json())}"
    assert not any(secret in shown for secret in SECRETS)


def test_what_was_made_on_the_way_is_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[NDArray[np.uint8]] = []

    def noted(function: Callable[..., NDArray[np.uint8]]) -> Callable[..., NDArray[np.uint8]]:
        def call(*arguments: object) -> NDArray[np.uint8]:
            made.append(function(*arguments))
            return made[-1]

        return call

    monkeypatch.setattr(reader_module, "flatten", noted(flatten))
    monkeypatch.setattr(reader_module, "turn", noted(turn))
    monkeypatch.setattr(views_module, "turn", noted(turn))
    reading = read(on_a_desk(passport(), degrees=7))
    assert len(made) >= 2
    assert not any(pixels.any() for pixels in made)
    assert reading.frame.pixels.any()


def test_the_material_is_the_pictures() -> None:
    frame = frame_of(passport())
    assert document_reader().read(frame, today=TODAY).frame.material == frame.material


class CountingRecogniser:
    """Counts the lines that the network reads."""

    def __init__(self) -> None:
        self.lines = 0

    def read_as(
        self, lines: Sequence[NDArray[np.uint8]], *, alphabets: Sequence[str | None]
    ) -> tuple[tuple[WrittenLine, ...], ...]:
        self.lines += len(lines)
        return text_recogniser().read_as(lines, alphabets=alphabets)


def counted(picture: NDArray[np.uint8], *, looks: int = 1) -> tuple[int, str]:
    recogniser = CountingRecogniser()
    reader = DocumentReader(
        detector=text_detector(),
        first_look=text_detector().coarser(longest_side=736, shortest_side=480) if looks > 1 else None,
        orientation=line_orientation(),
        recogniser=recogniser,
        faces=blazeface(),
    )
    try:
        outcome = reader.read(frame_of(picture), today=TODAY, portrait=False).kind.name
    except SubjectError as error:
        outcome = error.code
    return recogniser.lines, outcome


def page_of_text() -> NDArray[np.uint8]:
    """A page full of lines of like width, none of which belongs to a zone."""
    image = Image.new("RGB", (1000, 700), (240, 240, 236))
    pen = ImageDraw.Draw(image)
    for row in range(14):
        words = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND COUNTS SHEEP"
        pen.text(
            (30, 20 + row * 48), words[row:] + words[:row], font=ImageFont.load_default(28), fill=(20, 20, 20)
        )
    return np.asarray(image)


@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_a_page_of_text_costs_few_lines(degrees: int) -> None:
    lines, outcome = counted(turn(page_of_text(), degrees))
    assert outcome == "no-machine-readable-zone"
    assert 1 <= lines <= reader_module._MOST_LINES + 2 * (reader_module._MOST_NUMBERS + 1)


def test_a_second_look_reads_no_line_again() -> None:
    once, _ = counted(page_of_text())
    twice, outcome = counted(page_of_text(), looks=2)
    assert outcome == "no-machine-readable-zone"
    # The other way up is left to the second look, and what the first read in vain isn't read again.
    assert twice <= once + reader_module._MOST_NUMBERS + 1


def test_a_number_costs_one_reading_of_its_line() -> None:
    assert counted(card()) == (1, "RESIDENT_CARD_CN")


def with_state(state: str) -> tuple[str, str]:
    """A passport's lines whose check digits hold, of another issuing state."""
    return "P<" + state + TD3[0][5:], TD3[1]


def test_a_state_that_is_no_code_is_flagged_since_no_check_digit_covers_it() -> None:
    reading = read(draw_document(with_state("UTX")), portrait=False)
    assert reading.wrong == ("issuing_state",)
    assert reading.issuing_state == ""
    assert reading.number is None
    assert reading.age_band is AgeBand.ADULT
    assert read(draw_document(with_state("XXA")), portrait=False).issuing_state == "XXA"


def test_a_state_before_the_fillers_has_a_confidence_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[float, float]] = []
    confidences = reader_module._confidences

    def noted(zone: reader_module._FoundZone) -> Iterator[FieldConfidence]:
        made = list(confidences(zone))
        found.append((made[0].least, zone.lines[0].written.confidence))
        return iter(made)

    monkeypatch.setattr(reader_module, "_confidences", noted)
    read(draw_document(TD3), portrait=False)
    ((state, whole_line),) = found
    assert state >= whole_line


def test_a_zone_is_read_before_anything_else() -> None:
    assert counted(draw_document(TD3)) == (2, "TD3")
    assert counted(draw_document(TD1)) == (3, "TD1")
